//! Echo requests to one host, one after the other, and the replies to them.

use std::net::IpAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use super::echo::{self, Echo, HEADER_LEN, Reply};
use crate::error::{Doing, Result};
use crate::sandbox::SandboxRef;
use crate::session::Session;
use crate::sys::icmp::{self, EchoSocket};
use crate::sys::{random, signal, terminal};
use crate::types::family::Family;

/// What to ping, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// The host as the user wrote it.
    pub host: String,
    /// Its address.
    pub address: IpAddr,
    /// How many requests; 0 goes on until interrupted.
    pub count: u32,
    /// How long to wait for a first reply after the last request.
    pub patience: Duration,
    /// From one request to the next.
    pub interval: Duration,
    /// The address to send from.
    pub source: Option<IpAddr>,
    /// The device to send by.
    pub device: Option<String>,
    /// Bytes of data.
    pub size: usize,
    /// The sandbox to send from.
    pub from: Option<SandboxRef>,
}

/// A reply as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// Bytes of the ICMP packet.
    pub len: usize,
    /// Who sent it.
    pub from: IpAddr,
    /// What it says.
    pub reply: Reply,
    /// Its time to live, or hop limit.
    pub ttl: Option<u8>,
    /// Its request has been answered before.
    pub duplicate: bool,
}

/// What has been sent and received so far. Times in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Requests sent.
    pub transmitted: u32,
    /// Replies received, each sequence number once.
    pub received: u32,
    /// Replies received again.
    pub duplicates: u32,
    /// Times measured.
    pub times: u32,
    /// The shortest of them.
    pub shortest: u32,
    /// The longest of them.
    pub longest: u32,
    /// Their sum.
    pub sum: u64,
}

impl Statistics {
    /// Counts a reply.
    pub fn count(&mut self, elapsed: Option<u32>, duplicate: bool) {
        *(if duplicate { &mut self.duplicates } else { &mut self.received }) += 1;
        let Some(elapsed) = elapsed else { return };
        self.shortest = if self.times == 0 { elapsed } else { self.shortest.min(elapsed) };
        self.longest = self.longest.max(elapsed);
        self.sum += u64::from(elapsed);
        self.times += 1;
    }

    /// Percent of the requests that no reply came to, rounded down.
    #[must_use]
    pub fn loss(&self) -> u32 {
        let lost = u64::from(self.transmitted.saturating_sub(self.received));
        u32::try_from((lost * 100).checked_div(self.transmitted.into()).unwrap_or_default()).unwrap_or_default()
    }

    /// The mean of the times.
    #[must_use]
    pub fn average(&self) -> u32 {
        u32::try_from(self.sum.checked_div(self.times.into()).unwrap_or_default()).unwrap_or_default()
    }
}

/// An IPv4 header with options, and our own.
const ROOM_FOR_HEADERS: usize = 60 + HEADER_LEN;

/// A conversation that can begin.
#[derive(Debug)]
pub struct Pinger<'a> {
    ping: &'a Ping,
    socket: EchoSocket,
    echo: Echo,
}

impl<'a> Pinger<'a> {
    /// Opens the socket, inside the sandbox when one was named: there is no other process.
    pub fn open(ping: &'a Ping) -> Result<Self> {
        let family = Family::of(ping.address);
        let opened = match &ping.from {
            None => EchoSocket::open(family),
            Some(sandbox) => EchoSocket::open_in(family, &sandbox.open()?, &Session::home()?),
        };
        let socket = opened.doing("open", echo::SOCKET)?;
        if let Some(device) = &ping.device {
            socket.use_device(device).doing("send by interface", device)?;
        }
        if let Some(source) = ping.source {
            socket.use_source(source).doing("send from address", source)?;
        }
        let [a, b, token @ ..] = random::bytes::<6>().doing("read", "random numbers")?;
        let id = socket.chooses_id().then(|| u16::from_be_bytes([a, b]));
        Ok(Self { ping, socket, echo: Echo { family, id, token, size: ping.size } })
    }

    /// Sends and receives until all is said, somebody interrupts, or nobody reads any more; `hear` is given each reply.
    pub fn run(&self, mut hear: impl FnMut(&Heard) -> Result<()>) -> Result<Statistics> {
        let (ping, host) = (self.ping, &self.ping.host);
        let interrupts = signal::interrupts();
        let mut watched = vec![icmp::watch(self.socket.as_fd())];
        watched.extend(interrupts.as_ref().map(|interrupts| icmp::watch(interrupts.as_fd())));
        let mut statistics = Statistics::default();
        let mut seen = Seen::default();
        let mut request = Vec::new();
        let mut buffer = vec![0; ping.size + ROOM_FOR_HEADERS];
        let start = Instant::now();
        let mut next = start;
        loop {
            let all_sent = ping.count > 0 && statistics.transmitted == ping.count;
            if Instant::now() >= next {
                if all_sent {
                    return Ok(statistics);
                }
                let sequence = sequence(statistics.transmitted);
                let now = Instant::now();
                self.echo.request(&mut request, sequence, now - start);
                self.socket.send(&request, ping.address).doing("send to", host)?;
                seen.forget(sequence);
                statistics.transmitted = statistics.transmitted.wrapping_add(1);
                let last = ping.count > 0 && statistics.transmitted == ping.count;
                next = now + if last { self.patience(&statistics) } else { ping.interval };
            }
            icmp::wait(&mut watched, next).doing("wait for", host)?;
            if watched.get(1).is_some_and(icmp::is_ready) {
                return Ok(statistics);
            }
            while let Some(received) = self.socket.receive(&mut buffer).doing("receive from", host)? {
                let Some(reply) = self.echo.read(received.packet, start.elapsed()) else { continue };
                let duplicate = seen.again(reply.sequence);
                statistics.count(reply.elapsed, duplicate);
                let len = HEADER_LEN + ping.size;
                hear(&Heard { len, from: received.from, reply, ttl: received.ttl, duplicate })?;
            }
            if ping.count > 0 && statistics.received >= ping.count || terminal::reader_is_gone() {
                return Ok(statistics);
            }
        }
    }

    /// How long to wait after the last request: for a host that has answered, twice its longest time, and a second at least.
    fn patience(&self, statistics: &Statistics) -> Duration {
        if statistics.received == 0 {
            return self.ping.patience;
        }
        Duration::from_micros(u64::from(statistics.longest) * 2).max(Duration::from_secs(1))
    }
}

/// The field has 16 bits and wraps around.
fn sequence(transmitted: u32) -> u16 {
    u16::try_from(transmitted & 0xffff).unwrap_or_default()
}

/// Which of the last 64 sequence numbers have been answered.
#[derive(Debug, Default)]
struct Seen(u64);

impl Seen {
    fn forget(&mut self, sequence: u16) {
        self.0 &= !(1 << (sequence % 64));
    }

    fn again(&mut self, sequence: u16) -> bool {
        let bit = 1 << (sequence % 64);
        let again = self.0 & bit != 0;
        self.0 |= bit;
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_rounded_down_and_nothing_sent_is_nothing_lost() {
        let lost = |transmitted, received| Statistics { transmitted, received, ..Statistics::default() }.loss();
        assert_eq!((lost(0, 0), lost(3, 2), lost(3, 0), lost(1, 2)), (0, 33, 100, 0));
    }
}
