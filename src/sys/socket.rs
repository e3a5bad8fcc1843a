//! A blocking `AF_NETLINK` socket.
//!
//! One request after the other: send, then read until the kernel has answered. What is not from the kernel, or answers another
//! request, is skipped; every message of a datagram is read.
//!
//! # Source
//! netlink(7), `linux/netlink.h`.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use pontoon_netlink::ack::Ack;
use pontoon_netlink::batch::{Batch, Outcome, Place};
use pontoon_netlink::message::{NLM_F_DUMP, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR};
use pontoon_netlink::names;
use pontoon_netlink::{Message, Messages, Request};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use super::netns::Netns;
use super::{Errno, errno, terminal};

/// The kernel fills dump datagrams up to the size of the reader's buffer, but no further than this.
const BUFFER_LEN: usize = 32 * 1024;

/// How often a dump is repeated when something changed while it ran.
const DUMP_ATTEMPTS: u32 = 8;

/// How often a transaction is sent again when somebody else's came in between.
const TRANSACTION_ATTEMPTS: u32 = 16;

/// What the kernel said when it refused a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error.
    pub errno: Errno,
    /// What it said beyond that.
    pub words: Option<Box<Words>>,
}

/// The kernel's own words (extack, since 4.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub message: Option<String>,
    /// The name of our attribute that they point at.
    pub attribute: Option<String>,
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        Self { errno, words: None }
    }
}

/// Which part of the kernel to talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Links, addresses, routes, neighbours: `NETLINK_ROUTE`.
    Route,
    /// The firewall and connection tracking: `NETLINK_NETFILTER`. `EPROTONOSUPPORT` when the kernel has neither.
    Netfilter,
}

/// A netlink socket in one network namespace: the one the process was in when it was opened.
#[derive(Debug)]
pub struct Socket {
    fd: OwnedFd,
    /// What takes the devices' `ioctl`s where netlink sockets do not: before 4.7.
    devices: Option<OwnedFd>,
    sequence: u32,
    buffer: Vec<u8>,
    verbose: bool,
}

