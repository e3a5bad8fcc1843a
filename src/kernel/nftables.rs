//! `nf_tables`: transactions, elements of sets and maps, tables and chains; of any table, whoever's it is.

use std::borrow::Borrow;

use pontoon_netlink::netfilter::NFPROTO_UNSPEC;
use pontoon_netlink::netfilter::chain;
use pontoon_netlink::netfilter::element::{self, Elements, Of};
use pontoon_netlink::netfilter::rule::{self, Rule};
use pontoon_netlink::netfilter::table::{self, NFT_TABLE_F_DORMANT, Table};
use pontoon_netlink::{Message, Request};

use super::client::{Client, absent};
use super::rtnl::Rtnl;
use crate::error::{Errno, Refusal, Stage};
use crate::sys::netlink::Protocol;
use crate::types::family::Family;

pub use pontoon_netlink::netfilter::chain::Chain;
pub use pontoon_netlink::netfilter::chain::NF_INET_FORWARD;
pub use pontoon_netlink::netfilter::element::{concatenate, ifname, interval};
pub use pontoon_netlink::netfilter::{NF_DROP, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6};

/// How many elements are put into one request: a list has at most 64 KiB, an element of ours takes less than a hundred bytes.
const LIST_LEN: usize = 500;

/// nfnetlink in the namespace that this process is in.
#[derive(Debug)]
pub struct Nftables {
    pub(super) client: Client,
}

/// An element of a set or map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The family of its table.
    pub family: Family,
    /// The table.
    pub table: &'static str,
    /// The set or map.
    pub set: &'static str,
    /// The key, as it lies in registers.
    pub key: Vec<u8>,
    /// What a map gives for it; empty in a set.
    pub data: Vec<u8>,
    /// The key is the first behind an interval.
    pub interval_end: bool,
}

/// The number of a family in `nf_tables`: `NFPROTO_…`.
#[must_use]
pub fn protocol(family: Family) -> u8 {
    match family {
        Family::V4 => NFPROTO_IPV4,
        Family::V6 => NFPROTO_IPV6,
    }
}

impl Element {
    fn of(&self) -> Of<'static> {
        Of { family: protocol(self.family), table: self.table, set: self.set }
    }

    fn element(&self) -> element::Element<'_> {
        element::Element { key: &self.key, data: &self.data, interval_end: self.interval_end }
    }

    /// The request that adds it; what is there already with the same data stays.
    #[must_use]
    pub fn add(&self) -> Request {
        element::add(&self.of(), &[self.element()])
    }
}

/// The requests that add elements, many in each; `EEXIST` when a key is there.
#[must_use]
pub fn create_all(elements: &[Element]) -> Vec<Request> {
    in_lists(elements, element::create)
}

/// The requests that add elements, many in each; what is there already with the same data stays.
#[must_use]
pub fn add_all(elements: &[Element]) -> Vec<Request> {
    in_lists(elements, element::add)
}

/// The requests that remove elements, many in each.
fn delete_all(elements: &[&Element]) -> Vec<Request> {
    let delete = |of: &Of<'_>, list: &[element::Element<'_>]| {
        let keys: Vec<_> = list.iter().map(|element| element::Element { data: &[], ..*element }).collect();
        element::delete(of, &keys)
    };
    in_lists(elements, delete)
}

/// Lists of elements that follow one another in one set, each as a request.
fn in_lists<E: Borrow<Element>>(
    elements: &[E],
    request: impl Fn(&Of<'_>, &[element::Element<'_>]) -> Request,
) -> Vec<Request> {
    let mut requests = Vec::new();
    for of_one_set in elements.chunk_by(|a, b| a.borrow().of() == b.borrow().of()) {
        for list in of_one_set.chunks(LIST_LEN) {
            let Some(first) = list.first() else { continue };
            let list: Vec<_> = list.iter().map(|element| element.borrow().element()).collect();
            requests.push(request(&first.borrow().of(), &list));
        }
    }
    requests
}

impl Rtnl {
    /// The firewall of the namespace that this process is in.
    pub fn nftables(&self) -> Result<Nftables, Refusal> {
        let client = Client::open(Protocol::Netfilter, self.client.report());
        Ok(Nftables { client: client.map_err(|errno| Refusal::at(Stage::Open, errno))? })
    }

    /// As [`Rtnl::nftables`]; none on a kernel without, where there is nothing to look up or to take away.
    pub fn nftables_if_any(&self) -> Result<Option<Nftables>, Refusal> {
        match self.nftables() {
            Err(refusal) if refusal.errno == Errno::PROTONOSUPPORT => Ok(None),
            result => result.map(Some),
        }
    }
}

