//! How the value of an attribute is printed.

use alloc::string::String;
use core::fmt;

use super::table::Shape;
use crate::bytes;

/// Of more bytes than these, or of none, only how many they are is said.
const MOST_BYTES: usize = 32;

/// Prints `value` as what `shape` says; bytes in hexadecimal where its length is not such a value's.
pub(super) fn write(f: &mut fmt::Formatter<'_>, shape: Shape, value: &[u8]) -> fmt::Result {
    match shape {
        Shape::Text => return text(f, value),
        Shape::Number => {
            if let Some(number) = number(value, cfg!(target_endian = "big")) {
                return write!(f, "{number}");
            }
        }
        Shape::Big => {
            if let Some(number) = number(value, true) {
                return write!(f, "{number}");
            }
        }
        Shape::Flags => {
            if let Some(number) = number(value, cfg!(target_endian = "big")) {
                return write!(f, "{number:#x}");
            }
        }
        Shape::BigFlags => {
            if let Some(number) = number(value, true) {
                return write!(f, "{number:#x}");
            }
        }
        Shape::Signed => {
            if let Ok(value) = value.try_into() {
                return write!(f, "{}", i32::from_ne_bytes(value));
            }
        }
        Shape::BigSigned => {
            if let Ok(value) = value.try_into() {
                return write!(f, "{}", i32::from_be_bytes(value));
            }
        }
        Shape::Ip => {
            if let Some(ip) = bytes::ip(value) {
                return write!(f, "{ip}");
            }
        }
        Shape::Mac if (1..=MOST_BYTES).contains(&value.len()) => return hexadecimal(f, value, ":"),
        Shape::Mac | Shape::Bytes | Shape::Nest(_) | Shape::Choice(_) => {}
    }
    if (1..=MOST_BYTES).contains(&value.len()) {
        hexadecimal(f, value, "")
    } else {
        write!(f, "({} bytes)", value.len())
    }
}

/// Prints text up to the first NUL, quoted when there is nothing in it or something that could be taken for what stands
/// around it.
pub(super) fn text(f: &mut fmt::Formatter<'_>, value: &[u8]) -> fmt::Result {
    let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '{' | '}' | '\\');
    if !text.is_empty() && text.chars().all(plain) { f.write_str(&text) } else { write!(f, "{text:?}") }
}

/// Whether something unknown looks like text: printable, and with a NUL at its end.
pub(super) fn is_text(value: &[u8]) -> bool {
    let printable = |byte: &u8| *byte == b' ' || byte.is_ascii_graphic();
    matches!(value, [text @ .., 0] if !text.is_empty() && text.iter().all(printable))
}

/// An integer of one, two, four or eight bytes.
fn number(value: &[u8], big: bool) -> Option<u64> {
    if !matches!(value.len(), 1 | 2 | 4 | 8) {
        return None;
    }
    let add = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    Some(if big { value.iter().fold(0, add) } else { value.iter().rev().fold(0, add) })
}

fn hexadecimal(f: &mut fmt::Formatter<'_>, value: &[u8], between: &str) -> fmt::Result {
    for (position, byte) in value.iter().enumerate() {
        write!(f, "{}{byte:02x}", if position == 0 { "" } else { between })?;
    }
    Ok(())
}
