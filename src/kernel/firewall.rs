//! The firewall: transactions, elements of our own table, tracked connections.

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::conntrack::{self, Connection};
use pontoon_netlink::netfilter::element::{self, Elements, Of};
use pontoon_netlink::netfilter::table::{self, Table};

use super::ruleset::TABLE;
use super::{Errno, List, Message, Refusal, Rtnl, kept};
use crate::prelude::*;
use crate::sys::socket::{Family, Socket};

/// nfnetlink in the namespace that this process is in.
#[derive(Debug)]
pub struct Firewall {
    pub(super) socket: Box<Socket>,
}

/// An element of a set or map of our table. It stays, so that it is passed around as a pointer.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    of: Of<'static>,
    element: element::Element<'static>,
}

impl Rtnl {
    /// The firewall of the namespace that this process is in.
    pub fn firewall(&self) -> Result<Firewall, Errno> {
        Ok(Firewall { socket: Socket::open(Family::Netfilter, self.socket.is_verbose())? })
    }
}

impl Entry {
    /// `key` of `set`, as it lies in registers, and what a map gives for it: empty in a set.
    #[must_use]
    pub fn new(family: u8, set: Text, key: &'static [u8], data: &'static [u8]) -> &'static mut Self {
        let element = element::Element { key, data, interval_end: false };
        stay(Self { of: Of { family, table: TABLE, set }, element })
    }

    /// The first key behind an interval.
    #[must_use]
    pub fn behind(family: u8, set: Text, key: &'static [u8]) -> &'static Self {
        let entry = Self::new(family, set, key, &[]);
        entry.element.interval_end = true;
        entry
    }

    /// The set or map.
    #[must_use]
    pub fn set(&self) -> Text {
        self.of.set
    }

    /// What a map gives for it.
    #[must_use]
    pub fn data(&self) -> &'static [u8] {
        self.element.data
    }

    /// The request that adds it; `EEXIST` when the key is there.
    #[must_use]
    pub fn create(&self) -> Request {
        element::create(&self.of, core::slice::from_ref(&self.element))
    }

    /// The request that adds it; what is there already with the same data stays.
    #[must_use]
    pub fn add(&self) -> Request {
        element::add(&self.of, core::slice::from_ref(&self.element))
    }

    /// The request that removes it.
    #[must_use]
    pub fn delete(&self) -> Request {
        element::delete(&self.of, &[element::Element { data: &[], ..self.element }])
    }
}

impl Firewall {
    /// Carries out changes as one transaction, all or nothing.
    pub fn transact(&mut self, changes: &[Request]) -> Result<(), Refusal> {
        if changes.is_empty() { Ok(()) } else { self.socket.transact(changes) }
    }

    /// What the map gives for the key of `entry`; empty data for a set; none when it, its set or the table is not there.
    pub fn data(&mut self, entry: &Entry) -> Result<Option<&'static [u8]>, Refusal> {
        let first = |message: &Message| Elements::parse(message)?.next().map(|element| element.data);
        absent(self.socket.get(&element::get(&entry.of, entry.element.key), &first))
    }

    /// Adds to `found` what is in another set and has a key that ends as that of `entry`; nothing where that set is not there.
    pub fn find_ending(&mut self, entry: &Entry, set: Text, found: &mut Vec<&'static Entry>) -> Result<(), Refusal> {
        let family = entry.of.family;
        let dumped = self.socket.pass(&element::dump(&Of { family, table: TABLE, set }), &mut |message| {
            let Some(elements) = Elements::parse(message) else { return };
            for element in elements {
                if element.key.ends_with(entry.element.key) {
                    found.push(Entry::new(family, set, element.key.to_vec().leak(), &[]));
                }
            }
        });
        absent(dumped.map(Some)).map(drop)
    }

    /// Whether our table of a family is there.
    pub fn has_table(&mut self, family: u8) -> Result<bool, Refusal> {
        Ok(self.table_flags(family, TABLE)?.is_some())
    }

    /// `NFT_TABLE_F_…` of a table; none when it is not there.
    pub(super) fn table_flags(&mut self, family: u8, name: &str) -> Result<Option<u32>, Refusal> {
        absent(self.socket.get(&table::get(family, name), &|message| Some(Table::parse(message)?.flags)))
    }

    /// The tracked connections of a family.
    pub fn connections(&mut self, family: u8) -> Result<List<Connection>, Refusal> {
        self.socket.dump(&conntrack::dump(family, 0), &|message| kept(Connection::parse(message)))
    }

    /// Forgets a tracked connection; one that is gone is no error.
    pub fn forget(&mut self, connection: &Connection) -> Result<(), Refusal> {
        absent(self.socket.change(&conntrack::delete(connection)).map(Some)).map(drop)
    }
}

fn absent<T>(result: Result<Option<T>, Refusal>) -> Result<Option<T>, Refusal> {
    match result {
        Err(refusal) if refusal.errno == Errno::NOENT => Ok(None),
        result => result,
    }
}