impl Nftables {
    /// Carries out changes as one transaction, all or nothing.
    pub fn transact(&mut self, changes: &[Request]) -> Result<(), Refusal> {
        if changes.is_empty() {
            return Ok(());
        }
        self.client.transact(changes).map_err(|(_, refusal)| refusal)
    }

    /// Deletes those elements that are there and have the data that we think; the others are somebody else's by now.
    pub fn delete_if_same(&mut self, elements: &[Element]) -> Result<(), Refusal> {
        let mut same = Vec::new();
        for element in elements {
            if self.data(element)?.as_ref() == Some(&element.data) {
                same.push(element);
            }
        }
        self.transact(&delete_all(&same))
    }

    /// Whether the sets have these elements.
    pub fn have(&mut self, elements: &[Element]) -> Result<bool, Refusal> {
        let requests: Vec<_> = elements.iter().map(|element| element::get(&element.of(), &element.key)).collect();
        let first = |message: &Message<'_>| Elements::parse(message)?.next().map(drop);
        Ok(self.client.get_each(&requests, &first)?.iter().all(Option::is_some))
    }

    /// What the map gives for the key of `element`; empty data for a set; none when it, its set or the table is not there.
    pub fn data(&mut self, element: &Element) -> Result<Option<Vec<u8>>, Refusal> {
        let first = |message: &Message<'_>| Elements::parse(message)?.next().map(|found| found.data.to_vec());
        absent(Errno::NOENT, self.client.get(&element::get(&element.of(), &element.key), &first))
    }

    /// The elements of another set of the same table whose key ends as that of `element`; none where that set is not there.
    pub fn ending_as(&mut self, element: &Element, set: &'static str) -> Result<Vec<Element>, Refusal> {
        let of = Of { set, ..element.of() };
        let keys = |message: &Message<'_>| {
            let elements = Elements::parse(message)?;
            Some(elements.filter(|e| e.key.ends_with(&element.key)).map(|e| e.key.to_vec()).collect::<Vec<_>>())
        };
        let found = absent(Errno::NOENT, self.client.dump(&element::dump(&of), &keys).map(Some))?.unwrap_or_default();
        let with_key = |key| Element { set, key, data: Vec::new(), ..element.clone() };
        Ok(found.into_iter().flatten().map(with_key).collect())
    }

    /// The elements of the set or map that `of` names, but for their data; none where it is not there.
    pub fn elements_of(&mut self, of: &Element) -> Result<Vec<Element>, Refusal> {
        let each = |message: &Message<'_>| {
            let elements = Elements::parse(message)?;
            Some(elements.map(|e| (e.key.to_vec(), e.interval_end)).collect::<Vec<_>>())
        };
        let found = absent(Errno::NOENT, self.client.dump(&element::dump(&of.of()), &each).map(Some))?;
        let element = |(key, interval_end)| Element { key, interval_end, data: Vec::new(), ..of.clone() };
        Ok(found.unwrap_or_default().into_iter().flatten().map(element).collect())
    }

    /// The rules of a table, chain by chain in their order: the chain, and what its maker noted of it.
    pub fn stamps(&mut self, family: Family, name: &str) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
        let of_table = |message: &Message<'_>| Rule::parse(message).filter(|rule| rule.table == name);
        let rules = self.client.dump(&rule::dump(protocol(family), name), &of_table)?;
        Ok(rules.into_iter().map(|rule| (rule.chain, rule.user_data)).collect())
    }

    /// Whether a table is there.
    pub fn has_table(&mut self, family: Family, name: &str) -> Result<bool, Refusal> {
        Ok(absent(Errno::NOENT, self.client.get(&table::get(protocol(family), name), &Table::parse))?.is_some())
    }

    /// The chains of all tables of all families.
    pub fn chains(&mut self) -> Result<Vec<Chain>, Refusal> {
        self.client.dump(&chain::dump(NFPROTO_UNSPEC), &Chain::parse)
    }

    /// Whether the chains of a table see no packets; `family` is `NFPROTO_…`.
    pub fn is_dormant(&mut self, family: u8, name: &str) -> bool {
        let table = self.client.get(&table::get(family, name), &Table::parse);
        matches!(table, Ok(Some(table)) if table.flags & NFT_TABLE_F_DORMANT != 0)
    }
}
