//! Random bytes.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Errno;
use rustix::rand::{GetRandomFlags, getrandom};

/// `N` random bytes. Does not wait for the entropy pool of a machine that has just booted: these are names, not keys.
pub fn bytes<const N: usize>() -> Result<[u8; N], Errno> {
    let mut out = [0_u8; N];
    fill(&mut out)?;
    Ok(out)
}

fn fill(out: &mut [u8]) -> Result<(), Errno> {
    // GRND_INSECURE is 5.6; before it, a pool that is not ready answers EAGAIN to GRND_NONBLOCK.
    match getrandom(&mut *out, GetRandomFlags::NONBLOCK) {
        Ok(n) if n == out.len() => {}
        Err(Errno::AGAIN | Errno::NOSYS) | Ok(_) => fill_from_clock(out),
        Err(errno) => return Err(errno),
    }
    Ok(())
}

/// In an initramfs before the pool is ready: the clock and the process id, spread by `SplitMix64`. Unique, not secret.
fn fill_from_clock(out: &mut [u8]) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let pid = u64::from(std::process::id());
    let mut state = u64::try_from(now & u128::from(u64::MAX)).unwrap_or_default() ^ (pid << 16);
    for chunk in out.chunks_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        for (to, from) in chunk.iter_mut().zip((word ^ (word >> 31)).to_ne_bytes()) {
            *to = from;
        }
    }
}
