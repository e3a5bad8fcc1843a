//! Probes of a plan sent from inside the namespaces, all by one process, and the replies to them.
//!
//! One socket a namespace and family. What limits the pace is who has which MAC address. To ask costs a broadcast to every port
//! of the bridge; so what is known is entered as neighbours beforehand (`NUD_STALE`: used, but not trusted for long), and only
//! where no answer comes the kernel is left to ask. And the kernel's table of neighbours is one for all namespaces: more than
//! `net.ipv4.neigh.default.gc_thresh3` (1024) entries are not made, and what needed one is lost without a word. So probes go
//! out in waves, and what a wave has entered is removed behind it.

use std::cell::RefCell;
use std::net::IpAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use super::echo::{self, Echo};
use super::plan::{Group, Member, Plan, Probe, State};
use crate::error::{Doing, Errno, Result};
use crate::kernel::neighbour::{NTF_EXT_LEARNED, NUD_NOARP, NUD_PERMANENT, NUD_STALE};
use crate::kernel::{Request, Rtnl, request};
use crate::session::Session;
use crate::sys::icmp::{self, EchoSocket};
use crate::sys::netns::Netns;
use crate::sys::{process, random};
use crate::types::family::Family;
use crate::types::mac::Mac;

/// How many probes are on the way at once. Each takes two neighbours, which it may share with the one the other way.
const WAVE: usize = 200;

/// How many of those that are sent again: each takes the one that is asked for.
const WAVE_AGAIN: usize = 400;

/// How many requests go in one datagram: their acknowledgements must fit into the socket's buffer.
const BATCH: usize = 100;

/// How long an answer that is not expected is waited for, once all are sent.
const GRACE: Duration = Duration::from_millis(200);

/// How long one that is expected is waited for before it is asked for again. Most are there before the next request is sent.
const HASTE: Duration = Duration::from_millis(50);

/// Timestamp and token.
const SIZE: usize = 8;

/// Sends probes and recognizes the replies.
#[derive(Debug)]
pub struct Pinger<'a> {
    session: &'a Session,
    home: Netns,
    /// What the times in packets count from.
    start: Instant,
    places: Vec<Place>,
    id: u16,
    token: [u8; 4],
}

/// A namespace and family to send from.
#[derive(Debug)]
struct Place {
    inode: u64,
    family: Family,
    socket: EchoSocket,
}

/// A neighbour that is not asked for, since we know it: at a place.
#[derive(Debug, Clone, Copy)]
struct Seed {
    place: usize,
    index: u32,
    address: IpAddr,
    mac: Mac,
}

/// The neighbours that a wave has entered, and the way to each place where it did, which is needed once more to remove them.
#[derive(Debug, Default)]
struct Seeds {
    entered: Vec<Seed>,
    places: Vec<(usize, Rtnl)>,
}

impl<'a> Pinger<'a> {
    /// One that sends from nowhere yet.
    pub fn new(session: &'a Session) -> Result<Self> {
        process::allow_many_files();
        let home = Session::home()?;
        let [a, b, token @ ..] = random::bytes::<6>().doing("read", "random numbers")?;
        let id = u16::from_be_bytes([a, b]);
        Ok(Self { session, home, start: Instant::now(), places: Vec::new(), id, token })
    }

    /// The place to send from in this namespace.
    pub fn place(&mut self, namespace: &Netns, family: Family) -> Result<usize> {
        let inode = namespace.inode().doing("look at", "the namespace")?;
        let known = self.places.iter().position(|place| place.inode == inode && place.family == family);
        if let Some(known) = known {
            return Ok(known);
        }
        let socket = EchoSocket::open_in(family, namespace, &self.home).doing("open", echo::SOCKET)?;
        self.places.push(Place { inode, family, socket });
        Ok(self.places.len() - 1)
    }

    /// Sends all probes that have a place to be sent from, and those that are lost again; `patience` is how long to wait
    /// for what is expected.
    pub fn run(&self, plan: &mut Plan<'_>, patience: Duration) -> Result<()> {
        self.waves(plan, false, patience.min(HASTE))?;
        if plan.probes().any(|probe| !probe.expected && probe.state == State::Sent) {
            let all: Vec<usize> = (0..self.places.len()).collect();
            self.listen(plan, &all, Instant::now() + GRACE, &|_| false)?;
        }
        // What we know of neighbours may be wrong; and on a busy machine some get lost.
        self.waves(plan, true, patience)
    }

