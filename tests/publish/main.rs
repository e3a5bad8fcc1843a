//! Published ports: who reaches them, and where they are shown.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod recorded_twice;
mod shown;
#[path = "../support/mod.rs"]
mod support;
mod traffic;
