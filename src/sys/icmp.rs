//! Sockets for ICMP echo, IPv4 and IPv6; and waiting for several of them at once.
//!
//! What an echo packet looks like is `diagnose::echo`'s business. A socket stays in the namespace it was opened in, so that
//! one process can ping from many.
//!
//! # Source
//! icmp(7), raw(7), ip(7), ipv6(7), `linux/icmp.h`, RFC 3542.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, ipproto};

use super::Errno;
use super::netlink::{last_error, set_option};
use super::netns::Netns;
use crate::types::family::Family;

// linux/icmp.h
/// Option at level `SOL_RAW` (255): the types that are not wanted, as a bit mask.
const ICMP_FILTER: libc::c_int = 1;
const SOL_RAW: libc::c_int = 255;
/// Everything but echo replies (type 0).
const ECHO_REPLY_ONLY: u32 = !1;

// linux/icmpv6.h
/// Option at level `IPPROTO_ICMPV6`: the same for IPv6, 256 bits.
const ICMPV6_FILTER: libc::c_int = 1;

/// A socket that sends echo requests and receives the replies.
#[derive(Debug)]
pub struct EchoSocket {
    fd: OwnedFd,
    raw: bool,
    v6: bool,
}

/// What arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received<'a> {
    /// The ICMP packet.
    pub packet: &'a [u8],
    /// Who sent it.
    pub from: IpAddr,
    /// Its time to live, or hop limit.
    pub ttl: Option<u8>,
}

impl EchoSocket {
    /// Opens a socket for IPv4 or IPv6 in the current namespace: a raw one where that is permitted, else a ping socket
    /// (3.0 for IPv4, 3.11 for IPv6), which `net.ipv4.ping_group_range` may permit to anybody.
    #[doc(alias = "ping_group_range")]
    pub fn open(family: Family) -> Result<Self, Errno> {
        let v6 = family == Family::V6;
        let (domain, protocol) =
            if v6 { (AddressFamily::INET6, ipproto::ICMPV6) } else { (AddressFamily::INET, ipproto::ICMP) };
        let open = |kind| {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            rustix::net::socket_with(domain, kind, flags, Some(protocol))
        };
        let (fd, raw) = match open(SocketType::RAW) {
            Err(Errno::PERM | Errno::ACCESS) => (open(SocketType::DGRAM)?, false),
            result => (result?, true),
        };
        let on: libc::c_int = 1;
        let (level, ttl) =
            if v6 { (libc::IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT) } else { (libc::IPPROTO_IP, libc::IP_RECVTTL) };
        set_option(fd.as_fd(), level, ttl, &on.to_ne_bytes())?;
        rustix::net::sockopt::set_socket_broadcast(&fd, true)?;
        if raw {
            // Only spares us wake-ups: the reader checks the type again.
            let _ = if v6 {
                set_option(fd.as_fd(), libc::IPPROTO_ICMPV6, ICMPV6_FILTER, &echo_reply_only_v6())
            } else {
                set_option(fd.as_fd(), SOL_RAW, ICMP_FILTER, &ECHO_REPLY_ONLY.to_ne_bytes())
            };
        }
        Ok(Self { fd, raw, v6 })
    }

    /// Opens a socket inside `namespace` and comes back to `home`.
    pub fn open_in(family: Family, namespace: &Netns, home: &Netns) -> Result<Self, Errno> {
        super::netns::inside(namespace, home, || Self::open(family))?
    }

    /// The namespace that the socket lives in.
    pub fn netns(&self) -> Result<Netns, Errno> {
        Netns::of_socket(self.fd.as_fd())
    }

    /// Whether the id of its packets is the sender's own choice. A ping socket's is the kernel's, which also sorts out
    /// other sockets' replies.
    #[must_use]
    pub fn chooses_id(&self) -> bool {
        self.raw
    }

    /// Sends and receives by the device called `name` only; also the scope of link-local addresses. `ENODEV` when there is none.
    #[doc(alias = "SO_BINDTODEVICE")]
    pub fn use_device(&self, name: &str) -> Result<(), Errno> {
        set_option(self.fd.as_fd(), libc::SOL_SOCKET, libc::SO_BINDTODEVICE, name.as_bytes())
    }

    /// Sends from `address`.
    #[doc(alias = "bind")]
    pub fn use_source(&self, address: IpAddr) -> Result<(), Errno> {
        rustix::net::bind(&self.fd, &SocketAddr::new(address, 0))
    }

