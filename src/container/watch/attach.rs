//! Being in front of a container: this process's terminal, input, output and signals are the container's.

use std::os::fd::AsFd;

use crate::container::watch::call::{Call, Reply, Request};
use crate::error::{Doing, Errno, Result};
use crate::sys::terminal::{self, Raw};
use crate::sys::{channel, signal};

/// What is wanted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// Pass on what comes from standard input.
    pub input: bool,
    /// The container has a terminal.
    pub tty: bool,
    /// The keys that lead away from it.
    pub detach_keys: Vec<u8>,
    /// Pass on signals.
    pub signals: bool,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The container ended, with this exit code.
    Ended(u8),
    /// The container goes on without us.
    Detached,
}

impl Outcome {
    /// The exit code of who was in front: the container's own, or 0 when he went first.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Ended(code) => code,
            Self::Detached => 0,
        }
    }
}

/// ctrl-p ctrl-q.
pub const DETACH_KEYS: [u8; 2] = [16, 17];

/// The request with which a call begins that is to be in front: with a terminal it says how large that is.
#[must_use]
pub fn request(tty: bool) -> Request {
    Request::Attach { size: terminal::size().filter(|_| tty) }
}

/// Whether somebody types.
#[must_use]
pub fn has_terminal() -> bool {
    terminal::is_input()
}

/// Reads `ctrl-p,ctrl-q`, `ctrl-x`, `a,b`: as Docker's `--detach-keys`.
#[must_use]
pub fn keys(text: &str) -> Option<Vec<u8>> {
    let key = |name: &str| match name.strip_prefix("ctrl-") {
        Some("@") => Some(0),
        Some(key) => match key.as_bytes() {
            [letter @ b'a'..=b'z'] => Some(letter - b'a' + 1),
            [sign @ (b'[' | b'\\' | b']' | b'^' | b'_')] => Some(sign - b'@'),
            _ => None,
        },
        None => match name.as_bytes() {
            [one] => Some(*one),
            _ => None,
        },
    };
    text.split(',').map(key).collect()
}

/// Follows a call that has begun with [`request`] until the container ends or the user goes.
pub fn follow(call: &Call, front: &Front) -> Result<Outcome> {
    let heard =
        if front.signals { Some(signal::Heard::of(&signal::PASSED_ON).doing("hear", "signals")?) } else { None };
    let raw = if front.tty && front.input { Raw::input() } else { None };
    let mut keys = Keys { sequence: if raw.is_some() { front.detach_keys.clone() } else { Vec::new() }, matched: 0 };
    let mut input = front.input;
    loop {
        let stdin = std::io::stdin();
        let mut watched = vec![(call.as_fd(), true, false)];
        watched.extend(heard.iter().map(|heard| (heard.as_fd(), true, false)));
        let fixed = watched.len();
        if input {
            watched.push((stdin.as_fd(), true, false));
        }
        let ready = channel::ready(&watched, None).doing("wait for", "the container")?;
        let is_ready = |position: usize| ready.get(position).is_some_and(|(read, _)| *read);
        if is_ready(0) {
            match call.hear()? {
                Some(Reply::Output(bytes)) => {
                    if !pass_on(&bytes, false)? {
                        return Ok(Outcome::Detached);
                    }
                }
                Some(Reply::Errors(bytes)) => {
                    pass_on(&bytes, true)?;
                }
                Some(Reply::Ended(code)) => return Ok(Outcome::Ended(code)),
                Some(_) => {}
                // Its watcher was killed, and it with it.
                None => return Ok(Outcome::Ended(137)),
            }
        }
        if fixed > 1 && is_ready(1) {
            while let Some(number) = heard.as_ref().and_then(signal::Heard::next) {
                signalled(call, front, number);
            }
        }
        if input && is_ready(fixed) {
            match channel::read_some(&stdin, b'i') {
                Ok(Some(message)) => {
                    let (bytes, detach) = keys.pass(message.get(1..).unwrap_or_default());
                    if !bytes.is_empty() {
                        call.say(&Request::Input(bytes));
                    }
                    if detach {
                        return Ok(Outcome::Detached);
                    }
                }
                Err(Errno::AGAIN) => {}
                Ok(None) | Err(_) => {
                    input = false;
                    call.say(&Request::EndOfInput);
                }
            }
        }
    }
}

/// Shows what a container has written. False when nobody reads it any more.
pub fn pass_on(bytes: &[u8], errors: bool) -> Result<bool> {
    terminal::pass_on(bytes, errors).doing("write", "the container's output")
}

fn signalled(call: &Call, front: &Front, number: i32) {
    if number != signal::RESIZED as i32 {
        call.say(&Request::Signal { number, stop: false });
    } else if front.tty
        && let Some(size) = terminal::size()
    {
        call.say(&Request::Resize(size));
    }
}

/// The keys that lead away: what has been pressed of them is held back until it is known that they are not meant.
struct Keys {
    sequence: Vec<u8>,
    matched: usize,
}

impl Keys {
    /// What is to be passed on, and whether the user goes.
    fn pass(&mut self, bytes: &[u8]) -> (Vec<u8>, bool) {
        let mut out = Vec::with_capacity(bytes.len());
        for byte in bytes {
            if self.sequence.get(self.matched) == Some(byte) {
                self.matched += 1;
                if self.matched == self.sequence.len() {
                    return (out, true);
                }
                continue;
            }
            out.extend(self.sequence.get(..self.matched).unwrap_or_default());
            self.matched = usize::from(self.sequence.len() > 1 && self.sequence.first() == Some(byte));
            if self.matched == 0 {
                out.push(*byte);
            }
        }
        (out, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_lead_away() {
        let mut pressed = Keys { sequence: DETACH_KEYS.to_vec(), matched: 0 };
        assert_eq!(pressed.pass(b"ls\n"), (b"ls\n".to_vec(), false));
        assert_eq!(pressed.pass(&[16]), (vec![], false));
        assert_eq!(pressed.pass(b"x"), (vec![16, b'x'], false));
        assert_eq!(pressed.pass(&[16, 16]), (vec![16], false));
        assert_eq!(pressed.pass(&[17]), (vec![], true));
        let mut none = Keys { sequence: Vec::new(), matched: 0 };
        assert_eq!(none.pass(&[16, 17]), (vec![16, 17], false));
    }

    #[test]
    fn keys_are_named_as_docker_names_them() {
        assert_eq!(keys("ctrl-p,ctrl-q"), Some(DETACH_KEYS.to_vec()));
        assert_eq!(keys("ctrl-@,a,ctrl-["), Some(vec![0, b'a', 27]));
        assert_eq!(keys("ctrl-pp"), None);
        assert_eq!(keys(""), None);
    }
}
