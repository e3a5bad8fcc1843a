//! Removing what watchers that were killed have left: sandboxes and endpoints of containers that are dead, and those with `--rm`.

use crate::container::clean;
use crate::container::find::{self, Status};
use crate::container::{remove, stop};
use crate::error::Result;
use crate::session::Session;

/// Carries it out; the names of the containers that something was left of. With `dry_run` changes nothing.
pub fn collect(session: &Session, dry_run: bool) -> Result<Vec<String>> {
    let mut found = find::all(&session.records())?;
    found.retain(|found| found.status == Status::Dead);
    for dead in found.iter().filter(|_| !dry_run) {
        if dead.container.auto_remove {
            remove::gone(session, dead)?;
        } else {
            stop::end_what_is_left(dead);
            clean::release(session, &dead.container)?;
        }
    }
    Ok(found.into_iter().map(|found| found.container.name).collect())
}
