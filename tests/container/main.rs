//! Containers: what runs in them, what they see and may do, their names, and what is left when something is killed.
//!
//! All of these are root's: in a user namespace of one's own the kernel lets nobody make devices.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod confined;
mod killed;
mod life;
mod names;
#[path = "../support/mod.rs"]
mod support;
mod terminal;
mod tree;
