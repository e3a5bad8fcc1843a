//! Records and the lock.
//!
//! A record is one JSON file: `networks/NAME.json`, `endpoints/KEY.json`. It is written to a temporary name, synced and
//! renamed, so that a reader needs no lock. What a record means is the domain's business; here it is only JSON.
//!
//! The directory exists while there is something in it: it is made with the first record and goes with the last.

use core::cell::Cell;
use rustix::fd::OwnedFd;

use crate::error::{Doing, Failure, Result};
use crate::json::Json;
use crate::prelude::*;
use crate::sys::file::{self, LockMode};
use crate::sys::{Errno, terminal};

/// A kind of record: the name of its directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Definitions of networks.
    Network,
    /// Decoration of endpoints.
    Endpoint,
    /// The last address given out, by network id: a hint only, not synced.
    Hint,
    /// IPv6 addresses whose host number is not their IPv4 address's.
    Claim,
    /// Published ports, by host-side device.
    Ports,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::Network, Self::Endpoint, Self::Hint, Self::Claim, Self::Ports];

    fn directory(self) -> Text {
        match self {
            Self::Network => "networks",
            Self::Endpoint => "endpoints",
            Self::Hint => "hints",
            Self::Claim => "claims",
            Self::Ports => "ports",
        }
    }
}

/// The records below one directory.
#[derive(Debug)]
pub struct Store {
    directory: Text,
    lock: Option<(OwnedFd, LockMode)>,
    warned: Cell<bool>,
}

impl Store {
    /// For looking only: takes no lock and creates nothing.
    #[must_use]
    pub fn look(directory: Text) -> Self {
        Self { directory, lock: None, warned: Cell::new(false) }
    }

