//! Expressions: the instructions of which rules are made. They load into registers, compare, look up, and decide.
//!
//! Registers: [`NFT_REG_1`] to 4 hold sixteen bytes each; [`NFT_REG32_00`] to 15 are the same memory in words of four. A key of
//! several fields lies in consecutive words, each field starting a new one. `NFT_REG_VERDICT` takes the decision.
//!
//! # Source
//! `linux/netfilter/nf_tables.h`; what `nft --debug=netlink` shows for a rule.

pub(crate) mod write;

// linux/netfilter/nf_tables.h: registers
/// The first sixteen bytes.
pub const NFT_REG_1: u8 = 1;
/// The second sixteen bytes.
pub const NFT_REG_2: u8 = 2;
/// The first four bytes, the same as those of [`NFT_REG_1`].
pub const NFT_REG32_00: u8 = 8;

// linux/netfilter/nf_tables.h: meta
/// Name of the device that it came in by, 16 bytes.
pub const NFT_META_IIFNAME: u8 = 6;
/// Name of the device that it leaves by, 16 bytes.
pub const NFT_META_OIFNAME: u8 = 7;
/// Transport protocol, one byte.
pub const NFT_META_L4PROTO: u8 = 16;

// linux/netfilter/nf_tables.h: payload
/// From the start of the IP header.
pub const NFT_PAYLOAD_NETWORK_HEADER: u8 = 1;
/// From the start of the TCP, UDP or SCTP header.
pub const NFT_PAYLOAD_TRANSPORT_HEADER: u8 = 2;

// linux/netfilter/nf_tables.h: ct
/// State of the packet in its connection, one bit of 32, native.
pub const NFT_CT_STATE: u8 = 0;
/// Status of the connection, `IPS_…`, 32 bits, native.
pub const NFT_CT_STATUS: u8 = 2;
/// Of [`NFT_CT_STATE`]: it belongs to no connection and begins none.
pub const CT_STATE_INVALID: u32 = 1 << 0;
/// Of [`NFT_CT_STATE`]: packets went both ways.
pub const CT_STATE_ESTABLISHED: u32 = 1 << 1;
/// Of [`NFT_CT_STATE`]: an error about another connection, or a connection that belongs to it.
pub const CT_STATE_RELATED: u32 = 1 << 2;

/// One instruction. `to` and `from` are registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expression<'a> {
    /// Loads what is known of the packet beside its bytes: `NFT_META_…`.
    Meta {
        /// `NFT_META_…`.
        key: u8,
        /// Register.
        to: u8,
    },
    /// Loads bytes of the packet; no match where it is too short.
    Payload {
        /// `NFT_PAYLOAD_…`.
        base: u8,
        /// Bytes from there.
        offset: u8,
        /// How many bytes.
        len: u8,
        /// Register.
        to: u8,
    },
    /// Loads what is known of the packet's connection.
    Ct {
        /// `NFT_CT_…`.
        key: u8,
        /// Register.
        to: u8,
    },
    /// Loads the kind of the destination address, `RTN_…`.
    FibDestinationType {
        /// Register.
        to: u8,
    },
    /// Loads the kind of the source address, `RTN_…`.
    FibSourceType {
        /// Register.
        to: u8,
    },
    /// Goes on when the register's first bytes equal `value`.
    Equal {
        /// Register.
        from: u8,
        /// In the register's byte order.
        value: &'a [u8],
    },
    /// Goes on when they do not.
    NotEqual {
        /// Register.
        from: u8,
        /// In the register's byte order.
        value: &'a [u8],
    },
    /// Keeps the bits of `mask` of a register's first four bytes, in place.
    Mask {
        /// Register.
        register: u8,
        /// In the register's byte order.
        mask: [u8; 4],
    },
    /// Goes on when the key is in the set.
    In {
        /// Register.
        from: u8,
        /// Name.
        set: &'a str,
    },
    /// Goes on when it is not.
    NotIn {
        /// Register.
        from: u8,
        /// Name.
        set: &'a str,
    },
    /// Goes on when the key is in the map, with what stands there.
    Map {
        /// Register of the key.
        from: u8,
        /// Name.
        map: &'a str,
        /// Register.
        to: u8,
    },
    /// The packet passes this chain.
    Accept,
    /// The packet ends here.
    Drop,
    /// Continues in another chain, and comes back at its end.
    Jump(&'a str),
    /// Translates the destination to an address and port in registers.
    Dnat {
        /// `NFPROTO_IPV4` or `NFPROTO_IPV6`.
        family: u8,
        /// Register.
        address: u8,
        /// Register.
        port: u8,
    },
    /// Translates the source to an address of the device that the packet leaves by.
    Masquerade,
}
