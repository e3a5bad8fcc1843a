//! A request, and what an acknowledgement may say of it: four bytes of offset, four of a nest, two of a missing type, one of
//! which of them are there; then the request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pontoon_netlink::ack::Ack;
use pontoon_netlink::bytes;
use pontoon_netlink::names;
use pontoon_netlink::netfilter::element;

fuzz_target!(|input: &[u8]| {
    let Some((head, request)) = input.split_at_checked(11) else { return };
    let there = bytes::u8_at(head, 10);
    let ack = Ack {
        errno: 22,
        message: None,
        offset: (there & 1 != 0).then(|| bytes::u32_at(head, 0)),
        missing: (there & 2 != 0).then(|| bytes::u16_at(head, 8)),
        missing_nest: (there & 4 != 0).then(|| bytes::u32_at(head, 4)),
    };
    let _ = element::position_at(request, bytes::u32_at(head, 0));
    let name = names::blamed(request, &ack);
    assert!(name.is_none() || ack.offset.is_some() || ack.missing.is_some());
});
