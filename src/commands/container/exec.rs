//! `exec`.

use super::{needs_terminal, not_run};
use crate::commands::Context;
use crate::container::exec::{self, Command};
use crate::container::watch::attach::{self, Front, Outcome};
use crate::container::watch::call::Request;
use crate::error::{Error, Result};

/// What `exec` is told.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// What is to be run.
    pub command: Command,
    /// `-d`.
    pub detach: bool,
    /// `--detach-keys`.
    pub detach_keys: Vec<u8>,
}

/// Carries it out: the command's own exit code, or 0 for one that goes on.
pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let command = &arguments.command;
    needs_terminal(command.tty && command.open_stdin && !arguments.detach)?;
    let first = if arguments.detach { Request::Wait } else { attach::request(command.tty) };
    let call = exec::start(&context.session, command, &first).map_err(|error| match *error {
        // As Docker's: what is wrong with the container is its own exit code.
        Error::NotFound { .. } | Error::NotRunning { .. } | Error::Container { .. } => error,
        _ => not_run(error),
    })?;
    if arguments.detach {
        return Ok(0);
    }
    let front = Front {
        input: command.open_stdin,
        tty: command.tty,
        detach_keys: arguments.detach_keys.clone(),
        signals: true,
    };
    attach::follow(&call, &front).map(Outcome::exit_code)
}
