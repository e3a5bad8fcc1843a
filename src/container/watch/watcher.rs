//! The watcher of a container: a process with one thread that stays as long as the container does. It makes and buries the first process,
//! serves those who call (`service.rs`), starts the command anew, and at last releases what the container has.
//!
//! When it is killed, the kernel kills the first process, and with that all others of the container.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use crate::container::inside::init::{self, Birth};
use crate::container::watch::call::{self, Reply};
use crate::container::watch::log::Writer;
use crate::container::watch::service::{Service, streams_of};
use crate::container::{cgroup, clean, find};
use crate::error::{Doing, Error, Result};
use crate::model::container::{Container, NetworkMode, Phase, State};
use crate::session::Session;
use crate::sys::netns::{self, Netns};
use crate::sys::process::{self, Fork};
use crate::sys::{channel, root};
use crate::types::time;

/// The first wait before the command is started anew; it doubles with every time.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Who ran that long is started anew without a wait.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

struct Watcher<'a> {
    session: &'a Session,
    container: &'a Container,
    place: String,
    state: State,
    service: Service,
}

/// Watches the container called `name`, which is to be started. `first` leads to who wants that.
pub fn watch(session: &Session, name: &str, first: OwnedFd) -> Result<()> {
    let found = find::find(&session.records(), name)?;
    let container = &found.container;
    let place = find::place(&session.state_dir, container);
    let listener = channel::serve(&place, call::SOCKET).doing("listen at", format_args!("{place}/{}", call::SOCKET))?;
    let service = Service::new(first, Some(listener), Some(Writer::new(&place)), container.tty, container.open_stdin)?;
    let watcher = process::own_id();
    let watcher_start = process::start_time(watcher).unwrap_or_default();
    let state = State { watcher, watcher_start, ..State::default() };
    Watcher { session, container, place, state, service }.stay()
}

impl Watcher<'_> {
    fn stay(&mut self) -> Result<()> {
        let mut wait = FIRST_WAIT;
        loop {
            let began = Instant::now();
            if let Err(error) = self.launch() {
                return self.fail(&error);
            }
            self.service.tell_all(&Reply::Started);
            let code = self.service.run()?;
            self.state.exit_code = code;
            self.state.finished = time::stamp();
            self.state.oom_killed = cgroup::was_out_of_memory(self.container);
            if self.service.stopped || !self.container.restart.restarts(code, self.state.restarts) {
                return self.end(code);
            }
            if began.elapsed() >= LONG_ENOUGH {
                wait = FIRST_WAIT;
            }
            self.state.restarts += 1;
            self.state.phase = Phase::Restarting;
            self.write_state()?;
            if !self.service.pause(wait)? {
                return self.end(code);
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Makes the first process, and waits until it has become the command.
    fn launch(&mut self) -> Result<()> {
        let container = self.container;
        let network = match &container.network {
            NetworkMode::Host => None,
            NetworkMode::Container(id) => Some(of_other(self.session, id)?),
            _ => Some(Netns::open(&netns::pinned_path(&container.name)).doing("open the sandbox of", &container.name)?),
        };
        if !container.shares_files() {
            root::new_processes().doing("make", "a pid namespace")?;
        }
        let (own, of_child) = channel::pair().doing("make", "a socket")?;
        let (standard, streams) = streams_of(container.tty, container.open_stdin)?;
        let size = self.service.size;
        self.state.pid = match process::fork().doing("make", "the first process")? {
            Fork::Child => {
                drop((own, streams));
                init::begin(Birth { container, place: &self.place, network, size, standard }, of_child)
            }
            Fork::Parent(pid) => pid,
        };
        drop((of_child, standard));
        self.service.streams = streams;
        self.state.pid_start = process::start_time(self.state.pid).unwrap_or_default();
        self.service.born(self.state.pid, &own)?;
        // Who started it was killed, and somebody has removed it meanwhile: nobody would find it any more.
        if find::find_any(&self.session.records(), &container.id)?.is_none() {
            let _ = process::send(self.state.pid, 9);
            let _ = process::wait(self.state.pid);
            return Err(find::missing(&container.name));
        }
        self.state.phase = Phase::Running;
        self.state.started = time::stamp();
        self.write_state()
    }

    /// The command could not be started: says so, and is gone. At the first start, who wanted that releases what the container has.
    fn fail(&mut self, error: &Error) -> Result<()> {
        let code = error.exit_code_not_run();
        let was_started = !self.state.started.is_empty();
        self.state.phase = if was_started { Phase::Exited } else { Phase::Created };
        self.state.exit_code = code;
        self.state.error = error.to_string();
        self.state.pid = 0;
        if was_started {
            return self.end(code);
        }
        if find::find_any(&self.session.records(), &self.container.id)?.is_some() {
            self.write_state()?;
        } else {
            // Of one that somebody removed nothing is written any more, and nobody else releases what it has.
            clean::release(self.session, self.container)?;
        }
        self.service.tell_all(&Reply::failed(error));
        Ok(())
    }

    /// It has ended for good.
    fn end(&mut self, code: u8) -> Result<()> {
        // It may have another name by now.
        let renamed = find::find_any(&self.session.records(), &self.container.id)?.map(|found| found.container);
        let container = renamed.as_ref().unwrap_or(self.container);
        let released = clean::release(self.session, container);
        self.state.phase = Phase::Exited;
        self.state.pid = 0;
        let recorded =
            if self.container.auto_remove { clean::forget(self.session, container) } else { self.write_state() };
        // Only now: who is told finds the name, the address and the ports free.
        self.service.close(code);
        released.and(recorded)
    }

    fn write_state(&self) -> Result<()> {
        match self.session.shared()? {
            Some(store) => store.write(&self.container.id, &self.state),
            // Somebody removed everything.
            None => Ok(()),
        }
    }
}

/// The network namespace of another container, which runs.
fn of_other(session: &Session, id: &str) -> Result<Netns> {
    let other = find::running(&session.records(), id)?;
    Netns::of_process(other.state.pid).doing("open the network of container", &other.container.name)
}
