//! `attach`.

use crate::commands::Context;
use crate::container::find::{self, Status};
use crate::container::watch::attach::{self, Front, Outcome};
use crate::container::watch::call::Call;
use crate::error::{Error, Result};

/// What `attach` is told.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The container.
    pub container: String,
    /// `--no-stdin`.
    pub no_stdin: bool,
    /// `--detach-keys`.
    pub detach_keys: Vec<u8>,
    /// `--sig-proxy`.
    pub signals: bool,
}

/// Carries it out: the container's exit code, or 0 when the user goes first.
pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let found = find::running(&context.session.records(), &arguments.container)?;
    if found.status == Status::Paused {
        return Err(Error::container(&found.container.name, find::PAUSED));
    }
    let call = Call::new(&context.session.state_dir, &found)?;
    call.say(&attach::request(found.container.tty));
    let front = Front {
        input: found.container.open_stdin && !arguments.no_stdin,
        tty: found.container.tty,
        detach_keys: arguments.detach_keys.clone(),
        signals: arguments.signals && !found.container.tty,
    };
    attach::follow(&call, &front).map(Outcome::exit_code)
}
