//! The time of day and the time since boot.

use rustix::time::{ClockId, clock_gettime};

/// Seconds and nanoseconds since 1970-01-01 UTC.
#[must_use]
pub fn now() -> (i64, u32) {
    let now = clock_gettime(ClockId::Realtime);
    (now.tv_sec, u32::try_from(now.tv_nsec).unwrap_or_default())
}

/// Microseconds on a clock that never jumps.
#[must_use]
pub fn monotonic_us() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec).unwrap_or_default();
    seconds * 1_000_000 + u64::try_from(now.tv_nsec).unwrap_or_default() / 1_000
}
