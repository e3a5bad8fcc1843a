//! The verbs that look and change nothing, beside the tools whose output they print.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod brctl_and_ethtool;
mod check;
mod golden;
mod ip;
mod ip_netns;
mod ping;
mod probe;
#[path = "../support/mod.rs"]
mod support;
mod trace;
