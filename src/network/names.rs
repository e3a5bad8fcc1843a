//! Names that are right by construction.

use std::fmt;

use crate::error::{Error, Result};

/// The name of a network device: 1 to 15 bytes, none of them `/`, `:`, `%`, white space or a control character, and not `.` or `..`.
///
/// # Source
/// `dev_valid_name()` in net/core/dev.c; `%` would be a pattern to the kernel, which then chooses a name of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfName(String);

impl IfName {
    /// Reads a name given for `what`.
    pub fn parse(what: &'static str, text: &str) -> Result<Self> {
        let bytes = text.bytes();
        let good = (1..=15).contains(&text.len())
            && !matches!(text, "." | "..")
            && bytes.into_iter().all(|b| b.is_ascii_graphic() && !matches!(b, b'/' | b':' | b'%') || b >= 0x80);
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err(Error::value(what, text, "an interface name: 1 to 15 bytes without '/', ':', '%' or spaces"))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IfName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks the name of a network: a letter or digit, then letters, digits, `_`, `.` and `-`; at most 64 in all.
pub fn network_name(text: &str) -> Result<()> {
    let good = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if good {
        return Ok(());
    }
    Err(Error::value(
        "network name",
        text,
        "1 to 64 letters, digits, '_', '.' or '-', and begin with a letter or digit",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_names_are_those_the_kernel_takes() {
        for good in ["eth0", "a", "123456789012345", "br-3f2c", "veth.1", "ü"] {
            assert!(IfName::parse("--ifname", good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "a:b", "eth%d", "1234567890123456", "a\nb", "a\u{7f}"] {
            assert!(IfName::parse("--ifname", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn network_names_are_file_names_too() {
        for good in ["bridge", "a", "my_net-1.x", "9"] {
            assert!(network_name(good).is_ok(), "{good}");
        }
        for bad in ["", ".hidden", "-x", "a/b", "a b", "ü", "../x"] {
            assert!(network_name(bad).is_err(), "{bad:?}");
        }
        assert!(network_name(&"a".repeat(65)).is_err());
    }
}
