//! A fault at each system call of each verb that changes something: it fails with its line or succeeds, and the same command, or
//! `gc`, ends where it would have ended without.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod every_system_call;
mod state;
#[path = "../support/mod.rs"]
mod support;
