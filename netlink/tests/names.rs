//! Captured messages, told by the kernel's names.
#![cfg(target_endian = "little")] // as the captures are
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use pontoon_netlink::Messages;
use pontoon_netlink::names::{Protocol, describe};
use support::captured;

/// The messages of a capture, which `nft`, `conntrack` or `ip` made.
fn lines(name: &str) -> Vec<String> {
    let short = name.strip_prefix("replies-").unwrap_or(name);
    let netfilter = ["nft", "conn"].iter().any(|tool| short.starts_with(tool));
    let protocol = if netfilter { Protocol::Netfilter } else { Protocol::Route };
    let datagrams = captured::read(name).datagrams;
    datagrams.iter().flat_map(|d| Messages::new(d)).map(|m| describe(protocol, &m).to_string()).collect()
}

#[test]
fn requests() {
    let expected = [
        (
            "address-add-v4",
            "RTM_NEWADDR NLM_F_CREATE|NLM_F_EXCL ifa_family=2 ifa_prefixlen=16 ifa_index=2 IFA_LOCAL=172.17.0.1 \
             IFA_BROADCAST=172.17.255.255 IFA_ADDRESS=172.17.0.1",
        ),
        ("addresses-dump-link", "RTM_GETADDR NLM_F_DUMP ifa_index=2"),
        ("link-alias", r#"RTM_NEWLINK ifi_index=4 IFLA_IFALIAS="pontoon bridge/container1 eth0 172.17.0.2/16""#),
        ("link-down", "RTM_NEWLINK ifi_index=4 ifi_change=0x1"),
        (
            "neighbour-add-v4",
            "RTM_NEWNEIGH NLM_F_CREATE|NLM_F_EXCL ndm_family=2 ndm_ifindex=2 ndm_state=4 NDA_DST=172.17.0.18 \
             NDA_LLADDR=02:42:ac:11:00:12",
        ),
        ("neighbour-delete-v6", "RTM_DELNEIGH ndm_family=10 ndm_ifindex=2 ndm_state=128 NDA_DST=fd00:17::19"),
        ("nsid-get", "RTM_GETNSID NETNSA_FD=6"),
        (
            "route-add-v6",
            "RTM_NEWROUTE NLM_F_CREATE|NLM_F_EXCL rtm_family=10 rtm_table=254 rtm_protocol=3 rtm_type=1 \
             RTA_GATEWAY=fd00:17::9 RTA_OIF=2",
        ),
        (
            "veth-new",
            "RTM_NEWLINK NLM_F_CREATE|NLM_F_EXCL IFLA_MTU=1400 IFLA_MASTER=2 IFLA_GROUP=77 IFLA_IFNAME=vethac110002 \
             IFLA_LINKINFO{IFLA_INFO_KIND=veth IFLA_INFO_DATA{VETH_INFO_PEER{IFLA_ADDRESS=02:42:ac:11:00:02 \
             IFLA_MTU=1400 IFLA_NET_NS_FD=4 IFLA_IFNAME=eth0}}}",
        ),
        (
            "nft-element-get",
            "NFT_MSG_GETSETELEM nfgen_family=2 NFTA_SET_ELEM_LIST_SET=publish_on NFTA_SET_ELEM_LIST_TABLE=pontoon \
             NFTA_SET_ELEM_LIST_ELEMENTS{NFTA_LIST_ELEM{NFTA_SET_ELEM_KEY{NFTA_DATA_VALUE=0a0102030600000000500000}}}",
        ),
        ("nft-generation", "NFT_MSG_GETGEN"),
    ];
    for (name, line) in expected {
        assert_eq!(lines(name), [line], "{name}");
    }
    assert_eq!(
        lines("nft-table-again"),
        [
            "NFNL_MSG_BATCH_BEGIN",
            "NFT_MSG_NEWTABLE NLM_F_EXCL nfgen_family=2 NFTA_TABLE_NAME=other NFTA_TABLE_FLAGS=0x0",
            "NFT_MSG_DELTABLE nfgen_family=2 NFTA_TABLE_NAME=other",
            "NFNL_MSG_BATCH_END",
        ]
    );
}

#[test]
fn replies() {
    assert_eq!(lines("replies-nsids").last().unwrap(), "NLMSG_DONE error=0");
    assert_eq!(
        lines("refusal-mtu-small"),
        [
            "RTM_NEWLINK ifi_index=2 IFLA_MTU=1",
            r#"NLMSG_ERROR error=-22 NLMSGERR_ATTR_MSG="mtu less than device minimum""#,
        ]
    );
    assert_eq!(
        lines("blamed")[1],
        r#"NLMSG_ERROR error=-34 NLMSGERR_ATTR_MSG="Attribute failed policy validation" NLMSGERR_ATTR_OFFS=32"#
    );
    assert_eq!(
        lines("replies-routes-inside")[1],
        "RTM_NEWROUTE rtm_family=2 rtm_dst_len=16 rtm_table=254 rtm_protocol=2 rtm_scope=253 rtm_type=1 RTA_TABLE=254 \
         RTA_DST=172.17.0.0 RTA_PREFSRC=172.17.0.2 RTA_OIF=3"
    );
    assert_eq!(
        lines("replies-nft").iter().find(|line| line.contains("CHAIN_NAME=output")).unwrap(),
        "NFT_MSG_NEWCHAIN nfgen_family=2 NFTA_CHAIN_TABLE=pontoon NFTA_CHAIN_NAME=output 2=3 \
         NFTA_CHAIN_HOOK{NFTA_HOOK_HOOKNUM=3 NFTA_HOOK_PRIORITY=-100} NFTA_CHAIN_POLICY=1 NFTA_CHAIN_TYPE=nat 10=1 6=1"
    );
    let port = lines("replies-links").into_iter().find(|line| line.contains("IFLA_INFO_SLAVE_KIND=bridge")).unwrap();
    let parts = ["IFLA_INFO_SLAVE_DATA{IFLA_BRPORT_STATE=", "IFLA_BRPORT_MODE=1", "IFLA_INET6_ADDR_GEN_MODE=0}}"];
    assert!(parts.iter().all(|part| port.contains(part)), "{port}");
}

/// No message of a capture is without a name.
#[test]
fn all_captures_have_names() {
    for name in captured::names("") {
        for line in lines(&name) {
            assert!(!line.starts_with("type "), "{name}: {line}");
        }
    }
}
