//! Ids: 64 hex digits, as Docker's.
//!
//! A network's is random and recorded. A sandbox's and an endpoint's are derived from what the kernel knows of them, so that
//! there is nothing to store and nothing to lose.

/// The id that these random bytes are.
#[must_use]
pub fn of_bytes(bytes: [u8; 32]) -> String {
    hex(&bytes)
}

/// The id of the thing that `parts` tell apart from all others of its kind: always the same for the same parts.
#[must_use]
pub fn derived(parts: &[&str]) -> String {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        // The length in front keeps ("ab", "c") and ("a", "bc") apart.
        for byte in part.len().to_le_bytes().iter().chain(part.as_bytes()) {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    let mut bytes = [0; 32];
    for chunk in bytes.chunks_mut(8) {
        // SplitMix64 spreads the 64 bits over all digits.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        for (to, from) in chunk.iter_mut().zip((word ^ (word >> 31)).to_be_bytes()) {
            *to = from;
        }
    }
    hex(&bytes)
}

/// The first twelve digits: what Docker shows where the whole id is too long.
#[must_use]
pub fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Whether `text` is a whole id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    text.len() == 64 && is_prefix(text)
}

/// Whether `text` could be the beginning of an id.
#[must_use]
pub fn is_prefix(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_64_digits_and_differ() {
        let (a, b) = (of_bytes([0x0f; 32]), of_bytes([0xa0; 32]));
        assert!(is_id(&a) && is_id(&b) && a != b);
        assert!(is_id(&derived(&["a", "b"])));
        assert_eq!(derived(&["a", "b"]), derived(&["a", "b"]));
        assert_ne!(derived(&["ab", "c"]), derived(&["a", "bc"]));
        assert_eq!(short(&a).len(), 12);
    }
}
