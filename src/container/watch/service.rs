//! Serving those who talk to a process and its streams: output to everybody who is attached, and to the log; input from them; signals.
//!
//! One thread. Nobody waits for anybody but for one thing: what is read from the process is first taken by all who are attached, as with
//! Docker, so that nothing is lost.

use std::collections::VecDeque;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::container::watch::call::{ERRORS, OUTPUT, Reply, Request};
use crate::container::watch::log::{Stream, Writer};
use crate::error::{Doing, Errno, Error, Result};
use crate::sys::process;
use crate::sys::terminal::{self, Size, Standard};
use crate::sys::{channel, signal};

/// How much input may wait for a process that does not read.
const MOST_INPUT: usize = 64 * 1024;

/// Somebody who has called.
#[derive(Debug)]
pub struct Caller {
    socket: OwnedFd,
    /// Output is wanted.
    attached: bool,
    /// Who started the container, whose end of input is the container's.
    is_first: bool,
    /// Output that did not fit into the socket: until it does, nothing more is read from the container.
    waiting: VecDeque<Vec<u8>>,
    gone: bool,
}

/// What the watcher holds of the container's first process.
#[derive(Debug, Default)]
pub struct Streams {
    /// A terminal, or standard output.
    pub output: Option<OwnedFd>,
    pub errors: Option<OwnedFd>,
    /// A terminal, or standard input.
    pub input: Option<OwnedFd>,
}

/// Everybody, and everything between them and the process.
#[derive(Debug)]
pub struct Service {
    /// Where others call.
    pub listener: Option<OwnedFd>,
    heard: signal::Heard,
    callers: Vec<Caller>,
    /// What is held of the process.
    pub streams: Streams,
    input: Vec<u8>,
    input_ends: bool,
    log: Option<Writer>,
    /// Whether the process runs on a terminal.
    tty: bool,
    /// Whether it takes input.
    takes_input: bool,
    /// How large its terminal is.
    pub size: Option<Size>,
    /// Somebody wants it to stay ended.
    pub stopped: bool,
    /// The process.
    pub pid: u32,
    /// How it ended.
    pub is_ended: Option<u8>,
}

impl Service {
    /// For a process that is yet to be made, which `first` wants.
    pub fn new(
        first: OwnedFd,
        listener: Option<OwnedFd>,
        log: Option<Writer>,
        tty: bool,
        takes_input: bool,
    ) -> Result<Self> {
        let heard = signal::Heard::of(&[signal::CHILD]).doing("hear", "signals")?;
        let caller = Caller { is_first: true, ..Caller::new(first) };
        let mut service = Self {
            listener,
            heard,
            callers: vec![caller],
            streams: Streams::default(),
            input: Vec::new(),
            input_ends: false,
            log,
            tty,
            takes_input,
            size: None,
            stopped: false,
            pid: 0,
            is_ended: None,
        };
        // What the first one wants decides whether output has a reader from the first byte on.
        let first = service.callers.first().map(|caller| channel::hear(caller.socket.as_fd(), true));
        let message = first.transpose().doing("hear", "who starts it")?.flatten();
        if let Some(request) = message.and_then(|message| Request::read(&message)) {
            service.answer(0, request);
        }
        Ok(service)
    }

    /// Follows a child from its birth until it has become its command, which closes `channel`; what it says instead is an exit code and
    /// why.
    pub fn born(&mut self, pid: u32, channel: &OwnedFd) -> Result<()> {
        self.pid = pid;
        self.is_ended = None;
        while let Some((message, file)) = channel::take_over(channel.as_fd()).doing("hear", "the process")? {
            match (message.split_first(), file) {
                (Some((b't', _)), Some(terminal)) => self.take_terminal(&terminal)?,
                (Some((code, why)), _) => {
                    let _ = process::wait(pid);
                    let why = String::from_utf8_lossy(why).into_owned();
                    return Err(Error::NotStarted { code: *code, why }.into());
                }
                (None, _) => {}
            }
        }
        Ok(())
    }

    fn take_terminal(&mut self, terminal: &OwnedFd) -> Result<()> {
        let copy = || terminal.try_clone().map_err(|_| Errno::MFILE).doing("keep", "the terminal");
        channel::never_wait(terminal.as_fd()).doing("keep", "the terminal")?;
        self.streams = Streams { output: Some(copy()?), errors: None, input: Some(copy()?) };
        Ok(())
    }

    /// Serves everybody until the first process has ended and all that it had to say is read.
    pub fn run(&mut self) -> Result<u8> {
        loop {
            self.serve(None)?;
            let Some(code) = self.is_ended else { continue };
            // Whoever still has the pipe open is not the container: what is in it now is all.
            while self.streams.output.is_some() || self.streams.errors.is_some() {
                let moved = self.serve(Some(Duration::ZERO))?;
                if !moved && !self.is_held_up() {
                    break;
                }
            }
            self.streams = Streams::default();
            return Ok(code);
        }
    }

