//! Addresses.

use std::net::IpAddr;

use pontoon_netlink::route::address;

use super::rtnl::Rtnl;
use crate::error::{Errno, Refusal};
use pontoon_netlink::route::address::Address;
use pontoon_netlink::route::address::NewAddress;

impl Rtnl {
    /// All addresses, in the kernel's order.
    pub fn addresses(&mut self) -> Result<Vec<Address>, Refusal> {
        self.client.dump(&address::dump(None), &Address::parse)
    }

    /// The addresses of one link.
    pub fn addresses_of(&mut self, index: u32) -> Result<Vec<Address>, Refusal> {
        let _ = self.client.socket().ask_strictly();
        let of_link = |message: &pontoon_netlink::Message<'_>| Address::parse(message).filter(|a| a.index == index);
        self.client.dump(&address::dump(Some(index)), &of_link)
    }

    /// Removes an address from a link; neither of them being there is no error.
    pub fn delete_address(&mut self, index: u32, ip: IpAddr, prefix_len: u8) -> Result<(), Refusal> {
        let old = NewAddress { index, address: ip, prefix_len, broadcast: None, no_dad: false };
        match self.client.change(&address::delete(&old)) {
            // IPv4 without the address, either family without the link, IPv6 on a link that has none.
            Err(refusal) if matches!(refusal.errno, Errno::ADDRNOTAVAIL | Errno::NODEV | Errno::NXIO) => Ok(()),
            result => result,
        }
    }
}
