//! Subnets: an address whose host bits are zero, and the length of its prefix.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::family::Family;
use super::recorded_as_text;

/// An IPv4 or IPv6 subnet without host bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Subnet {
    address: IpAddr,
    prefix_len: u8,
}

/// Why text is no subnet. Shown, it follows "it must be".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalid {
    /// Not `ADDRESS/LENGTH`.
    Syntax,
    /// The host bits are not zero; this is the subnet it lies in.
    HostBits(Subnet),
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax => f.write_str("a subnet such as 10.1.0.0/24 or fd00:1::/64"),
            Self::HostBits(subnet) => write!(f, "a subnet without host bits, such as {subnet}"),
        }
    }
}

/// The address as a number; IPv4 addresses are small ones.
#[must_use]
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => u32::from(v4).into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

/// The address with this number, in the family of `like`; IPv4 takes the low 32 bits.
#[must_use]
pub fn address(like: IpAddr, number: u128) -> IpAddr {
    match like {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from(u32::try_from(number & 0xffff_ffff).unwrap_or_default())),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

/// The high 64 bits of a number and the low ones.
#[must_use]
pub fn halves(number: u128) -> (u64, u64) {
    let low = u64::try_from(number & u128::from(u64::MAX)).unwrap_or_default();
    (u64::try_from(number >> 64).unwrap_or_default(), low)
}

fn width(address: IpAddr) -> u8 {
    Family::of(address).width()
}

impl Subnet {
    /// The subnet that `address` lies in, with a prefix of `prefix_len` bits (cut to the address's width).
    #[must_use]
    pub fn around(address: IpAddr, prefix_len: u8) -> Self {
        let prefix_len = prefix_len.min(width(address));
        let subnet = Self { address, prefix_len };
        Self { address: self::address(address, number(address) & !subnet.host_mask()), prefix_len }
    }

    /// Its first address, the one that names it.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        self.address
    }

    /// Length of its prefix in bits.
    #[must_use]
    pub fn prefix_len(&self) -> u8 {
        self.prefix_len
    }

    /// Its family.
    #[must_use]
    pub fn family(&self) -> Family {
        Family::of(self.address)
    }

    /// The number of its last host: the host bits all set. IPv4 below /31 cannot use it, nor number 0.
    #[must_use]
    pub fn host_mask(&self) -> u128 {
        let bits = u32::from(width(self.address) - self.prefix_len);
        1_u128.checked_shl(bits).map_or(u128::MAX, |size| size.wrapping_sub(1))
    }

    /// Whether `address` lies in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        Family::of(address) == self.family() && number(address) & !self.host_mask() == number(self.address)
    }

    /// Whether the two share an address.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other.address) || other.contains(self.address)
    }

    /// Whether all of `other` lies in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.contains(other.address) && self.prefix_len <= other.prefix_len
    }

    /// The address of host number `host`; none beyond the subnet's end.
    #[must_use]
    pub fn host(&self, host: u128) -> Option<IpAddr> {
        (host <= self.host_mask()).then(|| address(self.address, number(self.address) | host))
    }

    /// The host number of `address`, which lies in the subnet.
    #[must_use]
    pub fn host_number(&self, address: IpAddr) -> u128 {
        number(address) & self.host_mask()
    }

    /// The first and last host number that can be an interface's: not the network's own address (in IPv6 the subnet-router
    /// anycast address), not IPv4's broadcast address. A /31, /32, /127 or /128 has neither (RFC 3021, RFC 6164).
    #[must_use]
    pub fn host_numbers(&self) -> (u128, u128) {
        let last = self.host_mask();
        match (last, self.family()) {
            (0 | 1, _) => (0, last),
            (_, Family::V4) => (1, last - 1),
            (_, Family::V6) => (1, last),
        }
    }

    /// IPv4: the broadcast address; none where there is none.
    #[must_use]
    pub fn broadcast(&self) -> Option<Ipv4Addr> {
        match self.host(self.host_mask()) {
            Some(IpAddr::V4(last)) if self.prefix_len < 31 => Some(last),
            _ => None,
        }
    }
}

impl FromStr for Subnet {
    type Err = Invalid;

    /// Reads `10.1.0.0/24`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (address, prefix_len) = text.split_once('/').ok_or(Invalid::Syntax)?;
        let address: IpAddr = address.parse().map_err(|_| Invalid::Syntax)?;
        // Unlike an integer's own parser, no sign: "+8" is no length.
        let digits = prefix_len.bytes().all(|b| b.is_ascii_digit());
        let prefix_len: u8 =
            prefix_len.parse().ok().filter(|len| digits && *len <= width(address)).ok_or(Invalid::Syntax)?;
        let subnet = Self::around(address, prefix_len);
        if subnet.address == address { Ok(subnet) } else { Err(Invalid::HostBits(subnet)) }
    }
}

recorded_as_text!(Subnet);

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_len)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn subnet(text: &str) -> Subnet {
        text.parse().unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn host_bits_are_refused_and_the_right_subnet_is_named() {
        assert_eq!("10.1.2.3/24".parse::<Subnet>(), Err(Invalid::HostBits(subnet("10.1.2.0/24"))));
        assert_eq!("fd00::1/64".parse::<Subnet>(), Err(Invalid::HostBits(subnet("fd00::/64"))));
        for bad in
            ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "10.0.0.0/+8", "10.0.0.0/", "a/8", "10.0.0.0/8/8"]
        {
            assert_eq!(bad.parse::<Subnet>(), Err(Invalid::Syntax), "{bad}");
        }
    }

    #[test]
    fn extremes_do_not_overflow() {
        for text in ["0.0.0.0/0", "::/0", "255.255.255.255/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"] {
            let subnet = subnet(text);
            assert_eq!(subnet.to_string(), text);
            assert!(subnet.contains(subnet.network()));
            assert!(subnet.host(subnet.host_mask()).is_some());
        }
    }

    #[test]
    fn overlap_goes_both_ways_and_stays_in_the_family() {
        assert!(subnet("10.0.0.0/8").overlaps(&subnet("10.1.0.0/16")));
        assert!(subnet("10.1.0.0/16").overlaps(&subnet("10.0.0.0/8")));
        assert!(!subnet("10.0.0.0/16").overlaps(&subnet("10.1.0.0/16")));
        assert!(!subnet("0.0.0.0/0").overlaps(&subnet("::/0")));
    }

    #[test]
    fn hosts_leave_out_network_and_broadcast() {
        assert_eq!(subnet("10.0.0.0/30").host_numbers(), (1, 2));
        assert_eq!(subnet("10.0.0.0/31").host_numbers(), (0, 1));
        assert_eq!(subnet("10.0.0.0/32").host_numbers(), (0, 0));
        assert_eq!(subnet("fd00::/126").host_numbers(), (1, 3));
        assert_eq!(subnet("172.17.0.0/16").host(2), Some(ip("172.17.0.2")));
        assert_eq!(subnet("10.0.0.0/30").host(4), None);
        assert_eq!(subnet("172.17.0.0/16").broadcast(), Some(Ipv4Addr::new(172, 17, 255, 255)));
        assert_eq!(subnet("10.0.0.0/31").broadcast(), None);
    }
}
