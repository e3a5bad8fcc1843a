//! The least that can talk to nfnetlink: one batch or request at a time.

use std::os::fd::{AsRawFd as _, OwnedFd};

use pontoon_netlink::ack::Ack;
use pontoon_netlink::batch::{Batch, Outcome, Place};
use pontoon_netlink::message::{NLM_F_DUMP, NLMSG_DONE};
use pontoon_netlink::{Message, Messages, Request};
use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType};

pub struct Socket {
    fd: OwnedFd,
    sequence: u32,
    buffer: Vec<u8>,
}

impl Socket {
    pub fn open() -> Self {
        let fd = rustix::net::socket(AddressFamily::NETLINK, SocketType::RAW, Some(netlink::NETFILTER)).unwrap();
        let on: libc::c_int = 1;
        for option in [libc::NETLINK_EXT_ACK, libc::NETLINK_CAP_ACK] {
            let (on, len) = ((&raw const on).cast(), libc::socklen_t::try_from(size_of_val(&on)).unwrap());
            // SAFETY: the pointer is to an integer of that size, which outlives the call; the kernel only reads it.
            let result = unsafe { libc::setsockopt(fd.as_raw_fd(), libc::SOL_NETLINK, option, on, len) };
            assert_eq!(result, 0);
        }
        rustix::net::sockopt::set_socket_send_buffer_size(&fd, 4 << 20).unwrap();
        Self { fd, sequence: 100, buffer: vec![0; 1 << 17] }
    }

    fn send(&self, bytes: &[u8]) {
        let kernel = SocketAddrNetlink::new(0, 0);
        assert_eq!(rustix::net::sendto(&self.fd, bytes, SendFlags::empty(), &kernel).unwrap(), bytes.len());
    }

    fn receive(&mut self, flags: RecvFlags) -> Option<Vec<u8>> {
        match rustix::net::recv(&self.fd, self.buffer.as_mut_slice(), flags) {
            Ok((len, _)) => Some(self.buffer[..len].to_vec()),
            Err(rustix::io::Errno::AGAIN) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends a batch; gives back what was refused, and the batch.
    pub fn batch(&mut self, changes: &[Request], generation: Option<u32>) -> (Vec<(Place, Ack)>, Batch) {
        let batch = Batch::new(changes, self.sequence, generation).unwrap();
        self.sequence = batch.last_sequence().wrapping_add(1);
        self.send(batch.bytes());
        let mut outcome = Outcome::default();
        // The kernel has answered when send returns: an answer that is missed would block nothing here, but fail.
        loop {
            let datagram = self.receive(RecvFlags::DONTWAIT).expect("an answer that tells the outcome");
            let enough = Messages::new(&datagram).any(|m| outcome.take(&batch, &m));
            if enough {
                break;
            }
        }
        while self.receive(RecvFlags::DONTWAIT).is_some() {}
        (outcome.refused, batch)
    }

    /// Sends a batch that must be carried out.
    #[track_caller]
    pub fn commit(&mut self, changes: &[Request]) {
        assert_eq!(self.batch(changes, None).0, []);
    }

    /// Sends a batch that must be refused: the places, errnos, and names of the attributes blamed.
    #[track_caller]
    pub fn refused(&mut self, changes: &[Request]) -> Vec<(Place, i32, Option<String>)> {
        let (refused, batch) = self.batch(changes, None);
        let blamed = |place, ack: &Ack| pontoon_netlink::names::blamed(batch.message(place), ack);
        refused.iter().map(|(place, ack)| (*place, ack.errno, blamed(*place, ack))).collect()
    }

    /// Sends a request, and gives what `read` makes of the answers; an errno when it is refused.
    pub fn ask<T>(
        &mut self,
        request: &Request,
        mut read: impl FnMut(&Message<'_>) -> Option<T>,
    ) -> Result<Vec<T>, i32> {
        self.sequence += 1;
        self.send(&request.to_bytes(self.sequence).unwrap());
        let dump = request.flags() & NLM_F_DUMP == NLM_F_DUMP;
        let mut all = Vec::new();
        loop {
            let datagram = self.receive(RecvFlags::empty()).unwrap();
            for message in Messages::new(&datagram) {
                assert_eq!(message.sequence, self.sequence);
                match Ack::parse(&message) {
                    Some(ack) if ack.errno != 0 => return Err(ack.errno),
                    Some(_) => {
                        assert!(!dump || message.kind == NLMSG_DONE);
                        return Ok(all);
                    }
                    None => all.extend(read(&message)),
                }
            }
            if !dump {
                return Ok(all);
            }
        }
    }
}
