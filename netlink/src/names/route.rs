//! rtnetlink's messages and attributes.

use super::table::Shape::{self, Bytes, Flags, Ip, Mac, Nest, Number, Signed, Text};
use super::table::{Attribute, Choice, Content, Field, Object, attributes, messages};
use crate::route::{AF_INET6, address, bridge, details, link, neighbour, nsid, route};

pub(super) static OBJECTS: [Object; 5] = [
    Object { messages: messages!(rtm: link::RTM_NEWLINK, link::RTM_DELLINK, link::RTM_GETLINK), content: &LINK },
    Object {
        messages: messages!(rtm: address::RTM_NEWADDR, address::RTM_DELADDR, address::RTM_GETADDR),
        content: &ADDRESS,
    },
    Object { messages: messages!(rtm: route::RTM_NEWROUTE, route::RTM_DELROUTE, route::RTM_GETROUTE), content: &ROUTE },
    Object {
        messages: messages!(rtm: neighbour::RTM_NEWNEIGH, neighbour::RTM_DELNEIGH, neighbour::RTM_GETNEIGH),
        content: &NEIGHBOUR,
    },
    Object { messages: messages!(rtm: nsid::RTM_NEWNSID, nsid::RTM_GETNSID), content: &NSID },
];

const fn rtm(kind: u16) -> u16 {
    kind
}

static LINK: Content =
    Content { head: link::IFINFOMSG_LEN, fields: LINK_FIELDS, attributes: LINK_ATTRIBUTES, whose: "" };
static PEER: Content =
    Content { head: link::IFINFOMSG_LEN, fields: LINK_FIELDS, attributes: LINK_ATTRIBUTES, whose: " of the peer" };

const LINK_FIELDS: &[Field] = &[
    Field::number("ifi_family", 0, 1),
    Field::number("ifi_type", 2, 2),
    Field::number("ifi_index", 4, 4),
    Field::flags("ifi_flags", 8),
    Field::flags("ifi_change", 12),
];

static LINK_ATTRIBUTES: &[Attribute] = attributes! {
    link::IFLA_ADDRESS => Mac,
    link::IFLA_BROADCAST => Mac,
    link::IFLA_IFNAME => Text,
    link::IFLA_MTU => Number,
    link::IFLA_LINK => Number,
    link::IFLA_QDISC => Text,
    link::IFLA_MASTER => Number,
    link::IFLA_TXQLEN => Number,
    link::IFLA_OPERSTATE => Number,
    link::IFLA_LINKMODE => Number,
    link::IFLA_LINKINFO => Nest(&LINK_INFO),
    link::IFLA_IFALIAS => Text,
    details::IFLA_AF_SPEC => Nest(&FAMILIES),
    link::IFLA_GROUP => Number,
    link::IFLA_NET_NS_FD => Number,
    link::IFLA_EXT_MASK => Flags,
    link::IFLA_PROMISCUITY => Number,
    details::IFLA_NUM_TX_QUEUES => Number,
    details::IFLA_NUM_RX_QUEUES => Number,
    link::IFLA_CARRIER => Number,
    details::IFLA_PHYS_PORT_ID => Bytes,
    details::IFLA_PHYS_SWITCH_ID => Bytes,
    link::IFLA_LINK_NETNSID => Signed,
    details::IFLA_PHYS_PORT_NAME => Text,
    details::IFLA_PROTO_DOWN => Number,
    details::IFLA_GSO_MAX_SEGS => Number,
    details::IFLA_GSO_MAX_SIZE => Number,
    link::IFLA_TARGET_NETNSID => Signed,
    details::IFLA_MIN_MTU => Number,
    details::IFLA_MAX_MTU => Number,
    details::IFLA_PROP_LIST => Nest(&PROPERTIES),
    link::IFLA_ALT_IFNAME => Text,
    details::IFLA_PERM_ADDRESS => Mac,
    details::IFLA_PARENT_DEV_NAME => Text,
    details::IFLA_PARENT_DEV_BUS_NAME => Text,
    details::IFLA_GRO_MAX_SIZE => Number,
    details::IFLA_TSO_MAX_SIZE => Number,
    details::IFLA_TSO_MAX_SEGS => Number,
    details::IFLA_ALLMULTI => Number,
};

static PROPERTIES: Content = Content::of(attributes! {link::IFLA_ALT_IFNAME => Text,});

/// The types are address families.
static FAMILIES: Content =
    Content::of(&[Attribute { kind: AF_INET6 as u16, name: "AF_INET6", shape: Nest(&INET6_OF_LINK) }]);
static INET6_OF_LINK: Content = Content::of(attributes! {details::IFLA_INET6_ADDR_GEN_MODE => Number,});

