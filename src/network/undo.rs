//! Undoing: every step that changes something notes its inverse; an error carries the inverses out, last first.

use super::definition::Network;
use crate::error::{Doing, Error, Failure, Result};
use crate::kernel::firewall::Entry;
use crate::kernel::{Rtnl, Selector};
use crate::store::{Kind, Store};

/// One inverse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Delete the link with this index.
    DeleteLink(u32),
    /// Take from the adopted bridge with this index what this network gave it.
    ReleaseBridge(Box<Network>, u32),
    /// Remove a record.
    RemoveRecord(Kind, String),
    /// Delete elements of the firewall's sets and maps.
    DeleteEntries(Vec<Entry>),
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
        let left: Vec<Error> = self.steps.into_iter().rev().filter_map(failed).collect();
        if left.is_empty() { Err(cause) } else { Err(Failure::Undo { cause, left }.into()) }
    }
}

fn carry_out(step: Step, rtnl: &mut Rtnl, store: &Store) -> Result<()> {
    match step {
        Step::DeleteLink(index) => {
            let object = format!("interface {index}");
            rtnl.delete_link(Selector::Index(index)).map(drop).doing("delete", &object)
        }
        Step::ReleaseBridge(network, index) => super::bridge::release(rtnl, &network, index),
        Step::RemoveRecord(kind, name) => store.remove(kind, &name),
        Step::DeleteEntries(entries) => {
            let mut firewall = rtnl.firewall().doing("open", &"a netfilter socket")?;
            super::publication::delete_entries(&mut firewall, &entries)
        }
    }
}
