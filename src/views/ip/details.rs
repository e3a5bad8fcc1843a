//! `-details`: tables of attributes, one row each, in the order in which they are printed.

use pontoon_netlink::route::bridge as b;
use pontoon_netlink::route::details as d;
use pontoon_netlink::route::link as l;
use pontoon_netlink::{Attr, Attrs, bytes};

use super::names::Names;
use super::number;
use crate::views::hex;
use crate::views::printer::Printer;

/// How a value is written.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A number of one, two, four or eight bytes.
    Number,
    /// `on` or `off`; `true` or `false`.
    Switch,
    /// Ticks of 1/100 s as seconds.
    Timer,
    /// A hexadecimal number.
    Hex,
    /// Text.
    Text,
    /// Bytes in hexadecimal.
    Bytes,
    /// A hardware address.
    Mac,
    /// Priority and hardware address.
    BridgeId,
    /// An Ethernet type, big-endian.
    EtherType,
    /// `BR_STATE_…`.
    State,
    /// Bits with names.
    Mask,
    /// One bit of `struct br_boolopt_multi`.
    Bit(u32),
    /// Index of a link.
    Link,
}

/// An attribute and how it is printed.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// `IFLA_…`.
    attribute: u16,
    /// How its value is written.
    shape: Shape,
    /// Its key in JSON; none when it is not there.
    key: Option<&'static str>,
    /// Its word in text.
    word: &'static str,
}

impl Row {
    /// An attribute that is called `key` in JSON and in text.
    const fn new(attribute: u16, shape: Shape, key: &'static str) -> Self {
        Self { attribute, shape, key: Some(key), word: key }
    }

    /// With another word in text.
    const fn word(self, word: &'static str) -> Self {
        Self { word, ..self }
    }

    /// An attribute that is in text only.
    const fn text_only(attribute: u16, shape: Shape, word: &'static str) -> Self {
        Self { attribute, shape, key: None, word }
    }
}

use Shape::{Bit, BridgeId, Bytes, EtherType, Hex, Link, Mac, Mask, Number, State, Switch, Text, Timer};

/// Of every link, before its kind. Some words begin with a blank, for the line of the hardware address ends without one.
pub const BEFORE_KIND: &[Row] = &[
    Row::new(l::IFLA_PROMISCUITY, Number, "promiscuity").word(" promiscuity"),
    Row::new(d::IFLA_ALLMULTI, Number, "allmulti").word(" allmulti"),
    Row::new(d::IFLA_MIN_MTU, Number, "min_mtu").word("minmtu"),
    Row::new(d::IFLA_MAX_MTU, Number, "max_mtu").word("maxmtu"),
];

/// Of every link, after its kind.
pub const AFTER_KIND: &[Row] = &[
    Row::new(d::IFLA_NUM_TX_QUEUES, Number, "num_tx_queues").word("numtxqueues"),
    Row::new(d::IFLA_NUM_RX_QUEUES, Number, "num_rx_queues").word("numrxqueues"),
    Row::new(d::IFLA_GSO_MAX_SIZE, Number, "gso_max_size"),
    Row::new(d::IFLA_GSO_MAX_SEGS, Number, "gso_max_segs"),
    Row::new(d::IFLA_TSO_MAX_SIZE, Number, "tso_max_size"),
    Row::new(d::IFLA_TSO_MAX_SEGS, Number, "tso_max_segs"),
    Row::new(d::IFLA_GRO_MAX_SIZE, Number, "gro_max_size"),
    Row::new(d::IFLA_PHYS_PORT_NAME, Text, "phys_port_name").word("portname"),
    Row::new(d::IFLA_PHYS_PORT_ID, Bytes, "phys_port_id").word("portid"),
    Row::new(d::IFLA_PHYS_SWITCH_ID, Bytes, "phys_switch_id").word("switchid"),
    Row::new(d::IFLA_PARENT_DEV_BUS_NAME, Text, "parentbus"),
    Row::new(d::IFLA_PARENT_DEV_NAME, Text, "parentdev"),
];

