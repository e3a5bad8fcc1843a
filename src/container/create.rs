//! Making a container: checked, named, recorded. Nothing runs yet.

use std::path::Path;

use crate::container::find;
use crate::container::inside::confine;
use crate::error::{Doing, Error, Result, Warning};
use crate::model::container::{Container, NetworkMode};
use crate::model::ports::PortSpec;
use crate::session::Session;
use crate::store::{Kind, Store, networks};
use crate::sys::{file, netns, privilege, random};
use crate::types::{id, name, time};

/// Where trees lie that are named without a `/`.
const TREES: &str = "/var/lib/pontoon/rootfs";

/// What stands for the host's own files.
const HOST: &str = "host";

/// What is run when no command is given: a tree says nothing of that.
const SHELL: &str = "sh";

/// The signal that `stop` sends first: `SIGTERM`.
const TERMINATE: i32 = 15;

/// Makes what `container` says a container; its id, name and what else is left empty are filled in. `trees` is the directory of trees that
/// have names.
pub fn create(session: &Session, mut container: Container, trees: Option<&str>) -> Result<Container> {
    container.id = id::of_bytes(random::bytes().doing("read", "random bytes")?);
    container.created = time::stamp();
    container.root = root(&container.image, trees.unwrap_or(TREES))?;
    if container.hostname.is_empty() {
        container.hostname = match &container.network {
            NetworkMode::Host => file::host_name(),
            _ => container.short_id().to_owned(),
        };
    }
    if container.stop_signal == 0 {
        container.stop_signal = TERMINATE;
    }
    if container.command.is_empty() {
        container.command.push(SHELL.to_owned());
    }
    check(session, &container)?;
    let store = session.exclusive()?;
    if let NetworkMode::Container(other) = &container.network {
        container.network = NetworkMode::Container(find::find(&store, other)?.container.id);
    }
    container.name = match container.name.as_str() {
        "" => generated(&store)?,
        given => free(&store, given)?,
    };
    store.write(&container.name, &container)?;
    find::make_place(&session.state_dir, &container)?;
    Ok(container)
}

/// The directory that a tree is; empty for the host's own files.
fn root(image: &str, trees: &str) -> Result<String> {
    if image == HOST {
        return Ok(String::new());
    }
    let path = if image.contains('/') { image.to_owned() } else { format!("{trees}/{image}") };
    match std::fs::canonicalize(&path) {
        Ok(found) if found.is_dir() => match found.to_str() {
            // The host's own root is the host.
            Some("/") => Err(Error::value(
                "ROOTFS",
                image,
                "a directory other than the root of the host; 'host' shares its files",
            )),
            Some(path) => Ok(path.to_owned()),
            None => Err(Error::value("ROOTFS", image, "a path in UTF-8")),
        },
        _ => Err(Error::not_found("root file system", path, ". Unpack a tree there, or name a directory.")),
    }
}

/// Whether what is asked for can be had, as far as that can be known before anything is made.
fn check(session: &Session, container: &Container) -> Result<()> {
    if !container.hostname.is_empty() && container.hostname.len() > 64 {
        return Err(Error::value("--hostname", &container.hostname, "at most 64 bytes"));
    }
    for text in container.networks().iter().flat_map(|attach| &attach.publish) {
        text.parse::<PortSpec>().map_err(|invalid| Error::value("-p", text, invalid))?;
    }
    for attach in container.networks().iter().filter(|attach| attach.network != "bridge") {
        networks::find(&session.records(), &attach.network)?;
    }
    for limit in &container.ulimits {
        if !privilege::LIMITS.iter().any(|(known, _)| *known == limit.name) {
            return Err(Error::value("--ulimit", &limit.name, "a limit of setrlimit(2), as nofile"));
        }
    }
    confine::capabilities(container)?;
    if !container.privileged && !container.unconfined && !container.shares_files() && !confine::HAS_FILTER {
        session.records().warn(&Warning::NoFilter);
    }
    for volume in &container.volumes {
        if !volume.target.starts_with('/')
            || Path::new(&volume.target).components().any(|part| part.as_os_str() == "..")
        {
            return Err(Error::value("-v", &volume.target, "an absolute path without '..' inside"));
        }
        if !Path::new(&volume.source).exists() {
            // As Docker does: a directory, for the container to fill.
            std::fs::create_dir_all(&volume.source).doing("create", &volume.source)?;
        }
    }
    Ok(())
}

/// A name that is given, and no other's.
fn free(store: &Store, text: &str) -> Result<String> {
    let text = text.strip_prefix('/').unwrap_or(text);
    if text.len() < 2 || name::network(text).is_err() {
        let must = "2 to 64 letters, digits, '_', '.' or '-', and begin with a letter or digit";
        return Err(Error::value("--name", text, must));
    }
    if let Some(other) = store.read::<Container>(text)? {
        let taken = format!("{text} of container {}", other.short_id());
        return Err(
            Error::Exists { kind: "name", name: taken, remedy: ". Remove or rename that container first." }.into()
        );
    }
    if file::exists(&netns::pinned_path(text)) {
        return Err(Error::Exists { kind: "sandbox", name: text.to_owned(), remedy: ". Choose another --name." }.into());
    }
    Ok(text.to_owned())
}

const ADJECTIVES: [&str; 16] = [
    "brave", "calm", "deft", "eager", "fair", "glad", "keen", "light", "mild", "neat", "proud", "quick", "sunny",
    "tidy", "vivid", "wise",
];
const BOATS: [&str; 16] = [
    "barge", "canoe", "clipper", "cutter", "dinghy", "ferry", "galley", "junk", "kayak", "ketch", "lugger", "pram",
    "punt", "schooner", "skiff", "sloop",
];

/// A name that nobody has.
fn generated(store: &Store) -> Result<String> {
    loop {
        let [a, b, c] = random::bytes::<3>().doing("read", "random bytes")?;
        let of = |words: &[&'static str; 16], byte: u8| words.get(usize::from(byte % 16)).copied().unwrap_or_default();
        let name = format!("{}_{}{}", of(&ADJECTIVES, a), of(&BOATS, b), c % 100);
        if let Ok(name) = free(store, &name) {
            return Ok(name);
        }
    }
}

/// Gives a container another name.
pub fn rename(session: &Session, reference: &str, new: &str) -> Result<()> {
    let store = session.exclusive()?;
    let found = find::find(&store, reference)?;
    let old = found.container.name.clone();
    let name = free(&store, new)?;
    let renamed = Container { name: name.clone(), ..found.container };
    if found.status.is_alive() && renamed.has_sandbox() {
        crate::container::start::rename_sandbox(session, &store, &old, &name)?;
    }
    // Whoever stops us here leaves a container of two names, until one of them is removed.
    store.write(&name, &renamed)?;
    store.remove(Kind::Container, &old)?;
    drop(store);
    crate::container::names::refresh(session)
}
