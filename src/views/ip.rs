//! Links, addresses, routes and neighbours as `ip` of iproute2 6.1 prints them when not on a terminal.
//!
//! # Source
//! The output of iproute2 6.1; ip(8). Each file holds one object, or what they share.

mod address;
mod details;
mod format;
mod hardware;
mod link;
mod names;
mod neighbour;
mod netns;
mod number;
mod prefix;
mod route;

pub use address::addresses;
pub use format::{Filter, Format};
pub use link::links;
pub use names::{Names, PROTOCOLS, SCOPES, STATES, TABLES, value_of};
pub use neighbour::neighbours;
pub use netns::namespaces;
pub use prefix::{Prefix, parse_prefix};
pub use route::routes;
