//! Requests and their answers over one netlink socket: one after the other, each read to its end.
//!
//! What belongs here: sequence numbers, acknowledgements, dumps, transactions. What is not from the kernel, or answers another
//! request, is skipped; every message of a datagram is read.
//!
//! # Source
//! netlink(7), `linux/netlink.h`.

use std::os::fd::{AsFd, BorrowedFd};

use pontoon_netlink::ack::Ack;
use pontoon_netlink::batch::{Batch, Outcome, Place};
use pontoon_netlink::message::{NLM_F_DUMP, NLM_F_DUMP_INTR};
use pontoon_netlink::names;
use pontoon_netlink::{Message, Messages, Request};

use super::log;
use crate::error::{Errno, Refusal, Report, Stage, Words};
use crate::sys::netlink::{Protocol, Socket};
use crate::sys::netns::Netns;

/// How often a dump is repeated when something changed while it ran.
const DUMP_ATTEMPTS: u32 = 8;

/// How often a transaction is sent again when somebody else's came in between.
const TRANSACTION_ATTEMPTS: u32 = 16;

/// One of several requests that was refused, by its position.
pub type RefusedAt = (usize, Refusal);

/// One conversation with the kernel.
#[derive(Debug)]
pub struct Client {
    socket: Socket,
    protocol: Protocol,
    sequence: u32,
    report: Report,
}

impl Client {
    /// In the namespace that this process is in.
    pub fn open(protocol: Protocol, report: Report) -> Result<Self, Errno> {
        Ok(Self { socket: Socket::open(protocol)?, protocol, sequence: 0, report })
    }

    /// In another namespace; `home` is the one this process is in and stays in.
    pub fn open_in(protocol: Protocol, report: Report, namespace: &Netns, home: &Netns) -> Result<Self, Errno> {
        Ok(Self { socket: Socket::open_in(protocol, namespace, home)?, protocol, sequence: 0, report })
    }

    /// The socket, for what is asked of it without a message.
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Where what is sent and received is told.
    pub fn report(&self) -> Report {
        self.report
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
    ) -> Result<(), RefusedAt> {
        let Some((last, others)) = requests.split_last() else { return Ok(()) };
        let first = self.sequence.wrapping_add(1);
        // They are carried out in order: whoever has the last one's answer has every refusal.
        let quiet = others.iter().map(Request::answered_if_refused);
        let sent = self.send(quiet.chain([last.clone()])).map_err(|refusal| (0, refusal))?;
        let mut complete = false;
        let mut refused: Option<(usize, Refusal)> = None;
        while !complete {
            self.receive(&mut |message| {
                let position = usize::try_from(message.sequence.wrapping_sub(first)).unwrap_or(usize::MAX);
                let Some(request) = sent.get(position) else { return };
                let Some(ack) = Ack::parse(message) else { return };
                complete |= position == others.len();
                let failed = ack.errno != 0 && !tolerated(position, errno(ack.errno));
                if failed && refused.is_none() {
                    refused = Some((position, refusal(ack, request)));
                }
            })
            .map_err(|refusal| (0, refusal))?;
        }
        refused.map_or(Ok(()), Err)
    }

