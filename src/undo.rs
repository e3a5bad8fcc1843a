//! Undoing: every step that changes something notes its inverse; an error carries the inverses out, last first.

use std::net::IpAddr;

use crate::error::{Doing, Error, Result};
use crate::kernel::nftables::Element;
use crate::kernel::{Rtnl, Selector};
use crate::store::{Kind, Store};

/// One inverse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Delete the link with this index.
    DeleteLink(u32),
    /// Take an address from the link with this index.
    DeleteAddress {
        /// The link.
        index: u32,
        /// The address.
        address: IpAddr,
        /// The length of its prefix.
        prefix_len: u8,
    },
    /// Remove a record.
    RemoveRecord(Kind, String),
    /// Delete elements of the firewall's sets and maps, those that still lead where they did.
    DeleteElements(Vec<Element>),
}

/// The inverses of what has been done so far.
#[derive(Debug, Default)]
pub struct Undo {
    steps: Vec<Step>,
}

impl Undo {
    /// Notes the inverse of the step that is about to be done, or was just done.
    pub fn note(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Gives `result` back; on an error undoes everything first. Goes on where undoing fails, and reports that too.
    pub fn settle<T>(self, result: Result<T>, rtnl: &mut Rtnl, store: &Store) -> Result<T> {
        let cause = match result {
            Ok(value) => return Ok(value),
            Err(cause) => cause,
        };
        let failed = |step: Step| carry_out(step, rtnl, store).err();
        let left: Vec<Box<Error>> = self.steps.into_iter().rev().filter_map(failed).collect();
        if left.is_empty() { Err(cause) } else { Err(Error::Undo { cause, left }.into()) }
    }
}

fn carry_out(step: Step, rtnl: &mut Rtnl, store: &Store) -> Result<()> {
    match step {
        Step::DeleteLink(index) => {
            rtnl.delete_link(Selector::Index(index)).map(drop).doing("delete", format_args!("interface {index}"))
        }
        Step::DeleteAddress { index, address, prefix_len } => {
            rtnl.delete_address(index, address, prefix_len).doing("remove address", address)
        }
        Step::RemoveRecord(kind, name) => store.remove(kind, &name),
        Step::DeleteElements(elements) => {
            let deleted = rtnl.nftables().and_then(|mut nftables| nftables.delete_if_same(&elements));
            deleted.doing("withdraw ports from", "the firewall")
        }
    }
}
