//! The names of networks and sandboxes: file names, both of them.

use super::Invalid;

/// Checks the name of a network: a letter or digit, then letters, digits, `_`, `.` and `-`; at most 64 in all.
pub fn network(text: &str) -> Result<(), Invalid> {
    let good = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if good { Ok(()) } else { Err("1 to 64 letters, digits, '_', '.' or '-', and begin with a letter or digit".into()) }
}

/// What names a sandbox by a process in it instead, when a number follows.
pub const PROCESS: &str = "pid:";

/// Checks the name of a sandbox: a file name of at most 64 bytes, and nothing that is read as something else where a sandbox is named.
pub fn sandbox(text: &str) -> Result<(), Invalid> {
    let good = pinned(text).is_ok() && text.len() <= 64 && !text.starts_with(PROCESS);
    let good = good && !text.starts_with('-') && !text.contains(' ');
    if good { Ok(()) } else { Err("1 to 64 bytes without '/' or spaces, and not begin with '-' or 'pid:'".into()) }
}

/// Checks a name that somebody else may have given a namespace: a file name without control characters.
pub fn pinned(text: &str) -> Result<(), Invalid> {
    let good = (1..=255).contains(&text.len())
        && !matches!(text, "." | "..")
        && !text.chars().any(|c| c == '/' || c.is_control());
    if good { Ok(()) } else { Err("a file name: 1 to 255 bytes without '/'".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sandbox_names_hold_nothing_that_a_terminal_obeys() {
        for good in ["web", "ü", "a:b", "_"] {
            assert!(sandbox(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "-x", "a/b", "a b", "a\n", "\u{1b}[2J", "\u{9b}31m", "\u{7f}"] {
            assert!(sandbox(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn network_names_are_file_names_too() {
        for good in ["bridge", "a", "my_net-1.x", "9"] {
            assert!(network(good).is_ok(), "{good}");
        }
        for bad in ["", ".hidden", "-x", "a/b", "a b", "ü", "../x"] {
            assert!(network(bad).is_err(), "{bad:?}");
        }
        assert!(network(&"a".repeat(65)).is_err());
    }

    #[test]
    fn sandbox_names_are_not_read_as_something_else() {
        for good in ["a", "web-1", "ü", "pid", "5", "x:pid:5", &"a".repeat(64)] {
            assert!(sandbox(good).is_ok(), "{good}");
        }
        for bad in
            ["", ".", "..", "-x", "a/b", "a b", "pid:", "pid:5", "a\u{1b}", "a\u{9b}", "a\u{7f}", &"a".repeat(65)]
        {
            assert!(sandbox(bad).is_err(), "{bad:?}");
        }
        // What others make can be removed.
        for theirs in ["pid:5", "a b", "-x", &"a".repeat(255)] {
            assert!(pinned(theirs).is_ok(), "{theirs}");
        }
        assert!(pinned("a/b").is_err() && pinned("..").is_err());
    }
}
