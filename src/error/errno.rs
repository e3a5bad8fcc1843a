//! Errnos for people: `EEXIST (File exists)`.

use std::fmt;

use rustix::io::Errno;

/// An errno with its name and the usual words for it.
pub(super) struct Said(pub Errno);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", name(self.0), words(self.0))
    }
}

/// The symbolic name of an errno, as in errno(3), on every architecture; the number when it has none.
#[must_use]
pub fn name(errno: Errno) -> String {
    match nix::errno::Errno::from_raw(errno.raw_os_error()) {
        nix::errno::Errno::UnknownErrno => errno.raw_os_error().to_string(),
        known => format!("{known:?}"),
    }
}

/// The usual words for an errno.
pub(super) fn words(errno: Errno) -> &'static str {
    nix::errno::Errno::from_raw(errno.raw_os_error()).desc()
}
