//! A datagram of links.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pontoon_netlink::route::link::Link;
use pontoon_netlink::{Attrs, Messages};

fuzz_target!(|datagram: &[u8]| {
    for message in Messages::new(datagram) {
        if let Some(link) = Link::parse(&message) {
            let _ = (link.is("bridge"), link.is_up());
            let _ = (Attrs::new(&link.data).count(), Attrs::new(&link.port_data).count());
        }
    }
});
