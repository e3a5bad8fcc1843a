//! The firewall: transactions, elements of our own table, tracked connections.

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::conntrack::{self, Connection};
use pontoon_netlink::netfilter::element::{self, Elements, Of};
use pontoon_netlink::netfilter::table::{self, Table};

use super::ruleset::TABLE;
use super::{Errno, Message, Refusal, Rtnl, kept};
use crate::prelude::*;
use crate::sys::socket::{Family, Socket};

/// nfnetlink in the namespace that this process is in.
#[derive(Debug)]
pub struct Firewall {
    // Boxed as in `Rtnl`.
    pub(super) socket: Box<Socket>,
}

/// An element of a set or map: `NFPROTO_…`, the set, the key and, of a map, the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `NFPROTO_…`.
    pub family: u8,
    /// The set or map.
    pub set: Text,
    /// The key, as it lies in registers.
    pub key: Vec<u8>,
    /// What a map gives for it; empty in a set.
    pub data: Vec<u8>,
    /// The key is the first behind an interval.
    pub interval_end: bool,
}

impl Rtnl {
    /// The firewall of the namespace that this process is in.
    pub fn firewall(&self) -> Result<Firewall, Errno> {
        Ok(Firewall { socket: Box::new(Socket::open(Family::Netfilter, self.socket.is_verbose())?) })
    }
}

impl Entry {
    fn of(&self) -> Of<'static> {
        Of { family: self.family, table: TABLE, set: self.set }
    }

    fn element(&self) -> element::Element<'_> {
        element::Element { key: &self.key, data: &self.data, interval_end: self.interval_end }
    }

    /// The request that adds it; `EEXIST` when the key is there.
    #[must_use]
    pub fn create(&self) -> Request {
        element::create(&self.of(), &[self.element()])
    }

    /// The request that adds it; what is there already with the same data stays.
    #[must_use]
    pub fn add(&self) -> Request {
        element::add(&self.of(), &[self.element()])
    }

    /// The request that removes it.
    #[must_use]
    pub fn delete(&self) -> Request {
        element::delete(&self.of(), &[element::Element { data: &[], ..self.element() }])
    }
}

impl Firewall {
    /// Carries out changes as one transaction, all or nothing. The position of what was refused is none for the whole.
    pub fn transact(&mut self, changes: &[Request]) -> Result<(), (Option<usize>, Refusal)> {
        if changes.is_empty() { Ok(()) } else { self.socket.transact(changes) }
    }

    /// What the map gives for the key of `entry`; empty data for a set; none when it, its set or the table is not there.
    pub fn data(&mut self, entry: &Entry) -> Result<Option<&'static [u8]>, Refusal> {
        let first = |message: &Message| Elements::parse(message)?.next().map(|element| element.data);
        absent(self.socket.get(&element::get(&entry.of(), &entry.key), &first))
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
    pub fn connections(&mut self, family: u8) -> Result<&'static [&'static Connection], Refusal> {
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