    /// Serves everybody for a while; false when somebody wants it to end.
    pub fn pause(&mut self, wait: Duration) -> Result<bool> {
        let end = Instant::now() + wait;
        while !self.stopped {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(true);
            }
            self.serve(Some(left))?;
        }
        Ok(false)
    }

    /// Whether output waits for somebody who does not read.
    fn is_held_up(&self) -> bool {
        self.callers.iter().any(|caller| !caller.waiting.is_empty())
    }

    /// Waits until something happens, and sees to it. Whether output was read.
    fn serve(&mut self, timeout: Option<Duration>) -> Result<bool> {
        let held_up = self.is_held_up();
        let full = self.input.len() >= MOST_INPUT;
        let mut watched = vec![(self.heard.as_fd(), true, false)];
        watched.extend(self.listener.iter().map(|listener| (listener.as_fd(), true, false)));
        let fixed = watched.len();
        watched.extend(self.callers.iter().map(|caller| (caller.socket.as_fd(), !full, !caller.waiting.is_empty())));
        let callers = self.callers.len();
        let mut streams: Vec<Which> = Vec::new();
        for (which, file, wanted, read) in [
            (Which::Output, &self.streams.output, !held_up, true),
            (Which::Errors, &self.streams.errors, !held_up, true),
            (Which::Input, &self.streams.input, !self.input.is_empty(), false),
        ] {
            if let Some(file) = file.as_ref().filter(|_| wanted) {
                streams.push(which);
                watched.push((file.as_fd(), read, !read));
            }
        }
        let timeout = if held_up && timeout.is_some_and(|timeout| timeout.is_zero()) { None } else { timeout };
        let ready = channel::ready(&watched, timeout).doing("wait for", "the container")?;
        let is_ready = |position: usize| ready.get(position).copied().unwrap_or_default();
        let (ended, news) = (is_ready(0).0, fixed > 1 && is_ready(1).0);
        let of_callers: Vec<(bool, bool)> = (fixed..fixed + callers).map(is_ready).collect();
        let of_streams: Vec<(bool, bool)> = (fixed + callers..watched.len()).map(is_ready).collect();
        drop(watched);
        let mut moved = false;
        for (which, (read, write)) in streams.into_iter().zip(of_streams) {
            match which {
                Which::Output if read => moved |= self.pass_on(OUTPUT, Stream::Output),
                Which::Errors if read => moved |= self.pass_on(ERRORS, Stream::Errors),
                Which::Input if write => self.feed(),
                _ => {}
            }
        }
        for (position, (read, write)) in of_callers.into_iter().enumerate() {
            if write {
                self.flush(position);
            }
            if read {
                self.hear(position);
            }
        }
        self.callers.retain(|caller| !caller.gone);
        if ended {
            self.bury();
        }
        if news {
            self.answer_calls();
        }
        Ok(moved)
    }

    /// Reads what a stream has, into the log and to everybody who is attached.
    fn pass_on(&mut self, kind: u8, stream: Stream) -> bool {
        let from = if stream == Stream::Output { &mut self.streams.output } else { &mut self.streams.errors };
        let Some(file) = from else { return false };
        match channel::read_some(file.as_fd(), kind) {
            Ok(Some(message)) => {
                if let Some(log) = &mut self.log {
                    log.add(stream, message.get(1..).unwrap_or_default());
                }
                for caller in self.callers.iter_mut().filter(|caller| caller.attached) {
                    caller.send(&message);
                }
                true
            }
            Err(Errno::AGAIN) => false,
            Ok(None) | Err(_) => {
                *from = None;
                true
            }
        }
    }

    /// Gives the container's command what input there is.
    fn feed(&mut self) {
        if let Some(file) = &self.streams.input {
            match channel::write_some(file, &self.input) {
                Ok(written) => drop(self.input.drain(..written)),
                // Nobody reads it any more.
                Err(_) => {
                    self.input.clear();
                    self.streams.input = None;
                }
            }
        }
        if self.input.is_empty() && self.input_ends && !self.tty {
            self.streams.input = None;
        }
    }

    fn flush(&mut self, position: usize) {
        let Some(caller) = self.callers.get_mut(position) else { return };
        while let Some(message) = caller.waiting.pop_front() {
            match channel::tell(caller.socket.as_fd(), &message, false) {
                Ok(()) => {}
                Err(Errno::AGAIN) => {
                    caller.waiting.push_front(message);
                    return;
                }
                Err(_) => return caller.leave(),
            }
        }
    }

    fn hear(&mut self, position: usize) {
        let Some(caller) = self.callers.get_mut(position) else { return };
        match channel::hear(caller.socket.as_fd(), false) {
            Ok(Some(message)) => {
                if let Some(request) = Request::read(&message) {
                    self.answer(position, request);
                }
            }
            Err(Errno::AGAIN) => {}
            Ok(None) | Err(_) => {
                caller.leave();
                if caller.is_first {
                    self.input_ends |= caller.attached;
                    self.feed();
                }
            }
        }
    }

    fn answer(&mut self, position: usize, request: Request) {
        match request {
            Request::Attach { size } => {
                if let Some(caller) = self.callers.get_mut(position) {
                    caller.attached = true;
                }
                if let Some(size) = size {
                    self.resize(size);
                }
            }
            Request::Wait => {}
            Request::Input(bytes) => {
                if self.takes_input && self.streams.input.is_some() {
                    self.input.extend(bytes);
                    self.feed();
                }
            }
            Request::EndOfInput => {
                let is_first = self.callers.get(position).is_some_and(|caller| caller.is_first);
                if is_first {
                    self.input_ends = true;
                    self.feed();
                }
            }
            Request::Resize(size) => self.resize(size),
            Request::Signal { number, stop } => {
                self.stopped |= stop;
                let sent = match self.is_ended {
                    None => process::send(self.pid, number),
                    Some(_) => Ok(()),
                };
                let errno = sent.err().map_or(0, Errno::raw_os_error);
                if let Some(caller) = self.callers.get_mut(position) {
                    caller.send(&Reply::Done(errno).write());
                }
            }
        }
    }

    fn resize(&mut self, size: Size) {
        self.size = Some(size);
        if let Some(terminal) = self.streams.output.as_ref().filter(|_| self.tty) {
            let _ = terminal::resize(terminal.as_fd(), size);
        }
    }

    /// Buries who has died: the first process, or one that it left to us.
    fn bury(&mut self) {
        while self.heard.next().is_some() {}
        while let Some((pid, code)) = process::reap() {
            if pid == self.pid {
                self.is_ended = Some(code);
            }
        }
    }

    /// Says something to everybody.
    pub fn tell_all(&mut self, reply: &Reply) {
        let message = reply.write();
        self.callers.iter_mut().for_each(|caller| caller.send(&message));
        self.callers.retain(|caller| !caller.gone);
    }

    /// Says how it ended to everybody, those too who have called just now. The last word.
    pub fn close(&mut self, code: u8) {
        self.answer_calls();
        for caller in &self.callers {
            for message in &caller.waiting {
                let _ = channel::tell(caller.socket.as_fd(), message, true);
            }
            let _ = channel::tell(caller.socket.as_fd(), &Reply::Ended(code).write(), true);
        }
    }

    fn answer_calls(&mut self) {
        let Some(listener) = &self.listener else { return };
        while let Ok(Some(socket)) = channel::answer(listener.as_fd()) {
            self.callers.push(Caller::new(socket));
        }
    }
}

