//! Networks and endpoints: the recipes that make, mend and remove them.
//!
//! What belongs here: functions from typed arguments to typed results, which print nothing, so that the command line, a file of
//! commands, a container or a plugin all call the same one. What does not: reading arguments, showing results.

pub mod announce;
pub mod attach;
pub mod bridge;
pub mod compare;
pub mod connect;
pub mod create;
pub mod default_route;
pub mod difference;
pub mod disconnect;
pub mod endpoints;
pub mod forwarding;
pub mod gc;
pub mod mend;
pub mod remove;
