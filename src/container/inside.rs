//! What happens in a container: its first process, its root, its rights, its user.
//!
//! What belongs here: what runs between the birth of a process and the moment when it is somebody else's program. What does not: who
//! waits for it outside.

pub mod confine;
pub mod init;
pub mod rootfs;
mod user;
