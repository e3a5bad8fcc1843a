//! A datagram of what netfilter sends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pontoon_netlink::Messages;
use pontoon_netlink::netfilter::chain::Chain;
use pontoon_netlink::netfilter::conntrack::Connection;
use pontoon_netlink::netfilter::element::Elements;
use pontoon_netlink::netfilter::generation;
use pontoon_netlink::netfilter::set::Set;
use pontoon_netlink::netfilter::table::Table;

fuzz_target!(|datagram: &[u8]| {
    for message in Messages::new(datagram) {
        let _ = (Table::parse(&message), Chain::parse(&message), Set::parse(&message), generation::parse(&message));
        if let Some(connection) = Connection::parse(&message) {
            let _ = pontoon_netlink::netfilter::conntrack::delete(&connection).to_bytes(1);
        }
        for element in Elements::parse(&message).into_iter().flatten() {
            assert!(element.key.len() + element.data.len() <= message.payload.len());
        }
    }
});