    /// Sends one packet. The checksum of IPv6 is the kernel's to fill in.
    pub fn send(&self, packet: &[u8], to: IpAddr) -> Result<(), Errno> {
        loop {
            match rustix::net::sendto(&self.fd, packet, SendFlags::empty(), &SocketAddr::new(to, 0)) {
                Err(Errno::INTR) => {}
                result => return result.map(drop),
            }
        }
    }

    /// Receives one packet into `buffer`, without waiting; none when nothing is there. Longer ones are cut.
    #[doc(alias = "recvmsg")]
    pub fn receive<'a>(&self, buffer: &'a mut [u8]) -> Result<Option<Received<'a>>, Errno> {
        let mut name = Aligned([0; 32]);
        let mut control = Aligned([0; 64]);
        let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
        // SAFETY: all fields of msghdr are integers and pointers, for which zero is a value.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        message.msg_name = name.0.as_mut_ptr().cast();
        message.msg_namelen = 32;
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.0.as_mut_ptr().cast();
        message.msg_controllen = 64;
        // SAFETY: `message` describes `name`, `part` with `buffer`, and `control` with their true lengths; all of them
        // outlive the call and nothing else uses them meanwhile.
        let len = unsafe { libc::recvmsg(self.fd.as_raw_fd(), &raw mut message, 0) };
        let Ok(len) = usize::try_from(len) else {
            return match last_error() {
                Errno::AGAIN | Errno::INTR => Ok(None),
                errno => Err(errno),
            };
        };
        let packet = buffer.get(..len).unwrap_or_default();
        // struct sockaddr_in: family, port, address; struct sockaddr_in6: family, port, flow, address.
        let from: IpAddr = if self.v6 { bytes_at::<16>(&name.0, 8).into() } else { bytes_at::<4>(&name.0, 4).into() };
        let header = if self.raw && !self.v6 { ipv4_header_len(packet) } else { 0 };
        let packet = packet.get(header..).unwrap_or_default();
        Ok(Some(Received { packet, from, ttl: ttl(&control.0) }))
    }
}

impl AsFd for EchoSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Where the C library and the kernel put structs.
#[repr(align(8))]
struct Aligned<const N: usize>([u8; N]);

/// A raw IPv4 socket gives the IP header too; its first byte ends in its length in words.
fn ipv4_header_len(packet: &[u8]) -> usize {
    packet.first().map_or(0, |first| usize::from(first & 0x0f) * 4)
}

/// The only control message that we have asked for: struct cmsghdr (`size_t` length, level, type), then an `int`.
fn ttl(control: &[u8]) -> Option<u8> {
    let level = i32::from_ne_bytes(bytes_at(control, size_of::<usize>()));
    let kind = i32::from_ne_bytes(bytes_at(control, size_of::<usize>() + 4));
    let wanted = [(libc::IPPROTO_IP, libc::IP_TTL), (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT)];
    // The kernel leaves the buffer alone when there is none, and level 0 type 0 is not wanted.
    let value = u32::from_ne_bytes(bytes_at(control, size_of::<usize>() + 8));
    wanted.contains(&(level, kind)).then(|| u8::try_from(value).ok()).flatten()
}

/// `N` bytes at `offset`; zeros where there are none.
fn bytes_at<const N: usize>(bytes: &[u8], offset: usize) -> [u8; N] {
    bytes.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

/// Bit 129, echo replies, is let through; the kernel's words are native.
fn echo_reply_only_v6() -> [u8; 32] {
    let mut filter = [0xff; 32];
    let word = (!(1_u32 << (129 % 32))).to_ne_bytes();
    for (to, from) in filter.iter_mut().skip(129 / 32 * 4).zip(word) {
        *to = from;
    }
    filter
}

/// One of those to [`wait`] for: `fd` is to be read.
#[must_use]
pub fn watch(fd: BorrowedFd<'_>) -> PollFd<'_> {
    PollFd::from_borrowed_fd(fd, PollFlags::IN)
}

/// Whether it can be read.
#[must_use]
pub fn is_ready(watched: &PollFd<'_>) -> bool {
    !watched.revents().is_empty()
}

/// Waits until some can be read, or until `deadline`.
#[doc(alias = "poll")]
pub fn wait(watched: &mut [PollFd<'_>], deadline: Instant) -> Result<(), Errno> {
    rustix::io::retry_on_intr(|| {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).unwrap_or(Timespec { tv_sec: i32::MAX.into(), tv_nsec: 0 });
        poll(watched, Some(&timeout))
    })
    .map(drop)
}
