//! What can go wrong, as data: what was being done, to which object, what the kernel said, what to do about it; and what is said
//! beside a result.
//!
//! The words stand beside the data, in the `Display` of each; nothing else in the program writes error texts.

mod errno;
mod failure;
mod refusal;
mod remedy;
mod report;

pub use errno::name;
pub use failure::{Doing, Error, GivenFor, Result};
pub use refusal::{Refusal, Stage, Words};
pub use report::{Report, Warning};
pub use rustix::io::Errno;
