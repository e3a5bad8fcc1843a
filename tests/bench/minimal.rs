//! The floor: attaches a namespace to a bridge with the same messages as `network connect`, and nothing else. No lock, no
//! record, no look before, no check after.
//!
//! `minimal BRIDGE-INDEX NAMESPACE-FILE A.B.C.D`
//!
//! As `minimal resident PROGRAM ARGUMENT…` it runs the program and prints how much of it was resident at the most, in KiB: a process
//! begins with what its parent has, so that has to be a small one.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use pontoon_netlink::Request;
use pontoon_netlink::route::{address, link, route};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments[1] == "resident" {
        return resident(&arguments[2], &arguments[3..]);
    }
    let bridge: u32 = arguments[1].parse().unwrap();
    let address: Ipv4Addr = arguments[3].parse().unwrap();
    let octets = address.octets();
    let name = format!("veth{:08x}", u32::from(address));
    let namespace = OwnedFd::from(std::fs::File::open(&arguments[2]).unwrap());
    let host = socket();
    let new = link::NewVeth {
        name: &name,
        mtu: Some(1500),
        master: Some(bridge),
        group: Some(0x4000_0001),
        mac: None,
        peer: link::Peer {
            name: "eth0",
            mac: Some([0x02, 0x42, octets[0], octets[1], octets[2], octets[3]]),
            mtu: Some(1500),
            netns: Some(namespace.as_raw_fd()),
        },
    };
    send(&host, &[link::new_veth(&new)]);
    let index = rustix::net::netdevice::name_to_index(&host, &name).unwrap();
    let change = link::Change {
        up: Some(true),
        alias: Some("pontoon bench/bench eth0"),
        port: Some(link::PortOptions::default()),
        addr_gen_mode: Some(link::IN6_ADDR_GEN_MODE_NONE),
        ..link::Change::default()
    };
    send(&host, &[link::set(link::Selector::Index(index), &change)]);
    rustix::thread::move_into_link_name_space(namespace.as_fd(), None).unwrap();
    let inside = socket();
    let eth0 = rustix::net::netdevice::name_to_index(&inside, "eth0").unwrap();
    let up = link::Change { up: Some(true), ..link::Change::default() };
    let gateway = Ipv4Addr::new(octets[0], octets[1], 0, 1);
    let requests = [
        address::add(&address::NewAddress {
            index: eth0,
            address: IpAddr::V4(address),
            prefix_len: 16,
            broadcast: Some(Ipv4Addr::new(octets[0], octets[1], 255, 255)),
            no_dad: false,
        }),
        link::set(link::Selector::Index(1), &up),
        link::set(link::Selector::Index(eth0), &up),
        route::add_default(IpAddr::V4(gateway), eth0),
    ];
    send(&inside, &requests);
}

fn resident(program: &str, arguments: &[String]) {
    let output = std::process::Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to writable memory of the right size.
    unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) };
    // SAFETY: zeros, and whatever the kernel writes, are valid.
    println!("{}", unsafe { usage.assume_init() }.ru_maxrss);
}

fn socket() -> OwnedFd {
    rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None).unwrap()
}

fn send(socket: &OwnedFd, requests: &[Request]) {
    let datagram: Vec<u8> = requests.iter().flat_map(|request| request.to_bytes(1).unwrap()).collect();
    rustix::net::sendto(socket, &datagram, SendFlags::empty(), &SocketAddrNetlink::new(0, 0)).unwrap();
    let mut buffer = [0_u8; 4096];
    for _ in requests {
        let (_, len, _) = rustix::net::recvfrom(socket, &mut buffer[..], RecvFlags::empty()).unwrap();
        assert_eq!(buffer[16..20], [0; 4], "refused: {:?}", &buffer[..len]);
    }
}
