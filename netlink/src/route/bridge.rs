//! Attributes of bridges and of their ports, in [`IFLA_INFO_DATA`](super::link::IFLA_INFO_DATA) and
//! [`IFLA_INFO_SLAVE_DATA`](super::link::IFLA_INFO_SLAVE_DATA).
//!
//! # Source
//! `linux/if_link.h`.

// linux/if_link.h: attributes of a bridge
/// Forward delay, in ticks of 1/100 s.
pub const IFLA_BR_FORWARD_DELAY: u16 = 1;
/// Hello time, in ticks.
pub const IFLA_BR_HELLO_TIME: u16 = 2;
/// Maximum age of a message, in ticks.
pub const IFLA_BR_MAX_AGE: u16 = 3;
/// Life time of a learned address, in ticks.
pub const IFLA_BR_AGEING_TIME: u16 = 4;
/// 1 when the spanning tree protocol runs.
pub const IFLA_BR_STP_STATE: u16 = 5;
/// Bridge priority.
pub const IFLA_BR_PRIORITY: u16 = 6;
/// 1 when VLANs are filtered.
pub const IFLA_BR_VLAN_FILTERING: u16 = 7;
/// VLAN protocol, big-endian.
pub const IFLA_BR_VLAN_PROTOCOL: u16 = 8;
/// Reserved group addresses that are forwarded all the same.
pub const IFLA_BR_GROUP_FWD_MASK: u16 = 9;
/// Priority and MAC of the root bridge.
pub const IFLA_BR_ROOT_ID: u16 = 10;
/// Priority (big-endian) and MAC of the bridge.
pub const IFLA_BR_BRIDGE_ID: u16 = 11;
/// Port towards the root.
pub const IFLA_BR_ROOT_PORT: u16 = 12;
/// Cost of the way to the root.
pub const IFLA_BR_ROOT_PATH_COST: u16 = 13;
/// 1 during a topology change.
pub const IFLA_BR_TOPOLOGY_CHANGE: u16 = 14;
/// 1 when this bridge detected it.
pub const IFLA_BR_TOPOLOGY_CHANGE_DETECTED: u16 = 15;
/// What is left of the hello timer.
pub const IFLA_BR_HELLO_TIMER: u16 = 16;
/// What is left of the change notification timer.
pub const IFLA_BR_TCN_TIMER: u16 = 17;
/// What is left of the topology change timer.
pub const IFLA_BR_TOPOLOGY_CHANGE_TIMER: u16 = 18;
/// What is left until learned addresses are looked through.
pub const IFLA_BR_GC_TIMER: u16 = 19;
/// Group address of the spanning tree.
pub const IFLA_BR_GROUP_ADDR: u16 = 20;
/// Multicast router mode.
pub const IFLA_BR_MCAST_ROUTER: u16 = 22;
/// 1 when multicast is snooped.
pub const IFLA_BR_MCAST_SNOOPING: u16 = 23;
/// 1 when queries carry the bridge's own address.
pub const IFLA_BR_MCAST_QUERY_USE_IFADDR: u16 = 24;
/// 1 when it sends multicast queries.
pub const IFLA_BR_MCAST_QUERIER: u16 = 25;
/// Without meaning since 5.0.
pub const IFLA_BR_MCAST_HASH_ELASTICITY: u16 = 26;
/// Most multicast groups.
pub const IFLA_BR_MCAST_HASH_MAX: u16 = 27;
/// Queries for a last member.
pub const IFLA_BR_MCAST_LAST_MEMBER_CNT: u16 = 28;
/// Queries at start.
pub const IFLA_BR_MCAST_STARTUP_QUERY_CNT: u16 = 29;
/// Between queries for a last member, in ticks.
pub const IFLA_BR_MCAST_LAST_MEMBER_INTVL: u16 = 30;
/// Life time of a membership, in ticks.
pub const IFLA_BR_MCAST_MEMBERSHIP_INTVL: u16 = 31;
/// Life time of another querier, in ticks.
pub const IFLA_BR_MCAST_QUERIER_INTVL: u16 = 32;
/// Between queries, in ticks.
pub const IFLA_BR_MCAST_QUERY_INTVL: u16 = 33;
/// Time to answer a query, in ticks.
pub const IFLA_BR_MCAST_QUERY_RESPONSE_INTVL: u16 = 34;
/// Between queries at start, in ticks.
pub const IFLA_BR_MCAST_STARTUP_QUERY_INTVL: u16 = 35;
/// 1 when bridged IPv4 passes the firewall.
pub const IFLA_BR_NF_CALL_IPTABLES: u16 = 36;
/// 1 when bridged IPv6 does.
pub const IFLA_BR_NF_CALL_IP6TABLES: u16 = 37;
/// 1 when bridged ARP does.
pub const IFLA_BR_NF_CALL_ARPTABLES: u16 = 38;
/// VLAN of untagged frames.
pub const IFLA_BR_VLAN_DEFAULT_PVID: u16 = 39;
/// 1 when each VLAN is counted.
pub const IFLA_BR_VLAN_STATS_ENABLED: u16 = 41;
/// 1 when multicast is counted.
pub const IFLA_BR_MCAST_STATS_ENABLED: u16 = 42;
/// IGMP version.
pub const IFLA_BR_MCAST_IGMP_VERSION: u16 = 43;
/// MLD version.
pub const IFLA_BR_MCAST_MLD_VERSION: u16 = 44;
/// 1 when each VLAN is counted on each port.
pub const IFLA_BR_VLAN_STATS_PER_PORT: u16 = 45;
/// Further switches: values, and which of them are there.
pub const IFLA_BR_MULTI_BOOLOPT: u16 = 46;

