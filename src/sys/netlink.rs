//! A blocking `AF_NETLINK` socket: datagrams to the kernel and back, and the options that matter to us.
//!
//! What belongs here: bytes. What does not: messages, sequence numbers, answers; those are `kernel::client`'s.
//!
//! # Source
//! netlink(7), `linux/netlink.h`.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use super::Errno;
use super::netns::Netns;

/// The kernel fills dump datagrams up to the size of the reader's buffer, but no further than this, unless a single message is
/// larger.
const BUFFER_LEN: usize = 32 * 1024;

/// Which part of the kernel to talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Links, addresses, routes, neighbours: `NETLINK_ROUTE`.
    Route,
    /// The firewall and connection tracking: `NETLINK_NETFILTER`. `EPROTONOSUPPORT` when the kernel has neither.
    Netfilter,
}

/// A netlink socket in one network namespace: the one the process was in when it was opened.
#[derive(Debug)]
pub struct Socket {
    fd: OwnedFd,
    /// What takes the devices' `ioctl`s where netlink sockets do not: before 4.7.
    devices: Option<OwnedFd>,
    buffer: Vec<u8>,
}

impl Socket {
    /// Opens a socket in the current namespace.
    pub fn open(protocol: Protocol) -> Result<Self, Errno> {
        let protocol = match protocol {
            // NETLINK_ROUTE is protocol 0, which rustix spells `None`.
            Protocol::Route => None,
            Protocol::Netfilter => Some(rustix::net::netlink::NETFILTER),
        };
        let fd = rustix::net::socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, protocol)?;
        let mut socket = Self { fd, devices: None, buffer: vec![0; BUFFER_LEN] };
        // Old kernels lack it, and are no worse for it.
        if protocol.is_none() && socket.ask_for_words().is_err() {
            let (family, kind) = (AddressFamily::INET, SocketType::DGRAM);
            socket.devices = rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None).ok();
        }
        Ok(socket)
    }

    /// Opens a socket inside `namespace` and comes back to `home`.
    pub fn open_in(protocol: Protocol, namespace: &Netns, home: &Netns) -> Result<Self, Errno> {
        super::netns::inside(namespace, home, || Self::open(protocol))?
    }

    /// The namespace that the socket lives in.
    pub fn netns(&self) -> Result<Netns, Errno> {
        Netns::of_socket(self.fd.as_fd())
    }

    /// The index of the device called `name`, without a netlink message; none when there is no such device.
    #[doc(alias = "SIOCGIFINDEX")]
    pub fn index_of(&self, name: &str) -> Result<Option<u32>, Errno> {
        match rustix::net::netdevice::name_to_index(self, name) {
            Ok(index) => Ok(Some(index)),
            Err(Errno::NODEV) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Asks the kernel to say in words what is wrong with a request (4.12). Every socket does; elsewhere there are no words.
    #[doc(alias = "NETLINK_EXT_ACK")]
    pub fn ask_for_words(&self) -> Result<(), Errno> {
        turn_on(self.fd.as_fd(), libc::NETLINK_EXT_ACK)
    }

    /// Asks for words, and that no request is echoed beyond its header (4.3): the refused parts of a large transaction, all of them
    /// echoed, would be more than a socket holds. Elsewhere there are no words, and echoes.
    #[doc(alias = "NETLINK_CAP_ACK")]
    pub fn ask_for_words_alone(&self) {
        let _ = self.ask_for_words();
        let _ = turn_on(self.fd.as_fd(), libc::NETLINK_CAP_ACK);
    }

    /// Asks the kernel to check requests strictly, which makes it filter dumps (4.20); elsewhere the caller filters.
    #[doc(alias = "NETLINK_GET_STRICT_CHK")]
    pub fn ask_strictly(&self) -> Result<(), Errno> {
        turn_on(self.fd.as_fd(), libc::NETLINK_GET_STRICT_CHK)
    }

    /// Sends one datagram to the kernel.
    pub fn send(&mut self, datagram: &[u8]) -> Result<(), Errno> {
        if datagram.len() > BUFFER_LEN {
            // The send buffer must hold all of it.
            let len = datagram.len() * 2;
            if rustix::net::sockopt::set_socket_send_buffer_size_force(&self.fd, len).is_err() {
                let _ = rustix::net::sockopt::set_socket_send_buffer_size(&self.fd, len);
            }
        }
        // A kernel before 4.3 echoes the whole request in its acknowledgement.
        if self.buffer.len() < datagram.len() {
            self.buffer.resize(datagram.len(), 0);
        }
        let kernel = SocketAddrNetlink::new(0, 0);
        rustix::io::retry_on_intr(|| rustix::net::sendto(&self.fd, datagram, SendFlags::empty(), &kernel))?;
        Ok(())
    }

    /// Makes room for the datagram that comes next, waiting for it. Only a link may be larger than the buffer is anyway: it
    /// brings its alternative names and its virtual functions.
    #[doc(alias = "MSG_PEEK")]
    pub fn make_room(&mut self) -> Result<(), Errno> {
        let flags = RecvFlags::PEEK | RecvFlags::TRUNC;
        let (_, len) = rustix::io::retry_on_intr(|| rustix::net::recv(&self.fd, &mut [0_u8; 1][..], flags))?;
        if self.buffer.len() < len {
            self.buffer.resize(len, 0);
        }
        Ok(())
    }

    /// Receives one datagram; none when it is not from the kernel.
    pub fn receive(&mut self) -> Result<Option<&[u8]>, Errno> {
        let (_, len, sender) = rustix::io::retry_on_intr(|| {
            rustix::net::recvfrom(&self.fd, self.buffer.as_mut_slice(), RecvFlags::TRUNC)
        })?;
        let from_kernel = sender.and_then(|s| SocketAddrNetlink::try_from(s).ok()).is_some_and(|s| s.pid() == 0);
        if !from_kernel {
            return Ok(None);
        }
        // MSG_TRUNC tells the true length: what did not fit is lost, and half an answer is none.
        self.buffer.get(..len).map(Some).ok_or(Errno::MSGSIZE)
    }
}

/// For `ioctl`s.
impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.devices.as_ref().unwrap_or(&self.fd).as_fd()
    }
}

fn turn_on(fd: BorrowedFd<'_>, option: libc::c_int) -> Result<(), Errno> {
    let on: libc::c_int = 1;
    set_option(fd, libc::SOL_NETLINK, option, &on.to_ne_bytes())
}

/// Sets an option that rustix has no function for.
#[doc(alias = "setsockopt")]
pub(super) fn set_option(
    fd: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: &[u8],
) -> Result<(), Errno> {
    let len = libc::socklen_t::try_from(value.len()).map_err(|_| Errno::INVAL)?;
    // SAFETY: `value` lives until the call returns and `len` is its size; the kernel only reads it.
    let result = unsafe { libc::setsockopt(fd.as_raw_fd(), level, option, value.as_ptr().cast(), len) };
    if result < 0 { Err(last_error()) } else { Ok(()) }
}

pub(super) fn last_error() -> Errno {
    Errno::from_raw_os_error(nix::errno::Errno::last_raw())
}
