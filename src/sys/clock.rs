//! The time of day and the time since boot.

/// Seconds and nanoseconds since 1970-01-01 UTC.
#[must_use]
pub fn now() -> (i64, u32) {
    time(libc::CLOCK_REALTIME)
}

/// Microseconds on a clock that never jumps.
#[must_use]
pub fn monotonic_us() -> u64 {
    let (seconds, nanoseconds) = time(libc::CLOCK_MONOTONIC);
    seconds.unsigned_abs() * 1_000_000 + u64::from(nanoseconds) / 1_000
}

/// The system call: the C library and rustix bring readers of the kernel's vDSO, 1 kB and 3, for times that are told seldom.
#[cfg(target_pointer_width = "64")]
#[doc(alias = "clock_gettime")]
fn time(clock: libc::clockid_t) -> (i64, u32) {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is there for the kernel to write to; both clocks exist on every Linux.
    unsafe { libc::syscall(libc::SYS_clock_gettime, clock, &raw mut time) };
    (time.tv_sec, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// On 32 bits the C library's function may end in 2038.
#[cfg(not(target_pointer_width = "64"))]
fn time(clock: libc::clockid_t) -> (i64, u32) {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(if clock == libc::CLOCK_REALTIME { ClockId::Realtime } else { ClockId::Monotonic });
    (time.tv_sec, u32::try_from(time.tv_nsec).unwrap_or_default())
}
