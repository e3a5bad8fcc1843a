//! Verbs that look and change nothing; and `ip netns`, as iproute2 has it beside them.

pub mod brctl;
pub mod check;
pub mod ethtool;
pub mod inspect;
pub mod ip;
pub mod ip_netns;
pub mod ping;
pub mod port;
pub mod probe;
pub mod trace;
