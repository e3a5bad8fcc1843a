//! `logs`.

use std::thread::sleep;
use std::time::Duration;

use crate::commands::Context;
use crate::container::find;
use crate::container::watch::attach;
use crate::container::watch::log::{Entry, Reader, Stream};
use crate::error::Result;
use crate::types::time;

/// How long a look lasts until the log is looked at again.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What `logs` is told.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// The container.
    pub container: String,
    /// `-f`.
    pub follow: bool,
    /// `-n`: no more than the last lines.
    pub tail: Option<usize>,
    /// `-t`: when each line was written.
    pub timestamps: bool,
    /// `--since`, in seconds since 1970.
    pub since: Option<i64>,
}

/// Carries it out: what went to standard output goes to ours, and errors likewise.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let found = find::find(&context.session.records(), &arguments.container)?;
    let place = find::place(&context.session.state_dir, &found.container);
    let mut log = Reader::new(&place, arguments.tail)?;
    // Whether the stream's last entry has ended its line.
    let mut at_begin = [true, true];
    loop {
        // Looked at first: what is written before it ends is then read, too.
        let runs = find::find_any(&context.session.records(), &found.container.id)?
            .is_some_and(|found| found.status.is_alive());
        while let Some(entry) = log.next()? {
            if arguments.since.is_none_or(|since| time::parse(&entry.time).is_none_or(|at| at >= since))
                && !show(&entry, arguments.timestamps, &mut at_begin)?
            {
                return Ok(());
            }
        }
        if !arguments.follow || !runs {
            return Ok(());
        }
        sleep(BETWEEN_LOOKS);
    }
}

/// False when nobody reads it any more.
fn show(entry: &Entry, timestamps: bool, at_begin: &mut [bool; 2]) -> Result<bool> {
    let [output, errors] = at_begin;
    let begins = if entry.stream == Stream::Output { output } else { errors };
    let mut text = if timestamps && *begins { format!("{} ", entry.time).into_bytes() } else { Vec::new() };
    *begins = entry.is_end();
    text.extend_from_slice(&entry.text);
    attach::pass_on(&text, entry.stream == Stream::Errors)
}
