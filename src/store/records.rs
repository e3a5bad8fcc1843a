//! Records: one JSON file each, `networks/NAME.json`, `endpoints/KEY.json`.
//!
//! A record is written to a temporary name, synced and renamed, so that a reader needs no lock. The directory exists while there
//! is something in it: it is made with the first record and goes with the last. Records are regular files; what else may be in
//! their place is neither followed nor waited for.

use std::cell::{Cell, OnceCell, RefCell};
use std::os::fd::{AsFd, OwnedFd};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::directory as state_directory;
use super::lock::{self, Lock};
use crate::error::{Doing, Errno, Error, Report, Result, Warning};
use crate::model::container::{Container, State};
use crate::model::endpoint::Endpoint;
use crate::model::host::HostChanges;
use crate::model::network::Network;
use crate::model::ports::PublishedPorts;
use crate::sys::directory::{self, Directory, NO_FILE};
use crate::sys::file;
use crate::types::id;

/// A kind of record: a directory of its own.
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
    /// What was switched on at the host.
    Host,
    /// Definitions of containers, by name.
    Container,
    /// What became of containers, by id.
    State,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::Network, Self::Endpoint, Self::Hint, Self::Claim, Self::Ports, Self::Host, Self::Container, Self::State];

    fn directory(self) -> &'static str {
        match self {
            Self::Network => "networks",
            Self::Endpoint => "endpoints",
            Self::Hint => "hints",
            Self::Claim => "claims",
            Self::Ports => "ports",
            Self::Host => "host",
            Self::Container => "containers",
            Self::State => "states",
        }
    }
}

/// What a record of a kind holds.
pub trait Record: Serialize + DeserializeOwned {
    /// The kind.
    const KIND: Kind;
    /// What is wrong with a file that holds something else.
    const NOT_ONE: &'static str;

    /// Whether this can be the record called `name`.
    fn is_sound(&self, _name: &str) -> bool {
        true
    }
}

impl Record for Network {
    const KIND: Kind = Kind::Network;
    const NOT_ONE: &'static str = "is no record of a network";

    fn is_sound(&self, name: &str) -> bool {
        Network::is_sound(self, name)
    }
}

impl Record for Endpoint {
    const KIND: Kind = Kind::Endpoint;
    const NOT_ONE: &'static str = "is no record of an endpoint";
}

impl Record for PublishedPorts {
    const KIND: Kind = Kind::Ports;
    const NOT_ONE: &'static str = "is no record of published ports";
}

impl Record for HostChanges {
    const KIND: Kind = Kind::Host;
    const NOT_ONE: &'static str = "is no record of kernel parameters";
}

impl Record for Container {
    const KIND: Kind = Kind::Container;
    const NOT_ONE: &'static str = "is no record of a container";

    fn is_sound(&self, name: &str) -> bool {
        self.name == name && id::is_id(&self.id)
    }
}

impl Record for State {
    const KIND: Kind = Kind::State;
    const NOT_ONE: &'static str = "is no state of a container";
}

/// Who has an IPv6 address that no lease speaks for: the host-side device, by name and index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The device.
    pub device: String,
    /// Its index: a name may be given out again, an index is not.
    pub index: u32,
}

impl Record for Claim {
    const KIND: Kind = Kind::Claim;
    const NOT_ONE: &'static str = "is no claim of an address";
}

/// The records below one directory.
#[derive(Debug)]
pub struct Store {
    path: String,
    lock: Option<Lock>,
    /// Where there is no lock, which has it: opened by the first look.
    opened: OnceCell<Directory>,
    /// The hint that was read last, to be written.
    hint: RefCell<Option<(String, OwnedFd)>>,
    report: Report,
    warned: Cell<bool>,
}

/// What is in a file among the records.
#[derive(Debug)]
pub enum Contents<T> {
    /// There is none.
    Nothing,
    /// A record.
    Record(T),
    /// A record of something else.
    Other,
    /// No JSON, or not all of it: what is wrong with it.
    Unreadable(&'static str),
}

impl Store {
    /// The records below `directory`, for looking only where there is no `lock`.
    #[must_use]
    pub fn new(directory: &str, lock: Option<Lock>, report: Report) -> Self {
        Self {
            path: directory.to_owned(),
            lock,
            opened: OnceCell::new(),
            hint: RefCell::default(),
            report,
            warned: Cell::new(false),
        }
    }