/// Which of the process's streams.
enum Which {
    Output,
    Errors,
    Input,
}

impl Caller {
    fn new(socket: OwnedFd) -> Self {
        Self { socket, attached: false, is_first: false, waiting: VecDeque::new(), gone: false }
    }

    /// Sends a message, now or when the other side reads.
    fn send(&mut self, message: &[u8]) {
        if self.waiting.is_empty() {
            match channel::tell(self.socket.as_fd(), message, false) {
                Ok(()) => return,
                Err(Errno::AGAIN) => {}
                Err(_) => return self.leave(),
            }
        }
        self.waiting.push_back(message.to_vec());
    }

    fn leave(&mut self) {
        self.gone = true;
        self.waiting.clear();
    }
}

/// What a process on a terminal or on pipes is given as standard input, output and errors, and our ends of the pipes; a terminal it makes
/// itself.
pub fn streams_of(tty: bool, takes_input: bool) -> Result<(Option<Standard>, Streams)> {
    if tty {
        return Ok((None, Streams::default()));
    }
    let make = || channel::pipe().doing("make", "a pipe");
    let (output, its_output) = make()?;
    let (errors, its_errors) = make()?;
    let (its_input, input) = if takes_input {
        make().map(|(its, own)| (its, Some(own)))?
    } else {
        (terminal::nothing().doing("open", "/dev/null")?, None)
    };
    for own in [Some(&output), Some(&errors), input.as_ref()].into_iter().flatten() {
        channel::never_wait(own.as_fd()).doing("make", "a pipe")?;
    }
    let streams = Streams { output: Some(output), errors: Some(errors), input };
    Ok((Some((its_input, its_output, its_errors)), streams))
}
