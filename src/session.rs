//! What every recipe is given: where the records are, and where to tell what is beside the result.

use crate::error::{Doing, Report, Result};
use crate::kernel::Rtnl;
use crate::store::{Lock, Store};
use crate::sys::file;
use crate::sys::netns::Netns;

/// One run of the program.
#[derive(Debug, Clone)]
pub struct Session {
    /// The directory of the records.
    pub state_dir: String,
    /// Where warnings go, and with `-v` each netlink message.
    pub report: Report,
}

impl Session {
    /// rtnetlink in the namespace that this process is in.
    pub fn rtnl(&self) -> Result<Rtnl> {
        Rtnl::open(self.report).doing("open", "a netlink socket")
    }

    /// The records, for looking only: takes no lock and creates nothing.
    #[must_use]
    pub fn records(&self) -> Store {
        Store::new(&self.state_dir, None, self.report)
    }

    /// The records, for changing endpoints: holds the lock together with others. None when nothing is recorded, not yet or, after
    /// waiting for somebody who removed the last record, not any more.
    pub fn shared(&self) -> Result<Option<Store>> {
        let lock = Lock::shared(&self.state_dir)?;
        Ok(lock.map(|lock| Store::new(&self.state_dir, Some(lock), self.report)))
    }

    /// The records, for changing networks: holds the lock alone; creates the directory.
    pub fn exclusive(&self) -> Result<Store> {
        Ok(Store::new(&self.state_dir, Some(Lock::exclusive(&self.state_dir)?), self.report))
    }

    /// As [`Session::exclusive`]; none when nothing is recorded: no reason to create a directory for the lock.
    pub fn exclusive_if_any(&self) -> Result<Option<Store>> {
        let exists = file::is_there(&self.state_dir).doing("look at", &self.state_dir)?;
        if exists { self.exclusive().map(Some) } else { Ok(None) }
    }

    /// The namespace that this process is in.
    pub fn home() -> Result<Netns> {
        Netns::current().doing("open", "the current namespace")
    }
}
