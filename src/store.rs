//! The records below the state directory, and the lock.
//!
//! What belongs here: reading and writing what `model` says, and looking it up by name. What does not: whether what is recorded
//! still lives; that is asked of the kernel, above.

mod directory;
pub mod endpoints;
pub mod lock;
pub mod networks;
pub mod records;

pub use lock::Lock;
pub use records::{Claim, Kind, Store};
