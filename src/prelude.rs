//! The types and macros that every program has at hand: those of std's prelude that come from `alloc`.
//!
//! The program is built without `std`, for its panic alone is a third of a megabyte where it cannot be rebuilt: it brings
//! a reader of debugging information along.

pub use alloc::borrow::ToOwned;
pub use alloc::boxed::Box;
pub use alloc::format;
pub use alloc::string::{String, ToString};
pub use alloc::vec;
pub use alloc::vec::Vec;
