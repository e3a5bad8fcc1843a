//! Errnos for people: `EEXIST (File exists)`.

use rustix::io::Errno;

/// The symbolic name, as in errno(3), on every architecture; the number when it has none.
#[must_use]
pub fn name(errno: Errno) -> String {
    known(errno).map_or_else(|| errno.raw_os_error().to_string(), |(name, _)| name.to_owned())
}

/// The errno with this number; what no kernel says (beyond 4095) is `EIO`, for it means that the answer makes no sense.
#[must_use]
pub fn from_kernel(number: i32) -> Errno {
    if (1..=4095).contains(&number) { Errno::from_raw_os_error(number) } else { Errno::IO }
}

/// The usual words for it.
#[must_use]
pub fn words(errno: Errno) -> &'static str {
    known(errno).map_or("Unknown errno", |(_, words)| words)
}

/// Name and words. A text costs half of what the table inside of `nix` does, and the smallest build leaves out `{:?}`, by
/// which alone `nix` tells the name.
///
/// # Source
/// One errno a line: asm-generic/errno-base.h and asm-generic/errno.h, which all architectures have but those below.
#[cfg(not(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc", target_arch = "sparc64")))]
fn known(errno: Errno) -> Option<(&'static str, &'static str)> {
    let position = usize::try_from(errno.raw_os_error()).ok()?.checked_sub(1)?;
    include_str!("errno.txt").split('\n').nth(position)?.split_once(' ')
}

/// Where the numbers are others, `nix` knows the words, and these lead to the name.
#[cfg(any(target_arch = "mips", target_arch = "mips64", target_arch = "sparc", target_arch = "sparc64"))]
fn known(errno: Errno) -> Option<(&'static str, &'static str)> {
    let known = nix::errno::Errno::from_raw(errno.raw_os_error());
    include_str!("errno.txt")
        .split('\n')
        .filter_map(|line| line.split_once(' '))
        .find(|(_, words)| *words == known.desc())
}

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
            assert_eq!(name(errno), if unknown { number.to_string() } else { format!("{theirs:?}") });
        }
    }
}
