//! The kernel's names of messages and attributes, for errors and for a log.
//!
//! What belongs here: finding a name, and printing a message by names. The tables are below it, one file a protocol; what is
//! in none of them is printed by its number.
//!
//! A name of an error: the kernel points at an attribute of a request, and [`blamed`] says which one that is.
//!
//! ```
//! use pontoon_netlink::ack::Ack;
//! use pontoon_netlink::names::blamed;
//! use pontoon_netlink::route::link::{self, Change, Selector};
//!
//! let change = Change { mtu: Some(1), ..Change::default() };
//! let request = link::set(Selector::Index(7), &change).to_bytes(1).unwrap();
//! // The MTU is the first attribute: behind a header and a struct of sixteen bytes each.
//! let ack = Ack { errno: 22, offset: Some(32), ..Ack::default() };
//! assert_eq!(blamed(&request, &ack).as_deref(), Some("IFLA_MTU"));
//! ```
//!
//! A line of a log:
//!
//! ```
//! use pontoon_netlink::Messages;
//! use pontoon_netlink::names::{Protocol, describe};
//! use pontoon_netlink::route::link::{self, Change, Selector};
//!
//! let change = Change { mtu: Some(1400), alias: Some("to the cellar"), ..Change::default() };
//! let request = link::set(Selector::Name("eth0"), &change).to_bytes(1).unwrap();
//! let line: Vec<String> = Messages::new(&request).map(|m| describe(Protocol::Route, &m).to_string()).collect();
//! assert_eq!(line, [r#"RTM_NEWLINK IFLA_IFNAME=eth0 IFLA_MTU=1400 IFLA_IFALIAS="to the cellar""#]);
//! ```

mod netfilter;
mod route;
mod table;
mod value;

use alloc::format;
use alloc::string::String;
use core::fmt;

use self::table::{Content, Object, Shape};
use crate::ack::Ack;
use crate::attr::{self, Attrs};
use crate::bytes::{self, align};
use crate::message::{self, Message};

/// Whom a message is from or for; what the types of messages mean depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `NETLINK_ROUTE`.
    Route,
    /// `NETLINK_NETFILTER`.
    Netfilter,
}

impl Protocol {
    fn objects(self) -> &'static [Object] {
        match self {
            Self::Route => &route::OBJECTS,
            Self::Netfilter => &netfilter::OBJECTS,
        }
    }

    /// The name of a type of message, and what such messages hold.
    fn find(self, kind: u16) -> Option<(&'static str, &'static Content)> {
        self.objects().iter().find_map(|object| {
            let (_, name) = object.messages.iter().find(|(known, _)| *known == kind)?;
            Some((*name, object.content))
        })
    }
}

/// The name of a type of message: `RTM_…`, `NFT_MSG_…`, `IPCTNL_MSG_…`, `NFNL_MSG_…`, `NLMSG_…`; `None` when there is none.
///
/// ```
/// use pontoon_netlink::names::{Protocol, message_name};
///
/// assert_eq!(message_name(Protocol::Route, 16), Some("RTM_NEWLINK"));
/// assert_eq!(message_name(Protocol::Netfilter, 16), Some("NFNL_MSG_BATCH_BEGIN"));
/// assert_eq!(message_name(Protocol::Netfilter, 2), Some("NLMSG_ERROR"));
/// ```
#[must_use]
pub fn message_name(protocol: Protocol, kind: u16) -> Option<&'static str> {
    match kind {
        message::NLMSG_NOOP => Some("NLMSG_NOOP"),
        message::NLMSG_ERROR => Some("NLMSG_ERROR"),
        message::NLMSG_DONE => Some("NLMSG_DONE"),
        _ => protocol.find(kind).map(|(name, _)| name),
    }
}

/// The name of the attribute of `request` (a whole message, rtnetlink's or netfilter's) that `ack` complains about; its
/// number when it has no name here, and `None` when the kernel did not point at one.
#[must_use]
pub fn blamed(request: &[u8], ack: &Ack) -> Option<String> {
    let kind = bytes::u16_at(request, 4);
    // A subsystem of netfilter is in the upper byte.
    let protocol = if kind < 0x100 { Protocol::Route } else { Protocol::Netfilter };
    let content = protocol.find(kind).map(|(_, content)| content);
    let at = |offset: u32| {
        let start = message::HEADER_LEN;
        Pointed::at(request.get(start..)?, start, content?, usize::try_from(offset).ok()?)
    };
    let (kind, content) = match (ack.missing, ack.missing_nest) {
        (None, _) => {
            let pointed = at(ack.offset?)?;
            (pointed.kind, Some(pointed.beside))
        }
        (Some(missing), None) => (missing, content),
        (Some(missing), Some(nest)) => (missing, at(nest).and_then(|pointed| pointed.inside)),
    };
    let known = content.and_then(|content| Some((content.find(kind)?.name, content.whose)));
    Some(known.map_or_else(|| format!("attribute {kind}"), |(name, whose)| format!("{name}{whose}")))
}

/// An attribute that an offset points at.
struct Pointed {
    kind: u16,
    /// What it is one of.
    beside: &'static Content,
    /// What is in it.
    inside: Option<&'static Content>,
}

