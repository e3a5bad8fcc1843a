//! Traffic of a test: real sockets in any namespace, servers that say who reached them and from where, and what a client gets.
//!
//! A socket stays in the namespace it was made in. So a process inside makes them, hands them over, and is gone; all the
//! rest happens here, in threads, also without root.

use std::io::{IoSlice, IoSliceMut, PipeReader, PipeWriter, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, Protocol, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, bind, connect, listen, recvmsg, sendmsg, socket_with,
    socketpair, sockopt,
};

use super::Host;

/// How long an answer may take that must come.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long is waited for an answer that must not come.
pub const MOMENT: Duration = Duration::from_millis(300);

/// What sort of socket.
pub type Kind = (AddressFamily, SocketType, Option<Protocol>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Udp,
}

impl Transport {
    pub const BOTH: [Self; 2] = [Self::Tcp, Self::Udp];

    fn kind(self, address: IpAddr) -> Kind {
        (family(address), if self == Self::Tcp { SocketType::STREAM } else { SocketType::DGRAM }, None)
    }
}

pub fn family(address: IpAddr) -> AddressFamily {
    if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 }
}

impl Host {
    /// Sockets of a sandbox, or, when `sandbox` is empty, of the host itself.
    pub fn sockets(&self, sandbox: &str, kinds: &[Kind]) -> std::io::Result<Vec<OwnedFd>> {
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        let wanted = kinds.to_vec();
        let make = move || {
            for (family, kind, protocol) in &wanted {
                hand_over(&theirs, &socket_with(*family, *kind, SocketFlags::CLOEXEC, *protocol)?)?;
            }
            Ok(())
        };
        let mut command = self.command_in(sandbox, "true");
        // SAFETY: only system calls between fork and exec; nothing is allocated and no lock is taken.
        unsafe { command.pre_exec(make) };
        command.spawn()?.wait()?;
        kinds.iter().map(|_| Ok(take_over(&ours)?)).collect()
    }

    /// What a client in `sandbox` gets from `to`: what the server says (see [`Server`]), `refused`, `nothing`, or an errno.
    pub fn ask(&self, sandbox: &str, transport: Transport, to: SocketAddr, patience: Duration) -> String {
        let socket = self.sockets(sandbox, &[transport.kind(to.ip())]).unwrap().pop().unwrap();
        ask(socket, transport, to, patience)
    }

