//! Networks: what they are made of, and what is made of them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod existing_bridge;
mod lifecycle;
mod subnets;
#[path = "../support/mod.rs"]
mod support;
