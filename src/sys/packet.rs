//! A socket that sends frames as they are: what the kernel says of an interface's addresses only when it pleases.
//!
//! # Source
//! packet(7), `linux/if_packet.h`.

use std::os::fd::{AsRawFd, OwnedFd};

use rustix::net::{AddressFamily, SocketFlags, SocketType};

use super::Errno;
use super::netlink::last_error;

/// Length of an Ethernet address in bytes.
const ETH_ALEN: u8 = 6;

/// Sends frames, and receives none. It stays in the namespace it was opened in.
#[derive(Debug)]
pub struct PacketSocket {
    fd: OwnedFd,
}

impl PacketSocket {
    /// Opens one in the current namespace. `EAFNOSUPPORT` where the kernel lacks `CONFIG_PACKET`.
    #[doc(alias = "AF_PACKET")]
    pub fn open() -> Result<Self, Errno> {
        // Protocol 0, which rustix spells `None`: nothing is received.
        let fd = rustix::net::socket_with(AddressFamily::PACKET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
        Ok(Self { fd })
    }

    /// Sends `payload` by the interface with this index, from its own address to `to`. `protocol` is `ETH_P_…`.
    #[doc(alias = "sockaddr_ll")]
    pub fn send(&self, index: u32, protocol: u16, to: [u8; 6], payload: &[u8]) -> Result<(), Errno> {
        let mut sll_addr = [0; 8];
        sll_addr.iter_mut().zip(to).for_each(|(place, byte)| *place = byte);
        let address = libc::sockaddr_ll {
            sll_family: libc::AF_PACKET.try_into().unwrap_or_default(),
            sll_protocol: protocol.to_be(),
            sll_ifindex: index.cast_signed(),
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: ETH_ALEN,
            sll_addr,
        };
        let len = libc::socklen_t::try_from(size_of_val(&address)).unwrap_or_default();
        // SAFETY: the kernel reads `payload` and `address`, whose lengths are given, and writes nothing.
        let sent = unsafe {
            libc::sendto(
                self.fd.as_raw_fd(),
                payload.as_ptr().cast(),
                payload.len(),
                0,
                (&raw const address).cast(),
                len,
            )
        };
        if sent < 0 { Err(last_error()) } else { Ok(()) }
    }
}
