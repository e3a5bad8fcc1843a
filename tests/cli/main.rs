//! The command line itself.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod command_line;
#[path = "../support/mod.rs"]
mod support;
