//! Containers: a process in a sandbox, with a root, limits and a watcher.
//!
//! What belongs here: the recipes of making, starting, entering, stopping and removing one. What does not: words of the command line,
//! tables and JSON; networks, whose own recipes are called.
//!
//! Who does what: the command (`start.rs`) makes sandbox and endpoints, then the *watcher* (`watcher.rs`), which is this executable
//! again and stays; the watcher makes the *first process* (`init.rs`), which builds its root (`rootfs.rs`), gives up its rights
//! (`confine.rs`) and becomes the container's command. Whoever wants something of a running container calls its watcher
//! (`call.rs`).

pub mod attach;
pub mod call;
pub mod cgroup;
mod clean;
mod confine;
pub mod create;
mod etc;
pub mod exec;
pub mod find;
pub mod gc;
mod init;
pub mod log;
pub mod names;
pub mod numbers;
pub mod remove;
pub mod rootfs;
mod service;
pub mod start;
pub mod stop;
mod user;
pub mod watcher;
