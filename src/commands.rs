//! The verbs, one a file: each reads as the recipe of its verb and prints the result.
//!
//! Their argument types live beside them; `cli` fills these from the command line.

pub mod brctl;
pub mod check;
pub mod ethtool;
pub mod gc;
pub mod inspect;
pub mod ip;
pub mod ip_netns;
pub mod network;
pub mod ping;
pub mod port;
pub mod probe;
pub mod sync;
pub mod trace;

use core::cell::Cell;

use crate::error::{Doing, Result};
use crate::json::Json;
use crate::kernel::Rtnl;
use crate::prelude::*;
use crate::store::Store;
use crate::sys::terminal;

/// What every verb is told besides its own arguments.
#[derive(Debug, Clone)]
pub struct Context {
    /// Results and errors as JSON.
    pub json: bool,
    /// Each netlink message on standard error.
    pub verbose: bool,
    /// Where the records are.
    pub state_dir: Text,
    /// The records while the verb holds them alone.
    held: Cell<Option<&'static Store>>,
}

impl Context {
    /// Results as text and nothing of netlink, unless something else is said.
    #[must_use]
    pub fn new(state_dir: Text) -> Self {
        Self { json: false, verbose: false, state_dir, held: Cell::new(None) }
    }

    /// The records, for looking only.
    pub fn look(&self) -> &'static Store {
        stay(Store::look(self.state_dir))
    }

    /// The records, alone, until the verb [ends](Context::end).
    pub fn exclusive(&self) -> Result<&'static Store> {
        let store = Store::exclusive(self.state_dir)?;
        self.held.set(Some(store));
        Ok(store)
    }

    /// The end of a verb: what it held alone is left tidy.
    pub fn end(&self) {
        if let Some(store) = self.held.take() {
            store.tidy();
        }
    }

    /// rtnetlink in the namespace that this process is in. A verb needs it to its end: it stays open.
    pub fn rtnl(&self) -> Result<&'static mut Rtnl> {
        Rtnl::open(self.verbose).map(stay).doing("open", &"a netlink socket")
    }
}

/// Prints a result.
pub fn print(text: &str) -> Result<()> {
    terminal::print(text).doing("write", &"the result")
}

/// Prints a result as JSON on lines of its own, and is the one place that drops it.
#[allow(clippy::needless_pass_by_value)]
pub fn print_json(json: Json) -> Result<()> {
    print(text!("{}\n", json.pretty()))
}