static LINK_INFO: Content = Content::of(attributes! {
    link::IFLA_INFO_KIND => Text,
    link::IFLA_INFO_DATA => Shape::Choice(&OF_KIND),
    link::IFLA_INFO_SLAVE_KIND => Text,
    link::IFLA_INFO_SLAVE_DATA => Shape::Choice(&OF_SLAVE_KIND),
});

static OF_KIND: Choice = Choice { by: link::IFLA_INFO_KIND, contents: &[("veth", &VETH), ("bridge", &BRIDGE)] };
static OF_SLAVE_KIND: Choice = Choice { by: link::IFLA_INFO_SLAVE_KIND, contents: &[("bridge", &PORT)] };

static VETH: Content = Content::of(attributes! {link::VETH_INFO_PEER => Nest(&PEER),});

static BRIDGE: Content = Content::of(attributes! {
    bridge::IFLA_BR_FORWARD_DELAY => Number,
    bridge::IFLA_BR_HELLO_TIME => Number,
    bridge::IFLA_BR_MAX_AGE => Number,
    bridge::IFLA_BR_AGEING_TIME => Number,
    bridge::IFLA_BR_STP_STATE => Number,
    bridge::IFLA_BR_PRIORITY => Number,
    bridge::IFLA_BR_VLAN_FILTERING => Number,
    bridge::IFLA_BR_VLAN_PROTOCOL => Bytes,
    bridge::IFLA_BR_GROUP_FWD_MASK => Flags,
    bridge::IFLA_BR_ROOT_ID => Bytes,
    bridge::IFLA_BR_BRIDGE_ID => Bytes,
    bridge::IFLA_BR_ROOT_PORT => Number,
    bridge::IFLA_BR_ROOT_PATH_COST => Number,
    bridge::IFLA_BR_TOPOLOGY_CHANGE => Number,
    bridge::IFLA_BR_TOPOLOGY_CHANGE_DETECTED => Number,
    bridge::IFLA_BR_HELLO_TIMER => Number,
    bridge::IFLA_BR_TCN_TIMER => Number,
    bridge::IFLA_BR_TOPOLOGY_CHANGE_TIMER => Number,
    bridge::IFLA_BR_GC_TIMER => Number,
    bridge::IFLA_BR_GROUP_ADDR => Mac,
    bridge::IFLA_BR_MCAST_ROUTER => Number,
    bridge::IFLA_BR_MCAST_SNOOPING => Number,
    bridge::IFLA_BR_MCAST_QUERY_USE_IFADDR => Number,
    bridge::IFLA_BR_MCAST_QUERIER => Number,
    bridge::IFLA_BR_MCAST_HASH_ELASTICITY => Number,
    bridge::IFLA_BR_MCAST_HASH_MAX => Number,
    bridge::IFLA_BR_MCAST_LAST_MEMBER_CNT => Number,
    bridge::IFLA_BR_MCAST_STARTUP_QUERY_CNT => Number,
    bridge::IFLA_BR_MCAST_LAST_MEMBER_INTVL => Number,
    bridge::IFLA_BR_MCAST_MEMBERSHIP_INTVL => Number,
    bridge::IFLA_BR_MCAST_QUERIER_INTVL => Number,
    bridge::IFLA_BR_MCAST_QUERY_INTVL => Number,
    bridge::IFLA_BR_MCAST_QUERY_RESPONSE_INTVL => Number,
    bridge::IFLA_BR_MCAST_STARTUP_QUERY_INTVL => Number,
    bridge::IFLA_BR_NF_CALL_IPTABLES => Number,
    bridge::IFLA_BR_NF_CALL_IP6TABLES => Number,
    bridge::IFLA_BR_NF_CALL_ARPTABLES => Number,
    bridge::IFLA_BR_VLAN_DEFAULT_PVID => Number,
    bridge::IFLA_BR_VLAN_STATS_ENABLED => Number,
    bridge::IFLA_BR_MCAST_STATS_ENABLED => Number,
    bridge::IFLA_BR_MCAST_IGMP_VERSION => Number,
    bridge::IFLA_BR_MCAST_MLD_VERSION => Number,
    bridge::IFLA_BR_VLAN_STATS_PER_PORT => Number,
    bridge::IFLA_BR_MULTI_BOOLOPT => Bytes,
});

