//! The firewall: transactions, elements of our own table, tracked connections.

use pontoon_netlink::Request;
use pontoon_netlink::netfilter::conntrack::{self, Connection};
use pontoon_netlink::netfilter::element::{self, Elements, Of};
use pontoon_netlink::netfilter::table::{self, Table};

use super::ruleset::TABLE;
use super::{Errno, Refusal, Rtnl};
use crate::sys::socket::{Family, Socket};

/// nfnetlink in the namespace that this process is in.
#[derive(Debug)]
pub struct Firewall {
    pub(super) socket: Socket,
}

/// An element of a set or map: `NFPROTO_…`, the set, the key and, of a map, the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `NFPROTO_…`.
    pub family: u8,
    /// The set or map.
    pub set: &'static str,
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
        Ok(Firewall { socket: Socket::open(Family::Netfilter, self.socket.is_verbose())? })
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
    pub fn data(&mut self, entry: &Entry) -> Result<Option<Vec<u8>>, Refusal> {
        let first = |message: &pontoon_netlink::Message<'_>| Elements::parse(message)?.next().map(|e| e.data.to_vec());
        absent(self.socket.get(&element::get(&entry.of(), &entry.key), &first))
    }

    /// The elements of another set whose key ends as that of `entry`; none where that set is not there.
    pub fn ending_as(&mut self, entry: &Entry, set: &'static str) -> Result<Vec<Entry>, Refusal> {
        let of = Of { set, ..entry.of() };
        let read = |message: &pontoon_netlink::Message<'_>| {
            let elements = Elements::parse(message)?;
            Some(elements.filter(|e| e.key.ends_with(&entry.key)).map(|e| e.key.to_vec()).collect::<Vec<_>>())
        };
        let keys = absent(self.socket.dump(&element::dump(&of), &read).map(Some))?.unwrap_or_default();
        Ok(keys.into_iter().flatten().map(|key| Entry { set, key, data: Vec::new(), ..entry.clone() }).collect())
    }

    /// Whether our table of a family is there.
    pub fn has_table(&mut self, family: u8) -> Result<bool, Refusal> {
        Ok(absent(self.socket.get(&table::get(family, TABLE), &Table::parse))?.is_some())
    }

    /// The tracked connections of a family.
    pub fn connections(&mut self, family: u8) -> Result<Vec<Connection>, Refusal> {
        self.socket.dump(&conntrack::dump(family, 0), &Connection::parse)
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
