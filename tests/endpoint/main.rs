//! Endpoints: a sandbox connected and disconnected, many at once, and what that costs.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod connect_and_disconnect;
mod cost;
mod many_at_once;
mod same_mac;
#[path = "../support/mod.rs"]
mod support;