    /// Whether the lock is held alone.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.lock.as_ref().is_some_and(Lock::is_exclusive)
    }

    /// Says something that is no reason to stop.
    pub fn warn(&self, warning: &Warning) {
        (self.report.warn)(warning);
    }

    /// The open directory; none when there is none.
    fn directory(&self) -> Result<Option<&Directory>> {
        if let Some(lock) = &self.lock {
            return Ok(Some(lock.directory()));
        }
        if let Some(directory) = self.opened.get() {
            return Ok(Some(directory));
        }
        let opened = state_directory::open(&self.path, "read", &self.path)?;
        Ok(opened.map(|directory| self.opened.get_or_init(|| directory)))
    }

    /// The path of something below the directory, to be named.
    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    /// The record called `name`; none when there is none. A file that is no record is reported, the first of them, and ignored.
    pub fn read<T: Record>(&self, name: &str) -> Result<Option<T>> {
        let what = match self.contents::<T>(name)? {
            Contents::Nothing => return Ok(None),
            Contents::Record(record) => return Ok(Some(record)),
            // Of the other kinds the kernel is the truth: nobody misses the record.
            Contents::Other if !matches!(T::KIND, Kind::Network | Kind::Container) => return Ok(None),
            Contents::Other => T::NOT_ONE,
            Contents::Unreadable(what) => what,
        };
        if !self.warned.replace(true) {
            let path = self.path(&file_of(T::KIND, name));
            self.warn(&if what == IS_DIRECTORY {
                Warning::Directory { path }
            } else {
                Warning::NoRecord { path, what }
            });
        }
        Ok(None)
    }

    /// What is in the file for `name`.
    pub fn contents<T: Record>(&self, name: &str) -> Result<Contents<T>> {
        let Some(directory) = self.directory()? else { return Ok(Contents::Nothing) };
        let file = file_of(T::KIND, name);
        let bytes = match directory.read(&file) {
            Ok(None) => return Ok(Contents::Nothing),
            Ok(Some(bytes)) if bytes.is_empty() => return Ok(Contents::Unreadable("is empty")),
            Ok(Some(bytes)) => bytes,
            Err(NO_FILE | Errno::NODEV | Errno::LOOP) if directory.is_no_directory(&file) => {
                return Ok(Contents::Unreadable("is no file"));
            }
            Err(NO_FILE) => return Ok(Contents::Unreadable(IS_DIRECTORY)),
            Err(errno) => return Err(Error::system("read", self.path(&file), errno)),
        };
        let Some(value) = object(&bytes) else { return Ok(Contents::Unreadable("is torn or no record of ours")) };
        let record = T::deserialize(value).ok().filter(|record| record.is_sound(name));
        Ok(record.map_or(Contents::Other, Contents::Record))
    }

    /// The names of the records of a kind, sorted. Files of other names are nobody's records and are left alone.
    pub fn names(&self, kind: Kind) -> Result<Vec<String>> {
        let Some(directory) = self.directory()? else { return Ok(Vec::new()) };
        let files = directory.list(kind.directory()).doing("read", self.path(kind.directory()))?;
        // Hints are not read to be known, so that one of them is none is not found out otherwise.
        let is_one = |file: &str| kind != Kind::Hint || directory.is_no_directory(&format!("hints/{file}"));
        let name = |file: &String| Some(file.strip_suffix(".json").filter(|n| !n.starts_with('.'))?.to_owned());
        Ok(files.iter().filter(|file| is_one(file)).filter_map(name).collect())
    }

    /// All records of a kind, sorted by name.
    pub fn all<T: Record>(&self) -> Result<Vec<T>> {
        self.all_named(|_| true)
    }

    /// The records of a kind whose names are `wanted`, sorted by name.
    pub fn all_named<T: Record>(&self, wanted: impl Fn(&str) -> bool) -> Result<Vec<T>> {
        let mut records = Vec::new();
        for name in self.names(T::KIND)?.iter().filter(|name| wanted(name)) {
            records.extend(self.read(name)?);
        }
        Ok(records)
    }

    /// Writes a record: after a crash it is there as before, or as now.
    pub fn write<T: Record>(&self, name: &str, record: &T) -> Result<()> {
        let file = file_of(T::KIND, name);
        let hidden = format!("{}/.{name}", T::KIND.directory());
        let contents = serde_json::to_vec(record).map(|mut contents| {
            contents.push(b'\n');
            contents
        });
        let written = contents.map_err(|_| Errno::INVAL).and_then(|contents| {
            self.in_directory(T::KIND, |directory| directory.write_atomically(&file, &hidden, &contents))
        });
        written.doing("write", self.path(&file))
    }

