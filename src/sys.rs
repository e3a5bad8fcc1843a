//! System calls: the only place with them, and with `unsafe`.
//!
//! What belongs here: one thin, safe verb for each thing the kernel is asked outside of netlink's contents.
//! What does not: what a link, a network or a record is. Errors are bare errnos; the layers above know the object and add it.

pub mod bind;
pub mod channel;
pub mod directory;
pub mod ethtool;
pub mod file;
pub mod icmp;
pub mod mount;
pub mod netlink;
pub mod netns;
pub mod packet;
pub mod privilege;
pub mod process;
pub mod procfs;
pub mod random;
pub mod root;
pub mod signal;
pub mod terminal;

pub use rustix::io::Errno;

/// The errno of the call by libc that has just failed.
fn last_error() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
