//! The directory of the records: opened once, and refused where others may have a hand in it.
//!
//! Whoever may write there, or owns it, could put a link or a FIFO in the place of a record, and root would follow or wait.

use crate::error::{Errno, Error, Result};
use crate::sys::directory::{self, Directory};

/// What to do about one that cannot be used.
const ANOTHER: &str = "Use another with --state-dir.";

/// Opens the directory at `path`; none when it is not there. `doing` says for what, as in "cannot DOING OBJECT".
///
/// It may be a link, of our own or of root's, to a directory that is as it must be.
pub(super) fn open(path: &str, doing: &'static str, object: &str) -> Result<Option<Directory>> {
    let failed = |errno| Error::system(doing, object, errno);
    let opened = match Directory::open(path, false) {
        Err(Errno::NOTDIR | Errno::LOOP) => follow(path)?.ok_or(Errno::NOTDIR),
        result => result,
    };
    let directory = match opened {
        Err(Errno::NOENT) => return Ok(None),
        result => result.map_err(failed)?,
    };
    let owner = directory.owner().map_err(failed)?;
    if !is_trusted(owner.user) {
        return Err(refused(path, &format!("belongs to user {}. {ANOTHER}", owner.user)));
    }
    if owner.mode & 0o022 != 0 {
        let mode = owner.mode;
        let remedy = "Take that from them with 'chmod go-w', or use another with --state-dir.";
        return Err(refused(path, &format!("may be written by others (mode {mode:o}). {remedy}")));
    }
    Ok(Some(directory))
}

/// The directory that the link at `path` leads to; none when there is no link.
fn follow(path: &str) -> Result<Option<Directory>> {
    let Ok(Some(link)) = directory::owner_of_link(path) else { return Ok(None) };
    if !is_trusted(link.user) {
        return Err(refused(path, &format!("is a link of user {}. {ANOTHER}", link.user)));
    }
    match Directory::open(path, true) {
        Err(Errno::NOENT) => Err(refused(path, &format!("is a link that leads nowhere. {ANOTHER}"))),
        result => Ok(result.ok()),
    }
}

fn is_trusted(user: u32) -> bool {
    user == 0 || user == directory::own_user()
}

fn refused(path: &str, why: &str) -> Box<Error> {
    Error::StateDirectory { path: path.to_owned(), why: why.to_owned() }.into()
}
