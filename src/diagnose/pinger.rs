//! Probes of a plan sent from inside the namespaces, all by one process, and the replies to them.
//!
//! One socket a namespace and family. What limits the pace is the kernel's table of neighbours, which is one for all
//! namespaces: more than `net.ipv4.neigh.default.gc_thresh3` (1024) entries are not made, and what needed one is lost
//! without a word. Every pair needs two, and a used one stays for half a minute. So probes go out in waves, and where one
//! wave is not enough each is forgotten before the next.

use std::net::IpAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use super::echo::{self, Echo};
use super::plan::{Plan, State};
use crate::error::{Doing, Errno, Refusal, Result, Stage};
use crate::kernel::Rtnl;
use crate::kernel::neighbour::{NTF_EXT_LEARNED, NUD_NOARP, NUD_PERMANENT};
use crate::session::Session;
use crate::sys::icmp::{self, EchoSocket};
use crate::sys::netns::Netns;
use crate::sys::{process, random};
use crate::types::family::Family;

/// How many probes are on the way at once. Each takes a neighbour.
const WAVE: usize = 400;

/// How long an answer that is not expected is waited for.
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

impl<'a> Pinger<'a> {
    /// One that sends from nowhere yet.
    pub fn new(session: &'a Session) -> Result<Self> {
        process::allow_many_files();
        let home = session.home()?;
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
        // Resolving so many neighbours at once, some get lost.
        self.waves(plan, true, patience)
    }

    /// Sends all probes, or only those again that are expected to be answered and are not.
    fn waves(&self, plan: &mut Plan<'_>, again: bool, patience: Duration) -> Result<()> {
        let mut wave = Vec::new();
        let mut next = 0;
        while next < plan.probes.len() {
            wave.clear();
            while wave.len() < WAVE
                && let Some(probe) = plan.probes.get(next)
            {
                if !again || probe.expected && !probe.as_configured() {
                    if !self.send(plan, next, wave.is_empty()) {
                        break;
                    }
                    wave.push(next);
                }
                next += 1;
            }
            self.collect(plan, &wave, patience)?;
            self.forget(plan, &wave);
        }
        Ok(())
    }

    /// Sends one probe. False when there is no room for it now; when it `must` go, that too is a refusal.
    fn send(&self, plan: &mut Plan<'_>, position: usize, must: bool) -> bool {
        let Some(probe) = plan.probes.get(position) else { return true };
        let Some((place, to)) = plan.way(probe) else { return true };
        let Some(place) = self.places.get(place) else { return true };
        let sequence = u16::try_from(position & 0xffff).unwrap_or_default();
        let mut packet = Vec::new();
        self.echo(place).request(&mut packet, sequence, self.start.elapsed());
        let state = match place.socket.send(&packet, to) {
            Ok(()) => State::Sent,
            Err(Errno::AGAIN | Errno::NOBUFS) if !must => return false,
            Err(errno) => State::Refused(errno),
        };
        plan.settle(position, state);
        true
    }

    /// Waits until a wave's probes are answered, or have had their time.
    fn collect(&self, plan: &mut Plan<'_>, wave: &[usize], patience: Duration) -> Result<()> {
        let mut watched: Vec<_> = self.places.iter().map(|place| icmp::watch(place.socket.as_fd())).collect();
        let start = Instant::now();
        loop {
            let mut until = start;
            for position in wave {
                if let Some(probe) = plan.probes.get(*position)
                    && probe.state == State::Sent
                {
                    until = until.max(start + if probe.expected { patience } else { GRACE });
                }
            }
            if Instant::now() >= until {
                return Ok(());
            }
            icmp::wait(&mut watched, until).doing("wait for", "replies")?;
            for (place, watched) in watched.iter().enumerate() {
                if icmp::is_ready(watched) {
                    self.receive(plan, place);
                }
            }
        }
    }

    /// Takes what a socket has got; not for ever, should somebody flood it.
    fn receive(&self, plan: &mut Plan<'_>, place: usize) {
        let Some(from) = self.places.get(place) else { return };
        let echo = self.echo(from);
        let mut buffer = [0; 128];
        for _ in 0..2 * WAVE {
            // An error tells of one packet, and is gone with having been told.
            let Ok(Some(received)) = from.socket.receive(&mut buffer) else { return };
            let Some(reply) = echo.read(received.packet, self.start.elapsed()) else { continue };
            // The sequence number has the low bits of the position.
            let mut position = usize::from(reply.sequence);
            while let Some(probe) = plan.probes.get(position) {
                if plan.way(probe) == Some((place, received.from)) {
                    plan.settle(position, State::Answered(reply.elapsed.unwrap_or_default()));
                    break;
                }
                position += 0x1_0000;
            }
        }
    }

    /// Has the kernel forget the neighbours that a wave has made, when more waves follow; else only the ones that did not
    /// answer: it would otherwise ask again for them but once a second, whatever is sent. Those that somebody else uses too
    /// are soon there again, and what an administrator has set stays. What goes wrong here shows in the next wave.
    fn forget(&self, plan: &Plan<'_>, wave: &[usize]) {
        let all = plan.probes.len() > WAVE;
        let mut ways = Vec::new();
        for position in wave {
            if let Some(probe) = plan.probes.get(*position)
                && (all || probe.state == State::Sent)
            {
                ways.extend(plan.way(probe));
            }
        }
        for (position, place) in self.places.iter().enumerate() {
            if ways.iter().any(|(from, _)| *from == position) {
                let _ = self.forget_in(place, &|address| ways.contains(&(position, address)));
            }
        }
    }

    fn forget_in(&self, place: &Place, used: &dyn Fn(IpAddr) -> bool) -> std::result::Result<(), Refusal> {
        let rtnl = place.socket.netns().and_then(|netns| Rtnl::open_in(&netns, &self.home, self.session.report));
        let mut rtnl = rtnl.map_err(|errno| Refusal::at(Stage::Open, errno))?;
        for neighbour in rtnl.neighbours()? {
            let lasting = neighbour.state & (NUD_PERMANENT | NUD_NOARP) != 0 || neighbour.flags & NTF_EXT_LEARNED != 0;
            if let Some(address) = neighbour.address
                && !lasting
                && used(address)
            {
                // That it has gone by itself is no harm.
                let _ = rtnl.delete_neighbour(neighbour.index, address);
            }
        }
        Ok(())
    }

    /// What tells our packets from those of others.
    fn echo(&self, place: &Place) -> Echo {
        Echo { family: place.family, id: place.socket.chooses_id().then_some(self.id), token: self.token, size: SIZE }
    }
}
