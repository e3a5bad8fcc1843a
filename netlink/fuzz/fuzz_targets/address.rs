//! A datagram of addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pontoon_netlink::Messages;
use pontoon_netlink::route::address::Address;

fuzz_target!(|datagram: &[u8]| {
    for message in Messages::new(datagram) {
        let _ = Address::parse(&message);
    }
});
