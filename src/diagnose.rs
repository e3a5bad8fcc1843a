//! Finding out what is: the way of a veth pair, who reaches whom, what the kernel can do.
//!
//! What belongs here: looking, and packets of our own to try with. What does not: changing anything that stays.

pub mod check;
pub mod echo;
pub mod features;
pub mod ping;
pub mod pinger;
pub mod plan;
pub mod trace;
