//! What is recorded, as data, and what follows from it.
//!
//! What belongs here: networks, endpoints, leases and published ports as values, and their rules. What does not: I/O of any kind.

pub mod alias;
pub mod container;
pub mod endpoint;
pub mod host;
pub mod lease;
pub mod network;
pub mod options;
pub mod ports;
pub mod spec;
