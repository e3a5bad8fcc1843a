//! A published SCTP port, packet by packet: connection tracking and translation know SCTP also where the kernel has no sockets for it.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use crate::support::traffic::{MOMENT, PATIENCE, family};
use crate::support::{Host, needs};
use rustix::net::{SendFlags, SocketType, ipproto, sendto};

/// Chunk types.
const INIT: u8 = 1;
const INIT_ACK: u8 = 2;

/// A socket for whole SCTP packets.
fn raw(host: &Host, sandbox: &str, address: IpAddr) -> OwnedFd {
    host.sockets(sandbox, &[(family(address), SocketType::RAW, Some(ipproto::SCTP))]).unwrap().pop().unwrap()
}

/// A packet with one chunk, INIT or its acknowledgement (RFC 9260, 3.3.2 and 3.3.3).
fn packet(from: u16, to: u16, tag: u32, chunk: u8) -> Vec<u8> {
    let mut packet = [from.to_be_bytes(), to.to_be_bytes()].concat();
    packet.extend(tag.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend([chunk, 0, 0, 20]);
    // Initiate tag, window, streams out and in, initial sequence number.
    packet.extend([0, 0, 0, 7, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1]);
    let sum = crc32c(&packet).to_le_bytes();
    packet[8..12].copy_from_slice(&sum);
    packet
}

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0x82f6_3b78 } else { sum >> 1 })
    })
}

fn send(socket: &OwnedFd, to: IpAddr, packet: &[u8]) {
    sendto(socket, packet, SendFlags::empty(), &SocketAddr::new(to, 0)).unwrap();
}

/// Ports and chunk type of the next packet, and whom it comes from, with a right checksum; `None` when there is none.
fn receive(socket: &OwnedFd, patience: Duration) -> Option<(u16, u16, u8, IpAddr)> {
    // Only for its timeout and its address.
    let socket = UdpSocket::from(socket.try_clone().unwrap());
    socket.set_read_timeout(Some(patience)).unwrap();
    let mut buffer = [0; 256];
    let (length, from) = socket.recv_from(&mut buffer).ok()?;
    // IPv4 comes with its header.
    let start = if from.is_ipv4() { usize::from(buffer[0] & 15) * 4 } else { 0 };
    let packet = &mut buffer[start..length];
    let port = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
    let (source, destination, chunk) = (port(0), port(2), packet[12]);
    let sum = u32::from_le_bytes(packet[8..12].try_into().unwrap());
    packet[8..12].fill(0);
    assert_eq!(crc32c(packet), sum);
    Some((source, destination, chunk, from.ip()))
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn a_published_sctp_port_leads_in_and_back() {
    needs(&["ip"]);
    let host = Host::new();
    host.wire("outside", "192.0.2.2".parse().unwrap(), "2001:db8::2".parse().unwrap());
    host.ok("network create --subnet 10.1.0.0/24 --subnet fd00:1::/64 lan");
    host.sandbox("c1");
    host.ok("network connect -p 3868:80/sctp lan c1");
    for (public, outside, inside) in
        [("192.0.2.1", "192.0.2.2", "10.1.0.2"), ("2001:db8::1", "2001:db8::2", "fd00:1::2")]
    {
        let [public, outside, inside] = [public, outside, inside].map(|text| text.parse::<IpAddr>().unwrap());
        let (peer, server) = (raw(&host, "outside", outside), raw(&host, "c1", inside));
        // Sent again as long as the bridge does not know its own link-local address.
        let end = Instant::now() + PATIENCE;
        let mut request = None;
        while request.is_none() && Instant::now() < end {
            send(&peer, public, &packet(40_000, 3868, 0, INIT));
            request = receive(&server, MOMENT);
        }
        assert_eq!(request, Some((40_000, 80, INIT, outside)));
        send(&server, outside, &packet(80, 40_000, 7, INIT_ACK));
        assert_eq!(receive(&peer, PATIENCE), Some((3868, 40_000, INIT_ACK, public)));
        // Neither by the sandbox's own address, nor what is published of another protocol.
        send(&peer, inside, &packet(40_001, 80, 0, INIT));
        send(&peer, public, &packet(40_002, 80, 0, INIT));
        let mut late = receive(&server, MOMENT);
        while late.is_some_and(|packet| packet.0 == 40_000) {
            late = receive(&server, MOMENT);
        }
        assert_eq!(late, None);
    }
}
