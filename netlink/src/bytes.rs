//! Reading integers and addresses out of byte slices that may be shorter or longer than expected.
//!
//! The kernel's structs grow over time, so a missing tail reads as zero and a longer one is cut.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `N` bytes from `offset`, zero-filled where `bytes` ends early.
#[must_use]
pub fn array<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    let mut out = [0; N];
    let tail = bytes.get(offset..).unwrap_or_default();
    for (to, from) in out.iter_mut().zip(tail) {
        *to = *from;
    }
    out
}

/// The byte at `offset`, or zero.
#[must_use]
pub fn u8_at(bytes: &[u8], offset: usize) -> u8 {
    bytes.get(offset).copied().unwrap_or_default()
}

/// A native-endian 16-bit integer at `offset`, zero-filled.
#[must_use]
pub fn u16_at(bytes: &[u8], offset: usize) -> u16 {
    u16::from_ne_bytes(array(bytes, offset))
}

/// A native-endian 32-bit integer at `offset`, zero-filled.
#[must_use]
pub fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    u32::from_ne_bytes(array(bytes, offset))
}

/// A native-endian 64-bit integer at `offset`, zero-filled.
#[must_use]
pub fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    u64::from_ne_bytes(array(bytes, offset))
}

/// An address in network order: four bytes or sixteen; any other length is no address.
#[must_use]
pub fn ip(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(v4)));
    }
    let v6 = <[u8; 16]>::try_from(bytes).ok()?;
    Some(IpAddr::V6(Ipv6Addr::from(v6)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_reads_are_zero_filled_and_long_ones_cut() {
        assert_eq!(array::<4>(&[1, 2], 0), [1, 2, 0, 0]);
        assert_eq!(array::<2>(&[1, 2, 3], 1), [2, 3]);
        assert_eq!(u32_at(&[1, 2, 3], 99), 0);
        assert_eq!(u8_at(&[], 0), 0);
    }

    #[test]
    fn addresses_have_four_or_sixteen_bytes() {
        assert_eq!(ip(&[172, 17, 0, 2]), Some(IpAddr::V4(Ipv4Addr::new(172, 17, 0, 2))));
        assert_eq!(ip(&[0; 16]), Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)));
        assert_eq!(ip(&[0; 5]), None);
    }
}
