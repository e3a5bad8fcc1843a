//! The directory of the records, its lock, the names of namespaces: what is in the way there, or was put there to do harm.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../support/mod.rs"]
mod support;

mod fairness;
mod files;
mod names;
