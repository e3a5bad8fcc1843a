//! A datagram of neighbours and namespace ids.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pontoon_netlink::Messages;
use pontoon_netlink::route::neighbour::Neighbour;
use pontoon_netlink::route::nsid;

fuzz_target!(|datagram: &[u8]| {
    for message in Messages::new(datagram) {
        let _ = Neighbour::parse(&message);
        if let Some(id) = nsid::parse(&message) {
            assert!(id >= 0);
        }
    }
});
