//! Ending, freezing and waiting for containers.

use std::time::Duration;

use crate::container::find::{self, Status};
use crate::container::start;
use crate::container::watch::call::{Call, Request};
use crate::container::{cgroup, clean};
use crate::error::{Error, Result};
use crate::session::Session;
use crate::sys::{process, signal};

const KILL: i32 = 9;

/// Asks a container to end, and ends it after a while. One that has ended is no error.
pub fn stop(session: &Session, reference: &str, patience: Duration, signal: Option<i32>) -> Result<()> {
    let found = find::find(&session.records(), reference)?;
    if !found.status.is_alive() {
        return if found.status == Status::Dead { clean::release(session, &found.container) } else { Ok(()) };
    }
    let call = Call::new(&session.state_dir, &found)?;
    ask(&found, &call, signal.unwrap_or(found.container.stop_signal))?;
    if call.ended(Some(patience))?.is_none() {
        ended_already(call.signal(&found.container.name, KILL, true))?;
        call.ended(None)?;
    }
    Ok(())
}

/// Ends a container without asking it, and waits until all that it has is released.
pub(super) fn end_now(found: &find::Found, call: &Call) -> Result<()> {
    ask(found, call, KILL)?;
    call.ended(None).map(drop)
}

/// Sends a signal after which it is to stay ended; one that is frozen has to hear it.
fn ask(found: &find::Found, call: &Call, signal: i32) -> Result<()> {
    if found.status == Status::Paused {
        cgroup::freeze(&found.container, false)?;
    }
    ended_already(call.signal(&found.container.name, signal, true))
}

/// The number of a signal that is named, with or without `SIG`, or numbered.
#[must_use]
pub fn signal(text: &str) -> Option<i32> {
    signal::number(text)
}

/// Whoever ended before the signal came has done what was wanted.
fn ended_already(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if matches!(*error, Error::NotRunning { .. }) => Ok(()),
        result => result,
    }
}

/// Sends a signal to a container's first process. `SIGKILL` is waited for.
pub fn kill(session: &Session, reference: &str, signal: i32) -> Result<()> {
    let found = find::running(&session.records(), reference)?;
    let call = Call::new(&session.state_dir, &found)?;
    call.signal(&found.container.name, signal, signal == KILL)?;
    if signal == KILL {
        if found.status == Status::Paused {
            cgroup::freeze(&found.container, false)?;
        }
        call.ended(None)?;
    }
    Ok(())
}

/// Waits until a container has ended: its exit code.
pub fn wait(session: &Session, reference: &str) -> Result<u8> {
    let found = find::find(&session.records(), reference)?;
    if found.status.is_alive()
        && let Ok(call) = Call::new(&session.state_dir, &found)
    {
        call.say(&Request::Wait);
        if let Some(code) = call.ended(None)? {
            return Ok(code);
        }
    }
    Ok(find::find_any(&session.records(), reference)?.map_or(found.state.exit_code, |found| found.state.exit_code))
}

/// Freezes a container, or has it go on.
pub fn pause(session: &Session, reference: &str, frozen: bool) -> Result<()> {
    let found = find::running(&session.records(), reference)?;
    match (found.status, frozen) {
        (Status::Paused, true) => Err(Error::container(&found.container.name, "is paused already")),
        (Status::Paused, false) | (_, true) => cgroup::freeze(&found.container, frozen),
        (_, false) => Err(Error::container(&found.container.name, "is not paused")),
    }
}

/// Ends a container and starts it anew.
pub fn restart(session: &Session, reference: &str, patience: Duration) -> Result<()> {
    stop(session, reference, patience, None)?;
    let found = find::find(&session.records(), reference)?;
    start::start(session, &found, &Request::Wait).map(drop)
}

/// What a watcher that was killed could not end: the first process, should it have asked the kernel not to be told.
pub(super) fn end_what_is_left(found: &find::Found) {
    let _ = process::kill(found.state.pid, found.state.pid_start, KILL);
    for pid in cgroup::processes(&found.container) {
        if let Some(start) = process::start_time(pid) {
            let _ = process::kill(pid, start, KILL);
        }
    }
}
