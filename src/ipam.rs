//! Addresses: which subnets a network gets, and which addresses its endpoints.
//!
//! What belongs here: the choice. What does not: making it so, which the kernel arbitrates.

pub mod allocate;
pub mod claim;
pub mod in_use;
pub mod pools;
mod special;
