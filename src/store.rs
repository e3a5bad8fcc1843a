//! Records and the lock.
//!
//! A record is one JSON file: `networks/NAME.json`, `endpoints/KEY.json`. It is written to a temporary name, synced and
//! renamed, so that a reader needs no lock. What a record means is the domain's business; here it is only JSON.
//!
//! The directory exists while there is something in it: it is made with the first record and goes with the last.

use std::cell::Cell;
use std::os::fd::OwnedFd;

use crate::error::{Doing, Failure, Result};
use crate::json::Json;
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

    fn directory(self) -> &'static str {
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
    directory: String,
    lock: Option<(OwnedFd, LockMode)>,
    warned: Cell<bool>,
}

impl Store {
    /// For looking only: takes no lock and creates nothing.
    #[must_use]
    pub fn look(directory: &str) -> Self {
        Self { directory: directory.to_owned(), lock: None, warned: Cell::new(false) }
    }

    /// For changing endpoints: holds the lock together with others. None when there is no record at all, not yet or, after
    /// waiting for somebody who removed the last one, not any more: what this creates nobody would remove.
    pub fn shared(directory: &str) -> Result<Option<Self>> {
        Self::locked(directory, LockMode::Shared)
    }

    /// For changing networks: holds the lock alone; creates the directory.
    pub fn exclusive(directory: &str) -> Result<Self> {
        loop {
            create(directory)?;
            // None: the last record went, and the directory with it, while we waited.
            if let Some(store) = Self::locked(directory, LockMode::Exclusive)? {
                return Ok(store);
            }
        }
    }

    fn locked(directory: &str, mode: LockMode) -> Result<Option<Self>> {
        let path = format!("{directory}/lock");
        match file::lock(&path, mode) {
            Ok(lock) => {
                Ok(Some(Self { directory: directory.to_owned(), lock: Some((lock, mode)), warned: Cell::new(false) }))
            }
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(Failure::System { doing: "lock", object: path, errno }.into()),
        }
    }

    /// Whether the lock is held alone.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        matches!(self.lock, Some((_, LockMode::Exclusive)))
    }

    fn path(&self, kind: Kind, name: &str) -> String {
        format!("{}/{}/{name}.json", self.directory, kind.directory())
    }

    /// The record called `name`; none when there is none. One that cannot be read is reported and ignored.
    pub fn read(&self, kind: Kind, name: &str) -> Result<Option<Json>> {
        let path = self.path(kind, name);
        match file::read(&path) {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => {
                let record = record(&bytes);
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
    pub fn warn(&self, kind: Kind, name: &str, what: &str) {
        if !self.warned.replace(true) {
            let path = self.path(kind, name);
            terminal::complain(&format!("pontoon: warning: {path} {what}; ignored ('pontoon gc' removes it)\n"));
        }
    }

    /// The names of the records of a kind, sorted. Files of other names are nobody's records and are left alone.
    pub fn names(&self, kind: Kind) -> Result<Vec<String>> {
        let directory = format!("{}/{}", self.directory, kind.directory());
        let files = file::list(&directory).doing("read", &directory)?;
        let name = |file: String| Some(file.strip_suffix(".json").filter(|n| !n.starts_with('.'))?.to_owned());
        Ok(files.into_iter().filter_map(name).collect())
    }

    /// All records of a kind that can be read, with their names, sorted.
    pub fn all(&self, kind: Kind) -> Result<Vec<(String, Json)>> {
        let mut records = Vec::new();
        for name in self.names(kind)? {
            if let Some(record) = self.read(kind, &name)? {
                records.push((name, record));
            }
        }
        Ok(records)
    }

    /// Writes a record: after a crash it is there as before, or as now.
    pub fn write(&self, kind: Kind, name: &str, record: &Json) -> Result<()> {
        let path = self.path(kind, name);
        let temporary = format!("{}/{}/.{name}.new", self.directory, kind.directory());
        let contents = record.compact() + "\n";
        self.in_directory(kind, || file::write_atomically(&path, &temporary, contents.as_bytes())).doing("write", &path)
    }

    /// Writes a hint: small, not synced, and no loss when it is.
    pub fn write_hint(&self, name: &str, hint: &str) {
        let path = self.path(Kind::Hint, name);
        // Without it the next address is found all the same, only more slowly.
        let _ = self.in_directory(Kind::Hint, || file::overwrite(&path, hint.as_bytes()));
    }

    /// Reads a hint.
    #[must_use]
    pub fn read_hint(&self, name: &str) -> Option<String> {
        let bytes = file::read(&self.path(Kind::Hint, name)).ok()??;
        String::from_utf8(bytes).ok()
    }

    fn in_directory(
        &self,
        kind: Kind,
        write: impl Fn() -> std::result::Result<(), Errno>,
    ) -> std::result::Result<(), Errno> {
        match write() {
            Err(Errno::NOENT) => {
                file::create_directory(&format!("{}/{}", self.directory, kind.directory()), 0o700)?;
                write()
            }
            result => result,
        }
    }

    /// Removes a record; one that is not there is no error.
    pub fn remove(&self, kind: Kind, name: &str) -> Result<()> {
        let path = self.path(kind, name);
        file::remove(&path).doing("remove", &path)
    }

    /// What crashes left among the records: temporary files, and records that cannot be read. Paths, for `gc`.
    pub fn garbage(&self) -> Result<Vec<String>> {
        let mut garbage = Vec::new();
        for kind in Kind::ALL {
            let directory = format!("{}/{}", self.directory, kind.directory());
            for name in file::list(&directory).doing("read", &directory)? {
                let path = format!("{directory}/{name}");
                let torn = || file::read(&path).ok().flatten().is_some_and(|bytes| record(&bytes).is_none());
                if is_temporary(&name) || kind != Kind::Hint && name.strip_suffix(".json").is_some() && torn() {
                    garbage.push(path);
                }
            }
        }
        Ok(garbage)
    }

    /// Removes temporary files of writers that died, and the directories when nothing is left in them. Only with the lock held
    /// alone is every such writer known to be dead.
    fn tidy(&self) {
        for kind in Kind::ALL {
            let directory = format!("{}/{}", self.directory, kind.directory());
            for name in file::list(&directory).unwrap_or_default() {
                if is_temporary(&name) {
                    let _ = file::remove(&format!("{directory}/{name}"));
                }
            }
            let _ = file::remove_directory(&directory);
        }
        if file::list(&self.directory).is_ok_and(|names| names == ["lock"]) {
            let _ = file::remove(&format!("{}/lock", self.directory));
            let _ = file::remove_directory(&self.directory);
        }
    }
}

fn create(directory: &str) -> Result<()> {
    match file::create_directory(directory, 0o700) {
        Err(Errno::NOENT) => {
            let parent = directory.rsplit_once('/').map_or(directory, |(parent, _)| parent);
            let remedy = ". Mount a tmpfs there, or use --state-dir.";
            Err(Failure::NotFound { kind: "directory", name: parent.to_owned(), remedy }.into())
        }
        result => result.doing("create", &directory),
    }
}

/// What a file holds, when it is a record at all.
fn record(bytes: &[u8]) -> Option<Json> {
    Json::parse(bytes).filter(|json| !json.entries().is_empty())
}

fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.strip_suffix(".new").is_some()
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.is_exclusive() {
            self.tidy();
        }
    }
}
