//! `ping`: sends echo requests, from here or from inside a sandbox, and prints the replies as they come.

use std::net::IpAddr;
use std::os::fd::AsFd;

use super::{Context, print, print_json};
use crate::error::{Doing, Error, Failure, Result};
use crate::network::echo::{self, Echo, HEADER_LEN};
use crate::network::sandbox::SandboxRef;
use crate::sys::icmp::{self, EchoSocket};
use crate::sys::netns::Netns;
use crate::sys::{Errno, clock, random, signal, terminal};
use crate::views::ping as view;

/// What to ping, and how. Times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The host as the user wrote it.
    pub host: String,
    /// Its address.
    pub address: IpAddr,
    /// How many requests; 0 goes on until interrupted.
    pub count: u32,
    /// How long to wait for a first reply after the last request.
    pub patience_us: u64,
    /// From one request to the next.
    pub interval_us: u64,
    /// The address to send from.
    pub source: Option<IpAddr>,
    /// The device to send by.
    pub device: Option<String>,
    /// Bytes of data.
    pub size: usize,
    /// Print no replies.
    pub quiet: bool,
    /// The sandbox to send from.
    pub from: Option<SandboxRef>,
}

/// Pings; exit code 0 when a reply came, 1 when none.
pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let socket = open(arguments)?;
    let interrupts = signal::interrupts();
    let mut watched = vec![socket.as_fd()];
    watched.extend(interrupts.as_ref().map(AsFd::as_fd));
    let echo = conversation(arguments, &socket)?;
    let talk = !arguments.quiet && !context.json;
    if !context.json {
        let source = arguments.source.map(|source| source.to_string());
        print(&view::head(&arguments.host, source.as_deref(), arguments.size))?;
    }

    let mut statistics = view::Statistics::default();
    let mut seen = Seen::default();
    let mut buffer = vec![0; arguments.size + ROOM_FOR_HEADERS];
    let mut next = clock::monotonic_us();
    loop {
        let all_sent = arguments.count > 0 && statistics.transmitted == arguments.count;
        if clock::monotonic_us() >= next {
            if all_sent {
                break;
            }
            let sequence = sequence(statistics.transmitted);
            let now = clock::monotonic_us();
            let sent = socket.send(&echo.request(sequence, now), arguments.address);
            sent.map_err(failed(arguments, "send to"))?;
            seen.forget(sequence);
            statistics.transmitted = statistics.transmitted.wrapping_add(1);
            let last = arguments.count > 0 && statistics.transmitted == arguments.count;
            next = now + if last { patience(arguments, &statistics) } else { arguments.interval_us };
        }
        let ready = icmp::wait(&watched, next).map_err(failed(arguments, "wait for"))?;
        if ready.get(1) == Some(&true) {
            break;
        }
        while let Some(received) = socket.receive(&mut buffer).map_err(failed(arguments, "receive from"))? {
            let Some(reply) = echo.read(received.packet, clock::monotonic_us()) else { continue };
            let duplicate = seen.again(reply.sequence);
            statistics.count(reply.elapsed, duplicate);
            if talk {
                let (len, from) = (HEADER_LEN + arguments.size, received.from.to_string());
                print(&view::reply(len, &from, reply.sequence, received.ttl, reply.elapsed, duplicate))?;
            }
        }
        if arguments.count > 0 && statistics.received >= arguments.count || terminal::reader_is_gone() {
            break;
        }
    }
    if context.json {
        print_json(&view::json(&arguments.host, &statistics))?;
    } else {
        print(&view::tail(&arguments.host, &statistics))?;
    }
    Ok(u8::from(statistics.received == 0))
}

fn failed<'a>(arguments: &'a Arguments, doing: &'static str) -> impl FnOnce(Errno) -> Error + 'a {
    move |errno| Failure::System { doing, object: arguments.host.clone(), errno }.into()
}

/// An IPv4 header with options, and our own.
const ROOM_FOR_HEADERS: usize = 60 + HEADER_LEN;

/// The socket, opened inside the sandbox when one was named: there is no other process.
fn open(arguments: &Arguments) -> Result<EchoSocket> {
    let v6 = arguments.address.is_ipv6();
    let opened = match &arguments.from {
        None => EchoSocket::open(v6),
        Some(sandbox) => {
            let namespace = sandbox.open()?;
            let home = Netns::current().doing("open", &"the current namespace")?;
            EchoSocket::open_in(v6, &namespace, &home)
        }
    };
    let socket = opened.doing("open", &echo::SOCKET)?;
    if let Some(device) = &arguments.device {
        socket.use_device(device).doing("send by interface", &device)?;
    }
    if let Some(source) = arguments.source {
        socket.use_source(source).doing("send from address", &source)?;
    }
    Ok(socket)
}

/// What tells our packets from those of others on this machine.
fn conversation(arguments: &Arguments, socket: &EchoSocket) -> Result<Echo> {
    let [a, b, token @ ..] = random::bytes::<6>().doing("read", &"random numbers")?;
    let id = socket.chooses_id().then(|| u16::from_be_bytes([a, b]));
    Ok(Echo { v6: arguments.address.is_ipv6(), id, token, size: arguments.size })
}

/// How long to wait after the last request: for a host that has answered, twice its longest time, and a second at least.
fn patience(arguments: &Arguments, statistics: &view::Statistics) -> u64 {
    if statistics.received == 0 { arguments.patience_us } else { (u64::from(statistics.longest) * 2).max(1_000_000) }
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
