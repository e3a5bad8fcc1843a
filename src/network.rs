//! The domain: networks, endpoints, sandboxes, subnets; which address comes next; what undoes what.
//!
//! What belongs here: decisions, and the steps that carry them out through `kernel` and `store`.
//! What does not: reading the command line, printing.

pub mod attach;
pub mod bridge;
pub mod choice;
pub mod creation;
pub mod definition;
pub mod echo;
pub mod endpoint;
pub mod features;
pub mod firewall;
pub mod foreign;
pub mod id;
pub mod lease;
pub mod mac;
pub mod names;
pub mod options;
pub mod places;
pub mod pool;
pub mod probing;
pub mod publication;
pub mod publish;
pub mod reach;
pub mod registry;
pub mod removal;
pub mod sandbox;
pub mod subnet;
pub mod taken;
pub mod time;
pub mod undo;
pub mod veth_path;
