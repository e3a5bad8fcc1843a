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
use crate::error::{Error, Result};
use crate::sandbox::SandboxRef;
use crate::session::Session;
use crate::types::id;

/// The sandbox that is meant: that of a container, where a container's id is given.
pub fn sandbox(session: &Session, given: &SandboxRef) -> Result<SandboxRef> {
    match given {
        SandboxRef::Name(name) if id::is_prefix(name) && !given.is_there() => {
            let container = find::find_any(&session.records(), name)?;
            Ok(container.map_or_else(|| given.clone(), |found| SandboxRef::Name(found.container.name)))
        }
        given => Ok(given.clone()),
    }
}

/// What Docker's users expect of `run`: that it was not the command that failed is exit code 125.
fn not_run(cause: Box<Error>) -> Box<Error> {
    match *cause {
        Error::NotRun { .. } | Error::NotStarted { .. } => cause,
        _ => Error::NotRun { code: 125, cause }.into(),
    }
}
