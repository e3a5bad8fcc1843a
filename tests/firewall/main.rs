//! The firewall: its rule set, and who reaches whom through it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod nft_words;
mod rule_set;
mod sctp;
#[path = "../support/mod.rs"]
mod support;
mod topology;
mod who_reaches_whom;
