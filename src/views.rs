//! Kernel facts as text or JSON, in the shape that other tools print.
//!
//! What belongs here: pure functions from what the kernel said to a string. What does not: asking the kernel.

pub mod brctl;
pub mod ethtool;
pub mod ip;
mod page;
