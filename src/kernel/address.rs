//! Addresses.

use std::net::IpAddr;

use pontoon_netlink::route::address;

use super::{Address, NewAddress, Refusal, Rtnl};

impl Rtnl {
    /// All addresses, in the kernel's order.
    pub fn addresses(&mut self) -> Result<Vec<Address>, Refusal> {
        self.socket.dump(&address::dump(None), Address::parse)
    }

    /// The addresses of one link.
    pub fn addresses_of(&mut self, index: u32) -> Result<Vec<Address>, Refusal> {
        self.socket.ask_strictly();
        let of_link = |message: &pontoon_netlink::Message<'_>| Address::parse(message).filter(|a| a.index == index);
        self.socket.dump(&address::dump(Some(index)), of_link)
    }

    /// Removes an address from a link.
    pub fn delete_address(&mut self, index: u32, ip: IpAddr, prefix_len: u8) -> Result<(), Refusal> {
        let old = NewAddress { index, address: ip, prefix_len, broadcast: None, no_dad: false };
        self.socket.change(&address::delete(&old))
    }
}
