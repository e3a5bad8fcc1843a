//! Hosts as people have them: other people's routers and settings, sandboxes that mean harm, and things done again at once.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod again_at_once;
mod another_mac;
mod forged_pairs;
mod router_advertisements;
#[path = "../support/mod.rs"]
mod support;
mod switched_back;
