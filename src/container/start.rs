//! Starting a container: its sandbox, its endpoints, its files, its watcher. The network is ready before the command's first
//! instruction.

use std::os::fd::{AsFd, OwnedFd};

use crate::container::find::{self, Found, Status};
use crate::container::watch::call::{Call, Reply, Request};
use crate::container::{cgroup, clean, etc};
use crate::error::{Doing, Error, GivenFor, Result};
use crate::kernel::link::LOOPBACK_INDEX;
use crate::kernel::{Change, Selector};
use crate::model::container::{Attach, Container, NetworkMode};
use crate::model::endpoint::{Endpoint, EndpointSpec};
use crate::model::ports::PortSpec;
use crate::network::connect::{self, Connect};
use crate::sandbox::{SandboxRef, pin};
use crate::session::Session;
use crate::store::{self, Store, networks};
use crate::sys::process::{self, Fork};
use crate::sys::{channel, netns, terminal};
use crate::types::family::PerFamily;

/// The verb by which this program becomes a watcher.
pub const VERB: &str = "container-watcher";

/// Starts a container. `first` is what is wanted of it from its first byte of output on.
pub fn start(session: &Session, found: &Found, first: &Request) -> Result<Call> {
    let container = &found.container;
    if found.status.is_alive() {
        return Err(Error::container(&container.name, "is running already"));
    }
    // What a watcher that was killed has left, or who started it before and was.
    if found.status == Status::Dead || SandboxRef::Name(container.name.clone()).is_there() {
        clean::release(session, container)?;
    }
    let started = prepare(session, container).and_then(|()| {
        let verb = [VERB, &container.name];
        with_watcher(session, &verb, None, first, &container.name, "was not started: its watcher died")
    });
    if started.is_err() {
        // Why it did not start matters more.
        let _ = clean::release(session, container);
    }
    started
}

fn prepare(session: &Session, container: &Container) -> Result<()> {
    find::make_place(&session.state_dir, container)?;
    cgroup::create(container)?;
    make_sandbox(session, container)?;
    for attach in container.networks() {
        connect::connect(session, &connection(container, attach)?)?;
    }
    etc::write(session, container)?;
    // The others learn its name.
    crate::container::names::refresh(session)
}

/// A network namespace of its own, with its loopback up.
fn make_sandbox(session: &Session, container: &Container) -> Result<()> {
    if !container.has_sandbox() {
        return Ok(());
    }
    let home = Session::home()?;
    let made = pin::add(&container.name);
    home.enter().doing("return to", "the network namespace of the host")?;
    made?;
    if container.network == NetworkMode::None {
        let sandbox = SandboxRef::Name(container.name.clone());
        let mut inside = sandbox.rtnl(&sandbox.open()?, &home, session.report)?;
        let up = Change { up: Some(true), ..Change::default() };
        inside.set_link(Selector::Index(LOOPBACK_INDEX), &up).doing("set up", "the loopback interface")?;
    }
    Ok(())
}

fn connection(container: &Container, attach: &Attach) -> Result<Connect> {
    let port = |text: &String| text.parse::<PortSpec>().given_for("-p", text);
    Ok(Connect {
        network: attach.network.clone(),
        sandbox: SandboxRef::Name(container.name.clone()),
        spec: EndpointSpec { addresses: PerFamily { v4: attach.ip, v6: attach.ip6 }, mac: attach.mac, ifname: None },
        publish: attach.publish.iter().map(port).collect::<Result<_>>()?,
        ensure: false,
    })
}

/// Makes a watcher by the words of its verb, hands over what it is told before all else, and waits until it says that the command runs.
/// `died` follows the container's name where it does not say anything.
pub(super) fn with_watcher(
    session: &Session,
    verb: &[&str],
    told: Option<&[u8]>,
    first: &Request,
    container: &str,
    died: &str,
) -> Result<Call> {
    let (own, of_watcher) = channel::pair().doing("make", "a socket")?;
    if process::fork().doing("make", "the watcher")? == Fork::Child {
        drop(own);
        become_watcher(session, verb, &of_watcher);
    }
    drop(of_watcher);
    if let Some(told) = told {
        channel::tell(own.as_fd(), told, true).doing("hand over", "the command")?;
    }
    let call = Call::from(own);
    call.say(first);
    match call.hear()? {
        Some(Reply::Started) => Ok(call),
        Some(Reply::Failed(code, why)) => Err(Error::NotStarted { code, why }.into()),
        _ => Err(Error::container(container, died)),
    }
}

/// Becomes a watcher: this program anew, with nothing of what this process holds, out of a file that cannot be written through it.
fn become_watcher(session: &Session, verb: &[&str], channel: &OwnedFd) -> ! {
    process::lead_session();
    let state_dir = std::path::absolute(&session.state_dir)
        .map_or(session.state_dir.clone(), |path| path.to_string_lossy().into_owned());
    let nothing = || terminal::nothing().or_else(|_| channel::pipe().map(|(read, _)| read));
    if let Ok(nothing) = nothing()
        && terminal::standard(channel.as_fd(), &nothing, &nothing).is_ok()
    {
        let words = [&["pontoon", "--state-dir", &state_dir], verb].concat();
        let errno = process::become_self_read_only(&words);
        let why = Error::system("start", "the watcher: /proc must be mounted", errno).to_string();
        let _ = channel::tell(channel.as_fd(), &Reply::Failed(125, why).write(), true);
    }
    process::leave(125)
}

/// The sandbox of a container that runs gets its new name, and what is recorded of its endpoints does.
pub(super) fn rename_sandbox(session: &Session, store: &Store, old: &str, new: &str) -> Result<()> {
    let namespace = SandboxRef::Name(old.to_owned()).open()?;
    pin::give(&namespace, new)?;
    let mut rtnl = session.rtnl()?;
    for network in networks::all(store)? {
        for endpoint in store::endpoints::of_network(store, &network)? {
            if endpoint.sandbox == old {
                let renamed = Endpoint { sandbox: new.to_owned(), ..endpoint };
                store.write(&renamed.key(), &renamed)?;
                let alias = renamed.alias(&network);
                let change = Change { alias: Some(&alias), ..Change::default() };
                let _ = rtnl.set_link(Selector::Index(renamed.index), &change);
            }
        }
    }
    netns::unpin(old).doing("remove", netns::pinned_path(old))
}
