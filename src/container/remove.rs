//! Removing containers. "Already gone" is done.

use std::time::Duration;

use super::find::{self, Found, Status};
use super::{clean, stop};
use crate::error::{Error, Result};
use crate::session::Session;

/// Removes a container; with `force`, one that runs too.
pub fn remove(session: &Session, reference: &str, force: bool) -> Result<()> {
    let found = find::find(&session.records(), reference)?;
    if found.status.is_alive() {
        if !force {
            let why = "is running. Stop it before, or remove it with -f.".to_owned();
            return Err(Error::Container { container: found.container.name, why }.into());
        }
        match stop::stop(session, &found.container.id, Duration::ZERO, Some(9)) {
            Err(error) if matches!(*error, Error::NotRunning { .. } | Error::NotFound { .. }) => {}
            result => result?,
        }
    }
    // With --rm its watcher has done it.
    match find::find_any(&session.records(), &found.container.id)? {
        Some(found) => gone(session, &found),
        None => Ok(()),
    }
}

/// Removes what is left of a container that does not run.
pub(super) fn gone(session: &Session, found: &Found) -> Result<()> {
    if found.status == Status::Dead {
        stop::end_what_is_left(found);
    }
    clean::release(session, &found.container)?;
    clean::forget(session, &found.container)
}