/// Of a bridge.
pub const BRIDGE: &[Row] = &[
    Row::new(b::IFLA_BR_FORWARD_DELAY, Number, "forward_delay"),
    Row::new(b::IFLA_BR_HELLO_TIME, Number, "hello_time"),
    Row::new(b::IFLA_BR_MAX_AGE, Number, "max_age"),
    Row::new(b::IFLA_BR_AGEING_TIME, Number, "ageing_time"),
    Row::new(b::IFLA_BR_STP_STATE, Number, "stp_state"),
    Row::new(b::IFLA_BR_PRIORITY, Number, "priority"),
    Row::new(b::IFLA_BR_VLAN_FILTERING, Number, "vlan_filtering"),
    Row::new(b::IFLA_BR_VLAN_PROTOCOL, EtherType, "vlan_protocol"),
    Row::new(b::IFLA_BR_BRIDGE_ID, BridgeId, "bridge_id"),
    // iproute2 6.1 prints the bridge's own id here; repaired in later versions, and right here.
    Row::new(b::IFLA_BR_ROOT_ID, BridgeId, "root_id").word("designated_root"),
    Row::new(b::IFLA_BR_ROOT_PORT, Number, "root_port"),
    Row::new(b::IFLA_BR_ROOT_PATH_COST, Number, "root_path_cost"),
    Row::new(b::IFLA_BR_TOPOLOGY_CHANGE, Number, "topology_change"),
    Row::new(b::IFLA_BR_TOPOLOGY_CHANGE_DETECTED, Number, "topology_change_detected"),
    Row::new(b::IFLA_BR_HELLO_TIMER, Timer, "hello_timer"),
    Row::new(b::IFLA_BR_TCN_TIMER, Timer, "tcn_timer"),
    Row::new(b::IFLA_BR_TOPOLOGY_CHANGE_TIMER, Timer, "topology_change_timer"),
    Row::new(b::IFLA_BR_GC_TIMER, Timer, "gc_timer"),
    Row::new(b::IFLA_BR_VLAN_DEFAULT_PVID, Number, "vlan_default_pvid"),
    Row::new(b::IFLA_BR_VLAN_STATS_ENABLED, Number, "vlan_stats_enabled"),
    Row::new(b::IFLA_BR_VLAN_STATS_PER_PORT, Number, "vlan_stats_per_port"),
    Row::new(b::IFLA_BR_GROUP_FWD_MASK, Hex, "group_fwd_mask"),
    Row::new(b::IFLA_BR_GROUP_ADDR, Mac, "group_addr").word("group_address"),
    Row::new(b::IFLA_BR_MCAST_SNOOPING, Number, "mcast_snooping"),
    Row::new(b::IFLA_BR_MULTI_BOOLOPT, Bit(0), "no_linklocal_learn"),
    Row::new(b::IFLA_BR_MULTI_BOOLOPT, Bit(1), "mcast_vlan_snooping"),
    Row::new(b::IFLA_BR_MCAST_ROUTER, Number, "mcast_router"),
    Row::new(b::IFLA_BR_MCAST_QUERY_USE_IFADDR, Number, "mcast_query_use_ifaddr"),
    Row::new(b::IFLA_BR_MCAST_QUERIER, Number, "mcast_querier"),
    Row::new(b::IFLA_BR_MCAST_HASH_ELASTICITY, Number, "mcast_hash_elasticity"),
    Row::new(b::IFLA_BR_MCAST_HASH_MAX, Number, "mcast_hash_max"),
    Row::new(b::IFLA_BR_MCAST_LAST_MEMBER_CNT, Number, "mcast_last_member_cnt").word("mcast_last_member_count"),
    Row::new(b::IFLA_BR_MCAST_STARTUP_QUERY_CNT, Number, "mcast_startup_query_cnt").word("mcast_startup_query_count"),
    Row::new(b::IFLA_BR_MCAST_LAST_MEMBER_INTVL, Number, "mcast_last_member_intvl").word("mcast_last_member_interval"),
    Row::new(b::IFLA_BR_MCAST_MEMBERSHIP_INTVL, Number, "mcast_membership_intvl").word("mcast_membership_interval"),
    Row::new(b::IFLA_BR_MCAST_QUERIER_INTVL, Number, "mcast_querier_intvl").word("mcast_querier_interval"),
    Row::new(b::IFLA_BR_MCAST_QUERY_INTVL, Number, "mcast_query_intvl").word("mcast_query_interval"),
    Row::new(b::IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, Number, "mcast_query_response_intvl")
        .word("mcast_query_response_interval"),
    Row::new(b::IFLA_BR_MCAST_STARTUP_QUERY_INTVL, Number, "mcast_startup_query_intvl")
        .word("mcast_startup_query_interval"),
    Row::new(b::IFLA_BR_MCAST_STATS_ENABLED, Number, "mcast_stats_enabled"),
    Row::new(b::IFLA_BR_MCAST_IGMP_VERSION, Number, "mcast_igmp_version"),
    Row::new(b::IFLA_BR_MCAST_MLD_VERSION, Number, "mcast_mld_version"),
    Row::new(b::IFLA_BR_NF_CALL_IPTABLES, Number, "nf_call_iptables"),
    Row::new(b::IFLA_BR_NF_CALL_IP6TABLES, Number, "nf_call_ip6tables"),
    Row::new(b::IFLA_BR_NF_CALL_ARPTABLES, Number, "nf_call_arptables"),
];

