#![allow(clippy::unwrap_used)]

use super::*;
use crate::message::Request;
use alloc::vec;

#[test]
fn nests_close_themselves_with_the_right_length() {
    let mut request = Request::new(16, 0, &[]);
    request.attrs().nest(18, |info| {
        info.text(1, "veth").nest(2, |data| {
            data.nest_with(1, &[0; 16], |peer| {
                peer.text(3, "eth0");
            });
        });
    });
    let bytes = request.to_bytes(0).unwrap();
    let info = Attrs::new(bytes.get(16..).unwrap()).next().unwrap();
    assert_eq!(info.value.len() + 4, bytes.len() - 16);
    assert_eq!(info.attrs().find(1).unwrap().text(), "veth");
    let peer = info.attrs().find(2).unwrap().attrs().find(1).unwrap();
    assert_eq!(Attrs::after(peer.value, 16).find(3).unwrap().text(), "eth0");
}

#[test]
fn an_attribute_too_long_for_its_length_field_spoils_the_request() {
    let mut request = Request::new(16, 0, &[]);
    request.attrs().bytes(1, &vec![0; 65_532]);
    assert_eq!(request.to_bytes(0), None);
    let mut request = Request::new(16, 0, &[]);
    request.attrs().nest(1, |nest| {
        nest.bytes(1, &vec![0; 40_000]).bytes(2, &vec![0; 40_000]);
    });
    assert_eq!(request.to_bytes(0), None);
}

#[test]
fn flag_bits_are_no_part_of_the_type() {
    let bytes = [4_u16.to_ne_bytes(), (NLA_F_NESTED | 0x12).to_ne_bytes()].concat();
    assert_eq!(Attrs::new(&bytes).next().map(|a| a.kind), Some(0x12));
}

#[test]
fn impossible_lengths_end_the_list() {
    for len in [0_u16, 3, 9, u16::MAX] {
        let mut bytes = vec![0_u8; 8];
        bytes.splice(..2, len.to_ne_bytes());
        assert_eq!(Attrs::new(&bytes).count(), 0, "length {len}");
    }
}

#[test]
fn the_last_attribute_may_lack_its_padding() {
    let bytes = [5_u16.to_ne_bytes(), 7_u16.to_ne_bytes()].concat();
    let bytes = [bytes.as_slice(), &[9]].concat();
    assert_eq!(Attrs::new(&bytes).next().map(|a| a.u8()), Some(9));
}
