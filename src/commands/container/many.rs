//! Verbs that do one thing to each of several containers, and print the name of each that it was done to.

use std::time::Duration;

use crate::commands::{Context, print};
use crate::container::{create, remove, stop};
use crate::error::{Error, Result};

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// `stop`: how long it is waited for, and with which signal it begins.
    Stop(Duration, Option<i32>),
    /// `kill`, with this signal.
    Kill(i32),
    /// `restart`: how long the end is waited for.
    Restart(Duration),
    /// `rm`; whether running ones too.
    Remove(bool),
    /// `pause`, or `unpause`.
    Pause(bool),
}

/// Carries it out, for the others too when it fails for one.
pub fn run(context: &Context, names: &[String], deed: &Deed) -> Result<()> {
    let session = &context.session;
    let mut failures = Vec::new();
    for name in names {
        let done = match deed {
            Deed::Stop(patience, signal) => stop::stop(session, name, *patience, *signal),
            Deed::Kill(signal) => stop::kill(session, name, *signal),
            Deed::Restart(patience) => stop::restart(session, name, *patience),
            Deed::Pause(frozen) => stop::pause(session, name, *frozen),
            Deed::Remove(force) => match remove::remove(session, name, *force) {
                // As with Docker.
                Err(error) if *force && matches!(*error, Error::NotFound { .. }) => continue,
                result => result,
            },
        };
        match done {
            Ok(()) => print(&format!("{name}\n"))?,
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    Error::collect(failures, names.len() > 1)
}

/// `wait`: prints how each ended.
pub fn wait(context: &Context, names: &[String]) -> Result<()> {
    let mut failures = Vec::new();
    for name in names {
        match stop::wait(&context.session, name) {
            Ok(code) => print(&format!("{code}\n"))?,
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    Error::collect(failures, names.len() > 1)
}

/// `rename`.
pub fn rename(context: &Context, old: &str, new: &str) -> Result<()> {
    create::rename(&context.session, old, new)
}
