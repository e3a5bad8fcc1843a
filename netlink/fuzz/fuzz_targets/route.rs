//! A datagram of routes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pontoon_netlink::Messages;
use pontoon_netlink::route::route::Route;

fuzz_target!(|datagram: &[u8]| {
    for message in Messages::new(datagram) {
        let _ = Route::parse(&message);
    }
});
