#![allow(clippy::unwrap_used)]

use alloc::string::ToString;
use alloc::vec::Vec;

use super::*;
use crate::Request;
use crate::message::Messages;
use crate::netfilter::element::{self, Element, Of};
use crate::netfilter::expression::{self, Expression};
use crate::netfilter::{NFPROTO_IPV4, chain, rule};
use crate::route::link::{self, Change, NewVeth, Peer, PortOptions, Selector};

fn line(protocol: Protocol, request: &Request) -> String {
    let bytes = request.to_bytes(1).unwrap();
    describe(protocol, &Messages::new(&bytes).next().unwrap()).to_string()
}

/// A message of type 16 with an `ifinfomsg` of zeros.
fn link_line(fill: impl FnOnce(&mut crate::AttrWriter<'_>)) -> String {
    let mut request = Request::new(16, 0, &[0; 16]);
    fill(&mut request.attrs());
    line(Protocol::Route, &request)
}

fn veth() -> Request {
    let peer = Peer { name: "eth0", mac: Some([2, 0x42, 0xac, 0x11, 0, 2]), mtu: Some(1400), netns: Some(5) };
    link::new_veth(&NewVeth { name: "veth1", mtu: Some(1400), master: Some(2), group: None, mac: None, peer })
}

fn blames(request: &Request, ack: &Ack) -> Option<String> {
    blamed(&request.to_bytes(1).unwrap(), ack)
}

fn at(offset: u32) -> Ack {
    Ack { errno: 22, offset: Some(offset), ..Ack::default() }
}

#[test]
fn requests_of_links() {
    assert_eq!(
        line(Protocol::Route, &veth()),
        "RTM_NEWLINK NLM_F_CREATE|NLM_F_EXCL IFLA_IFNAME=veth1 IFLA_MTU=1400 IFLA_MASTER=2 IFLA_LINKINFO{\
         IFLA_INFO_KIND=veth IFLA_INFO_DATA{VETH_INFO_PEER{IFLA_IFNAME=eth0 IFLA_ADDRESS=02:42:ac:11:00:02 \
         IFLA_MTU=1400 IFLA_NET_NS_FD=5}}}"
    );
    let port = PortOptions { isolated: Some(true), hairpin: false };
    let change = Change { up: Some(true), alias: Some(""), port: Some(port), ..Change::default() };
    assert_eq!(
        line(Protocol::Route, &link::set(Selector::Index(7), &change)),
        "RTM_NEWLINK ifi_index=7 ifi_flags=0x1 ifi_change=0x1 IFLA_IFALIAS=\"\" IFLA_LINKINFO{\
         IFLA_INFO_SLAVE_KIND=bridge IFLA_INFO_SLAVE_DATA{IFLA_BRPORT_ISOLATED=1 IFLA_BRPORT_MODE=0}}"
    );
    assert_eq!(line(Protocol::Route, &link::dump(Some(3))), "RTM_GETLINK NLM_F_DUMP IFLA_EXT_MASK=0x8 IFLA_MASTER=3");
}

#[test]
fn requests_of_nf_tables() {
    let base = chain::Base { kind: "nat", hook: 0, priority: -100, policy: 1 };
    assert_eq!(
        line(Protocol::Netfilter, &chain::new(NFPROTO_IPV4, "t", "c", Some(&base))),
        "NFT_MSG_NEWCHAIN NLM_F_CREATE nfgen_family=2 NFTA_CHAIN_TABLE=t NFTA_CHAIN_NAME=c NFTA_CHAIN_TYPE=nat \
         NFTA_CHAIN_POLICY=1 NFTA_CHAIN_HOOK{NFTA_HOOK_HOOKNUM=0 NFTA_HOOK_PRIORITY=-100}"
    );
    let expressions = [
        Expression::Ct { key: expression::NFT_CT_STATE, to: 1 },
        Expression::NotEqual { from: 1, value: &[1, 2] },
        Expression::Jump("c"),
        Expression::Masquerade,
    ];
    assert_eq!(
        line(Protocol::Netfilter, &rule::append(NFPROTO_IPV4, "t", "c", &expressions)),
        "NFT_MSG_NEWRULE NLM_F_CREATE|NLM_F_APPEND nfgen_family=2 NFTA_RULE_TABLE=t NFTA_RULE_CHAIN=c \
         NFTA_RULE_EXPRESSIONS{\
         NFTA_LIST_ELEM{NFTA_EXPR_NAME=ct NFTA_EXPR_DATA{NFTA_CT_KEY=0 NFTA_CT_DREG=1}} \
         NFTA_LIST_ELEM{NFTA_EXPR_NAME=cmp NFTA_EXPR_DATA{NFTA_CMP_SREG=1 NFTA_CMP_OP=1 \
         NFTA_CMP_DATA{NFTA_DATA_VALUE=0102}}} \
         NFTA_LIST_ELEM{NFTA_EXPR_NAME=immediate NFTA_EXPR_DATA{NFTA_IMMEDIATE_DREG=0 \
         NFTA_IMMEDIATE_DATA{NFTA_DATA_VERDICT{NFTA_VERDICT_CODE=-3 NFTA_VERDICT_CHAIN=c}}}} \
         NFTA_LIST_ELEM{NFTA_EXPR_NAME=masq NFTA_EXPR_DATA=(0 bytes)}}"
    );
}

#[test]
fn values_are_printed_as_what_they_are() {
    let unknown = 999;
    assert_eq!(link_line(|a| _ = a.bytes(unknown, b"bus\0")), "RTM_NEWLINK 999=bus");
    assert_eq!(
        link_line(|a| _ = a.u8(unknown, 7).bytes(unknown, &7_u16.to_ne_bytes()).u32(unknown, 7)),
        "RTM_NEWLINK 999=7 999=7 999=7"
    );
    assert_eq!(link_line(|a| _ = a.bytes(unknown, &u64::MAX.to_ne_bytes())), "RTM_NEWLINK 999=18446744073709551615");
    assert_eq!(link_line(|a| _ = a.bytes(unknown, &[1, 2, 3])), "RTM_NEWLINK 999=010203");
    assert_eq!(link_line(|a| _ = a.bytes(unknown, &[])), "RTM_NEWLINK 999=(0 bytes)");
    assert_eq!(link_line(|a| _ = a.bytes(unknown, &[0; 33])), "RTM_NEWLINK 999=(33 bytes)");
    // Known, but of a length that cannot be.
    assert_eq!(link_line(|a| _ = a.bytes(link::IFLA_MTU, &[1, 2, 3])), "RTM_NEWLINK IFLA_MTU=010203");
    assert_eq!(link_line(|a| _ = a.bytes(link::IFLA_ADDRESS, &[])), "RTM_NEWLINK IFLA_ADDRESS=(0 bytes)");
    assert_eq!(link_line(|a| _ = a.text(link::IFLA_IFNAME, "a b")), r#"RTM_NEWLINK IFLA_IFNAME="a b""#);
    assert_eq!(link_line(|a| _ = a.text(link::IFLA_IFNAME, "a{\n")), r#"RTM_NEWLINK IFLA_IFNAME="a{\n""#);
    // Of a kind that is not known, the nest is bytes.
    let dummy = |a: &mut crate::AttrWriter<'_>| {
        a.nest(18, |info| _ = info.bytes(1, b"dummy").bytes(2, &[4, 0, 1, 0]));
    };
    assert_eq!(link_line(dummy), "RTM_NEWLINK IFLA_LINKINFO{IFLA_INFO_KIND=dummy IFLA_INFO_DATA=04000100}");
}

#[test]
fn what_has_no_name_is_a_number() {
    let request = Request::new(999, 0, &[1; 4]);
    assert_eq!(line(Protocol::Route, &request), "type 999");
    assert_eq!(message_name(Protocol::Route, 999), None);
    assert_eq!(blames(&request, &at(16)), None);
    let missing = Ack { missing: Some(3), ..Ack::default() };
    assert_eq!(blames(&request, &missing).as_deref(), Some("attribute 3"));
}

#[test]
fn answers_are_told() {
    // struct nlmsgerr: the errno and the header of the request, sixteen bytes; then an attribute.
    let offset = [&8_u16.to_ne_bytes()[..], &2_u16.to_ne_bytes(), &52_u32.to_ne_bytes()].concat();
    let payload = [&(-22_i32).to_ne_bytes()[..], &16_u32.to_ne_bytes(), &[0; 12], &offset].concat();
    let reply = Message { kind: 2, flags: message::NLM_F_ACK_TLVS, sequence: 1, port: 1, payload: &payload };
    assert_eq!(describe(Protocol::Route, &reply).to_string(), "NLMSG_ERROR error=-22 NLMSGERR_ATTR_OFFS=52");
    let done = Message { kind: 3, flags: message::NLM_F_DUMP_INTR, payload: &[0; 4], ..reply };
    assert_eq!(describe(Protocol::Route, &done).to_string(), "NLMSG_DONE NLM_F_DUMP_INTR error=0");
}

#[test]
fn an_offset_leads_into_nests() {
    let end = u32::try_from(veth().to_bytes(1).unwrap().len()).unwrap();
    let blames = |offset| blames(&veth(), &at(offset));
    assert_eq!(blames(32).as_deref(), Some("IFLA_IFNAME"));
    // The last attribute of the peer, and the bytes of its value.
    assert_eq!(blames(end - 8).as_deref(), Some("IFLA_NET_NS_FD of the peer"));
    assert_eq!(blames(end - 1).as_deref(), Some("IFLA_NET_NS_FD of the peer"));
    assert_eq!(blames(end - 16).as_deref(), Some("IFLA_MTU of the peer"));
    // The header and the struct in front, and beyond the end.
    for offset in [0, 16, 31, end, 10_000, u32::MAX] {
        assert_eq!(blames(offset), None, "{offset}");
    }
}

#[test]
fn what_is_missing_is_named_after_its_nest() {
    let missing = |missing, missing_nest| blames(&veth(), &Ack { missing: Some(missing), missing_nest, ..at(1) });
    assert_eq!(missing(link::IFLA_GROUP, None).as_deref(), Some("IFLA_GROUP"));
    let request = veth().to_bytes(1).unwrap();
    // The nests begin one behind the other: IFLA_LINKINFO, kind and data, the peer.
    let info =
        (32..request.len()).step_by(4).find(|at| bytes::u16_at(&request, at + 2) == link::IFLA_LINKINFO).unwrap();
    let nest = |from: usize| Some(u32::try_from(info + from).unwrap());
    assert_eq!(missing(link::IFLA_INFO_KIND, nest(0)).as_deref(), Some("IFLA_INFO_KIND"));
    assert_eq!(missing(link::IFLA_IFNAME, nest(16)).as_deref(), Some("IFLA_IFNAME of the peer"));
    assert_eq!(missing(link::IFLA_IFNAME, nest(4)).as_deref(), Some("attribute 3"));
}

#[test]
fn members_of_lists_say_of_what() {
    let of = Of { family: NFPROTO_IPV4, table: "t", set: "s" };
    let elements = [Element { key: &[1; 4], ..Element::default() }; 2];
    let request = element::create(&of, &elements);
    let len = u32::try_from(request.to_bytes(1).unwrap().len()).unwrap();
    // An element is 16 bytes: itself, its key, the value.
    assert_eq!(blames(&request, &at(len - 32)).as_deref(), Some("NFTA_LIST_ELEM of an element"));
    assert_eq!(blames(&request, &at(len - 12)).as_deref(), Some("NFTA_SET_ELEM_KEY"));
    let request = rule::append(NFPROTO_IPV4, "t", "c", &[Expression::Accept]);
    assert_eq!(blames(&request, &at(40)).as_deref(), Some("NFTA_LIST_ELEM of an expression"));
    assert_eq!(blames(&request, &at(44)).as_deref(), Some("NFTA_EXPR_NAME"));
}

/// No attribute, and no message, stands in a table twice.
#[test]
fn tables_have_each_row_once() {
    fn check(content: &'static Content, seen: &mut Vec<*const Content>) {
        if seen.contains(&core::ptr::from_ref(content)) {
            return;
        }
        seen.push(content);
        for attribute in content.attributes {
            let same = content.attributes.iter().filter(|other| other.kind == attribute.kind);
            assert_eq!(same.count(), 1, "{}", attribute.name);
            match attribute.shape {
                Shape::Nest(inside) => check(inside, seen),
                Shape::Choice(choice) => choice.contents.iter().for_each(|(_, inside)| check(inside, seen)),
                _ => {}
            }
        }
    }
    for protocol in [Protocol::Route, Protocol::Netfilter] {
        let mut kinds = Vec::new();
        for object in protocol.objects() {
            check(object.content, &mut Vec::new());
            kinds.extend(object.messages.iter().map(|(kind, _)| *kind));
        }
        let count = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), count);
    }
}
