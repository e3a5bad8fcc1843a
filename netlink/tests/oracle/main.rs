//! netlink-packet-route decodes what we encode, and we decode what it encodes, over random values.
//!
//! That crate needs a procedural macro, which cannot be built under the crt-static of `.cargo/config.toml`:
//! `RUSTFLAGS= cargo test -p pontoon-netlink --test oracle` runs these tests; elsewhere they count as ignored.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[cfg(not(target_feature = "crt-static"))]
mod ours;
#[cfg(not(target_feature = "crt-static"))]
#[path = "../support/mod.rs"]
mod support;
#[cfg(not(target_feature = "crt-static"))]
mod theirs;

/// Random cases a test.
#[cfg(not(target_feature = "crt-static"))]
const CASES: u64 = 2000;

#[cfg(target_feature = "crt-static")]
#[test]
#[ignore = "built with crt-static; run: RUSTFLAGS= cargo test -p pontoon-netlink --test oracle"]
fn netlink_packet_route_agrees() {}
