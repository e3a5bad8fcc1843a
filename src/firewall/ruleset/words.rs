//! nft's words, as the expressions that they are in the kernel.
//!
//! What belongs here: one function for each word that the rule set uses, named as nft spells it; those that differ between the
//! families are methods of [`Ip`]. What does not: which rule says what.
//!
//! # Source
//! nft(8); what `nft --debug=netlink` shows for a rule; the captures of `nft` in `netlink/tests/golden`.

use pontoon_netlink::netfilter::expression::Expression::{
    self, Accept, Ct, Dnat, Drop, Equal, FibDestinationType, FibSourceType, In, Jump, Map, Mask, Masquerade, Meta,
    NotEqual, NotIn, Payload,
};
use pontoon_netlink::netfilter::expression::{
    CT_STATE_ESTABLISHED, CT_STATE_INVALID, CT_STATE_RELATED, NFT_CT_STATE, NFT_CT_STATUS, NFT_META_IIFNAME,
    NFT_META_L4PROTO, NFT_META_OIFNAME, NFT_PAYLOAD_NETWORK_HEADER, NFT_PAYLOAD_TRANSPORT_HEADER, NFT_REG_1,
    NFT_REG32_00,
};
use pontoon_netlink::netfilter::set::{IPV4_ADDR, IPV6_ADDR, Type};
use pontoon_netlink::netfilter::{NFPROTO_IPV4, NFPROTO_IPV6, conntrack};
use pontoon_netlink::route::route::RTN_LOCAL;

use crate::types::family::Family;

/// Some of nft's words: they load and compare, or say what becomes of the packet.
pub type Words = Vec<Expression<'static>>;

/// Of [`ct_state`]: `established`.
pub const ESTABLISHED: u32 = CT_STATE_ESTABLISHED;
/// Of [`ct_state`]: `related`.
pub const RELATED: u32 = CT_STATE_RELATED;

/// Of [`ct_state`]: `invalid`, what belongs to no connection and begins none.
pub const INVALID: u32 = CT_STATE_INVALID;

/// The kind of an address of this host, as it lies in a register.
const LOCAL: [u8; 4] = (RTN_LOCAL as u32).to_ne_bytes();

/// `iifname @SET`.
pub fn iifname(set: &'static str) -> Words {
    vec![iifname_to(NFT_REG_1), among(set)]
}

/// `iifname != @SET`.
pub fn iifname_not(set: &'static str) -> Words {
    vec![iifname_to(NFT_REG_1), not_among(set)]
}

/// `oifname @SET`.
pub fn oifname(set: &'static str) -> Words {
    vec![oifname_to(NFT_REG_1), among(set)]
}

/// `oifname != @SET`.
pub fn oifname_not(set: &'static str) -> Words {
    vec![oifname_to(NFT_REG_1), not_among(set)]
}

/// `iifname . oifname @SET`.
pub fn iifname_oifname(set: &'static str) -> Words {
    // A name fills four words.
    vec![iifname_to(NFT_REG_1), oifname_to(register(4)), among(set)]
}

/// `ct state …`: any of the bits.
pub fn ct_state(bits: u32) -> Words {
    any_bit(NFT_CT_STATE, bits)
}

/// `ct status dnat`: the connection's destination was translated, by whomever.
pub fn ct_status_dnat() -> Words {
    any_bit(NFT_CT_STATUS, conntrack::IPS_DST_NAT)
}

/// `fib saddr type local`: from an address of this host.
pub fn fib_saddr_type_local() -> Words {
    vec![FibSourceType { to: NFT_REG_1 }, Equal { from: NFT_REG_1, value: &LOCAL }]
}

/// `fib daddr type local`: to an address of this host.
pub fn fib_daddr_type_local() -> Words {
    vec![FibDestinationType { to: NFT_REG_1 }, Equal { from: NFT_REG_1, value: &LOCAL }]
}

/// `jump CHAIN`.
pub fn jump(chain: &'static str) -> Words {
    vec![Jump(chain)]
}

/// `masquerade`.
pub fn masquerade() -> Words {
    vec![Masquerade]
}

/// `accept`.
pub fn accept() -> Words {
    vec![Accept]
}

/// `drop`.
pub fn drop() -> Words {
    vec![Drop]
}

