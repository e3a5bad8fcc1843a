//! Names: what `/etc/hosts` says in a container, and in a plain sandbox beside it.
//!
//! Each container has a file of its own, which it sees as a bind mount. A file that is replaced would not be seen, so it is written in
//! place, one writer at a time: whoever changes who is on a network calls [`refresh`] when that is done.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use crate::container::find;
use crate::error::{Doing, Errno, Result};
use crate::kernel::Rtnl;
use crate::model::container::{Container, NetworkMode};
use crate::model::endpoint::Endpoint;
use crate::session::Session;
use crate::store::{self, Store, networks};
use crate::sys::directory::{Directory, LockMode};
use crate::sys::file;

/// The file in a container's directory.
pub const HOSTS: &str = "hosts";
/// What is locked while files are written, below the directory of the records.
const LOCK: &str = "run/names";

/// What Docker begins with.
const LOCAL: &str = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n\
                     ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";

/// All who are on networks, and the names that containers have there.
struct Everybody {
    /// By network.
    members: Vec<Vec<Endpoint>>,
    /// By name.
    containers: BTreeMap<String, Container>,
}

impl Everybody {
    fn look(rtnl: &Rtnl, store: &Store) -> Result<Self> {
        let mut members = Vec::new();
        for network in networks::all(store)? {
            let mut endpoints = store::endpoints::of_network(store, &network)?;
            // A record counts only while its device lives.
            endpoints.retain(|endpoint| rtnl.has_link(&endpoint.device, endpoint.index).unwrap_or(false));
            endpoints.sort_by_key(|endpoint| endpoint.lease);
            members.push(endpoints);
        }
        let containers: Vec<Container> = store.all()?;
        let by_name = containers.into_iter().map(|container| (container.name.clone(), container));
        Ok(Self { members, containers: by_name.collect() })
    }

    /// What `sandbox` is told: those on the networks that it is on, itself among them.
    fn hosts(&self, sandbox: &str) -> String {
        let own = self.containers.get(sandbox);
        let mut text = LOCAL.to_owned();
        for extra in own.into_iter().flat_map(|container| &container.extra_hosts) {
            let _ = writeln!(text, "{}\t{}", extra.address, extra.name);
        }
        for endpoints in &self.members {
            if !endpoints.iter().any(|endpoint| endpoint.sandbox == sandbox) {
                continue;
            }
            for endpoint in endpoints {
                let names = self.names(endpoint, endpoint.sandbox == sandbox);
                for address in endpoint.addresses().addresses().filter(|_| !names.is_empty()) {
                    let _ = writeln!(text, "{}\t{}", address as IpAddr, names.join(" "));
                }
            }
        }
        text
    }

    /// The names of an endpoint on its network. One who asks for itself is called by its host name first, as with Docker.
    fn names<'a>(&'a self, endpoint: &'a Endpoint, is_own: bool) -> Vec<&'a str> {
        let mut names = Vec::new();
        let container = self.containers.get(&endpoint.sandbox);
        if is_own {
            names.extend(container.map(|container| container.hostname.as_str()));
        }
        // A sandbox that was named by a path or a process has no name that another could say.
        names.extend(Some(endpoint.sandbox.as_str()).filter(|name| is_host_name(name)));
        if let Some(container) = container {
            let here = container.networks().iter().filter(|attach| attach.network == endpoint.network);
            names.extend(here.flat_map(|attach| &attach.aliases).map(String::as_str));
            names.push(container.short_id());
        }
        let mut once: Vec<&str> = Vec::new();
        for name in names {
            if !once.contains(&name) {
                once.push(name);
            }
        }
        once
    }
}

fn is_host_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

/// Has every container that runs see who is on its networks now.
pub fn refresh(session: &Session) -> Result<()> {
    // Where there are no containers there is nothing to write, and nobody to wait for.
    if !file::exists(&find::places(&session.state_dir)) {
        return Ok(());
    }
    let _lock = lock(session)?;
    let store = session.records();
    let everybody = Everybody::look(&session.rtnl()?, &store)?;
    for container in everybody.containers.values() {
        let path = format!("{}/{HOSTS}", find::place(&session.state_dir, container));
        // On another's network the names are the other's; on the host's, those of the host, which do not change with ours.
        let whose = match &container.network {
            NetworkMode::Host => None,
            NetworkMode::Container(id) => everybody.containers.values().find(|other| other.id == *id),
            _ => Some(container),
        };
        if let Some(whose) = whose.filter(|_| file::exists(&path)) {
            write(&path, &everybody.hosts(&whose.name))?;
        }
    }
    Ok(())
}

/// What a plain sandbox is told; none when it is on no network of ours, or nobody else is a container.
pub fn of_sandbox(session: &Session, sandbox: &str) -> Result<Option<String>> {
    let store = session.records();
    let everybody = Everybody::look(&session.rtnl()?, &store)?;
    let is_member = everybody.members.iter().flatten().any(|endpoint| endpoint.sandbox == sandbox);
    Ok(is_member.then(|| everybody.hosts(sandbox)))
}

fn lock(session: &Session) -> Result<Option<std::os::fd::OwnedFd>> {
    let failed = || format!("{}/{LOCK}", session.state_dir);
    let directory = Directory::open(&session.state_dir, true).doing("open", &session.state_dir)?;
    match directory.lock(LOCK, LockMode::Exclusive, true) {
        // The last container has just gone.
        Err(Errno::NOENT) => Ok(None),
        result => result.doing("lock", failed()),
    }
}

fn write(path: &str, text: &str) -> Result<()> {
    let same = std::fs::read_to_string(path).is_ok_and(|before| before == text);
    if same { Ok(()) } else { file::replace_in_place(path, text).doing("write", path) }
}
