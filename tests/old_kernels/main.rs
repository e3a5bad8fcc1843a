//! What older kernels lack, with the system calls in question failing as they do there.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod netlink_ioctl;
#[path = "../support/mod.rs"]
mod support;
