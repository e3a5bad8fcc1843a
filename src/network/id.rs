//! Ids: 64 hex digits, as Docker's.
//!
//! A network's is random and recorded. A sandbox's and an endpoint's are derived from what the kernel knows of them, so that
//! there is nothing to store and nothing to lose.

use crate::error::{Doing, Result};
use crate::prelude::*;
use crate::sys::random;

/// A new random id.
pub fn random() -> Result<Text> {
    let mut bytes = [0; 32];
    random::fill(&mut bytes).doing("get", &"random bytes")?;
    Ok(hex(&bytes))
}

/// The id of the thing that `parts` tell apart from all others of its kind: always the same for the same parts.
#[must_use]
pub fn derived(parts: &[Text]) -> Text {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    let mut stir = |bytes: &[u8]| {
        for byte in bytes {
            state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for part in parts {
        // The length in front keeps ("ab", "c") and ("a", "bc") apart.
        stir(&part.len().to_le_bytes());
        stir(part.as_bytes());
    }
    let mut id = String::new();
    for _ in 0..4 {
        // SplitMix64 spreads the 64 bits over all digits.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        id.push_str(hex(&(word ^ (word >> 31)).to_be_bytes()));
    }
    id.keep()
}

/// The first twelve digits: what Docker shows where the whole id is too long.
#[must_use]
pub fn short(id: Text) -> Text {
    id.get(..12).unwrap_or(id)
}

/// Whether `text` is a whole id.
#[must_use]
pub fn is_id(text: Text) -> bool {
    text.len() == 64 && is_prefix(text)
}

/// Whether `text` could be the beginning of an id.
#[must_use]
pub fn is_prefix(text: Text) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn hex(bytes: &[u8]) -> Text {
    let mut text = String::new();
    for byte in bytes {
        text.push_str(text!("{byte:02x}"));
    }
    text.keep()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_64_digits_and_differ() {
        let (a, b) = (random().unwrap(), random().unwrap());
        assert!(is_id(a) && is_id(b) && a != b);
        assert!(is_id(derived(&["a", "b"])));
        assert_eq!(derived(&["a", "b"]), derived(&["a", "b"]));
        assert_ne!(derived(&["ab", "c"]), derived(&["a", "bc"]));
        assert_eq!(short(a).len(), 12);
    }
}
