//! What the tests of this directory share. Not every test uses everything.
#![allow(dead_code)]

pub mod captured;
pub mod flat;
pub mod namespace;
pub mod random;
pub mod ruleset;
pub mod tree;
