//! An independent and strict reader of netfilter's messages: one line an attribute, and the differences between two messages.
//!
//! It shares no code with the crate under test, and panics where that one is lenient. Nests are what carries `NLA_F_NESTED`,
//! which libnftnl and libmnl always set. A path is the types on the way; the second of a type is `TYPE[1]`, and so on.

use std::collections::BTreeMap;

#[derive(Debug)]
pub struct Message {
    pub kind: u16,
    pub flags: u16,
    pub body: Vec<u8>,
    /// Path to bytes; a nest without attributes is in it too, empty.
    pub attributes: BTreeMap<String, Vec<u8>>,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

/// Reads exactly one message. Of the lists at the paths in `lists`, the members' types do not count: all are written as 1.
/// Padding must be zero when `zeroed`; libmnl does not always see to it.
pub fn message(bytes: &[u8], lists: &[&str], zeroed: bool) -> Message {
    let len = u32::from_ne_bytes(bytes[..4].try_into().unwrap());
    assert_eq!(usize::try_from(len).unwrap(), bytes.len(), "the header's length");
    let mut attributes = BTreeMap::new();
    read(&bytes[20..], "", lists, zeroed, &mut attributes);
    Message { kind: u16_at(bytes, 4), flags: u16_at(bytes, 6), body: bytes[16..20].to_vec(), attributes }
}

fn read(mut bytes: &[u8], path: &str, lists: &[&str], zeroed: bool, out: &mut BTreeMap<String, Vec<u8>>) {
    let mut seen = BTreeMap::new();
    while !bytes.is_empty() {
        let (len, kind) = (usize::from(u16_at(bytes, 0)), u16_at(bytes, 2));
        assert!(len >= 4, "attribute of length {len} in {path:?}");
        let padded = len.next_multiple_of(4);
        assert!(!zeroed || bytes[len..padded].iter().all(|b| *b == 0), "padding in {path:?}");
        let number = if lists.contains(&path) { 1 } else { kind & 0x3fff };
        let times = seen.entry(number).and_modify(|times| *times += 1).or_insert(0);
        let dot = if path.is_empty() { "" } else { "." };
        let name = if *times == 0 { format!("{path}{dot}{number}") } else { format!("{path}{dot}{number}[{times}]") };
        let value = &bytes[4..len];
        if kind & 0x8000 != 0 {
            let before = out.len();
            read(value, &name, lists, zeroed, out);
            if out.len() == before {
                out.insert(name, Vec::new());
            }
        } else {
            out.insert(name, value.to_vec());
        }
        bytes = &bytes[padded..];
    }
}

/// Every difference as one line: `what: theirs > ours`.
pub fn differences(theirs: &Message, ours: &Message) -> Vec<String> {
    let mut out = Vec::new();
    if theirs.kind != ours.kind {
        out.push(format!("type: {:#x} > {:#x}", theirs.kind, ours.kind));
    }
    if theirs.flags != ours.flags {
        out.push(format!("flags: {:#x} > {:#x}", theirs.flags, ours.flags));
    }
    if theirs.body != ours.body {
        out.push(format!("body: {} > {}", show(Some(&theirs.body)), show(Some(&ours.body))));
    }
    let paths: std::collections::BTreeSet<&String> = theirs.attributes.keys().chain(ours.attributes.keys()).collect();
    for path in paths {
        let (a, b) = (theirs.attributes.get(path), ours.attributes.get(path));
        if a != b {
            out.push(format!("{path}: {} > {}", show(a), show(b)));
        }
    }
    out
}

fn show(value: Option<&Vec<u8>>) -> String {
    value.map_or("absent".to_owned(), |bytes| bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat())
}
