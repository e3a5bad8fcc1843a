//! `-details`: tables of attributes, one row each, in the order in which they are printed.

use pontoon_netlink::route::bridge as b;
use pontoon_netlink::route::details as d;
use pontoon_netlink::route::link as l;
use pontoon_netlink::{Attr, Attrs, bytes};

use super::{Names, hex, hex_bytes, numbered, push_hex};
use crate::views::page::Page;

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

/// An attribute, its shape, its JSON key, and behind a blank its word in text where that differs. Without a key it is not in JSON.
pub type Row = (u16, Shape, &'static str);

use Shape::{Bit, BridgeId, Bytes, EtherType, Hex, Link, Mac, Mask, Number, State, Switch, Text, Timer};

/// Of every link, before its kind.
pub const BEFORE_KIND: &[Row] = &[
    (l::IFLA_PROMISCUITY, Number, "promiscuity  promiscuity"),
    (d::IFLA_ALLMULTI, Number, "allmulti  allmulti"),
    (d::IFLA_MIN_MTU, Number, "min_mtu minmtu"),
    (d::IFLA_MAX_MTU, Number, "max_mtu maxmtu"),
];

/// Of every link, after its kind.
pub const AFTER_KIND: &[Row] = &[
    (d::IFLA_NUM_TX_QUEUES, Number, "num_tx_queues numtxqueues"),
    (d::IFLA_NUM_RX_QUEUES, Number, "num_rx_queues numrxqueues"),
    (d::IFLA_GSO_MAX_SIZE, Number, "gso_max_size"),
    (d::IFLA_GSO_MAX_SEGS, Number, "gso_max_segs"),
    (d::IFLA_TSO_MAX_SIZE, Number, "tso_max_size"),
    (d::IFLA_TSO_MAX_SEGS, Number, "tso_max_segs"),
    (d::IFLA_GRO_MAX_SIZE, Number, "gro_max_size"),
    (d::IFLA_PHYS_PORT_NAME, Text, "phys_port_name portname"),
    (d::IFLA_PHYS_PORT_ID, Bytes, "phys_port_id portid"),
    (d::IFLA_PHYS_SWITCH_ID, Bytes, "phys_switch_id switchid"),
    (d::IFLA_PARENT_DEV_BUS_NAME, Text, "parentbus"),
    (d::IFLA_PARENT_DEV_NAME, Text, "parentdev"),
];

/// Of a bridge.
pub const BRIDGE: &[Row] = &[
    (b::IFLA_BR_FORWARD_DELAY, Number, "forward_delay"),
    (b::IFLA_BR_HELLO_TIME, Number, "hello_time"),
    (b::IFLA_BR_MAX_AGE, Number, "max_age"),
    (b::IFLA_BR_AGEING_TIME, Number, "ageing_time"),
    (b::IFLA_BR_STP_STATE, Number, "stp_state"),
    (b::IFLA_BR_PRIORITY, Number, "priority"),
    (b::IFLA_BR_VLAN_FILTERING, Number, "vlan_filtering"),
    (b::IFLA_BR_VLAN_PROTOCOL, EtherType, "vlan_protocol"),
    (b::IFLA_BR_BRIDGE_ID, BridgeId, "bridge_id"),
    // iproute2 6.1 prints the bridge's own id here; repaired in later versions, and right here.
    (b::IFLA_BR_ROOT_ID, BridgeId, "root_id designated_root"),
    (b::IFLA_BR_ROOT_PORT, Number, "root_port"),
    (b::IFLA_BR_ROOT_PATH_COST, Number, "root_path_cost"),
    (b::IFLA_BR_TOPOLOGY_CHANGE, Number, "topology_change"),
    (b::IFLA_BR_TOPOLOGY_CHANGE_DETECTED, Number, "topology_change_detected"),
    (b::IFLA_BR_HELLO_TIMER, Timer, "hello_timer"),
    (b::IFLA_BR_TCN_TIMER, Timer, "tcn_timer"),
    (b::IFLA_BR_TOPOLOGY_CHANGE_TIMER, Timer, "topology_change_timer"),
    (b::IFLA_BR_GC_TIMER, Timer, "gc_timer"),
    (b::IFLA_BR_VLAN_DEFAULT_PVID, Number, "vlan_default_pvid"),
    (b::IFLA_BR_VLAN_STATS_ENABLED, Number, "vlan_stats_enabled"),
    (b::IFLA_BR_VLAN_STATS_PER_PORT, Number, "vlan_stats_per_port"),
    (b::IFLA_BR_GROUP_FWD_MASK, Hex, "group_fwd_mask"),
    (b::IFLA_BR_GROUP_ADDR, Mac, "group_addr group_address"),
    (b::IFLA_BR_MCAST_SNOOPING, Number, "mcast_snooping"),
    (b::IFLA_BR_MULTI_BOOLOPT, Bit(0), "no_linklocal_learn"),
    (b::IFLA_BR_MULTI_BOOLOPT, Bit(1), "mcast_vlan_snooping"),
    (b::IFLA_BR_MCAST_ROUTER, Number, "mcast_router"),
    (b::IFLA_BR_MCAST_QUERY_USE_IFADDR, Number, "mcast_query_use_ifaddr"),
    (b::IFLA_BR_MCAST_QUERIER, Number, "mcast_querier"),
    (b::IFLA_BR_MCAST_HASH_ELASTICITY, Number, "mcast_hash_elasticity"),
    (b::IFLA_BR_MCAST_HASH_MAX, Number, "mcast_hash_max"),
    (b::IFLA_BR_MCAST_LAST_MEMBER_CNT, Number, "mcast_last_member_cnt mcast_last_member_count"),
    (b::IFLA_BR_MCAST_STARTUP_QUERY_CNT, Number, "mcast_startup_query_cnt mcast_startup_query_count"),
    (b::IFLA_BR_MCAST_LAST_MEMBER_INTVL, Number, "mcast_last_member_intvl mcast_last_member_interval"),
    (b::IFLA_BR_MCAST_MEMBERSHIP_INTVL, Number, "mcast_membership_intvl mcast_membership_interval"),
    (b::IFLA_BR_MCAST_QUERIER_INTVL, Number, "mcast_querier_intvl mcast_querier_interval"),
    (b::IFLA_BR_MCAST_QUERY_INTVL, Number, "mcast_query_intvl mcast_query_interval"),
    (b::IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, Number, "mcast_query_response_intvl mcast_query_response_interval"),
    (b::IFLA_BR_MCAST_STARTUP_QUERY_INTVL, Number, "mcast_startup_query_intvl mcast_startup_query_interval"),
    (b::IFLA_BR_MCAST_STATS_ENABLED, Number, "mcast_stats_enabled"),
    (b::IFLA_BR_MCAST_IGMP_VERSION, Number, "mcast_igmp_version"),
    (b::IFLA_BR_MCAST_MLD_VERSION, Number, "mcast_mld_version"),
    (b::IFLA_BR_NF_CALL_IPTABLES, Number, "nf_call_iptables"),
    (b::IFLA_BR_NF_CALL_IP6TABLES, Number, "nf_call_ip6tables"),
    (b::IFLA_BR_NF_CALL_ARPTABLES, Number, "nf_call_arptables"),
];

/// Of a bridge's port.
pub const PORT: &[Row] = &[
    (b::IFLA_BRPORT_STATE, State, "state"),
    (b::IFLA_BRPORT_PRIORITY, Number, "priority"),
    (b::IFLA_BRPORT_COST, Number, "cost"),
    (b::IFLA_BRPORT_MODE, Switch, "hairpin"),
    (b::IFLA_BRPORT_GUARD, Switch, "guard"),
    (b::IFLA_BRPORT_PROTECT, Switch, "root_block"),
    (b::IFLA_BRPORT_FAST_LEAVE, Switch, "fastleave"),
    (b::IFLA_BRPORT_LEARNING, Switch, "learning"),
    (b::IFLA_BRPORT_UNICAST_FLOOD, Switch, "flood"),
    (b::IFLA_BRPORT_ID, Hex, "id port_id"),
    (b::IFLA_BRPORT_NO, Hex, "no port_no"),
    (b::IFLA_BRPORT_DESIGNATED_PORT, Number, "designated_port"),
    (b::IFLA_BRPORT_DESIGNATED_COST, Number, "designated_cost"),
    (b::IFLA_BRPORT_BRIDGE_ID, BridgeId, "bridge_id designated_bridge"),
    (b::IFLA_BRPORT_ROOT_ID, BridgeId, "root_id designated_root"),
    (b::IFLA_BRPORT_HOLD_TIMER, Timer, "hold_timer"),
    (b::IFLA_BRPORT_MESSAGE_AGE_TIMER, Timer, "message_age_timer"),
    (b::IFLA_BRPORT_FORWARD_DELAY_TIMER, Timer, "forward_delay_timer"),
    (b::IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, Number, "topology_change_ack"),
    (b::IFLA_BRPORT_CONFIG_PENDING, Number, "config_pending"),
    (b::IFLA_BRPORT_PROXYARP, Switch, "proxy_arp"),
    (b::IFLA_BRPORT_PROXYARP_WIFI, Switch, "proxy_arp_wifi"),
    (b::IFLA_BRPORT_MULTICAST_ROUTER, Number, "multicast_router mcast_router"),
    (b::IFLA_BRPORT_FAST_LEAVE, Switch, " mcast_fast_leave"),
    (b::IFLA_BRPORT_MCAST_FLOOD, Switch, "mcast_flood"),
    (b::IFLA_BRPORT_BCAST_FLOOD, Switch, "bcast_flood"),
    (b::IFLA_BRPORT_MCAST_TO_UCAST, Switch, "mcast_to_unicast"),
    (b::IFLA_BRPORT_NEIGH_SUPPRESS, Switch, "neigh_suppress"),
    (b::IFLA_BRPORT_GROUP_FWD_MASK, Hex, "group_fwd_mask"),
    (b::IFLA_BRPORT_GROUP_FWD_MASK, Mask, "group_fwd_mask_str"),
    (b::IFLA_BRPORT_VLAN_TUNNEL, Switch, "vlan_tunnel"),
    (b::IFLA_BRPORT_ISOLATED, Switch, "isolated"),
    (b::IFLA_BRPORT_LOCKED, Switch, "locked"),
    (b::IFLA_BRPORT_BACKUP_PORT, Link, "backup_port"),
];

/// Prints the attributes that are there, in the order of `rows`.
pub fn print(page: &mut Page, attrs: &Attrs<'_>, rows: &[Row], names: &Names) {
    for (kind, shape, words) in rows {
        let (key, word) = words.split_once(' ').unwrap_or((words, words));
        if let Some(attr) = attrs.find(*kind)
            && !(page.is_json() && key.is_empty())
        {
            field(page, key, &[word, " "].concat(), *shape, &attr, names);
        }
    }
}

fn field(page: &mut Page, key: &str, before: &str, shape: Shape, attr: &Attr<'_>, names: &Names) {
    let number = number(attr);
    let text = match shape {
        Number => return page.number(key, before, number, " "),
        Switch => {
            let (json, text) = if number == 0 { ("false", "off") } else { ("true", "on") };
            return page.raw(key, json, &[before, text, " "]);
        }
        Timer => {
            let hundredths = format!(".{:02}", number % 100);
            let seconds = (number / 100).to_string();
            let pad = "    ".get(seconds.len()..).unwrap_or_default();
            return page.raw(
                key,
                &[&seconds, hundredths.as_str()].concat(),
                &[before, pad, &seconds, &hundredths, " "],
            );
        }
        Bit(bit) => {
            // struct br_boolopt_multi: values, and which of them are there.
            if (bytes::u32_at(attr.value, 4) >> bit) & 1 != 0 {
                page.number(key, before, i64::from((attr.u32() >> bit) & 1), " ");
            }
            return;
        }
        Hex => hex(number.unsigned_abs()),
        Text => attr.text(),
        Bytes => hex_bytes(attr.value, ""),
        Mac => hex_bytes(attr.value, ":"),
        BridgeId => bridge_id(attr.value),
        EtherType => match u16::from_be_bytes(bytes::array(attr.value, 0)) {
            0x8100 => "802.1Q".to_owned(),
            0x88a8 => "802.1ad".to_owned(),
            other => numbered("[", other.into(), "]"),
        },
        State => {
            let states = ["disabled", "listening", "learning", "forwarding", "blocking"];
            let known = usize::try_from(number).ok().and_then(|state| states.get(state));
            known.map_or_else(|| number.to_string(), |state| (*state).to_owned())
        }
        Mask => mask(number),
        Link => names.link(attr.u32()),
    };
    page.text(key, before, &text, " ");
}

/// A number as long as its attribute.
fn number(attr: &Attr<'_>) -> i64 {
    match attr.value.len() {
        1 => attr.u8().into(),
        2 => attr.u16().into(),
        8 => i64::try_from(attr.u64()).unwrap_or(i64::MAX),
        _ => attr.u32().into(),
    }
}

/// Priority and hardware address, without leading zeros, as C's `ether_ntoa`.
fn bridge_id(id: &[u8]) -> String {
    let (priority, mac) = id.split_at_checked(2).unwrap_or((id, &[]));
    let mut out = hex_bytes(priority, "");
    for (position, byte) in mac.iter().enumerate() {
        out.push(if position == 0 { '.' } else { ':' });
        if *byte < 16 {
            out.extend(char::from_digit((*byte).into(), 16));
        } else {
            push_hex(&mut out, *byte);
        }
    }
    out
}

/// Reserved group addresses by the protocol that has them.
fn mask(bits: i64) -> String {
    let mut out = String::new();
    for bit in (0..16).filter(|bit| (bits >> bit) & 1 != 0) {
        if !out.is_empty() {
            out.push(',');
        }
        match bit {
            0 => out.push_str("stp"),
            2 => out.push_str("lacp"),
            14 => out.push_str("lldp"),
            _ => out.push_str(&hex(1 << bit)),
        }
    }
    if out.is_empty() { "0x0".to_owned() } else { out }
}
