//! Sockets of the local host that carry whole messages: between a container's watcher and those who talk to it.
//!
//! # Source
//! unix(7), `SOCK_SEQPACKET`; cmsg(3) for descriptors.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{CWD, OFlags};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, connect, listen, recv, recvmsg, send,
    sendmsg, socket_with, socketpair,
};

use super::{Errno, file};

/// The longest message.
pub const LONGEST: usize = 16 * 1024;

/// Two ends that are connected.
pub fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
}

/// Listens at `name` in the directory at `path`; only its owner may connect. What was there goes.
pub fn serve(path: &str, name: &str) -> Result<OwnedFd, Errno> {
    file::remove(&format!("{path}/{name}"))?;
    let socket = new(SocketFlags::NONBLOCK)?;
    // The umask decides who may connect; the directory is its owner's only, too.
    let mask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let bound = at(path, name, |address| bind(&socket, address));
    rustix::process::umask(mask);
    bound?;
    listen(&socket, 64)?;
    Ok(socket)
}

/// Connects to who listens at `name` in the directory at `path`. `ENOENT` or `ECONNREFUSED` when nobody does.
pub fn call(path: &str, name: &str) -> Result<OwnedFd, Errno> {
    let socket = new(SocketFlags::empty())?;
    at(path, name, |address| connect(&socket, address))?;
    Ok(socket)
}

/// One who has called; none when nobody has.
pub fn answer(socket: BorrowedFd<'_>) -> Result<Option<OwnedFd>, Errno> {
    match accept_with(socket, SocketFlags::CLOEXEC) {
        Ok(client) => Ok(Some(client)),
        Err(Errno::AGAIN | Errno::INTR | Errno::CONNABORTED) => Ok(None),
        Err(errno) => Err(errno),
    }
}

fn new(flags: SocketFlags) -> Result<OwnedFd, Errno> {
    socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, flags | SocketFlags::CLOEXEC, None)
}

/// The address may be 107 bytes long; where the path is longer, it leads over an open directory.
fn at<T>(path: &str, name: &str, work: impl FnOnce(&SocketAddrUnix) -> Result<T, Errno>) -> Result<T, Errno> {
    if let Ok(address) = SocketAddrUnix::new(format!("{path}/{name}")) {
        return work(&address);
    }
    let directory = file::open(CWD, path, OFlags::PATH | OFlags::DIRECTORY, 0)?;
    work(&SocketAddrUnix::new(format!("/proc/self/fd/{}/{name}", directory.as_raw_fd()))?)
}

/// Sends a message whole. `EAGAIN` when `wait` is not set and the other side does not read.
pub fn tell(socket: BorrowedFd<'_>, message: &[u8], wait: bool) -> Result<(), Errno> {
    let flags = if wait { SendFlags::NOSIGNAL } else { SendFlags::NOSIGNAL | SendFlags::DONTWAIT };
    loop {
        match send(socket, message, flags) {
            Err(Errno::INTR) => {}
            result => return result.map(drop),
        }
    }
}

/// The next message; none when the other side is gone. `EAGAIN` when `wait` is not set and there is none.
pub fn hear(socket: BorrowedFd<'_>, wait: bool) -> Result<Option<Vec<u8>>, Errno> {
    let flags = if wait { RecvFlags::empty() } else { RecvFlags::DONTWAIT };
    let mut buffer = vec![0; LONGEST];
    loop {
        match recv(socket, buffer.as_mut_slice(), flags) {
            Ok((0, _)) | Err(Errno::CONNRESET) => return Ok(None),
            Ok((length, _)) => {
                buffer.truncate(length);
                return Ok(Some(buffer));
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// The next message, however long; empty when the other side is gone.
pub fn hear_whole(socket: BorrowedFd<'_>) -> Result<Vec<u8>, Errno> {
    let (_, length) = recv(socket, &mut [0_u8; 1], RecvFlags::PEEK | RecvFlags::TRUNC)?;
    let mut buffer = vec![0; length];
    let (_, length) = recv(socket, buffer.as_mut_slice(), RecvFlags::empty())?;
    buffer.truncate(length);
    Ok(buffer)
}

/// Sends a message with an open file.
pub fn hand_over(socket: BorrowedFd<'_>, message: &[u8], file: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let files = [file];
    control.push(SendAncillaryMessage::ScmRights(&files));
    sendmsg(socket, &[IoSlice::new(message)], &mut control, SendFlags::NOSIGNAL).map(drop)
}

/// A message, and the open file that came with it.
pub type WithFile = (Vec<u8>, Option<OwnedFd>);

/// The next message with the open file that comes with it; none when the other side is gone.
pub fn take_over(socket: BorrowedFd<'_>) -> Result<Option<WithFile>, Errno> {
    let mut buffer = vec![0; LONGEST];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        match recvmsg(socket, &mut [IoSliceMut::new(&mut buffer)], &mut control, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            result => break result?,
        }
    };
    let file = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut files) => files.next(),
        _ => None,
    });
    if received.bytes == 0 {
        return Ok(None);
    }
    buffer.truncate(received.bytes);
    Ok(Some((buffer, file)))
}

/// Waits until one of `files` can be read, or written where `write` says so; as poll(2). The answer is in their order: readable or
/// closed, writable.
pub fn ready(
    files: &[(BorrowedFd<'_>, bool, bool)],
    timeout: Option<std::time::Duration>,
) -> Result<Vec<(bool, bool)>, Errno> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut watched: Vec<PollFd<'_>> = files
        .iter()
        .map(|(fd, read, write)| {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, *read);
            flags.set(PollFlags::OUT, *write);
            PollFd::from_borrowed_fd(*fd, flags)
        })
        .collect();
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    match poll(&mut watched, timeout.as_ref()) {
        Ok(_) | Err(Errno::INTR) => {}
        Err(errno) => return Err(errno),
    }
    let gone = PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL;
    let answer = watched.iter().zip(files).map(|(watched, (_, read, write))| {
        let found = watched.revents();
        // What nobody wants to read has not ended for him: it is asked again when he does.
        (*read && found.intersects(PollFlags::IN | gone), *write && found.intersects(PollFlags::OUT | gone))
    });
    Ok(answer.collect())
}

/// Reads what is there, at most as much as a message carries behind its first byte; none at the end. `EAGAIN` when nothing is.
pub fn read_some(file: impl AsFd, kind: u8) -> Result<Option<Vec<u8>>, Errno> {
    let mut buffer = vec![0; LONGEST];
    if let Some(first) = buffer.first_mut() {
        *first = kind;
    }
    loop {
        match rustix::io::read(file.as_fd(), buffer.get_mut(1..).unwrap_or_default()) {
            // A pseudo-terminal whose other side is closed answers EIO.
            Ok(0) | Err(Errno::IO) => return Ok(None),
            Ok(length) => {
                buffer.truncate(length + 1);
                return Ok(Some(buffer));
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// Writes as much as goes; how much did. `EAGAIN` is nothing.
pub fn write_some(file: impl AsFd, bytes: &[u8]) -> Result<usize, Errno> {
    match rustix::io::write(file.as_fd(), bytes) {
        Err(Errno::AGAIN | Errno::INTR) => Ok(0),
        result => result,
    }
}

/// A pipe: what is read from, what is written to.
pub fn pipe() -> Result<(OwnedFd, OwnedFd), Errno> {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
}

/// Reads and writes of `file` no longer wait.
pub fn never_wait(file: BorrowedFd<'_>) -> Result<(), Errno> {
    let flags = rustix::fs::fcntl_getfl(file)?;
    rustix::fs::fcntl_setfl(file, flags | OFlags::NONBLOCK)
}
