//! Who stays outside: a container's watcher, the words that it is spoken to with, its log, and who is in front of it.

pub mod attach;
pub mod call;
pub mod log;
pub mod service;
pub mod watcher;