impl Pointed {
    /// The innermost attribute that byte `offset` lies in, when what is in `bytes` is `content` and `bytes` starts at `start`;
    /// where it is the first byte of an attribute, that one.
    fn at(bytes: &[u8], start: usize, content: &'static Content, offset: usize) -> Option<Self> {
        let mut found = None;
        let mut look = Some((bytes, start, content));
        while let Some((bytes, start, content)) = look.take() {
            let list = Attrs::after(bytes, content.head);
            let mut at = start.saturating_add(content.head);
            for attr in list.clone() {
                let value = at.saturating_add(attr::HEADER_LEN);
                let end = value.saturating_add(align(attr.value.len()));
                if (at..end).contains(&offset) {
                    let inside = content.inside(&attr, &list);
                    found = Some(Self { kind: attr.kind, beside: content, inside });
                    look = inside.filter(|_| offset > at).map(|inside| (attr.value, value, inside));
                    break;
                }
                at = end;
            }
        }
        found
    }
}

/// A message in one line: its type, its flags when it is a request, what is not zero of the struct behind its header, and its
/// attributes, all by the kernel's names.
///
/// Texts are quoted where they need it, addresses are written as such, flags and other bytes in hexadecimal, all else in
/// decimal. Of what is empty, or longer than 32 bytes and no text, only the length is said.
#[must_use]
pub fn describe<'a>(protocol: Protocol, message: &Message<'a>) -> Description<'a> {
    Description { protocol, message: *message }
}

/// What [`describe`] prints.
#[derive(Debug, Clone, Copy)]
pub struct Description<'a> {
    protocol: Protocol,
    message: Message<'a>,
}

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { protocol, message } = self;
        match message_name(*protocol, message.kind) {
            Some(name) => f.write_str(name)?,
            None => write!(f, "type {}", message.kind)?,
        }
        write_flags(f, message.flags)?;
        if let Some(ack) = Ack::parse(message) {
            return write_ack(f, &ack);
        }
        let Some((_, content)) = protocol.find(message.kind) else { return Ok(()) };
        let unknown = match protocol {
            Protocol::Route => Shape::Number,
            Protocol::Netfilter => Shape::Big,
        };
        write_content(f, content, message.payload, Place { before: " ", nests: 0, unknown })
    }
}

/// The flags that say what is asked for. What a reply's flags mean, its type says, but for one.
fn write_flags(f: &mut fmt::Formatter<'_>, flags: u16) -> fmt::Result {
    const DUMP: u16 = message::NLM_F_DUMP;
    let request: &[(u16, &str)] = match (flags & message::NLM_F_REQUEST != 0, flags & DUMP == DUMP) {
        (false, _) => &[(message::NLM_F_DUMP_INTR, "NLM_F_DUMP_INTR")],
        (true, true) => &[(DUMP, "NLM_F_DUMP")],
        (true, false) => &[
            (message::NLM_F_CREATE, "NLM_F_CREATE"),
            (message::NLM_F_EXCL, "NLM_F_EXCL"),
            (message::NLM_F_REPLACE, "NLM_F_REPLACE"),
            (message::NLM_F_APPEND, "NLM_F_APPEND"),
        ],
    };
    let mut before = " ";
    for (_, name) in request.iter().filter(|(bits, _)| flags & bits != 0) {
        write!(f, "{before}{name}")?;
        before = "|";
    }
    Ok(())
}

fn write_ack(f: &mut fmt::Formatter<'_>, ack: &Ack) -> fmt::Result {
    write!(f, " error={}", -ack.errno)?;
    if let Some(message) = &ack.message {
        f.write_str(" NLMSGERR_ATTR_MSG=")?;
        value::text(f, message.as_bytes())?;
    }
    let numbers = [("OFFS", ack.offset), ("MISS_TYPE", ack.missing.map(u32::from)), ("MISS_NEST", ack.missing_nest)];
    for (name, number) in numbers.iter().filter_map(|(name, number)| Some((name, (*number)?))) {
        write!(f, " NLMSGERR_ATTR_{name}={number}")?;
    }
    Ok(())
}

/// Where in a line a list is printed.
#[derive(Clone, Copy)]
struct Place {
    /// What stands before its first member.
    before: &'static str,
    /// How many nests it is in.
    nests: usize,
    /// How a number without a name is read.
    unknown: Shape,
}

/// Nobody nests deeper; what does is printed as bytes.
const MOST_NESTS: usize = 8;

fn write_content(f: &mut fmt::Formatter<'_>, content: &Content, bytes: &[u8], mut place: Place) -> fmt::Result {
    for field in content.fields {
        let field_bytes = bytes.get(field.at..field.at + field.len).unwrap_or_default();
        if field_bytes.iter().any(|byte| *byte != 0) {
            write!(f, "{}{}=", place.before, field.name)?;
            value::write(f, field.shape, field_bytes)?;
            place.before = " ";
        }
    }
    let list = Attrs::after(bytes, content.head);
    for attr in list.clone() {
        f.write_str(place.before)?;
        place.before = " ";
        let known = content.find(attr.kind);
        match known {
            Some(known) => f.write_str(known.name)?,
            None => write!(f, "{}", attr.kind)?,
        }
        match content.inside(&attr, &list).filter(|_| place.nests < MOST_NESTS) {
            Some(inside) => {
                f.write_str("{")?;
                write_content(f, inside, attr.value, Place { before: "", nests: place.nests + 1, ..place })?;
                f.write_str("}")?;
            }
            None => {
                f.write_str("=")?;
                let guess = if value::is_text(attr.value) { Shape::Text } else { place.unknown };
                value::write(f, known.map_or(guess, |known| known.shape), attr.value)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