impl Socket {
    /// Opens a socket in the current namespace.
    pub fn open(family: Family, verbose: bool) -> Result<Self, Errno> {
        let protocol = match family {
            // NETLINK_ROUTE is protocol 0, which rustix spells `None`.
            Family::Route => None,
            Family::Netfilter => Some(rustix::net::netlink::NETFILTER),
        };
        let fd = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)?;
        // Old kernels lack them (4.12, 4.3) and are no worse for it: messages are shorter, echoes longer.
        let _ = turn_on(fd.as_fd(), libc::NETLINK_CAP_ACK);
        let mut socket = Self { fd, devices: None, sequence: 0, buffer: vec![0; BUFFER_LEN], verbose };
        if socket.ask_for_words().is_err() {
            let (family, kind) = (AddressFamily::INET, SocketType::DGRAM);
            socket.devices = rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None).ok();
        }
        Ok(socket)
    }

    /// Opens a socket inside `namespace` and comes back to `home`.
    pub fn open_in(family: Family, verbose: bool, namespace: &Netns, home: &Netns) -> Result<Self, Errno> {
        super::netns::inside(namespace, home, || Self::open(family, verbose))?
    }

    /// The namespace that the socket lives in.
    pub fn netns(&self) -> Result<Netns, Errno> {
        Netns::of_socket(self.fd.as_fd())
    }

    /// Whether each message is shown.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// The index of the device called `name`, without a netlink message; none when there is no such device.
    #[doc(alias = "SIOCGIFINDEX")]
    pub fn index_of(&self, name: &str) -> Result<Option<u32>, Errno> {
        match rustix::net::netdevice::name_to_index(self, name) {
            Ok(index) => Ok(Some(index)),
            Err(Errno::NODEV) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Asks the kernel to say in words what is wrong with a request (4.12). Every socket does; elsewhere there are no words.
    #[doc(alias = "NETLINK_EXT_ACK")]
    pub fn ask_for_words(&self) -> Result<(), Errno> {
        turn_on(self.fd.as_fd(), libc::NETLINK_EXT_ACK)
    }

    /// Asks the kernel to check requests strictly, which makes it filter dumps (4.20); elsewhere the caller filters.
    #[doc(alias = "NETLINK_GET_STRICT_CHK")]
    pub fn ask_strictly(&self) -> Result<(), Errno> {
        turn_on(self.fd.as_fd(), libc::NETLINK_GET_STRICT_CHK)
    }

    /// Sends one request and waits for its acknowledgement.
    pub fn change(&mut self, request: &Request) -> Result<(), Refusal> {
        self.change_all(std::slice::from_ref(request), &|_, _| false).map_err(|(_, refusal)| refusal)
    }

    /// Sends requests in one datagram and waits for all acknowledgements; the first refusal that is not tolerated counts, with
    /// its position.
    ///
    /// The kernel carries out every one of them, those behind a refused one too.
    pub fn change_all(
        &mut self,
        requests: &[Request],
        tolerated: &dyn Fn(usize, Errno) -> bool,
    ) -> Result<(), (usize, Refusal)> {
        let at = |position| move |errno: Errno| (position, Refusal::from(errno));
        let first = self.sequence.wrapping_add(1);
        let sent = self.send(requests).map_err(at(0))?;
        let mut answered = 0;
        let mut refused: Option<(usize, Refusal)> = None;
        while answered < requests.len() {
            self.receive(&mut |message| {
                let position = usize::try_from(message.sequence.wrapping_sub(first)).unwrap_or(usize::MAX);
                let Some(request) = sent.get(position) else { return };
                let Some(ack) = Ack::parse(message) else { return };
                answered += 1;
                let failed = ack.errno != 0 && !tolerated(position, errno::from_kernel(ack.errno));
                if failed && refused.as_ref().is_none_or(|(earlier, _)| position < *earlier) {
                    refused = Some((position, refusal(ack, request)));
                }
            })
            .map_err(at(answered))?;
        }
        refused.map_or(Ok(()), Err)
    }

    /// Sends changes of the firewall as one transaction, all or nothing; the first refusal counts, with its position, which
    /// is none when the transaction as a whole was refused.
    ///
    /// Somebody else's transaction may come in between (`ERESTART`): then ours is sent again.
    pub fn transact(&mut self, changes: &[Request]) -> Result<(), (Option<usize>, Refusal)> {
        let mut attempts = 1;
        loop {
            match self.transact_once(changes) {
                Err((_, refusal))
                    if matches!(refusal.errno, Errno::INTR | Errno::RESTART) && attempts < TRANSACTION_ATTEMPTS =>
                {
                    attempts += 1;
                }
                result => return result,
            }
        }
    }

    fn transact_once(&mut self, changes: &[Request]) -> Result<(), (Option<usize>, Refusal)> {
        let whole = |errno: Errno| (None, Refusal::from(errno));
        let batch = Batch::new(changes, self.sequence.wrapping_add(1), None).ok_or_else(|| whole(Errno::MSGSIZE))?;
        self.sequence = batch.last_sequence();
        // A batch is one datagram, and the send buffer must hold all of it.
        if batch.bytes().len() > BUFFER_LEN
            && rustix::net::sockopt::set_socket_send_buffer_size_force(&self.fd, batch.bytes().len() * 2).is_err()
        {
            let _ = rustix::net::sockopt::set_socket_send_buffer_size(&self.fd, batch.bytes().len() * 2);
        }
        self.send_datagram(batch.bytes()).map_err(whole)?;
        let mut outcome = Outcome::default();
        let mut complete = false;
        while !complete {
            self.receive(&mut |message| complete |= outcome.take(&batch, message)).map_err(whole)?;
        }
        match outcome.refused.into_iter().next() {
            None => Ok(()),
            Some((place, ack)) => {
                let position = match place {
                    Place::Begin => None,
                    Place::Change(position) => Some(position),
                };
                Err((position, refusal(ack, batch.message(place))))
            }
        }
    }

    /// Sends a request for one object; the reply that `read` understands.
    pub fn get<T>(
        &mut self,
        request: &Request,
        read: &dyn Fn(&Message<'_>) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let (replies, _) = self.ask(request, false)?;
        Ok(Messages::new(&replies).find_map(|message| read(&message)))
    }

    /// Sends a dump request; the objects that `read` understands.
    pub fn dump<T>(&mut self, request: &Request, read: &dyn Fn(&Message<'_>) -> Option<T>) -> Result<Vec<T>, Refusal> {
        let replies = self.whole_dump(request)?;
        let mut all = Vec::new();
        for message in Messages::new(&replies) {
            all.extend(read(&message));
        }
        Ok(all)
    }

    /// The messages that answer a dump request; a dump that something changed under is begun anew.
    fn whole_dump(&mut self, request: &Request) -> Result<Vec<u8>, Refusal> {
        let mut attempts = 1;
        loop {
            let (replies, interrupted) = self.ask(request, true)?;
            // After so many attempts on a busy machine an almost consistent answer is better than none.
            if !interrupted || attempts == DUMP_ATTEMPTS {
                return Ok(replies);
            }
            attempts += 1;
        }
    }

    /// Sends one request and reads until its answer is complete: the messages, and whether something changed meanwhile.
    fn ask(&mut self, request: &Request, many: bool) -> Result<(Vec<u8>, bool), Refusal> {
        debug_assert_eq!(request.flags() & NLM_F_DUMP == NLM_F_DUMP, many);
        let sent = self.send(std::slice::from_ref(request))?;
        let expected = self.sequence;
        let (mut replies, mut interrupted, mut complete, mut refused) = (Vec::new(), false, false, None);
        while !complete {
            self.receive(&mut |message| {
                if message.sequence != expected || complete {
                    return;
                }
                interrupted |= message.flags & NLM_F_DUMP_INTR != 0;
                match Ack::parse(message) {
                    Some(ack) => {
                        complete = true;
                        refused = Some(ack).filter(|ack| ack.errno != 0);
                    }
                    None => {
                        complete = !many;
                        message.append_to(&mut replies);
                    }
                }
            })?;
        }
        match refused {
            Some(ack) => Err(refusal(ack, sent.first().map_or(&[], Vec::as_slice))),
            None => Ok((replies, interrupted)),
        }
    }

    /// Sends requests as one datagram, numbering them; gives back the bytes of each.
    fn send(&mut self, requests: &[Request]) -> Result<Vec<Vec<u8>>, Errno> {
        let mut messages = Vec::with_capacity(requests.len());
        for request in requests {
            self.sequence = self.sequence.wrapping_add(1);
            messages.push(request.to_bytes(self.sequence).ok_or(Errno::MSGSIZE)?);
        }
        self.send_datagram(&messages.concat())?;
        Ok(messages)
    }

    fn send_datagram(&mut self, datagram: &[u8]) -> Result<(), Errno> {
        if self.verbose {
            trace('>', datagram);
        }
        // A kernel before 4.3 echoes the whole request in its acknowledgement.
        if self.buffer.len() < datagram.len() {
            self.buffer.resize(datagram.len(), 0);
        }
        let kernel = SocketAddrNetlink::new(0, 0);
        loop {
            match rustix::net::sendto(&self.fd, datagram, SendFlags::empty(), &kernel) {
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
                Ok(_) => return Ok(()),
            }
        }
    }

    /// Receives one datagram and gives its messages to `take`.
    fn receive(&mut self, take: &mut dyn FnMut(&Message<'_>)) -> Result<(), Errno> {
        let (len, sender) = loop {
            match rustix::net::recvfrom(&self.fd, self.buffer.as_mut_slice(), RecvFlags::TRUNC) {
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
                Ok((_, len, sender)) => break (len, sender),
            }
        };
        let from_kernel = sender.and_then(|s| SocketAddrNetlink::try_from(s).ok()).is_some_and(|s| s.pid() == 0);
        if !from_kernel {
            return Ok(());
        }
        let Some(datagram) = self.buffer.get(..len) else {
            // MSG_TRUNC tells the true length: the rest is lost. Not seen with our buffer; never read half an answer.
            self.buffer.resize(len, 0);
            return Err(Errno::MSGSIZE);
        };
        if self.verbose {
            trace('<', datagram);
        }
        for message in Messages::new(datagram) {
            take(&message);
        }
        Ok(())
    }
}

/// For `ioctl`s.
impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.devices.as_ref().unwrap_or(&self.fd).as_fd()
    }
}

fn refusal(ack: Ack, request: &[u8]) -> Refusal {
    let attribute = names::blamed(request, &ack);
    let words = Words { message: ack.message, attribute };
    Refusal { errno: errno::from_kernel(ack.errno), words: Some(Box::new(words)) }
}

/// `-v`: each message on standard error: direction, type, flags, sequence, and the bytes behind the header.
fn trace(direction: char, datagram: &[u8]) {
    use std::fmt::Write as _;
    for message in Messages::new(datagram) {
        let mut line = format!("{direction} type {} flags {:#x} seq {}", message.kind, message.flags, message.sequence);
        if matches!(message.kind, NLMSG_ERROR | NLMSG_DONE)
            && let Some(ack) = Ack::parse(&message)
        {
            let _ = write!(line, " errno {}", ack.errno);
        }
        line.push(':');
        for chunk in message.payload.chunks(4) {
            line.push(' ');
            for byte in chunk {
                let _ = write!(line, "{byte:02x}");
            }
        }
        line.push('\n');
        terminal::complain(&line);
    }
}

fn turn_on(fd: BorrowedFd<'_>, option: libc::c_int) -> Result<(), Errno> {
    let on: libc::c_int = 1;
    set_option(fd, libc::SOL_NETLINK, option, &on.to_ne_bytes())
}

/// Sets an option that rustix has no function for.
#[doc(alias = "setsockopt")]
pub(super) fn set_option(
    fd: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: &[u8],
) -> Result<(), Errno> {
    let len = libc::socklen_t::try_from(value.len()).map_err(|_| Errno::INVAL)?;
    // SAFETY: `value` lives until the call returns and `len` is its size; the kernel only reads it.
    let result = unsafe { libc::setsockopt(fd.as_raw_fd(), level, option, value.as_ptr().cast(), len) };
    if result < 0 { Err(last_error()) } else { Ok(()) }
}

pub(super) fn last_error() -> Errno {
    errno::from_kernel(nix::errno::Errno::last_raw())
}
