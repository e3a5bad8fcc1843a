//! What is refused, and what a host can lack: the words, the exit code, and that nothing is left behind.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod no_proc_no_sys;
mod panic;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
mod unfit_host;
