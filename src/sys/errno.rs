//! Errnos for people: `EEXIST (File exists)`.

use crate::packed::{Packed, packed};
use crate::prelude::*;
use rustix::io::Errno;

/// The symbolic name, as in errno(3), on every architecture; the number when it has none.
#[must_use]
pub fn name(errno: Errno) -> Text {
    known(errno).map_or_else(|| errno.raw_os_error().to_text(), |(name, _)| name)
}

/// The errno with this number; what no kernel says (beyond 4095) is `EIO`, for it means that the answer makes no sense.
#[must_use]
pub fn from_kernel(number: i32) -> Errno {
    if (1..=4095).contains(&number) { Errno::from_raw_os_error(number) } else { Errno::IO }
}

/// Why the C library's function that was called last failed.
#[doc(alias = "errno")]
#[must_use]
pub fn last() -> Errno {
    // SAFETY: it has no precondition.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: the place of this thread's errno lives as long as the thread.
    from_kernel(unsafe { *place })
}

/// The usual words for it.
#[must_use]
pub fn words(errno: Errno) -> Text {
    known(errno).map_or("Unknown errno", |(_, words)| words)
}

/// Name and words.
fn known(errno: Errno) -> Option<(Text, Text)> {
    let position = usize::try_from(errno.raw_os_error()).ok()?.checked_sub(1)?;
    let mut lines = ERRNOS.unpack().split('\n');
    for _ in 0..position {
        lines.next()?;
    }
    lines.next()?.split_once(' ')
}

/// The errnos by number, one a line: a text is half of what a table would be.
///
/// # Source
/// asm-generic/errno-base.h and asm-generic/errno.h, which nearly all architectures have; arch/mips/include/uapi/asm/errno.h.
#[cfg(not(any(target_arch = "mips", target_arch = "mips64")))]
const ERRNOS: Packed = packed!("errno.txt");
#[cfg(any(target_arch = "mips", target_arch = "mips64"))]
const ERRNOS: Packed = packed!("mips.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_words_are_those_of_nix() {
        for number in 1..200 {
            let errno = Errno::from_raw_os_error(number);
            let theirs = nix::errno::Errno::from_raw(number);
            assert_eq!(words(errno), theirs.desc());
            let unknown = theirs == nix::errno::Errno::UnknownErrno;
            assert_eq!(name(errno), if unknown { number.to_text() } else { text!("{theirs:?}") });
        }
    }
}
