//! Kernel facts and definitions as text or JSON, in the shape that other tools print. No I/O.

pub mod brctl;
pub mod check;
pub mod container;
pub mod difference;
pub mod docker;
pub mod ethtool;
mod hex;
pub mod ip;
pub mod json;
pub mod ping;
pub mod plain;
mod printer;
pub mod probe;
pub mod table;
pub mod template;
pub mod trace;