    /// For changing endpoints: holds the lock together with others. None when there is no record at all, not yet or, after
    /// waiting for somebody who removed the last one, not any more: what this creates nobody would remove.
    pub fn shared(directory: Text) -> Result<Option<&'static Self>> {
        Self::locked(directory, LockMode::Shared)
    }

    /// Gives the lock to others; else it is held to the end of the verb.
    pub fn release(&self) {
        if let Some((lock, _)) = &self.lock {
            file::unlock(lock);
        }
    }

    /// For changing networks: holds the lock alone; creates the directory. Whoever has done with it calls [`Store::tidy`].
    pub fn exclusive(directory: Text) -> Result<&'static Self> {
        loop {
            create(directory)?;
            // None: the last record went, and the directory with it, while we waited.
            if let Some(store) = Self::locked(directory, LockMode::Exclusive)? {
                return Ok(store);
            }
        }
    }

    fn locked(directory: Text, mode: LockMode) -> Result<Option<&'static Self>> {
        let path = text!("{directory}/lock");
        match file::lock(path, mode) {
            Ok(lock) => Ok(Some(stay(Self { directory, lock: Some((lock, mode)), warned: Cell::new(false) }))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Failure::System { doing: "lock", object: path, errno }.into()),
        }
    }

    /// Whether the lock is held alone.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        matches!(self.lock, Some((_, LockMode::Exclusive)))
    }

    fn directory(&self, kind: Kind) -> Text {
        text!("{}/{}", self.directory, kind.directory())
    }

    fn path(&self, kind: Kind, name: Text) -> Text {
        text!("{}/{name}.json", self.directory(kind))
    }

    /// The names of the files of a kind, sorted.
    fn files(&self, kind: Kind) -> Result<Vec<Text>> {
        let directory = self.directory(kind);
        file::list(directory).doing("read", &directory)
    }

    /// The record called `name`; none when there is none. One that cannot be read is reported and ignored.
    pub fn read(&self, kind: Kind, name: Text) -> Result<Option<&'static Json>> {
        let path = self.path(kind, name);
        match file::read(path) {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => {
                let record = record(bytes);
                if record.is_none() {
                    self.warn(kind, name, if bytes.is_empty() { "is empty" } else { "is torn or no record of ours" });
                }
                Ok(record)
            }
            Err(Errno::ISDIR | Errno::LOOP) => {
                self.warn(kind, name, "is no file");
                Ok(None)
            }
            Err(errno) => Err(Failure::System { doing: "read", object: path, errno }.into()),
        }
    }

    /// Reports, once, a file that is no record.
    pub fn warn(&self, kind: Kind, name: Text, what: Text) {
        if !self.warned.replace(true) {
            let path = self.path(kind, name);
            terminal::complain(text!("pontoon: warning: {path} {what}; ignored ('pontoon gc' removes it)\n"));
        }
    }

    /// The names of the records of a kind, sorted. Files of other names are nobody's records and are left alone.
    pub fn names(&self, kind: Kind) -> Result<&'static Vec<Text>> {
        let mut names = Vec::new();
        for file in self.files(kind)? {
            if let Some(name) = file.strip_suffix(".json")
                && !name.starts_with('.')
            {
                names.push(name);
            }
        }
        Ok(stay(names))
    }

    /// All records of a kind that can be read, with their names, sorted.
    pub fn all(&self, kind: Kind) -> Result<&'static Vec<(Text, &'static Json)>> {
        let mut records = Vec::new();
        for name in self.names(kind)? {
            if let Some(record) = self.read(kind, name)? {
                records.push((*name, record));
            }
        }
        Ok(stay(records))
    }

    /// Writes a record: after a crash it is there as before, or as now.
    pub fn write(&self, kind: Kind, name: Text, record: &Json) -> Result<()> {
        let path = self.path(kind, name);
        let temporary = text!("{}/.{name}.new", self.directory(kind));
        let contents = record.compact() + "\n";
        self.in_directory(kind, &|| file::write_atomically(path, temporary, contents.as_bytes())).doing("write", &path)
    }

    /// Writes a hint: small, not synced, and no loss when it is.
    pub fn write_hint(&self, name: Text, hint: Text) {
        let path = self.path(Kind::Hint, name);
        // Without it the next address is found all the same, only more slowly.
        let _ = self.in_directory(Kind::Hint, &|| file::overwrite(path, hint.as_bytes()));
    }

    /// Reads a hint.
    #[must_use]
    pub fn read_hint(&self, name: Text) -> Option<Text> {
        let bytes = file::read(self.path(Kind::Hint, name)).ok()??;
        core::str::from_utf8(bytes).ok()
    }

    fn in_directory(
        &self,
        kind: Kind,
        write: &dyn Fn() -> core::result::Result<(), Errno>,
    ) -> core::result::Result<(), Errno> {
        match write() {
            Err(Errno::NOENT) => {
                file::create_directory(self.directory(kind), 0o700)?;
                write()
            }
            result => result,
        }
    }

    /// Removes a record; one that is not there is no error.
    pub fn remove(&self, kind: Kind, name: Text) -> Result<()> {
        let path = self.path(kind, name);
        file::remove(path).doing("remove", &path)
    }

    /// What crashes left among the records: temporary files, and records that cannot be read. Paths, for `gc`.
    pub fn garbage(&self) -> Result<Vec<Text>> {
        let mut garbage = Vec::new();
        for kind in &Kind::ALL {
            for name in self.files(*kind)? {
                let path = text!("{}/{name}", self.directory(*kind));
                let torn = || file::read(path).ok().flatten().is_some_and(|bytes| record(bytes).is_none());
                if is_temporary(name) || *kind != Kind::Hint && name.strip_suffix(".json").is_some() && torn() {
                    garbage.push(path);
                }
            }
        }
        Ok(garbage)
    }

    /// Removes temporary files of writers that died, and the directories when nothing is left in them. Only with the lock held
    /// alone is every such writer known to be dead.
    pub fn tidy(&self) {
        for kind in &Kind::ALL {
            let directory = self.directory(*kind);
            for name in file::list(directory).unwrap_or_default() {
                if is_temporary(name) {
                    let _ = file::remove(text!("{directory}/{name}"));
                }
            }
            let _ = file::remove_directory(directory);
        }
        if file::list(self.directory).is_ok_and(|names| names == ["lock"]) {
            let _ = file::remove(text!("{}/lock", self.directory));
            let _ = file::remove_directory(self.directory);
        }
    }
}

fn create(directory: Text) -> Result<()> {
    match file::create_directory(directory, 0o700) {
        Err(Errno::NOENT) => {
            let parent = split_last(directory, b'/').map_or(directory, |(parent, _)| parent);
            let remedy = ". Mount a tmpfs there, or use --state-dir.";
            Err(Failure::NotFound { kind: "directory", name: parent, remedy }.into())
        }
        result => result.doing("create", &directory),
    }
}

/// What a file holds, when it is a record at all.
fn record(bytes: &'static [u8]) -> Option<&'static Json> {
    let json = Json::parse(bytes)?;
    if json.entries().is_empty() { None } else { Some(stay(json)) }
}

fn is_temporary(name: Text) -> bool {
    name.starts_with('.') && name.strip_suffix(".new").is_some()
}
