//! A container's log: bounded, in two files that take turns, in the format of the Container Runtime Interface, a line an entry:
//! `2026-11-26T13:55:27.022047009Z stdout F text`. `P` in place of `F` says that the line goes on in the stream's next entry.
//!
//! # Source
//! "CRI Log Format", kubernetes/design-proposals-archive, node/kubelet-cri-logging.md.

use std::collections::{HashSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Doing, Result};
use crate::sys::file;
use crate::types::time;

/// The file that is written to, and the one before it.
const NAMES: [&str; 2] = ["log", "log.1"];

/// How long a file may become. Two of them are a container's log: it lies on tmpfs, that is, in memory.
const LONGEST: u64 = 512 * 1024;

/// The part of the file system that others find free, whatever is logged: a tenth.
const LEFT_FREE: u64 = 10;

/// Where output came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output, or a terminal.
    Output,
    /// Standard error.
    Errors,
}

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Self::Output => "stdout",
            Self::Errors => "stderr",
        }
    }
}

/// The log as its watcher writes it.
#[derive(Debug)]
pub struct Writer {
    directory: String,
    file: Option<File>,
    length: u64,
}

impl Writer {
    /// Goes on with the log in `directory`.
    #[must_use]
    pub fn new(directory: &str) -> Self {
        let mut writer = Self { directory: directory.to_owned(), file: None, length: 0 };
        writer.open();
        writer
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(&self.directory).join(name)
    }

    fn open(&mut self) {
        let [name, _] = NAMES;
        self.file = OpenOptions::new().append(true).create(true).open(self.path(name)).ok();
        self.length = self.file.as_ref().and_then(|file| file.metadata().ok()).map_or(0, |file| file.len());
    }

    /// Adds what came from a stream. A log that cannot be written is no reason to end a container: what does not fit is lost.
    pub fn add(&mut self, stream: Stream, bytes: &[u8]) {
        let (stamp, mut text) = (time::stamp(), Vec::with_capacity(bytes.len() + 64));
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = line.ends_with(b"\n");
            text.extend_from_slice(format!("{stamp} {} {} ", stream.name(), if whole { 'F' } else { 'P' }).as_bytes());
            text.extend_from_slice(line);
            if !whole {
                text.push(b'\n');
            }
        }
        let added = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if self.length > 0 && self.length + added > LONGEST {
            let [name, before] = NAMES;
            let _ = std::fs::rename(self.path(name), self.path(before));
            self.open();
        }
        let has_room = || file::free_part(&self.directory).is_none_or(|free| free >= LEFT_FREE);
        if let Some(file) = self.file.as_mut().filter(|_| has_room())
            && file.write_all(&text).is_ok()
        {
            self.length += added;
        }
    }
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it was written, RFC 3339.
    pub time: String,
    /// Where it came from.
    pub stream: Stream,
    /// Its text, with its line break when it ends a line.
    pub text: Vec<u8>,
}

impl Entry {
    /// Whether it ends a line.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.text.ends_with(b"\n")
    }

    fn parse(line: &[u8]) -> Option<Self> {
        let mut words = line.splitn(4, |byte| *byte == b' ');
        let (time, stream, tag, text) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let stream = if stream == b"stderr" { Stream::Errors } else { Stream::Output };
        let text = if tag == b"F" { text } else { text.strip_suffix(b"\n")? };
        Some(Self { time: String::from_utf8_lossy(time).into_owned(), stream, text: text.to_vec() })
    }
}

/// The log as others read it, while it is written.
#[derive(Debug)]
pub struct Reader {
    directory: String,
    file: Option<BufReader<File>>,
    /// Of the entries that were there when reading began: whether each is of a line that is asked for.
    wanted: VecDeque<bool>,
}

impl Reader {
    /// The log in `directory`, from the last `tail` lines on where that is given.
    pub fn new(directory: &str, tail: Option<usize>) -> Result<Self> {
        let mut reader = Self::at_begin(directory)?;
        if let Some(tail) = tail {
            let mut lines = Lines::default();
            while let Some(entry) = reader.next()? {
                lines.add(&entry);
            }
            let wanted = lines.last(tail);
            reader = Self { wanted, ..Self::at_begin(directory)? };
        }
        Ok(reader)
    }

