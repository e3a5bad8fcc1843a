//! Undoing: every step that changes something notes its inverse; an error carries the inverses out, last first.
//!
//! The inverse is noted before the request where it can be, and says what is known then: of a request whose answer is lost nobody
//! knows whether it was carried out.

use std::net::IpAddr;

use crate::error::{Doing, Error, Result};
use crate::kernel::nftables::Element;
use crate::kernel::{Link, Rtnl, Selector};
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
    /// Delete the bridge that was asked for under a name that was free: it has the MAC address that it was to have.
    DeleteBridge {
        /// Its name.
        name: String,
        /// The MAC address, if one was asked for.
        mac: Option<[u8; 6]>,
    },
    /// Withdraw the ports of a device: the elements that still lead where they did, and then the record, which leads to them.
    WithdrawPorts {
        /// The device.
        device: String,
        /// The elements.
        elements: Vec<Element>,
    },
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
        Err(Error::undo(cause, left))
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
        Step::DeleteBridge { name, mac } => {
            let link = rtnl.link(Selector::Name(&name)).doing("look up interface", &name)?;
            let is_ours = |link: &Link| link.is("bridge") && mac.is_none_or(|mac| link.address == mac);
            let Some(link) = link.filter(is_ours) else { return Ok(()) };
            rtnl.delete_link(Selector::Index(link.index)).map(drop).doing("delete bridge", &name)
        }
        Step::WithdrawPorts { device, elements } => {
            let nftables = rtnl.nftables_if_any();
            let deleted = nftables.and_then(|nftables| nftables.map_or(Ok(()), |mut it| it.delete_if_same(&elements)));
            deleted.doing("withdraw ports from", "the firewall")?;
            store.remove(Kind::Ports, &device)
        }
    }
}
