//! Containers by name, id or the beginning of an id, and what became of them.

use crate::error::{Doing, Error, Result};
use crate::model::container::{Container, Phase, State};
use crate::model::endpoint::Endpoint;
use crate::store::Store;
use crate::sys::{file, process};
use crate::types::{id, name};

/// What is said of one that is frozen, where it would have to do something.
pub const PAUSED: &str = "is paused. Unpause it first.";

/// A container with what became of it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The container.
    pub container: Container,
    /// What its watcher wrote last.
    pub state: State,
    /// What is so now.
    pub status: Status,
}

/// What a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It has never run.
    Created,
    /// It runs.
    Running,
    /// It is frozen.
    Paused,
    /// It waits to be started anew.
    Restarting,
    /// It has ended.
    Exited,
    /// Its watcher was killed, and the kernel has ended it: what is left of it, `rm` or `gc` removes.
    Dead,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Created, Self::Running, Self::Paused, Self::Restarting, Self::Exited, Self::Dead];

    /// Whether there is a watcher to talk to.
    #[must_use]
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Restarting)
    }

    /// Docker's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }
}

/// All containers, the newest first.
pub fn all(store: &Store) -> Result<Vec<Found>> {
    let mut containers: Vec<Container> = store.all()?;
    containers.sort_by(|a, b| b.created.cmp(&a.created));
    containers.into_iter().map(|container| look(store, container)).collect()
}

/// The container that `reference` names: by name, id, or unique beginning of an id.
pub fn find(store: &Store, reference: &str) -> Result<Found> {
    let container = by_reference(store, reference)?;
    look(store, container.ok_or_else(|| missing(reference))?)
}

/// As [`find`]; none when there is none.
pub fn find_any(store: &Store, reference: &str) -> Result<Option<Found>> {
    by_reference(store, reference)?.map(|container| look(store, container)).transpose()
}

/// As [`find`], of one that runs.
pub fn running(store: &Store, reference: &str) -> Result<Found> {
    let found = find(store, reference)?;
    match found.status {
        status if status.is_alive() => Ok(found),
        _ => Err(Error::NotRunning { container: found.container.name }.into()),
    }
}

fn by_reference(store: &Store, reference: &str) -> Result<Option<Container>> {
    let reference = reference.strip_prefix('/').unwrap_or(reference);
    if name::network(reference).is_ok()
        && let Some(container) = store.read::<Container>(reference)?
    {
        return Ok(Some(container));
    }
    if !id::is_prefix(reference) {
        return Ok(None);
    }
    let mut fitting: Vec<Container> = store.all()?;
    fitting.retain(|container| container.id.starts_with(reference));
    match (fitting.pop(), fitting.len()) {
        (only, 0) => Ok(only),
        (_, others) => {
            Err(Error::Ambiguous { kind: "containers", prefix: reference.to_owned(), count: others + 1 }.into())
        }
    }
}

/// What became of a container.
pub fn look(store: &Store, container: Container) -> Result<Found> {
    let state: State = store.read(&container.id)?.unwrap_or_default();
    let status = match state.phase {
        Phase::Created => Status::Created,
        Phase::Exited => Status::Exited,
        _ if process::start_time(state.watcher) != Some(state.watcher_start) => Status::Dead,
        Phase::Restarting => Status::Restarting,
        Phase::Running if crate::container::cgroup::is_frozen(&container) => Status::Paused,
        Phase::Running => Status::Running,
    };
    Ok(Found { container, state, status })
}

/// Endpoints, each with the id of its container, or of its sandbox where that is none.
pub fn with_ids(store: &Store, endpoints: Vec<Endpoint>) -> Result<Vec<(String, Endpoint)>> {
    let mut named = Vec::new();
    for endpoint in endpoints {
        let is_name = name::network(&endpoint.sandbox).is_ok();
        let container = if is_name { store.read::<Container>(&endpoint.sandbox)? } else { None };
        named.push((container.map_or_else(|| endpoint.sandbox_id(), |container| container.id), endpoint));
    }
    Ok(named)
}

/// There is none such.
#[must_use]
pub fn missing(reference: &str) -> Box<Error> {
    Error::not_found("container", reference, ". 'pontoon ps -a' lists what there is.")
}

/// The directory of the directories that [`place`] names.
#[must_use]
pub fn places(state_dir: &str) -> String {
    format!("{state_dir}/run")
}

/// The directory of what a container has beside its record: the files that it sees, its log, its watcher's socket.
#[must_use]
pub fn place(state_dir: &str, container: &Container) -> String {
    format!("{}/{}", places(state_dir), container.short_id())
}

/// Makes it.
pub fn make_place(state_dir: &str, container: &Container) -> Result<()> {
    let (all, own) = (places(state_dir), place(state_dir, container));
    file::create_directory(&all, 0o700).doing("create", "the directory of containers")?;
    file::create_directory(&own, 0o700).doing("create", own)
}