    /// Writes a hint: small, not synced, and no loss when it is.
    pub fn write_hint(&self, name: &str, hint: &str) {
        // Without it the next address is found all the same, only more slowly.
        let _ = match self.hint.take() {
            Some((known, file)) if known == name => directory::overwrite(file.as_fd(), hint.as_bytes()),
            _ => self.in_directory(Kind::Hint, |directory| {
                directory::overwrite(directory.create(&file_of(Kind::Hint, name))?.as_fd(), hint.as_bytes())
            }),
        };
    }

    /// Reads a hint. Only who holds the lock does: it is read to be written.
    #[must_use]
    pub fn read_hint(&self, name: &str) -> Option<String> {
        let (bytes, file) = self.lock.as_ref()?.directory().read_to_overwrite(&file_of(Kind::Hint, name)).ok()?;
        self.hint.replace(Some((name.to_owned(), file)));
        String::from_utf8(bytes).ok()
    }

    fn in_directory(
        &self,
        kind: Kind,
        write: impl Fn(&Directory) -> std::result::Result<(), Errno>,
    ) -> std::result::Result<(), Errno> {
        // Only who holds the lock writes.
        let directory = self.lock.as_ref().ok_or(Errno::NOLCK)?.directory();
        match write(directory) {
            Err(Errno::NOENT) => {
                directory.create_directory(kind.directory())?;
                write(directory)
            }
            result => result,
        }
    }

    /// Removes a record; one that is not there is no error.
    pub fn remove(&self, kind: Kind, name: &str) -> Result<()> {
        let Some(directory) = self.directory()? else { return Ok(()) };
        let file = file_of(kind, name);
        directory.remove(&file).doing("remove", self.path(&file))
    }

    /// What crashes left among the records: temporary files, and records that cannot be read. Paths, for `gc`.
    pub fn garbage(&self) -> Result<Vec<String>> {
        let Some(directory) = self.directory()? else { return Ok(Vec::new()) };
        let mut garbage = Vec::new();
        for kind in Kind::ALL {
            for name in directory.list(kind.directory()).doing("read", self.path(kind.directory()))? {
                let file = format!("{}/{name}", kind.directory());
                let is_torn = || match directory.read(&file) {
                    Ok(bytes) => kind != Kind::Hint && bytes.is_some_and(|bytes| object(&bytes).is_none()),
                    Err(errno) => matches!(errno, NO_FILE | Errno::NODEV | Errno::LOOP),
                };
                if (is_temporary(&name) || name.strip_suffix(".json").is_some() && is_torn())
                    && directory.is_no_directory(&file)
                {
                    garbage.push(self.path(&file));
                }
            }
        }
        Ok(garbage)
    }

    /// Removes temporary files of writers that died, and the directories when nothing is left in them. Only with the lock held
    /// alone is every such writer known to be dead.
    fn tidy(&self, directory: &Directory) {
        for kind in Kind::ALL {
            for name in directory.list(kind.directory()).unwrap_or_default() {
                if is_temporary(&name) {
                    let _ = directory.remove(&format!("{}/{name}", kind.directory()));
                }
            }
            let _ = directory.remove_directory(kind.directory());
        }
        if directory.list(".").is_ok_and(|names| names.iter().all(|name| lock::FILES.contains(&name.as_str()))) {
            for name in lock::FILES {
                let _ = directory.remove(name);
            }
            let _ = file::remove_directory(&self.path);
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(lock) = self.lock.as_ref().filter(|lock| lock.is_exclusive()) {
            self.tidy(lock.directory());
        }
    }
}

/// What is wrong with a directory in the place of a record.
const IS_DIRECTORY: &str = "is no file but a directory";

/// Where a record is, below the directory.
fn file_of(kind: Kind, name: &str) -> String {
    format!("{}/{name}.json", kind.directory())
}

/// What every record is: a JSON object with something in it, and without fractions, which nobody writes.
fn object(bytes: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let is_one = value.as_object().is_some_and(|object| !object.is_empty()) && !has_fraction(&value);
    is_one.then_some(value)
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(items) => items.iter().any(has_fraction),
        Value::Object(entries) => entries.values().any(has_fraction),
        _ => false,
    }
}

fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && name.strip_suffix(".new").is_some()
}
