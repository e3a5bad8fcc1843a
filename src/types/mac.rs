//! MAC addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::mix::mix;
use super::subnet::{halves, number};
use super::{Invalid, recorded_as_text};

/// An Ethernet address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// The address that an interface with `address`, number `host` of its subnet, has: `02:42` and the IPv4 address's bytes, or the
    /// last four of an IPv6 one. So a neighbour's cache stays right when an address is given out again.
    ///
    /// A host number of more than four bytes would give others the same: `02`, a byte from `80` up and four, out of a hash of it.
    #[must_use]
    pub fn of(address: IpAddr, host: u128) -> Self {
        if host >> 32 == 0 {
            let [.., a, b, c, d] = number(address).to_be_bytes();
            return Self([0x02, 0x42, a, b, c, d]);
        }
        let (high, low) = halves(host);
        let [.., second, third, fourth, fifth, sixth] = mix(mix(high).wrapping_add(low)).to_be_bytes();
        Self([0x02, 0x80 | second, third, fourth, fifth, sixth])
    }

    /// That of a port whose other end would have this one: above all that are of hardware, as libvirt does it. So a bridge that has
    /// the lowest MAC of its ports for its own keeps that, whoever comes and goes.
    #[must_use]
    pub fn of_port(self) -> Self {
        let Self(mut bytes) = self;
        let [first, ..] = &mut bytes;
        *first = 0xfe;
        Self(bytes)
    }

    /// Reads the bytes of a link's hardware address; none when there are not six.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl FromStr for Mac {
    type Err = Invalid;

    /// Reads `02:42:ac:11:00:02`; group addresses and zero are no interface's.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let byte = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
            u8::from_str_radix(part, 16).ok().filter(|_| digits)
        };
        let bytes: Option<Vec<u8>> = text.split([':', '-']).map(byte).collect();
        let address = bytes.as_deref().and_then(Self::from_bytes);
        let individual = address.filter(|Self([first, ..])| first & 1 == 0).filter(|mac| *mac != Self([0; 6]));
        individual.ok_or(Invalid::from("an individual MAC address such as 02:42:ac:11:00:02"))
    }
}

recorded_as_text!(Mac);

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
        assert_eq!(Mac::of("172.17.0.2".parse().unwrap(), 2).to_string(), "02:42:ac:11:00:02");
        assert_eq!(Mac::of("fd00::1:2".parse().unwrap(), 0x1_0002).to_string(), "02:42:00:01:00:02");
    }

    #[test]
    fn only_individual_addresses_are_read() {
        assert_eq!("02:42:AC:11:00:0a".parse::<Mac>().unwrap().to_string(), "02:42:ac:11:00:0a");
        for bad in [
            "",
            "02:42:ac:11:00",
            "02:42:ac:11:00:02:03",
            "01:00:00:00:00:01",
            "00:00:00:00:00:00",
            "0g:42:ac:11:00:02",
            "2:42:ac:11:0:2",
        ] {
            assert!(bad.parse::<Mac>().is_err(), "{bad}");
        }
    }
}
