//! Errnos for people: `EEXIST (File exists)`.

use rustix::io::Errno;

/// The symbolic name, as in errno(3), on every architecture; the number when it has none.
#[must_use]
pub fn name(errno: Errno) -> String {
    match nix::errno::Errno::from_raw(errno.raw_os_error()) {
        nix::errno::Errno::UnknownErrno => errno.raw_os_error().to_string(),
        known => format!("{known:?}"),
    }
}

/// The errno with this number; what no kernel says (beyond 4095) is `EIO`, for it means that the answer makes no sense.
#[must_use]
pub fn from_kernel(number: i32) -> Errno {
    if (1..=4095).contains(&number) { Errno::from_raw_os_error(number) } else { Errno::IO }
}

/// The usual words for it.
#[must_use]
pub fn words(errno: Errno) -> &'static str {
    nix::errno::Errno::from_raw(errno.raw_os_error()).desc()
}
