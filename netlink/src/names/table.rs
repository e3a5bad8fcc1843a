//! What a table of names is made of.
//!
//! The tables stand in [`super::route`] and [`super::netfilter`]; what is done with them, in [`super`].

use crate::attr::{Attr, Attrs};

/// Messages about one kind of object.
pub(super) struct Object {
    /// Their types, and the names of these.
    pub messages: &'static [(u16, &'static str)],
    /// What follows their header.
    pub content: &'static Content,
}

/// What a message or a nest holds: a struct, perhaps, then attributes.
pub(super) struct Content {
    /// Length of the struct in bytes.
    pub head: usize,
    /// What is worth naming of the struct.
    pub fields: &'static [Field],
    /// The attributes.
    pub attributes: &'static [Attribute],
    /// Said of an attribute behind its name, where the name alone could be another's: ` of the peer`.
    pub whose: &'static str,
}

impl Content {
    /// Attributes only.
    pub const fn of(attributes: &'static [Attribute]) -> Self {
        Self { head: 0, fields: &[], attributes, whose: "" }
    }

    /// The attribute of type `kind`.
    pub fn find(&self, kind: u16) -> Option<&'static Attribute> {
        self.attributes.iter().find(|known| known.kind == kind)
    }

    /// What `attr` holds, one of `list`, when it is known to be a nest.
    pub fn inside(&self, attr: &Attr<'_>, list: &Attrs<'_>) -> Option<&'static Content> {
        match self.find(attr.kind)?.shape {
            Shape::Nest(content) => Some(content),
            Shape::Choice(choice) => {
                let text = list.text(choice.by)?;
                choice.contents.iter().find(|(name, _)| *name == text).map(|(_, content)| *content)
            }
            _ => None,
        }
    }
}

/// A field of a struct.
pub(super) struct Field {
    /// The kernel's name.
    pub name: &'static str,
    /// Where it starts, in bytes.
    pub at: usize,
    /// Its length in bytes.
    pub len: usize,
    /// What it holds.
    pub shape: Shape,
}

impl Field {
    /// A number in native order.
    pub const fn number(name: &'static str, at: usize, len: usize) -> Self {
        Self { name, at, len, shape: Shape::Number }
    }

    /// 32 bits of flags in native order.
    pub const fn flags(name: &'static str, at: usize) -> Self {
        Self { name, at, len: 4, shape: Shape::Flags }
    }
}

/// An attribute.
pub(super) struct Attribute {
    /// Its type.
    pub kind: u16,
    /// The kernel's name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
}

/// What a value is.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    /// Text, with or without a NUL.
    Text,
    /// A number without sign in native order.
    Number,
    /// 32 bits with sign in native order.
    Signed,
    /// Bits in native order.
    Flags,
    /// A number without sign in network order.
    Big,
    /// 32 bits with sign in network order.
    BigSigned,
    /// Bits in network order.
    BigFlags,
    /// An IP address.
    Ip,
    /// A hardware address.
    Mac,
    /// Bytes of any kind.
    Bytes,
    /// Attributes.
    Nest(&'static Content),
    /// Attributes; which, says a text beside it.
    Choice(&'static Choice),
}

/// What a nest holds, by a text beside it.
pub(super) struct Choice {
    /// Type of the attribute with that text.
    pub by: u16,
    /// What holds for which text.
    pub contents: &'static [(&'static str, &'static Content)],
}

/// Rows of `room::KIND => shape`; the name is that of the constant.
macro_rules! attributes {
    ($($room:ident::$kind:ident => $shape:expr,)*) => {
        &[$($crate::names::table::Attribute { kind: $room::$kind, name: stringify!($kind), shape: $shape }),*]
    };
}

/// The types `of(room::NAME)`; the name is that of the constant.
macro_rules! messages {
    ($of:ident: $($room:ident::$name:ident),*) => {
        &[$(($of($room::$name), stringify!($name))),*]
    };
}

pub(super) use {attributes, messages};
