//! An independent and strict reader of requests, and the differences between two of them.
//!
//! It shares no code with the crate under test, and panics where that one is lenient.

use std::collections::BTreeMap;

pub type Attributes = BTreeMap<u16, Value>;

#[derive(Debug, PartialEq)]
pub enum Value {
    Plain(Vec<u8>),
    Nest { flagged: bool, head: Vec<u8>, inside: Attributes },
}

#[derive(Debug)]
pub struct Message {
    pub kind: u16,
    pub flags: u16,
    pub body: Vec<u8>,
    pub attributes: Attributes,
}

fn u16_at(bytes: &[u8], at: usize) -> usize {
    usize::from(u16::from_ne_bytes([bytes[at], bytes[at + 1]]))
}

/// Length of the struct behind the header, by message type.
fn body_len(kind: u16) -> usize {
    match kind {
        16..=18 => 16,
        20..=22 => 8,
        24..=26 | 28..=30 => 12,
        // One byte, padded.
        88..=90 => 4,
        other => panic!("no struct known for message type {other}"),
    }
}

/// Whether the attribute at `path` of a link message is a nest, and the length of the struct at its start.
fn nest_head(path: &[u16]) -> Option<usize> {
    match path {
        [18] | [18, 2 | 5] => Some(0),
        [18, 2, 1] => Some(16),
        _ => None,
    }
}

/// Reads exactly one message.
pub fn message(bytes: &[u8]) -> Message {
    let len = u32::from_ne_bytes(bytes[..4].try_into().unwrap());
    assert_eq!(usize::try_from(len).unwrap(), bytes.len(), "the header's length");
    let kind = u16::try_from(u16_at(bytes, 4)).unwrap();
    let start = 16 + body_len(kind);
    Message {
        kind,
        flags: u16::try_from(u16_at(bytes, 6)).unwrap(),
        body: bytes[16..start].to_vec(),
        attributes: attributes(&bytes[start..], &mut Vec::new(), (16..=18).contains(&kind)),
    }
}

fn attributes(mut bytes: &[u8], path: &mut Vec<u16>, link: bool) -> Attributes {
    let mut out = Attributes::new();
    while !bytes.is_empty() {
        let (len, kind) = (u16_at(bytes, 0), u16::try_from(u16_at(bytes, 2)).unwrap());
        assert!(len >= 4, "attribute of length {len} in {path:?}");
        let padded = len.next_multiple_of(4);
        assert!(bytes[len..padded.min(bytes.len())].iter().all(|b| *b == 0), "padding in {path:?}");
        let value = &bytes[4..len];
        path.push(kind & 0x3fff);
        let value = match nest_head(path).filter(|_| link) {
            Some(head) => Value::Nest {
                flagged: kind & 0x8000 != 0,
                head: value[..head].to_vec(),
                inside: attributes(&value[head..], path, link),
            },
            None => Value::Plain(value.to_vec()),
        };
        path.pop();
        assert!(out.insert(kind & 0x3fff, value).is_none(), "attribute {kind} twice in {path:?}");
        bytes = &bytes[padded.min(bytes.len())..];
    }
    out
}

/// Every difference as one line: `what: theirs > ours`.
pub fn differences(theirs: &Message, ours: &Message) -> Vec<String> {
    let mut out = Vec::new();
    if theirs.kind != ours.kind {
        out.push(format!("type: {} > {}", theirs.kind, ours.kind));
    }
    if theirs.flags != ours.flags {
        out.push(format!("flags: {:#x} > {:#x}", theirs.flags, ours.flags));
    }
    body("body", &theirs.body, &ours.body, &mut out);
    compare("", &theirs.attributes, &ours.attributes, &mut out);
    out
}

fn body(name: &str, theirs: &[u8], ours: &[u8], out: &mut Vec<String>) {
    assert_eq!(theirs.len(), ours.len());
    for (at, (a, b)) in theirs.iter().zip(ours).enumerate() {
        if a != b {
            out.push(format!("{name}[{at}]: {a} > {b}"));
        }
    }
}

fn compare(path: &str, theirs: &Attributes, ours: &Attributes, out: &mut Vec<String>) {
    let kinds: std::collections::BTreeSet<u16> = theirs.keys().chain(ours.keys()).copied().collect();
    for kind in kinds {
        let name = format!("{path}{kind}");
        match (theirs.get(&kind), ours.get(&kind)) {
            (
                Some(Value::Nest { flagged: flag_a, head: head_a, inside: in_a }),
                Some(Value::Nest { flagged: flag_b, head: head_b, inside: in_b }),
            ) => {
                if flag_a != flag_b {
                    out.push(format!("{name} NLA_F_NESTED: {flag_a} > {flag_b}"));
                }
                body(&name, head_a, head_b, out);
                compare(&format!("{name}."), in_a, in_b, out);
            }
            (a, b) if a == b => {}
            (a, b) => out.push(format!("{name}: {} > {}", show(a), show(b))),
        }
    }
}

fn show(value: Option<&Value>) -> String {
    match value {
        None => "absent".to_owned(),
        Some(Value::Nest { .. }) => "a nest".to_owned(),
        Some(Value::Plain(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_empty() && text.chars().all(|c| (' '..='~').contains(&c)) => format!("{text:?}"),
            _ => bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().concat(),
        },
    }
}
