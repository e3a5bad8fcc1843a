//! What was left half-made, or was changed by others, is made whole or removed.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod changed_by_others;
mod differences;
mod killed_at_each_system_call;
mod steps_that_fail;
#[path = "../support/mod.rs"]
mod support;
