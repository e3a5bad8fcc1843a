//! Subnets, addresses and ports on hosts as people have them: with routes, address plans and reservations of their own.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod beside_other_routes;
mod chosen_ports;
mod ipv6_only;
mod many_ports;
mod special_blocks;
#[path = "../support/mod.rs"]
mod support;
