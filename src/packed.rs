//! Texts that `build.rs` packed, for those that are seldom read: help, names of errnos, features of kernels.

use crate::prelude::*;

/// A packed text.
#[derive(Debug, Clone, Copy)]
pub struct Packed(pub &'static [u8]);

/// The packed text of a file.
macro_rules! packed {
    ($name:literal) => {
        $crate::packed::Packed(include_bytes!(concat!(env!("OUT_DIR"), "/", $name)))
    };
}
pub(crate) use packed;

/// Two bytes each: what the bytes from 128 up stand for.
const PAIRS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/pairs"));

impl Packed {
    /// The text as it was.
    #[must_use]
    pub fn unpack(self) -> Text {
        let mut out = String::new();
        unpack(&mut out, self.0);
        out.keep()
    }
}

fn unpack(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        match byte.checked_sub(128) {
            None => out.push(char::from(*byte)),
            Some(number) => unpack(out, PAIRS.chunks(2).nth(number.into()).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_unpacked_is_what_was_packed() {
        assert_eq!(packed!("pontoon.txt").unpack(), include_str!("cli/help/pontoon.txt"));
        assert_eq!(packed!("errno.txt").unpack(), include_str!("sys/errno/errno.txt"));
        assert!(packed!("errno.txt").0.len() * 10 < packed!("errno.txt").unpack().len() * 8);
    }
}
