//! The names of network devices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Invalid, recorded_as_text};

/// The name of a network device: 1 to 15 bytes, none of them `/`, `:`, `%`, white space or a control character, and not `.` or `..`.
///
/// # Source
/// `dev_valid_name()` in net/core/dev.c; `%` would be a pattern to the kernel, which then chooses a name of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct IfName(String);

impl IfName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IfName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let good = (1..=15).contains(&text.len())
            && !matches!(text, "." | "..")
            && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'/' | b':' | b'%') || b >= 0x80);
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err("an interface name: 1 to 15 bytes without '/', ':', '%' or spaces".into())
        }
    }
}

recorded_as_text!(IfName);

impl fmt::Display for IfName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_names_are_those_the_kernel_takes() {
        for good in ["eth0", "a", "123456789012345", "br-3f2c", "veth.1", "ü"] {
            assert!(good.parse::<IfName>().is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a/b", "a b", "a:b", "eth%d", "1234567890123456", "a\nb", "a\u{7f}"] {
            assert!(bad.parse::<IfName>().is_err(), "{bad:?}");
        }
    }
}