// linux/if_bridge.h: states of a bridge's port
/// It is down, or without carrier: nothing passes.
pub const BR_STATE_DISABLED: u8 = 0;
/// The spanning tree protocol looks whether there is a loop: nothing passes.
pub const BR_STATE_LISTENING: u8 = 1;
/// As [`BR_STATE_LISTENING`], and addresses are learned.
pub const BR_STATE_LEARNING: u8 = 2;
/// Frames pass.
pub const BR_STATE_FORWARDING: u8 = 3;
/// There would be a loop: nothing passes.
pub const BR_STATE_BLOCKING: u8 = 4;

// linux/if_link.h: attributes of a bridge's port
/// Spanning tree state, `BR_STATE_…`.
pub const IFLA_BRPORT_STATE: u16 = 1;
/// Port priority.
pub const IFLA_BRPORT_PRIORITY: u16 = 2;
/// Path cost.
pub const IFLA_BRPORT_COST: u16 = 3;
/// Hairpin: frames may leave by the port they came in by.
pub const IFLA_BRPORT_MODE: u16 = 4;
/// BPDU guard.
pub const IFLA_BRPORT_GUARD: u16 = 5;
/// Root guard.
pub const IFLA_BRPORT_PROTECT: u16 = 6;
/// Multicast fast leave.
pub const IFLA_BRPORT_FAST_LEAVE: u16 = 7;
/// Source addresses are learned.
pub const IFLA_BRPORT_LEARNING: u16 = 8;
/// Unknown destinations leave by it.
pub const IFLA_BRPORT_UNICAST_FLOOD: u16 = 9;
/// ARP is answered for others.
pub const IFLA_BRPORT_PROXYARP: u16 = 10;
/// The same for Wi-Fi.
pub const IFLA_BRPORT_PROXYARP_WIFI: u16 = 12;
/// Priority and MAC of the root bridge.
pub const IFLA_BRPORT_ROOT_ID: u16 = 13;
/// Priority and MAC of the designated bridge.
pub const IFLA_BRPORT_BRIDGE_ID: u16 = 14;
/// Designated port.
pub const IFLA_BRPORT_DESIGNATED_PORT: u16 = 15;
/// Designated cost.
pub const IFLA_BRPORT_DESIGNATED_COST: u16 = 16;
/// Port id.
pub const IFLA_BRPORT_ID: u16 = 17;
/// Port number.
pub const IFLA_BRPORT_NO: u16 = 18;
/// A topology change is acknowledged.
pub const IFLA_BRPORT_TOPOLOGY_CHANGE_ACK: u16 = 19;
/// A configuration message is pending.
pub const IFLA_BRPORT_CONFIG_PENDING: u16 = 20;
/// What is left of the message age timer.
pub const IFLA_BRPORT_MESSAGE_AGE_TIMER: u16 = 21;
/// What is left of the forward delay timer.
pub const IFLA_BRPORT_FORWARD_DELAY_TIMER: u16 = 22;
/// What is left of the hold timer.
pub const IFLA_BRPORT_HOLD_TIMER: u16 = 23;
/// Multicast router mode.
pub const IFLA_BRPORT_MULTICAST_ROUTER: u16 = 25;
/// Unknown multicast leaves by it.
pub const IFLA_BRPORT_MCAST_FLOOD: u16 = 27;
/// Multicast becomes unicast.
pub const IFLA_BRPORT_MCAST_TO_UCAST: u16 = 28;
/// VLANs map to tunnels.
pub const IFLA_BRPORT_VLAN_TUNNEL: u16 = 29;
/// Broadcast leaves by it.
pub const IFLA_BRPORT_BCAST_FLOOD: u16 = 30;
/// Reserved group addresses that are forwarded all the same.
pub const IFLA_BRPORT_GROUP_FWD_MASK: u16 = 31;
/// Neighbour discovery is answered here.
pub const IFLA_BRPORT_NEIGH_SUPPRESS: u16 = 32;
/// No frames between isolated ports (4.18).
pub const IFLA_BRPORT_ISOLATED: u16 = 33;
/// Index of the port that takes over.
pub const IFLA_BRPORT_BACKUP_PORT: u16 = 34;
/// Only known sources may send (5.18).
pub const IFLA_BRPORT_LOCKED: u16 = 39;
