//! Values that are right by construction: read once, at the door, and never checked again.
//!
//! What belongs here: types without I/O that any layer may speak of. What does not: anything that knows what a network is.

pub mod family;
pub mod id;
pub mod ifname;
pub mod mac;
pub mod name;
pub mod printable;
pub mod subnet;
pub mod time;

use std::borrow::Cow;
use std::fmt;

/// Why text is no value of its kind: what it must be, to follow "it must be".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub Cow<'static, str>);

impl From<&'static str> for Invalid {
    fn from(must: &'static str) -> Self {
        Self(must.into())
    }
}

impl From<String> for Invalid {
    fn from(must: String) -> Self {
        Self(must.into())
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
