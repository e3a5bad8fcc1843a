//! A datagram: its messages, what acknowledgements say, all attributes, nested, and the line of a log.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pontoon_netlink::ack::Ack;
use pontoon_netlink::names::{Protocol, describe};
use pontoon_netlink::{Attrs, Messages};

fn attributes(bytes: &[u8], depth: usize) {
    for attr in Attrs::new(bytes) {
        let _ = (attr.u8(), attr.u16(), attr.u32(), attr.u64(), attr.be32(), attr.text(), attr.ip());
        if depth < 6 {
            attributes(attr.value, depth + 1);
        }
    }
}

fuzz_target!(|datagram: &[u8]| {
    for message in Messages::new(datagram) {
        if let Some(ack) = Ack::parse(&message) {
            assert!(ack.errno >= 0);
        }
        for protocol in [Protocol::Route, Protocol::Netfilter] {
            assert!(!describe(protocol, &message).to_string().contains('\n'));
        }
        for fixed in [0, 4, 8, 12, 16] {
            attributes(message.payload.get(fixed..).unwrap_or_default(), 0);
        }
    }
});