    /// Sends changes of the firewall as one transaction, all or nothing; the first refusal counts, with its position, which
    /// is none when the transaction as a whole was refused.
    ///
    /// Somebody else's transaction may come in between (`ERESTART`): then ours is sent again.
    pub fn transact(&mut self, changes: &[Request]) -> Result<(), (Option<usize>, Refusal)> {
        self.socket.ask_for_words_alone();
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
        let whole = |refusal: Refusal| (None, refusal);
        let batch = Batch::new(changes, self.sequence.wrapping_add(1), None)
            .ok_or_else(|| whole(Refusal::at(Stage::Send, Errno::MSGSIZE)))?;
        self.sequence = batch.last_sequence();
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

    /// Sends requests for one object each in one datagram; what `read` understands of each, in their order, none for what is not
    /// there.
    pub fn get_each<T>(
        &mut self,
        requests: &[Request],
        read: &dyn Fn(&Message<'_>) -> Option<T>,
    ) -> Result<Vec<Option<T>>, Refusal> {
        match self.get_together(requests, read) {
            // A link with many names does not fit the buffer; room is made for one that is asked for alone.
            Err(refusal) if refusal.errno == Errno::MSGSIZE => requests
                .iter()
                .map(|request| self.get(request, read).or_else(|refusal| absence(refusal, None)))
                .collect(),
            result => result,
        }
    }

    fn get_together<T>(
        &mut self,
        requests: &[Request],
        read: &dyn Fn(&Message<'_>) -> Option<T>,
    ) -> Result<Vec<Option<T>>, Refusal> {
        let first = self.sequence.wrapping_add(1);
        let sent = self.send(requests.iter().cloned())?;
        let mut found: Vec<Option<T>> = requests.iter().map(|_| None).collect();
        let (mut answered, mut refused) = (0, None);
        while answered < requests.len() {
            self.receive(&mut |message| {
                let position = usize::try_from(message.sequence.wrapping_sub(first)).unwrap_or(usize::MAX);
                let (Some(place), Some(request)) = (found.get_mut(position), sent.get(position)) else { return };
                answered += 1;
                match Ack::parse(message) {
                    None => *place = read(message),
                    Some(ack) => refused = absence(refusal(ack, request), ()).err().or(refused.take()),
                }
            })?;
        }
        refused.map_or(Ok(found), Err)
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
        let sent = self.send([request.clone()])?;
        let expected = self.sequence;
        let (mut replies, mut interrupted, mut complete, mut refused) = (Vec::new(), false, false, None);
        while !complete {
            // Of all objects only a link may be larger than any buffer.
            if self.protocol == Protocol::Route {
                self.socket.make_room().map_err(|errno| Refusal::at(Stage::Receive, errno))?;
            }
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
    fn send(&mut self, requests: impl IntoIterator<Item = Request>) -> Result<Vec<Vec<u8>>, Refusal> {
        let mut messages = Vec::new();
        for request in requests {
            self.sequence = self.sequence.wrapping_add(1);
            let bytes = request.to_bytes(self.sequence);
            messages.push(bytes.ok_or_else(|| Refusal::at(Stage::Send, Errno::MSGSIZE))?);
        }
        self.send_datagram(&messages.concat())?;
        Ok(messages)
    }

    fn send_datagram(&mut self, datagram: &[u8]) -> Result<(), Refusal> {
        log::sent(self.report, self.protocol, datagram);
        self.socket.send(datagram).map_err(|errno| Refusal::at(Stage::Send, errno))
    }

    /// Receives one datagram and gives its messages to `take`.
    fn receive(&mut self, take: &mut dyn FnMut(&Message<'_>)) -> Result<(), Refusal> {
        let datagram = self.socket.receive().map_err(|errno| Refusal::at(Stage::Receive, errno))?;
        let Some(datagram) = datagram else { return Ok(()) };
        log::received(self.report, self.protocol, datagram);
        for message in Messages::new(datagram) {
            take(&message);
        }
        Ok(())
    }
}

impl AsFd for Client {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// Makes it no failure that the object is not there, of which the kernel says `missing`.
pub fn absent<T>(missing: Errno, result: Result<Option<T>, Refusal>) -> Result<Option<T>, Refusal> {
    match result {
        Err(refusal) if refusal.errno == missing => Ok(None),
        result => result,
    }
}

/// `nothing` where the kernel refuses because the object is not there.
fn absence<T>(refusal: Refusal, nothing: T) -> Result<T, Refusal> {
    if matches!(refusal.errno, Errno::NOENT | Errno::NODEV) { Ok(nothing) } else { Err(refusal) }
}

fn refusal(ack: Ack, request: &[u8]) -> Refusal {
    let attribute = names::blamed(request, &ack);
    let words = Words { message: ack.message, attribute };
    Refusal { stage: Stage::Kernel, errno: errno(ack.errno), words: Some(Box::new(words)) }
}

/// The errno with this number; what no kernel says (beyond 4095) is `EIO`, for it means that the answer makes no sense.
fn errno(number: i32) -> Errno {
    if (1..=4095).contains(&number) { Errno::from_raw_os_error(number) } else { Errno::IO }
}
