//! Spreading the bits of a number over all of another, for names and MAC addresses that must differ when addresses do.

/// Another number for each: none of two is that of both, and what differs in one bit differs in about half of them.
///
/// # Source
/// The finalizer of `MurmurHash3` (Austin Appleby, public domain).
#[must_use]
pub fn mix(number: u64) -> u64 {
    let number = (number ^ number >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let number = (number ^ number >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    number ^ number >> 33
}