/// Of a bridge's port.
pub const PORT: &[Row] = &[
    Row::new(b::IFLA_BRPORT_STATE, State, "state"),
    Row::new(b::IFLA_BRPORT_PRIORITY, Number, "priority"),
    Row::new(b::IFLA_BRPORT_COST, Number, "cost"),
    Row::new(b::IFLA_BRPORT_MODE, Switch, "hairpin"),
    Row::new(b::IFLA_BRPORT_GUARD, Switch, "guard"),
    Row::new(b::IFLA_BRPORT_PROTECT, Switch, "root_block"),
    Row::new(b::IFLA_BRPORT_FAST_LEAVE, Switch, "fastleave"),
    Row::new(b::IFLA_BRPORT_LEARNING, Switch, "learning"),
    Row::new(b::IFLA_BRPORT_UNICAST_FLOOD, Switch, "flood"),
    Row::new(b::IFLA_BRPORT_ID, Hex, "id").word("port_id"),
    Row::new(b::IFLA_BRPORT_NO, Hex, "no").word("port_no"),
    Row::new(b::IFLA_BRPORT_DESIGNATED_PORT, Number, "designated_port"),
    Row::new(b::IFLA_BRPORT_DESIGNATED_COST, Number, "designated_cost"),
    Row::new(b::IFLA_BRPORT_BRIDGE_ID, BridgeId, "bridge_id").word("designated_bridge"),
    Row::new(b::IFLA_BRPORT_ROOT_ID, BridgeId, "root_id").word("designated_root"),
    Row::new(b::IFLA_BRPORT_HOLD_TIMER, Timer, "hold_timer"),
    Row::new(b::IFLA_BRPORT_MESSAGE_AGE_TIMER, Timer, "message_age_timer"),
    Row::new(b::IFLA_BRPORT_FORWARD_DELAY_TIMER, Timer, "forward_delay_timer"),
    Row::new(b::IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, Number, "topology_change_ack"),
    Row::new(b::IFLA_BRPORT_CONFIG_PENDING, Number, "config_pending"),
    Row::new(b::IFLA_BRPORT_PROXYARP, Switch, "proxy_arp"),
    Row::new(b::IFLA_BRPORT_PROXYARP_WIFI, Switch, "proxy_arp_wifi"),
    Row::new(b::IFLA_BRPORT_MULTICAST_ROUTER, Number, "multicast_router").word("mcast_router"),
    Row::text_only(b::IFLA_BRPORT_FAST_LEAVE, Switch, "mcast_fast_leave"),
    Row::new(b::IFLA_BRPORT_MCAST_FLOOD, Switch, "mcast_flood"),
    Row::new(b::IFLA_BRPORT_BCAST_FLOOD, Switch, "bcast_flood"),
    Row::new(b::IFLA_BRPORT_MCAST_TO_UCAST, Switch, "mcast_to_unicast"),
    Row::new(b::IFLA_BRPORT_NEIGH_SUPPRESS, Switch, "neigh_suppress"),
    Row::new(b::IFLA_BRPORT_GROUP_FWD_MASK, Hex, "group_fwd_mask"),
    Row::new(b::IFLA_BRPORT_GROUP_FWD_MASK, Mask, "group_fwd_mask_str"),
    Row::new(b::IFLA_BRPORT_VLAN_TUNNEL, Switch, "vlan_tunnel"),
    Row::new(b::IFLA_BRPORT_ISOLATED, Switch, "isolated"),
    Row::new(b::IFLA_BRPORT_LOCKED, Switch, "locked"),
    Row::new(b::IFLA_BRPORT_BACKUP_PORT, Link, "backup_port"),
];

