//! The names of networks and sandboxes: file names, both of them.

use super::Invalid;

/// Checks the name of a network: a letter or digit, then letters, digits, `_`, `.` and `-`; at most 64 in all.
pub fn network(text: &str) -> Result<(), Invalid> {
    let good = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if good { Ok(()) } else { Err("1 to 64 letters, digits, '_', '.' or '-', and begin with a letter or digit".into()) }
}

/// Checks the name of a sandbox: a file name of at most 64 bytes.
pub fn sandbox(text: &str) -> Result<(), Invalid> {
    let good = (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && !matches!(text, "." | "..")
        && !text.chars().any(|c| matches!(c, '/' | ' ') || c.is_control());
    if good { Ok(()) } else { Err("1 to 64 bytes without '/', spaces or control characters".into()) }
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
}
