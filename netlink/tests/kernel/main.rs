//! What the kernel makes of what we encode, in namespaces of its own, as `nft` and `conntrack` see it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../support/mod.rs"]
mod support;

mod connections;
mod elements;
mod socket;
mod tables;

const EEXIST: i32 = libc::EEXIST;
const ENOENT: i32 = libc::ENOENT;
