//! Integers and addresses in byte slices that may be shorter or longer than expected; alignment.
//!
//! What belongs here: reading and writing at an offset, without any idea of messages and attributes.
//!
//! The kernel's structs grow over time, so a missing tail reads as zero and a longer one is cut.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Everything in a netlink datagram starts at a multiple of four bytes (`NLMSG_ALIGNTO`, `NLA_ALIGNTO`).
pub const ALIGNMENT: usize = 4;

/// The next multiple of [`ALIGNMENT`], saturating.
///
/// ```
/// # use pontoon_netlink::bytes::align;
/// assert_eq!((align(0), align(5), align(8)), (0, 8, 8));
/// ```
#[must_use]
pub const fn align(len: usize) -> usize {
    len.saturating_add(ALIGNMENT - 1) & !(ALIGNMENT - 1)
}

/// `N` bytes from `offset`, zero-filled where `bytes` ends early.
///
/// ```
/// # use pontoon_netlink::bytes::array;
/// assert_eq!(array::<2>(&[1, 2, 3], 1), [2, 3]);
/// assert_eq!(array::<4>(&[1, 2, 3], 1), [2, 3, 0, 0]);
/// ```
#[must_use]
pub fn array<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    let tail = bytes.get(offset..).unwrap_or_default();
    if let Some(whole) = tail.first_chunk() {
        return *whole;
    }
    let mut out = [0; N];
    for (to, from) in out.iter_mut().zip(tail) {
        *to = *from;
    }
    out
}

/// Writes `value` over the bytes from `offset` on; nothing when they are not all there.
pub(crate) fn put(bytes: &mut [u8], offset: usize, value: &[u8]) {
    if let Some(place) = bytes.get_mut(offset..).and_then(|rest| rest.get_mut(..value.len())) {
        place.copy_from_slice(value);
    }
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
    fn lengths_are_aligned_without_overflow() {
        assert_eq!([0, 1, 4, 5].map(align), [0, 4, 4, 8]);
        assert_eq!(align(usize::MAX), usize::MAX & !3);
    }

    #[test]
    fn nothing_is_written_beyond_the_end() {
        let mut bytes = [0; 3];
        put(&mut bytes, 1, &[1, 2]);
        put(&mut bytes, 2, &[3, 4]);
        put(&mut bytes, 9, &[5]);
        assert_eq!(bytes, [0, 1, 2]);
    }

    #[test]
    fn addresses_have_four_or_sixteen_bytes() {
        assert_eq!(ip(&[172, 17, 0, 2]), Some(IpAddr::V4(Ipv4Addr::new(172, 17, 0, 2))));
        assert_eq!(ip(&[0; 16]), Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)));
        assert_eq!(ip(&[0; 5]), None);
    }
}
