//! Addresses.

use pontoon_netlink::route::address;

use super::{Address, Refusal, Rtnl};

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
}