/// The words that differ between the families: `ip …` and `ip6 …`.
#[derive(Debug)]
pub struct Ip {
    /// `NFPROTO_…`.
    pub number: u8,
    /// The type of an address.
    pub address: Type,
    /// Where the header has the source address: bytes from its start.
    saddr: u8,
    /// Where it has the destination address.
    daddr: u8,
    /// `127.0.0.0/8`: its one byte; `::1`.
    loopback: &'static [u8],
    /// How many bytes that is.
    loopback_len: u8,
}

impl Ip {
    /// Those of a family.
    pub fn of(family: Family) -> Self {
        match family {
            Family::V4 => {
                let loopback = &[127];
                Self { number: NFPROTO_IPV4, address: IPV4_ADDR, saddr: 12, daddr: 16, loopback, loopback_len: 1 }
            }
            Family::V6 => {
                let loopback = &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
                Self { number: NFPROTO_IPV6, address: IPV6_ADDR, saddr: 8, daddr: 24, loopback, loopback_len: 16 }
            }
        }
    }

    /// `ip saddr @SET`, `ip6 saddr @SET`.
    pub fn saddr(&self, set: &'static str) -> Words {
        vec![header(self.saddr, self.address.len), among(set)]
    }

    /// `ip saddr 127.0.0.0/8`, `ip6 saddr ::1`.
    pub fn saddr_loopback(&self) -> Words {
        vec![header(self.saddr, self.loopback_len), Equal { from: NFT_REG_1, value: self.loopback }]
    }

    /// `ip daddr 127.0.0.0/8`, `ip6 daddr ::1`.
    pub fn daddr_loopback(&self) -> Words {
        vec![header(self.daddr, self.loopback_len), Equal { from: NFT_REG_1, value: self.loopback }]
    }

    /// `ip daddr != 127.0.0.0/8`, `ip6 daddr != ::1`.
    pub fn daddr_not_loopback(&self) -> Words {
        vec![header(self.daddr, self.loopback_len), NotEqual { from: NFT_REG_1, value: self.loopback }]
    }

    /// `ip daddr . meta l4proto . th dport map @MAP`, to follow `dnat_to`.
    pub fn daddr_l4proto_dport_map(&self, map: &'static str) -> Words {
        let behind = self.address_words();
        vec![
            header(self.daddr, self.address.len),
            l4proto_to(register(behind)),
            dport_to(register(behind + 1)),
            look_up(map),
        ]
    }

    /// `dnat ip to`, `dnat ip6 to`: an address and port that `map` gives.
    pub fn dnat_to(&self, map: Words) -> Words {
        let port = register(self.address_words());
        [map, vec![Dnat { family: self.number, address: NFT_REG_1, port }]].concat()
    }

    fn address_words(&self) -> u8 {
        self.address.len / 4
    }
}

/// `meta l4proto . th dport map @MAP`, to follow `dnat_to`.
pub fn l4proto_dport_map(map: &'static str) -> Words {
    vec![l4proto_to(NFT_REG_1), dport_to(register(1)), look_up(map)]
}

/// The register that starts at a word of four bytes; nft, too, names one that starts sixteen bytes as a whole one.
const fn register(word: u8) -> u8 {
    if word.is_multiple_of(4) { NFT_REG_1 + word / 4 } else { NFT_REG32_00 + word }
}

const fn iifname_to(to: u8) -> Expression<'static> {
    Meta { key: NFT_META_IIFNAME, to }
}

const fn oifname_to(to: u8) -> Expression<'static> {
    Meta { key: NFT_META_OIFNAME, to }
}

const fn l4proto_to(to: u8) -> Expression<'static> {
    Meta { key: NFT_META_L4PROTO, to }
}

const fn dport_to(to: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_TRANSPORT_HEADER, offset: 2, len: 2, to }
}

/// Bytes of the IP header.
const fn header(offset: u8, len: u8) -> Expression<'static> {
    Payload { base: NFT_PAYLOAD_NETWORK_HEADER, offset, len, to: NFT_REG_1 }
}

const fn among(set: &'static str) -> Expression<'static> {
    In { from: NFT_REG_1, set }
}

const fn not_among(set: &'static str) -> Expression<'static> {
    NotIn { from: NFT_REG_1, set }
}

const fn look_up(map: &'static str) -> Expression<'static> {
    Map { from: NFT_REG_1, map, to: NFT_REG_1 }
}

/// `… & BITS != 0`.
fn any_bit(key: u8, bits: u32) -> Words {
    vec![
        Ct { key, to: NFT_REG_1 },
        Mask { register: NFT_REG_1, mask: bits.to_ne_bytes() },
        NotEqual { from: NFT_REG_1, value: &[0; 4] },
    ]
}