/// A bridge's port.
static PORT: Content = Content::of(attributes! {
    bridge::IFLA_BRPORT_STATE => Number,
    bridge::IFLA_BRPORT_PRIORITY => Number,
    bridge::IFLA_BRPORT_COST => Number,
    bridge::IFLA_BRPORT_MODE => Number,
    bridge::IFLA_BRPORT_GUARD => Number,
    bridge::IFLA_BRPORT_PROTECT => Number,
    bridge::IFLA_BRPORT_FAST_LEAVE => Number,
    bridge::IFLA_BRPORT_LEARNING => Number,
    bridge::IFLA_BRPORT_UNICAST_FLOOD => Number,
    bridge::IFLA_BRPORT_PROXYARP => Number,
    bridge::IFLA_BRPORT_PROXYARP_WIFI => Number,
    bridge::IFLA_BRPORT_ROOT_ID => Bytes,
    bridge::IFLA_BRPORT_BRIDGE_ID => Bytes,
    bridge::IFLA_BRPORT_DESIGNATED_PORT => Number,
    bridge::IFLA_BRPORT_DESIGNATED_COST => Number,
    bridge::IFLA_BRPORT_ID => Number,
    bridge::IFLA_BRPORT_NO => Number,
    bridge::IFLA_BRPORT_TOPOLOGY_CHANGE_ACK => Number,
    bridge::IFLA_BRPORT_CONFIG_PENDING => Number,
    bridge::IFLA_BRPORT_MESSAGE_AGE_TIMER => Number,
    bridge::IFLA_BRPORT_FORWARD_DELAY_TIMER => Number,
    bridge::IFLA_BRPORT_HOLD_TIMER => Number,
    bridge::IFLA_BRPORT_MULTICAST_ROUTER => Number,
    bridge::IFLA_BRPORT_MCAST_FLOOD => Number,
    bridge::IFLA_BRPORT_MCAST_TO_UCAST => Number,
    bridge::IFLA_BRPORT_VLAN_TUNNEL => Number,
    bridge::IFLA_BRPORT_BCAST_FLOOD => Number,
    bridge::IFLA_BRPORT_GROUP_FWD_MASK => Flags,
    bridge::IFLA_BRPORT_NEIGH_SUPPRESS => Number,
    bridge::IFLA_BRPORT_ISOLATED => Number,
    bridge::IFLA_BRPORT_BACKUP_PORT => Number,
    bridge::IFLA_BRPORT_LOCKED => Number,
});

static ADDRESS: Content = Content {
    head: address::IFADDRMSG_LEN,
    fields: &[
        Field::number("ifa_family", 0, 1),
        Field::number("ifa_prefixlen", 1, 1),
        Field::number("ifa_scope", 3, 1),
        Field::number("ifa_index", 4, 4),
    ],
    attributes: attributes! {
        address::IFA_ADDRESS => Ip,
        address::IFA_LOCAL => Ip,
        address::IFA_LABEL => Text,
        address::IFA_BROADCAST => Ip,
        address::IFA_ANYCAST => Ip,
        address::IFA_CACHEINFO => Bytes,
        address::IFA_FLAGS => Flags,
        address::IFA_RT_PRIORITY => Number,
        address::IFA_PROTO => Number,
    },
    whose: "",
};

static ROUTE: Content = Content {
    head: route::RTMSG_LEN,
    fields: &[
        Field::number("rtm_family", 0, 1),
        Field::number("rtm_dst_len", 1, 1),
        Field::number("rtm_src_len", 2, 1),
        Field::number("rtm_tos", 3, 1),
        Field::number("rtm_table", 4, 1),
        Field::number("rtm_protocol", 5, 1),
        Field::number("rtm_scope", 6, 1),
        Field::number("rtm_type", 7, 1),
        Field::flags("rtm_flags", 8),
    ],
    attributes: attributes! {
        route::RTA_DST => Ip,
        route::RTA_SRC => Ip,
        route::RTA_OIF => Number,
        route::RTA_GATEWAY => Ip,
        route::RTA_PRIORITY => Number,
        route::RTA_PREFSRC => Ip,
        route::RTA_METRICS => Nest(&METRICS),
        route::RTA_MULTIPATH => Bytes,
        route::RTA_FLOW => Number,
        route::RTA_CACHEINFO => Bytes,
        route::RTA_TABLE => Number,
        route::RTA_VIA => Bytes,
        route::RTA_PREF => Number,
        route::RTA_NH_ID => Number,
    },
    whose: "",
};

/// `RTAX_…`, of which none is named here.
static METRICS: Content = Content::of(&[]);

static NEIGHBOUR: Content = Content {
    head: neighbour::NDMSG_LEN,
    fields: &[
        Field::number("ndm_family", 0, 1),
        Field::number("ndm_ifindex", 4, 4),
        Field::number("ndm_state", 8, 2),
        Field::number("ndm_flags", 10, 1),
        Field::number("ndm_type", 11, 1),
    ],
    attributes: attributes! {
        neighbour::NDA_DST => Ip,
        neighbour::NDA_LLADDR => Mac,
        neighbour::NDA_PROTOCOL => Number,
        neighbour::NDA_FLAGS_EXT => Flags,
    },
    whose: "",
};

static NSID: Content = Content {
    head: nsid::RTGENMSG_LEN,
    fields: &[],
    attributes: attributes! {nsid::NETNSA_NSID => Signed, nsid::NETNSA_FD => Number,},
    whose: "",
};
