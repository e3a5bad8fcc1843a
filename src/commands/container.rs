//! Verbs of containers, as Docker has them.

pub mod attach;
pub mod exec;
pub mod logs;
pub mod many;
pub mod ps;
pub mod run;
pub mod top;
pub mod watch;

use crate::container::find;
use crate::container::watch::attach as front;
use crate::error::{Error, Result};
use crate::sandbox::SandboxRef;
use crate::session::Session;
use crate::types::id;

/// Does something to a sandbox, or where there is none of that name to that of the container whose id begins so.
pub fn with_sandbox<T>(session: &Session, given: &SandboxRef, work: impl Fn(&SandboxRef) -> Result<T>) -> Result<T> {
    match (work(given), given) {
        (Err(error), SandboxRef::Name(name)) if id::is_prefix(name) && !given.is_there() => {
            match find::find_any(&session.records(), name)? {
                Some(found) => work(&SandboxRef::Name(found.container.name)),
                None => Err(error),
            }
        }
        (result, _) => result,
    }
}

/// Whoever types in front of a terminal needs one.
fn needs_terminal(types: bool) -> Result<()> {
    if !types || front::has_terminal() {
        return Ok(());
    }
    Err(Error::Usage("standard input is not a terminal, which -it needs. Leave out -t.".to_owned()).into())
}

/// What Docker's users expect of `run`: that it was not the command that failed is exit code 125.
fn not_run(cause: Box<Error>) -> Box<Error> {
    match *cause {
        Error::NotRun { .. } | Error::NotStarted { .. } => cause,
        _ => Error::NotRun { code: cause.exit_code_not_run(), cause }.into(),
    }
}