/// Prints the attributes that are there, in the order of `rows`.
pub fn print(printer: &mut Printer, attrs: &Attrs<'_>, rows: &[Row], names: &Names) {
    for row in rows {
        if let Some(attr) = attrs.find(row.attribute)
            && (row.key.is_some() || !printer.is_json())
        {
            field(printer, row, &attr, names);
        }
    }
}

fn field(printer: &mut Printer, row: &Row, attr: &Attr<'_>, names: &Names) {
    let (key, word, number) = (row.key.unwrap_or_default(), row.word, number(attr));
    let text = match row.shape {
        Number => return printer.number(key, number, format_args!("{word} {number} ")),
        Switch => {
            let on = number != 0;
            return printer.bool(key, on, format_args!("{word} {} ", if on { "on" } else { "off" }));
        }
        Timer => {
            return printer.hundredths(key, number, format_args!("{word} {:4}.{:02} ", number / 100, number % 100));
        }
        Bit(bit) => {
            // struct br_boolopt_multi: values, and which of them are there.
            if (bytes::u32_at(attr.value, 4) >> bit) & 1 != 0 {
                let value = (attr.u32() >> bit) & 1;
                printer.number(key, value, format_args!("{word} {value} "));
            }
            return;
        }
        Hex => number::hex(number),
        Text => attr.text(),
        Bytes => hex::bytes(attr.value, ""),
        Mac => hex::bytes(attr.value, ":"),
        BridgeId => bridge_id(attr.value),
        EtherType => match u16::from_be_bytes(bytes::array(attr.value, 0)) {
            0x8100 => "802.1Q".to_owned(),
            0x88a8 => "802.1ad".to_owned(),
            other => format!("[{other}]"),
        },
        State => {
            let states = ["disabled", "listening", "learning", "forwarding", "blocking"];
            let known = usize::try_from(number).ok().and_then(|state| states.get(state));
            known.map_or_else(|| number.to_string(), |state| (*state).to_owned())
        }
        Mask => mask(number),
        Link => names.link(attr.u32()),
    };
    printer.text(key, &text, format_args!("{word} {text} "));
}

/// A number as long as its attribute.
fn number(attr: &Attr<'_>) -> u64 {
    match attr.value.len() {
        1 => attr.u8().into(),
        2 => attr.u16().into(),
        8 => attr.u64(),
        _ => attr.u32().into(),
    }
}

/// Priority and hardware address, without leading zeros, as C's `ether_ntoa`.
fn bridge_id(id: &[u8]) -> String {
    let (priority, mac) = id.split_at_checked(2).unwrap_or((id, &[]));
    let priority = hex::bytes(priority, "");
    if mac.is_empty() {
        return priority;
    }
    let mac: Vec<String> = mac.iter().map(|byte| format!("{byte:x}")).collect();
    format!("{priority}.{}", mac.join(":"))
}

/// Reserved group addresses by the protocol that has them.
fn mask(bits: u64) -> String {
    let name = |bit: u32| match bit {
        0 => "stp".to_owned(),
        2 => "lacp".to_owned(),
        14 => "lldp".to_owned(),
        _ => number::hex(1 << bit),
    };
    let names: Vec<String> = (0..16).filter(|bit| (bits >> bit) & 1 != 0).map(name).collect();
    if names.is_empty() { "0x0".to_owned() } else { names.join(",") }
}
