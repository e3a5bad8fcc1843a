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

use crate::error::{Doing, Result};
use crate::json::Json;
use crate::kernel::Rtnl;
use crate::sys::terminal;

/// What every verb is told besides its own arguments.
#[derive(Debug, Clone)]
pub struct Context {
    /// Results and errors as JSON.
    pub json: bool,
    /// Each netlink message on standard error.
    pub verbose: bool,
    /// Where the records are.
    pub state_dir: String,
}

impl Context {
    /// rtnetlink in the namespace that this process is in.
    pub fn rtnl(&self) -> Result<Rtnl> {
        Rtnl::open(self.verbose).doing("open", &"a netlink socket")
    }
}

/// Prints a result.
pub fn print(text: &str) -> Result<()> {
    terminal::print(text).doing("write", &"the result")
}

/// Prints a result as JSON on lines of its own.
pub fn print_json(json: &Json) -> Result<()> {
    print(&(json.pretty() + "\n"))
}
