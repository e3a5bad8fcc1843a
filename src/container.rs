//! Containers: a process in a sandbox, with a root, limits and a watcher.
//!
//! What belongs here: the recipes of making, starting, entering, stopping and removing one. What does not: words of the command line,
//! tables and JSON; networks, whose own recipes are called.
//!
//! Who does what: the command (`start.rs`) makes sandbox and endpoints, then the *watcher* (`watch/watcher.rs`), which is this executable
//! again and stays; the watcher makes the *first process* (`inside/init.rs`), which builds its root (`rootfs.rs`), gives up its rights
//! (`confine.rs`) and becomes the container's command. Whoever wants something of a running container calls its watcher
//! (`watch/call.rs`).

pub mod cgroup;
mod clean;
pub mod create;
mod etc;
pub mod exec;
pub mod find;
pub mod gc;
pub mod inside;
pub mod names;
pub mod numbers;
pub mod remove;
pub mod start;
pub mod stop;
pub mod watch;
