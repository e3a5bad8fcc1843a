//! netlink-packet-route decodes what we encode, and we decode what it encodes, over random values.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod ours;
#[path = "../support/mod.rs"]
mod support;
mod theirs;

/// Random cases a test.
const CASES: u64 = 2000;
