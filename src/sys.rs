//! System calls: the only place with them, and with `unsafe`.
//!
//! What belongs here: one thin, safe verb for each thing the kernel is asked outside of netlink's contents.
//! What does not: what a link, a network or a record is. Errors are bare errnos or [`socket::Refusal`]s; the layers above
//! know the object and add it.

pub mod clock;
pub mod errno;
pub mod ethtool;
pub mod file;
pub mod icmp;
pub mod mounts;
pub mod netns;
pub mod port;
pub mod process;
pub mod procfs;
pub mod random;
pub mod signal;
pub mod socket;
pub mod sysctl;
pub mod terminal;

pub use rustix::io::Errno;
