//! Bytes in hexadecimal, as hardware addresses and ids are written.

/// Two digits for each byte, `separator` between them.
#[must_use]
pub fn bytes(bytes: &[u8], separator: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(separator)
}