    fn at_begin(directory: &str) -> Result<Self> {
        let mut reader = Self { directory: directory.to_owned(), file: None, wanted: VecDeque::new() };
        let [name, before] = NAMES;
        reader.open(before)?;
        if reader.file.is_none() {
            reader.open(name)?;
        }
        Ok(reader)
    }

    fn open(&mut self, name: &str) -> Result<()> {
        let path = format!("{}/{name}", self.directory);
        self.file = match File::open(&path) {
            Ok(file) => Some(BufReader::new(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).doing("read", path),
        };
        Ok(())
    }

    /// The next entry; none when there is none yet.
    pub fn next(&mut self) -> Result<Option<Entry>> {
        loop {
            let Some(file) = &mut self.file else {
                self.open(NAMES[0])?;
                if self.file.is_none() {
                    return Ok(None);
                }
                continue;
            };
            let mut line = Vec::new();
            let read = file.read_until(b'\n', &mut line).doing("read", "the log")?;
            if line.ends_with(b"\n") {
                if let Some(entry) = Entry::parse(&line)
                    && self.wanted.pop_front().unwrap_or(true)
                {
                    return Ok(Some(entry));
                }
                continue;
            }
            // Half a line is on its way: it is read again, whole.
            let back = i64::try_from(read).unwrap_or_default();
            if back > 0 && file.seek(SeekFrom::Current(-back)).is_ok() {
                return Ok(None);
            }
            // At its end. When another file is written to by now, this one has no more.
            if self.is_current() {
                return Ok(None);
            }
            self.open(NAMES[0])?;
        }
    }

    /// Whether the file that is being read is the one that is written to.
    fn is_current(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let own = self.file.as_ref().and_then(|file| file.get_ref().metadata().ok());
        let now = std::fs::metadata(format!("{}/{}", self.directory, NAMES[0])).ok();
        match (own, now) {
            (Some(own), Some(now)) => own.ino() == now.ino(),
            _ => true,
        }
    }
}

/// Which entries make a line: the streams' entries come one between another.
#[derive(Default)]
struct Lines {
    /// The line of each entry.
    of_entries: Vec<usize>,
    /// The line that each stream is in, if it is in one.
    open: [Option<usize>; 2],
    /// The lines in the order in which they ended.
    ended: Vec<usize>,
    count: usize,
}

impl Lines {
    fn add(&mut self, entry: &Entry) {
        let [output, errors] = &mut self.open;
        let open = if entry.stream == Stream::Output { output } else { errors };
        let line = *open.get_or_insert_with(|| {
            self.count += 1;
            self.count
        });
        self.of_entries.push(line);
        if entry.is_end() {
            *open = None;
            self.ended.push(line);
        }
    }

    /// Whether each entry is of one of the last `count` lines. One that has not ended is the last.
    fn last(mut self, count: usize) -> VecDeque<bool> {
        self.ended.extend(self.open.into_iter().flatten());
        let first = self.ended.len().saturating_sub(count);
        let last: HashSet<usize> = self.ended.drain(first..).collect();
        self.of_entries.iter().map(|line| last.contains(line)).collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let entry = Entry::parse(b"2026-11-26T13:55:27.022047009Z stderr F a b\n").unwrap();
        assert_eq!((entry.stream, entry.text.as_slice(), entry.is_end()), (Stream::Errors, b"a b\n".as_slice(), true));
        let entry = Entry::parse(b"2026-11-26T13:55:27.022047009Z stdout P $ \n").unwrap();
        assert_eq!((entry.stream, entry.text.as_slice(), entry.is_end()), (Stream::Output, b"$ ".as_slice(), false));
        assert_eq!(Entry::parse(b"torn\n"), None);
    }

    #[test]
    fn the_last_lines_are_whole_whatever_came_between() {
        let mut lines = Lines::default();
        for (stream, text) in [
            (Stream::Output, "out\n"),
            (Stream::Output, "half"),
            (Stream::Errors, "err\n"),
            (Stream::Output, " line\n"),
            (Stream::Output, "$ "),
        ] {
            lines.add(&Entry { time: String::new(), stream, text: text.as_bytes().to_vec() });
        }
        assert_eq!(lines.last(2), [false, true, false, true, true]);
    }
}