    /// As [`Self::ask`], for many clients at once; the answers are in their order.
    pub fn ask_all(&self, clients: &[Client]) -> Vec<String> {
        let mut sockets: Vec<Option<OwnedFd>> = clients.iter().map(|_| None).collect();
        for first in 0..clients.len() {
            if sockets[first].is_none() {
                let sandbox = &clients[first].sandbox;
                let same: Vec<_> = (first..clients.len()).filter(|other| clients[*other].sandbox == *sandbox).collect();
                let kinds: Vec<_> =
                    same.iter().map(|other| clients[*other].transport.kind(clients[*other].to.ip())).collect();
                for (other, socket) in same.into_iter().zip(self.sockets(sandbox, &kinds).unwrap()) {
                    sockets[other] = Some(socket);
                }
            }
        }
        std::thread::scope(|scope| {
            let start = |(client, socket): (&Client, Option<OwnedFd>)| {
                let (transport, to, patience) = (client.transport, client.to, client.patience);
                scope.spawn(move || ask(socket.unwrap(), transport, to, patience))
            };
            let threads: Vec<_> = clients.iter().zip(sockets).map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }
}

/// Who asks whom, how, and for how long.
#[derive(Debug, Clone)]
pub struct Client {
    pub sandbox: String,
    pub transport: Transport,
    pub to: SocketAddr,
    pub patience: Duration,
}

/// Asks from `socket`, which is not yet connected.
pub fn ask(socket: OwnedFd, transport: Transport, to: SocketAddr, patience: Duration) -> String {
    let answer =
        if transport == Transport::Tcp { ask_tcp(socket, to, patience) } else { ask_udp(socket, to, patience) };
    answer.unwrap_or_else(|error| match Errno::from_io_error(&error) {
        Some(Errno::CONNREFUSED) => "refused".to_owned(),
        // What connect, and then read, says when its time is over; what no ARP reply leads to.
        Some(Errno::INPROGRESS | Errno::AGAIN | Errno::TIMEDOUT | Errno::HOSTUNREACH) => "nothing".to_owned(),
        _ => error.to_string(),
    })
}

fn ask_tcp(socket: OwnedFd, to: SocketAddr, patience: Duration) -> std::io::Result<String> {
    let mut stream = TcpStream::from(socket);
    stream.set_write_timeout(Some(patience))?;
    stream.set_read_timeout(Some(patience))?;
    connect(&stream, &to)?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

fn ask_udp(socket: OwnedFd, to: SocketAddr, patience: Duration) -> std::io::Result<String> {
    let socket = UdpSocket::from(socket);
    connect(&socket, &to)?;
    let end = Instant::now() + patience;
    socket.set_read_timeout(Some(MOMENT))?;
    let mut buffer = [0; 128];
    loop {
        socket.send(b"?")?;
        match socket.recv(&mut buffer) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock && Instant::now() < end => {}
            received => return Ok(String::from_utf8_lossy(&buffer[..received?]).into_owned()),
        }
    }
}

/// A server on TCP and UDP that answers `NAME:PORT sees ADDRESS`: its own port, the address that it sees its peer at.
pub struct Server {
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(host: &Host, sandbox: &str, name: &str, addresses: &[SocketAddr]) -> Self {
        let kinds: Vec<_> =
            addresses.iter().flat_map(|to| Transport::BOTH.map(|transport| transport.kind(to.ip()))).collect();
        let mut sockets = host.sockets(sandbox, &kinds).unwrap().into_iter();
        let (mut tcp, mut udp) = (Vec::new(), Vec::new());
        for address in addresses {
            for transport in Transport::BOTH {
                let socket = sockets.next().unwrap();
                if address.is_ipv6() {
                    sockopt::set_ipv6_v6only(&socket, true).unwrap();
                }
                sockopt::set_socket_reuseaddr(&socket, transport == Transport::Tcp).unwrap();
                bind(&socket, address).unwrap_or_else(|errno| panic!("{name} cannot bind {address}: {errno}"));
                if transport == Transport::Tcp {
                    listen(&socket, 512).unwrap();
                    tcp.push(TcpListener::from(socket));
                } else {
                    udp.push(UdpSocket::from(socket));
                }
            }
        }
        let (stopped, stop) = std::io::pipe().unwrap();
        let name = name.to_owned();
        let thread = std::thread::spawn(move || serve(&name, &stopped, &tcp, &udp));
        Self { stop: Some(stop), thread: Some(thread) }
    }

    /// A server on these ports of all addresses.
    pub fn on_ports(host: &Host, sandbox: &str, name: &str, ports: &[u16]) -> Self {
        let any = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
        let addresses: Vec<_> = any.iter().flat_map(|ip| ports.iter().map(|port| (*ip, *port).into())).collect();
        Self::start(host, sandbox, name, &addresses)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().unwrap().join();
    }
}

fn serve(name: &str, stopped: &PipeReader, tcp: &[TcpListener], udp: &[UdpSocket]) {
    let say = |local: SocketAddr, peer: SocketAddr| format!("{name}:{} sees {}", local.port(), peer.ip());
    loop {
        let mut ready = vec![PollFd::new(stopped, PollFlags::IN)];
        ready.extend(tcp.iter().map(|socket| PollFd::new(socket, PollFlags::IN)));
        ready.extend(udp.iter().map(|socket| PollFd::new(socket, PollFlags::IN)));
        poll(&mut ready, None).unwrap();
        let ready: Vec<_> = ready.iter().map(|one| !one.revents().is_empty()).collect();
        if ready[0] {
            return;
        }
        for (socket, _) in tcp.iter().zip(&ready[1..]).filter(|(_, ready)| **ready) {
            if let Ok((mut stream, peer)) = socket.accept() {
                let _ = stream.write_all(say(stream.local_addr().unwrap(), peer).as_bytes());
            }
        }
        for (socket, _) in udp.iter().zip(&ready[1 + tcp.len()..]).filter(|(_, ready)| **ready) {
            if let Ok((_, peer)) = socket.recv_from(&mut [0; 128]) {
                let _ = socket.send_to(say(socket.local_addr().unwrap(), peer).as_bytes(), peer);
            }
        }
    }
}

fn hand_over(through: &OwnedFd, socket: &OwnedFd) -> rustix::io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let sockets = [std::os::fd::AsFd::as_fd(socket)];
    control.push(SendAncillaryMessage::ScmRights(&sockets));
    sendmsg(through, &[IoSlice::new(b"s")], &mut control, SendFlags::empty()).map(drop)
}

fn take_over(through: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    recvmsg(through, &mut [IoSliceMut::new(&mut [0])], &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let sockets = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut sockets) => sockets.next(),
        _ => None,
    });
    sockets.ok_or(Errno::BADMSG)
}
