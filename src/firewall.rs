//! NAT, isolation and published ports: what the records say, as a constant rule set and the elements of its sets.
//!
//! What belongs here: our own tables, what the host must allow for them, and what other people's rules do to us.
//! What does not: which network or endpoint wants it.

pub mod compare;
mod conntrack;
pub mod elements;
pub mod host;
pub mod others;
mod port_check;
mod port_set;
pub mod publish;
pub mod rebuild;
pub mod ruleset;
