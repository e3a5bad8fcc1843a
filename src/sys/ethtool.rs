//! ethtool's `ioctl`: the counters of a device's driver, which have no netlink message.
//!
//! # Source
//! `linux/ethtool.h`, netdevice(7).

use std::os::fd::{AsRawFd, BorrowedFd};

use super::Errno;
use super::netlink::last_error;

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
pub fn statistics(socket: BorrowedFd<'_>, name: &str) -> Result<Vec<(String, u64)>, Errno> {
    // struct ethtool_sset_info: command, reserved, a mask of sets; then the length of each.
    let mut info = [words(ETHTOOL_GSSET_INFO, 0), 1 << ETH_SS_STATS, 0];
    match ask(socket, name, &mut info) {
        Err(Errno::OPNOTSUPP) => return Ok(Vec::new()),
        result => result?,
    }
    let [_, mask, lengths] = info;
    let [count, _] = halves(lengths);
    if mask == 0 || count == 0 {
        return Ok(Vec::new());
    }
    let len = usize::try_from(count).unwrap_or_default();
    let room = len.saturating_add(SPARE);
    // struct ethtool_gstrings: command, set, length, then the strings; they start in the middle of our second word.
    let mut strings = vec![0_u64; 2 + room * ETH_GSTRING_LEN / 8];
    strings.splice(..2, [words(ETHTOOL_GSTRINGS, ETH_SS_STATS), words(count, 0)]);
    ask(socket, name, &mut strings)?;
    // struct ethtool_stats: command, length, then the values.
    let mut values = vec![0; 1 + room];
    values.splice(..1, [words(ETHTOOL_GSTATS, count)]);
    ask(socket, name, &mut values)?;
    let mut bytes = Vec::with_capacity(strings.len() * 8);
    for word in strings {
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    let names = bytes.get(12..).unwrap_or_default().chunks_exact(ETH_GSTRING_LEN);
    let values = values.get(1..).unwrap_or_default();
    Ok(names.zip(values).take(len).map(|(name, value)| (text(name), *value)).collect())
}

/// Two 32-bit numbers as they lie in memory.
fn words(first: u32, second: u32) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(first.to_ne_bytes().into_iter().chain(second.to_ne_bytes())) {
        *to = from;
    }
    u64::from_ne_bytes(bytes)
}

fn halves(word: u64) -> [u32; 2] {
    let bytes = word.to_ne_bytes();
    [bytes.first_chunk(), bytes.last_chunk()].map(|half| half.map_or(0, |half| u32::from_ne_bytes(*half)))
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// Hands `data` to the driver of device `name`, which writes its answer there.
fn ask(socket: BorrowedFd<'_>, name: &str, data: &mut [u64]) -> Result<(), Errno> {
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
    if result < 0 { Err(last_error()) } else { Ok(()) }
}
