//! `run`, `create`, `start`.

use std::fs::OpenOptions;
use std::io::Write;

use super::{needs_terminal, not_run};
use crate::commands::{Context, print};
use crate::container::watch::attach::{self, Front, Outcome};
use crate::container::watch::call::Request;
use crate::container::{create, find, remove, start};
use crate::error::{Doing, Error, Result};
use crate::model::container::Container;

/// What `run` and `create` are told.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The container, but for what nobody says.
    pub container: Container,
    /// `-d`.
    pub detach: bool,
    /// `--cidfile`.
    pub cidfile: Option<String>,
    /// `--detach-keys`.
    pub detach_keys: Vec<u8>,
    /// `--sig-proxy`.
    pub signals: bool,
}

/// Carries `run` out: the command's own exit code, or 0 for one that goes on.
pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let container = &arguments.container;
    needs_terminal(container.tty && container.open_stdin && !arguments.detach).map_err(not_run)?;
    let container = made(context, arguments).map_err(not_run)?;
    let first = if arguments.detach { Request::Wait } else { attach::request(container.tty) };
    let started = begin(context, &container, &first);
    if started.is_err() && container.auto_remove {
        let _ = remove::remove(&context.session, &container.id, true);
    }
    let call = started.map_err(not_run)?;
    if arguments.detach {
        return print(&format!("{}\n", container.id)).map(|()| 0);
    }
    let front = Front {
        input: container.open_stdin,
        tty: container.tty,
        detach_keys: arguments.detach_keys.clone(),
        signals: arguments.signals,
    };
    attach::follow(&call, &front).map(Outcome::exit_code)
}

/// Carries `create` out.
pub fn create(context: &Context, arguments: &Arguments) -> Result<()> {
    let container = made(context, arguments)?;
    print(&format!("{}\n", container.id))
}

fn begin(context: &Context, container: &Container, first: &Request) -> Result<crate::container::watch::call::Call> {
    let found = find::find(&context.session.records(), &container.id)?;
    start::start(&context.session, &found, first)
}

fn made(context: &Context, arguments: &Arguments) -> Result<Container> {
    let trees = std::env::var("PONTOON_ROOTFS_DIR").ok();
    let mut cidfile = match &arguments.cidfile {
        Some(path) => {
            let opened = OpenOptions::new().write(true).create_new(true).open(path);
            Some(opened.doing("create", path)?)
        }
        None => None,
    };
    let made = create::create(&context.session, arguments.container.clone(), trees.as_deref());
    match (&made, &mut cidfile, &arguments.cidfile) {
        (Ok(container), Some(file), Some(path)) => {
            let written = file.write_all(container.id.as_bytes());
            written.doing("write", path)?;
        }
        (Err(_), Some(_), Some(path)) => drop(std::fs::remove_file(path)),
        _ => {}
    }
    made
}

/// What `start` is told.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// The containers.
    pub names: Vec<String>,
    /// `-a`: output; `-i`: input too.
    pub attach: bool,
    /// `-i`.
    pub input: bool,
    /// `--detach-keys`.
    pub detach_keys: Vec<u8>,
}

/// Carries `start` out.
pub fn start(context: &Context, arguments: &Start) -> Result<u8> {
    let mut failures = Vec::new();
    for name in &arguments.names {
        match one(context, name, arguments) {
            Ok(Some(code)) => return Ok(code),
            Ok(None) => print(&format!("{name}\n"))?,
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    Error::collect(failures, arguments.names.len() > 1).map(|()| 0)
}

fn one(context: &Context, name: &str, arguments: &Start) -> Result<Option<u8>> {
    let found = find::find(&context.session.records(), name)?;
    // As with Docker, one that runs already is no error.
    if found.status.is_alive() && !arguments.attach {
        return Ok(None);
    }
    let tty = found.container.tty;
    let first = if arguments.attach { attach::request(tty) } else { Request::Wait };
    let call = start::start(&context.session, &found, &first)?;
    if !arguments.attach {
        return Ok(None);
    }
    let front = Front {
        input: arguments.input && found.container.open_stdin,
        tty,
        detach_keys: arguments.detach_keys.clone(),
        signals: true,
    };
    attach::follow(&call, &front).map(|outcome| Some(outcome.exit_code()))
}
