//! Taking back what a container has while it runs: endpoints, sandbox, control group. "Already gone" is done.

use crate::container::watch::call::SOCKET;
use crate::container::{cgroup, etc, find, names};
use crate::error::{Doing, Errno, Error, Result};
use crate::model::container::Container;
use crate::network::disconnect::{self, Disconnect};
use crate::sandbox::{SandboxRef, pin};
use crate::session::Session;
use crate::store::{self, Kind, networks};
use crate::sys::{file, netns};

/// Releases all that a container has beside its record and its log.
pub fn release(session: &Session, container: &Container) -> Result<()> {
    if container.has_sandbox() {
        leave_networks(session, container)?;
        if file::exists(&netns::pinned_path(&container.name)) {
            pin::delete(&container.name)?;
        }
    }
    cgroup::remove(container);
    let place = find::place(&session.state_dir, container);
    for name in [SOCKET].iter().chain(&etc::FILES) {
        file::remove(&format!("{place}/{name}")).doing("remove", format_args!("{place}/{name}"))?;
    }
    // Its name is gone for the others.
    names::refresh(session)
}

/// Takes the container's sandbox off every network that it is on, those it was connected to later too, and those that it was just being
/// connected to when somebody was killed.
fn leave_networks(session: &Session, container: &Container) -> Result<()> {
    let store = session.records();
    let sandbox = SandboxRef::Name(container.name.clone());
    let is_there = sandbox.is_there();
    for network in networks::all(&store)? {
        let recorded = store::endpoints::of_network(&store, &network)?;
        let is_on = recorded.iter().any(|endpoint| endpoint.sandbox == container.name);
        let was_to_be = || container.networks().iter().any(|attach| attach.network == network.name);
        if is_on || is_there && was_to_be() {
            disconnect::disconnect(
                session,
                &Disconnect { network: network.id, sandbox: sandbox.clone(), force: true },
            )?;
        }
    }
    Ok(())
}

/// Removes a container that has ended: its files and its records.
pub fn forget(session: &Session, container: &Container) -> Result<()> {
    let place = find::place(&session.state_dir, container);
    for name in file::list(&place).doing("read", &place)? {
        file::remove(&format!("{place}/{name}")).doing("remove", format_args!("{place}/{name}"))?;
    }
    match file::remove_directory(&place) {
        Err(Errno::NOENT) => {}
        result => result.doing("remove", &place)?,
    }
    // The one of whoever comes later stays in use until the last is gone.
    let Some(store) = session.exclusive_if_any()? else { return Ok(()) };
    store.remove(Kind::State, &container.id)?;
    store.remove(Kind::Container, &container.name)?;
    let run = find::places(&session.state_dir);
    if store.names(Kind::Container)?.is_empty() {
        file::remove(&format!("{run}/names")).doing("remove", format_args!("{run}/names"))?;
        match file::remove_directory(&run) {
            Ok(()) | Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST) => {}
            Err(errno) => return Err(Error::system("remove", run, errno)),
        }
    }
    Ok(())
}
