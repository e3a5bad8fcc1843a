//! Probes of a plan sent from inside the namespaces, all by one process, and the replies to them.
//!
//! One socket a namespace and family. What limits the pace is the kernel's table of neighbours, which is one for all
//! namespaces: more than `net.ipv4.neigh.default.gc_thresh3` (1024) entries are not made, and what needed one is lost
//! without a word. Every pair needs two, and a used one stays for half a minute. So probes go out in waves, and where one
//! wave is not enough each is forgotten before the next.

use std::os::fd::{AsFd, BorrowedFd};

use pontoon_netlink::route::neighbour::{NTF_EXT_LEARNED, NUD_NOARP, NUD_PERMANENT};

use super::echo::{self, Echo};
use super::reach::{Plan, Probe, State};
use crate::error::{Doing, Result};
use crate::kernel::{Neighbour, Refusal, Rtnl};
use crate::sys::icmp::{self, EchoSocket};
use crate::sys::netns::Netns;
use crate::sys::{Errno, clock, process, random};

/// How many probes are on the way at once. Each takes a neighbour.
const WAVE: usize = 400;

/// How long an answer that is not expected is waited for.
const GRACE_US: u64 = 200_000;

/// How long one that is expected is waited for before it is asked for again. Most are there before the next request is sent.
const HASTE_US: u64 = 50_000;

/// Timestamp and token.
const SIZE: usize = 8;

/// Sends probes and recognizes the replies.
#[derive(Debug)]
pub struct Prober {
    home: Netns,
    verbose: bool,
    places: Vec<Place>,
    id: u16,
    token: [u8; 4],
}

/// A namespace and family to send from.
#[derive(Debug)]
struct Place {
    inode: u64,
    v6: bool,
    socket: EchoSocket,
}

impl Prober {
    /// One that sends from nowhere yet.
    pub fn new(verbose: bool) -> Result<Self> {
        process::allow_many_files();
        let home = Netns::current().doing("open", &"the current namespace")?;
        let [a, b, token @ ..] = random::bytes::<6>().doing("read", &"random numbers")?;
        Ok(Self { home, verbose, places: Vec::new(), id: u16::from_be_bytes([a, b]), token })
    }

    /// The place to send from in this namespace, or in our own.
    pub fn place(&mut self, namespace: Option<&Netns>, v6: bool) -> Result<usize> {
        let namespace = namespace.unwrap_or(&self.home);
        let inode = namespace.inode().doing("look at", &"the namespace")?;
        let known = self.places.iter().position(|place| place.inode == inode && place.v6 == v6);
        if let Some(known) = known {
            return Ok(known);
        }
        let socket = EchoSocket::open_in(v6, namespace, &self.home).doing("open", &echo::SOCKET)?;
        self.places.push(Place { inode, v6, socket });
        Ok(self.places.len() - 1)
    }

    /// Sends all probes that have a place to be sent from, and those that are lost again; `patience_us` is how long to wait
    /// for what is expected.
    pub fn run(&self, plan: &mut Plan, patience_us: u64) -> Result<()> {
        let chosen = |plan: &Plan, wanted: fn(&Probe) -> bool| -> Vec<usize> {
            let probes = plan.probes.iter().enumerate();
            probes.filter(|(_, probe)| wanted(probe)).map(|(position, _)| position).collect()
        };
        let all = chosen(plan, |_| true);
        self.waves(plan, &all, patience_us.min(HASTE_US))?;
        // Resolving so many neighbours at once, some get lost.
        let lost = chosen(plan, |probe| probe.expected && matches!(probe.state, State::Sent | State::Refused(_)));
        self.waves(plan, &lost, patience_us)
    }

    fn waves(&self, plan: &mut Plan, mut rest: &[usize], patience_us: u64) -> Result<()> {
        let several = rest.len() > WAVE;
        let sockets: Vec<BorrowedFd<'_>> = self.places.iter().map(|place| place.socket.as_fd()).collect();
        while !rest.is_empty() {
            let mut sent = 0;
            while sent < WAVE
                && let Some(position) = rest.get(sent)
                && self.send(plan, *position, sent == 0)
            {
                sent += 1;
            }
            let (wave, after) = rest.split_at_checked(sent).unwrap_or((rest, &[]));
            self.collect(plan, wave, &sockets, patience_us)?;
            if several {
                self.forget(plan, wave);
            }
            rest = after;
        }
        Ok(())
    }