    /// Sends all probes, or only those again that are expected to be answered and are not.
    fn waves(&self, plan: &mut Plan<'_>, again: bool, patience: Duration) -> Result<()> {
        let most = if again { WAVE_AGAIN } else { WAVE };
        let mut wave = Vec::with_capacity(most);
        for group in 0..plan.groups.len() {
            let pairs = plan.groups.get(group).map(Group::in_order);
            for (from, to) in pairs.into_iter().flatten() {
                let probe = plan.between(group, from, to);
                wave.extend(probe.filter(|probe| !again || probe.expected && !probe.as_configured()));
                if wave.len() == most {
                    self.wave(plan, &wave, again, patience)?;
                    wave.clear();
                }
            }
        }
        self.wave(plan, &wave, again, patience)
    }

    /// Sends some probes, the first time with the neighbours that they need, and waits for the answers.
    fn wave(&self, plan: &mut Plan<'_>, wave: &[Probe], again: bool, patience: Duration) -> Result<()> {
        let seeds = if again { Seeds::default() } else { self.seed(plan, wave) };
        let mut places: Vec<usize> = wave.iter().filter_map(|probe| Some(plan.way(probe)?.0)).collect();
        places.sort_unstable();
        places.dedup();
        let mut rest = wave;
        while !rest.is_empty() {
            let mut sent = 0;
            // When there is no room for one, those before it must be answered first.
            while let Some(probe) = rest.get(sent)
                && self.send(plan, probe, sent == 0)
            {
                sent += 1;
            }
            let (on_the_way, later) = rest.split_at(sent);
            rest = later;
            let waits = |probe: &Probe| probe.expected && probe.state == State::Sent;
            let done = |plan: &Plan<'_>| {
                !on_the_way.iter().any(|probe| plan.at(probe.position).is_some_and(|probe| waits(&probe)))
            };
            self.listen(plan, &places, Instant::now() + patience, &done)?;
        }
        let entered = Self::remove(seeds);
        self.forget(plan, wave, again, &entered);
        Ok(())
    }

    /// Enters both ends of the probes as each other's neighbours, each where it has its address.
    fn seed(&self, plan: &Plan<'_>, wave: &[Probe]) -> Seeds {
        let mut wanted = Vec::with_capacity(2 * wave.len());
        let seed = |at: &Member, of: &Member| {
            let (place, index) = (at.place.as_ref().ok().copied()?, at.interface.index?);
            Some(Seed { place, index, address: of.address, mac: of.interface.mac? })
        };
        for (from, to) in wave.iter().filter_map(|probe| plan.members(probe)) {
            wanted.extend(seed(from, to));
            wanted.extend(seed(to, from));
        }
        wanted.sort_unstable_by_key(|seed| (seed.place, seed.address));
        wanted.dedup_by_key(|seed| (seed.place, seed.address));
        let mut seeds = Seeds::default();
        for at_place in wanted.chunk_by(|a, b| a.place == b.place) {
            let Some((place, mut rtnl)) = at_place.first().and_then(|seed| Some((seed.place, self.rtnl(seed.place)?)))
            else {
                continue;
            };
            for batch in at_place.chunks(BATCH) {
                let add = |seed: &Seed| request::add_neighbour(seed.index, seed.address, &seed.mac.0, NUD_STALE);
                let requests: Vec<Request> = batch.iter().map(add).collect();
                // One that is there stays as it is; without one that is refused the kernel asks.
                let refused = RefCell::new(Vec::new());
                let tolerate = |position, _| {
                    refused.borrow_mut().push(position);
                    true
                };
                let result = rtnl.change_all(&requests, &tolerate);
                let refused = refused.into_inner();
                // Where it is not known what came of them, they are removed all the same.
                let entered = |position: &usize| result.is_err() || !refused.contains(position);
                let batch = batch.iter().enumerate().filter(|(position, _)| entered(position));
                seeds.entered.extend(batch.map(|(_, seed)| *seed));
            }
            seeds.places.push((place, rtnl));
        }
        seeds
    }

    /// Removes what was entered; gives back what that was.
    fn remove(seeds: Seeds) -> Vec<Seed> {
        let mut places = seeds.places.into_iter();
        for at_place in seeds.entered.chunk_by(|a, b| a.place == b.place) {
            let rtnl = places.find(|(place, _)| at_place.first().is_some_and(|seed| seed.place == *place));
            let Some((_, mut rtnl)) = rtnl else { continue };
            remove_all(&mut rtnl, at_place.iter().map(|seed| (seed.index, seed.address)));
        }
        seeds.entered
    }

    /// Sends one probe. False when there is no room for it now; when it `must` go, that too is a refusal.
    fn send(&self, plan: &mut Plan<'_>, probe: &Probe, must: bool) -> bool {
        let Some((place, to)) = plan.way(probe) else { return true };
        let Some(place) = self.places.get(place) else { return true };
        let sequence = u16::try_from(probe.position & 0xffff).unwrap_or_default();
        let mut packet = Vec::with_capacity(echo::HEADER_LEN + SIZE);
        self.echo(place).request(&mut packet, sequence, self.start.elapsed());
        let state = match place.socket.send(&packet, to) {
            Ok(()) => State::Sent,
            Err(Errno::AGAIN | Errno::NOBUFS) if !must => return false,
            Err(errno) => State::Refused(errno),
        };
        plan.settle(probe.position, state);
        true
    }

    /// Takes the replies that come to some places, until all is `done` or it is too late.
    fn listen(
        &self,
        plan: &mut Plan<'_>,
        places: &[usize],
        until: Instant,
        done: &dyn Fn(&Plan<'_>) -> bool,
    ) -> Result<()> {
        let places: Vec<(usize, &Place)> =
            places.iter().filter_map(|place| Some((*place, self.places.get(*place)?))).collect();
        let mut watched: Vec<_> = places.iter().map(|(_, place)| icmp::watch(place.socket.as_fd())).collect();
        while !done(plan) && Instant::now() < until {
            icmp::wait(&mut watched, until).doing("wait for", "replies")?;
            for ((number, place), watched) in places.iter().zip(&watched) {
                if icmp::is_ready(watched) {
                    self.receive(plan, *number, place);
                }
            }
        }
        Ok(())
    }

    /// Takes what a socket has got; not for ever, should somebody flood it.
    fn receive(&self, plan: &mut Plan<'_>, number: usize, from: &Place) {
        let echo = self.echo(from);
        let mut buffer = [0; 128];
        for _ in 0..2 * WAVE {
            // An error tells of one packet, and is gone with having been told.
            let Ok(Some(received)) = from.socket.receive(&mut buffer) else { return };
            let Some(reply) = echo.read(received.packet, self.start.elapsed()) else { continue };
            // The sequence number has the low bits of the position.
            let mut position = usize::from(reply.sequence);
            while let Some(probe) = plan.at(position) {
                if plan.way(&probe) == Some((number, received.from)) {
                    plan.settle(position, State::Answered(reply.elapsed.unwrap_or_default()));
                    break;
                }
                position += 0x1_0000;
            }
        }
    }

    /// Has the kernel forget the neighbours that it was left to ask for: those that did not answer, for it would otherwise ask
    /// again but once a second, whatever is sent; `all` when the probes were sent again, for the table is everybody's. Those
    /// that somebody else uses too are soon there again, and what an administrator has set stays.
    fn forget(&self, plan: &Plan<'_>, wave: &[Probe], all: bool, entered: &[Seed]) {
        let ours = |way: &(usize, IpAddr)| entered.binary_search_by_key(way, |seed| (seed.place, seed.address)).is_ok();
        let mut ways = Vec::new();
        for probe in wave.iter().filter_map(|probe| plan.at(probe.position)) {
            if all || probe.state == State::Sent {
                ways.extend(plan.way(&probe).filter(|way| !ours(way)));
            }
        }
        ways.sort_unstable();
        for at_place in ways.chunk_by(|(a, _), (b, _)| a == b) {
            let Some(mut rtnl) = at_place.first().and_then(|(place, _)| self.rtnl(*place)) else { continue };
            let mut known = rtnl.neighbours().unwrap_or_default();
            known.retain(|neighbour| {
                let set = neighbour.state & (NUD_PERMANENT | NUD_NOARP) != 0 || neighbour.flags & NTF_EXT_LEARNED != 0;
                !set && at_place.iter().any(|(_, address)| Some(*address) == neighbour.address)
            });
            remove_all(&mut rtnl, known.iter().filter_map(|neighbour| Some((neighbour.index, neighbour.address?))));
        }
    }

    /// rtnetlink at a place; none where it is refused: what goes wrong there shows in the probes.
    fn rtnl(&self, place: usize) -> Option<Rtnl> {
        let namespace = self.places.get(place)?.socket.netns().ok()?;
        Rtnl::open_in(&namespace, &self.home, self.session.report).ok()
    }

    /// What tells our packets from those of others.
    fn echo(&self, place: &Place) -> Echo {
        Echo { family: place.family, id: place.socket.chooses_id().then_some(self.id), token: self.token, size: SIZE }
    }
}

/// Removes neighbours, by the index of their interface. That one has gone by itself is no harm.
fn remove_all(rtnl: &mut Rtnl, neighbours: impl Iterator<Item = (u32, IpAddr)>) {
    let requests: Vec<Request> = neighbours.map(|(index, address)| request::delete_neighbour(index, address)).collect();
    for batch in requests.chunks(BATCH) {
        let _ = rtnl.change_all(batch, &|_, _| true);
    }
}
