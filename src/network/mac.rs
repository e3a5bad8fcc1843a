//! MAC addresses.

use std::fmt;
use std::net::IpAddr;

use super::subnet::number;
use crate::error::{Error, Result};

/// An Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// The address that an interface with `address` has: `02:42` and the IPv4 address's bytes, or the last four of an IPv6 one.
    /// So a neighbour's cache stays right when an address is given out again.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let [.., a, b, c, d] = number(address).to_be_bytes();
        Self([0x02, 0x42, a, b, c, d])
    }

    /// Reads `02:42:ac:11:00:02`, for `what`; group addresses and zero are no interface's.
    pub fn parse(what: &'static str, text: &str) -> Result<Self> {
        let mut bytes = [0; 6];
        let mut parts = text.split([':', '-']);
        let filled = bytes.iter_mut().all(|byte| {
            let part = parts.next().filter(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()));
            part.and_then(|p| u8::from_str_radix(p, 16).ok()).map(|value| *byte = value).is_some()
        });
        let [first, ..] = bytes;
        if filled && parts.next().is_none() && first & 1 == 0 && bytes != [0; 6] {
            return Ok(Self(bytes));
        }
        Err(Error::value(what, text, "an individual MAC address such as 02:42:ac:11:00:02"))
    }

    /// Reads the bytes of a link's hardware address; none when there are not six.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if position == 0 { "" } else { ":" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_the_mac() {
        assert_eq!(Mac::of("172.17.0.2".parse().unwrap()).to_string(), "02:42:ac:11:00:02");
        assert_eq!(Mac::of("fd00::1:2".parse().unwrap()).to_string(), "02:42:00:01:00:02");
    }

    #[test]
    fn only_individual_addresses_are_read() {
        assert_eq!(Mac::parse("x", "02:42:AC:11:00:0a").unwrap().to_string(), "02:42:ac:11:00:0a");
        for bad in [
            "",
            "02:42:ac:11:00",
            "02:42:ac:11:00:02:03",
            "01:00:00:00:00:01",
            "00:00:00:00:00:00",
            "0g:42:ac:11:00:02",
            "2:42:ac:11:0:2",
        ] {
            assert!(Mac::parse("x", bad).is_err(), "{bad}");
        }
    }
}