    /// Sends one probe. False when there is no room for it now; when it `must` go, that too is a refusal.
    fn send(&self, plan: &mut Plan, position: usize, must: bool) -> bool {
        let Some(probe) = plan.probes.get(position) else { return true };
        let Some((place, to)) = plan.way(probe) else { return true };
        let Some(place) = self.places.get(place) else { return true };
        let sequence = u16::try_from(position & 0xffff).unwrap_or_default();
        let packet = self.echo(place).request(sequence, clock::monotonic_us());
        let state = match place.socket.send(&packet, to) {
            Ok(()) => State::Sent,
            Err(Errno::AGAIN | Errno::NOBUFS) if !must => return false,
            Err(errno) => State::Refused(errno),
        };
        if let Some(probe) = plan.probes.get_mut(position) {
            probe.state = state;
        }
        true
    }

    /// Waits until a wave's probes are answered, or have had their time.
    fn collect(&self, plan: &mut Plan, wave: &[usize], sockets: &[BorrowedFd<'_>], patience_us: u64) -> Result<()> {
        let start = clock::monotonic_us();
        loop {
            let open = |expected| {
                let mut probes = wave.iter().filter_map(|position| plan.probes.get(*position));
                probes.any(|probe| probe.state == State::Sent && probe.expected == expected)
            };
            let patience_us = if open(true) { patience_us } else { 0 };
            let until = start + if open(false) { patience_us.max(GRACE_US) } else { patience_us };
            if clock::monotonic_us() >= until {
                return Ok(());
            }
            let ready = icmp::wait(sockets, until).doing("wait for", &"replies")?;
            for (place, _) in ready.iter().enumerate().filter(|(_, ready)| **ready) {
                self.receive(plan, place);
            }
        }
    }

    /// Takes what a socket has got; not for ever, should somebody flood it.
    fn receive(&self, plan: &mut Plan, place: usize) {
        let Some(from) = self.places.get(place) else { return };
        let echo = self.echo(from);
        let mut buffer = [0; 128];
        for _ in 0..2 * WAVE {
            // An error tells of one packet, and is gone with having been told.
            let Ok(Some(received)) = from.socket.receive(&mut buffer) else { return };
            let Some(reply) = echo.read(received.packet, clock::monotonic_us()) else { continue };
            let mut fitting = (usize::from(reply.sequence)..plan.probes.len()).step_by(0x1_0000);
            let way = Some((place, received.from));
            let meant = fitting.find(|position| plan.probes.get(*position).and_then(|probe| plan.way(probe)) == way);
            if let Some(probe) = meant.and_then(|position| plan.probes.get_mut(position)) {
                probe.state = State::Answered(reply.elapsed.unwrap_or_default());
            }
        }
    }

    /// Has the kernel forget the neighbours that a wave has made. Those that somebody else uses too are soon asked for again,
    /// and what an administrator has set stays. What goes wrong here shows in the next wave.
    fn forget(&self, plan: &Plan, wave: &[usize]) {
        let ways: Vec<_> = wave.iter().filter_map(|position| plan.way(plan.probes.get(*position)?)).collect();
        for (position, place) in self.places.iter().enumerate() {
            let used = |neighbour: &Neighbour| {
                let lasting =
                    neighbour.state & (NUD_PERMANENT | NUD_NOARP) != 0 || neighbour.flags & NTF_EXT_LEARNED != 0;
                !lasting && neighbour.address.is_some_and(|address| ways.contains(&(position, address)))
            };
            if ways.iter().any(|(from, _)| *from == position) {
                let _ = self.forget_in(place, &used);
            }
        }
    }

    fn forget_in(&self, place: &Place, used: &dyn Fn(&Neighbour) -> bool) -> std::result::Result<(), Refusal> {
        let mut rtnl = Rtnl::open_in(&place.socket.netns()?, &self.home, self.verbose)?;
        let mut known = rtnl.neighbours()?;
        known.retain(used);
        rtnl.delete_neighbours(&known)
    }

    /// What tells our packets from those of others.
    fn echo(&self, place: &Place) -> Echo {
        Echo { v6: place.v6, id: place.socket.chooses_id().then_some(self.id), token: self.token, size: SIZE }
    }
}
