//! Removing containers. "Already gone" is done.

use crate::container::clean;
use crate::container::find::{self, Found, Status};
use crate::container::stop;
use crate::container::watch::call::Call;
use crate::error::{Error, Result};
use crate::session::Session;

/// Removes a container; with `force`, one that runs too.
pub fn remove(session: &Session, reference: &str, force: bool) -> Result<()> {
    let found = find::find(&session.records(), reference)?;
    // Who started it may have been killed before its watcher has written that it runs: who answers tells.
    let call = Call::new(&session.state_dir, &found).ok();
    if found.status.is_alive() && !force {
        return Err(Error::container(&found.container.name, "is running. Stop it before, or remove it with -f."));
    }
    if let Some(call) = call {
        stop::end_now(&found, &call)?;
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
