//! ethtool's `ioctl`: the counters of a device's driver, which have no netlink message.
//!
//! # Source
//! `linux/ethtool.h`, netdevice(7).

use rustix::fd::{AsRawFd, BorrowedFd};

use pontoon_netlink::bytes;

use super::Errno;
use crate::prelude::*;

// linux/ethtool.h
const ETHTOOL_GSTRINGS: u32 = 0x1b;
const ETHTOOL_GSTATS: u32 = 0x1d;
const ETHTOOL_GSSET_INFO: u32 = 0x37;
const ETH_SS_STATS: u32 = 1;
const ETH_GSTRING_LEN: usize = 32;
// linux/sockios.h, the same number on every architecture
const SIOCETHTOOL: libc::Ioctl = 0x8946;

/// Room for this many counters more than the driver said it has. The kernel does not look at the length it is given, so a device that
/// gets more queues between two calls writes further than asked for. No driver has so many; the memory is never touched.
const SPARE: usize = 1 << 16;

/// The counters of device `name`, by name in the driver's order; none when it has none. Any socket serves.
#[doc(alias = "SIOCETHTOOL")]
pub fn statistics(socket: BorrowedFd<'_>, name: Text) -> Result<Vec<(Text, u64)>, Errno> {
    // struct ethtool_sset_info: command, reserved, a mask of sets; then the length of each.
    let mut info = [words(ETHTOOL_GSSET_INFO, 0), 1 << ETH_SS_STATS, 0];
    match ask(socket, name, &mut info) {
        Err(Errno::OPNOTSUPP) => return Ok(Vec::new()),
        result => result?,
    }
    let [_, mask, lengths] = info;
    let count = bytes::u32_at(&lengths.to_ne_bytes(), 0);
    if mask == 0 || count == 0 {
        return Ok(Vec::new());
    }
    let len = usize::try_from(count).unwrap_or_default();
    let room = len.saturating_add(SPARE);
    // struct ethtool_gstrings: command, set, length, then the strings; they start in the middle of our second word.
    let mut strings = vec![0; 2 + room * ETH_GSTRING_LEN / 8];
    // struct ethtool_stats: command, length, then the values.
    let mut values = vec![0; 1 + room];
    if let ([string, len, ..], [value, ..]) = (strings.as_mut_slice(), values.as_mut_slice()) {
        (*string, *len) = (words(ETHTOOL_GSTRINGS, ETH_SS_STATS), words(count, 0));
        *value = words(ETHTOOL_GSTATS, count);
    }
    ask(socket, name, &mut strings)?;
    ask(socket, name, &mut values)?;
    let mut bytes = Vec::new();
    for word in strings.iter().take(2 + len * ETH_GSTRING_LEN / 8) {
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    let bytes = bytes.leak();
    let mut counters = Vec::new();
    for number in 0..len {
        let name = bytes.get(12 + number * ETH_GSTRING_LEN..).unwrap_or_default();
        let name = name.get(..ETH_GSTRING_LEN).unwrap_or_default();
        counters.push((bytes::text(name), values.get(1 + number).copied().unwrap_or_default()));
    }
    Ok(counters)
}

/// Two 32-bit numbers as they lie in memory.
fn words(first: u32, second: u32) -> u64 {
    let (low, high) = if cfg!(target_endian = "little") { (first, second) } else { (second, first) };
    u64::from(high) << 32 | u64::from(low)
}

/// Hands `data` to the driver of device `name`, which writes its answer there.
fn ask(socket: BorrowedFd<'_>, name: Text, data: &mut [u64]) -> Result<(), Errno> {
    let mut request = libc::ifreq {
        ifr_name: [0; libc::IFNAMSIZ],
        ifr_ifru: libc::__c_anonymous_ifr_ifru { ifru_data: data.as_mut_ptr().cast() },
    };
    if name.len() >= request.ifr_name.len() {
        return Err(Errno::NODEV);
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from.cast_signed() as libc::c_char;
    }
    // SAFETY: `request` holds a name that ends in NUL and a pointer to `data`, which is exclusively borrowed until the call
    // returns. ETHTOOL_GSSET_INFO writes one length for the one set asked for; the two others write as many entries as the driver
    // has by then, for which `data` has room beyond what it had a moment ago (`SPARE`).
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), SIOCETHTOOL, &raw mut request) };
    if result < 0 { Err(super::errno::last()) } else { Ok(()) }
}
