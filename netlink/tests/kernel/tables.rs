//! Tables, chains, sets and rules: `nft` must print ours as it prints its own.

use pontoon_netlink::batch::Place;
use pontoon_netlink::message::NLM_F_EXCL;
use pontoon_netlink::netfilter::chain::Chain;
use pontoon_netlink::netfilter::set::Set;
use pontoon_netlink::netfilter::table::Table;
use pontoon_netlink::netfilter::{NFPROTO_IPV4, NFPROTO_IPV6, chain, generation, rule, set, table};

use crate::socket::Socket;
use crate::support::namespace::{inside, sh};
use crate::support::ruleset::{self, TABLE};
use crate::{EEXIST, ENOENT};

/// What nft prints: as text, as instructions, as JSON without the numbers that only count.
fn printed(family: u8) -> [String; 3] {
    let name = if family == NFPROTO_IPV4 { "ip" } else { "ip6" };
    [
        sh(&format!("nft list table {name} pontoon")),
        sh(&format!("nft --debug=netlink list table {name} pontoon")),
        sh(&format!("nft -j list table {name} pontoon | sed 's/\"handle\": [0-9]*/\"handle\": 0/g'")),
    ]
}

#[test]
fn nft_prints_our_rule_set_as_the_designs() {
    if !inside("tables::nft_prints_our_rule_set_as_the_designs", &["nft"]) {
        return;
    }
    let mut socket = Socket::open();
    for family in [NFPROTO_IPV4, NFPROTO_IPV6] {
        std::fs::write("/run/design", ruleset::text(family)).unwrap();
        sh("nft -f /run/design");
        let theirs = printed(family);
        socket.commit(&[table::delete(family, TABLE)]);
        assert_eq!(sh("nft list tables"), "");

        socket.commit(&ruleset::requests(family));
        let ours = printed(family);
        for (theirs, ours) in theirs.iter().zip(&ours) {
            assert_eq!(theirs, ours);
        }
        // nft reads back what it prints.
        sh("nft list ruleset >/run/ours; nft -c -f /run/ours");

        // Once more, in one transaction.
        let again = [vec![table::new(family, TABLE), table::delete(family, TABLE)], ruleset::requests(family)].concat();
        socket.commit(&again);
        assert_eq!(printed(family)[0], ours[0]);
        socket.commit(&[table::delete(family, TABLE)]);
    }
}

#[test]
fn what_is_there_can_be_asked_for() {
    if !inside("tables::what_is_there_can_be_asked_for", &["nft"]) {
        return;
    }
    let mut socket = Socket::open();
    socket.commit(&ruleset::requests(NFPROTO_IPV4));
    sh(
        "nft 'table inet other { flags dormant; chain forward { type filter hook forward priority 5; policy drop; }; }'",
    );

    let tables = socket.ask(&table::dump(0), Table::parse).unwrap();
    let uses = tables[0].uses;
    assert!(uses >= 13, "{uses}");
    let ours = Table { family: NFPROTO_IPV4, name: TABLE.to_owned(), flags: 0, uses };
    let other = Table { family: 1, name: "other".to_owned(), flags: table::NFT_TABLE_F_DORMANT, uses: 1 };
    assert_eq!(tables, [ours.clone(), other]);
    assert_eq!(socket.ask(&table::get(NFPROTO_IPV4, TABLE), Table::parse), Ok(vec![ours]));
    assert_eq!(socket.ask(&table::get(NFPROTO_IPV6, TABLE), Table::parse), Err(ENOENT));

    let chains = socket.ask(&chain::dump(0), Chain::parse).unwrap();
    let names: Vec<&str> = chains.iter().map(|chain| chain.name.as_str()).collect();
    assert_eq!(names, ["guard", "prerouting", "output", "publish", "postrouting", "forward", "forward"]);
    let drops = Chain {
        family: 1,
        table: "other".to_owned(),
        name: "forward".to_owned(),
        kind: Some("filter".to_owned()),
        hook: Some((chain::NF_INET_FORWARD, 5)),
        policy: Some(0),
    };
    assert_eq!(chains[6], drops);
    assert_eq!(socket.ask(&chain::get(1, "other", "forward"), Chain::parse), Ok(vec![drops]));
    assert_eq!(chains[0].hook, Some((chain::NF_INET_PRE_ROUTING, -300)));
    assert_eq!((chains[3].kind.as_deref(), chains[3].hook, chains[3].policy), (None, None, None));
    assert_eq!(socket.ask(&chain::get(NFPROTO_IPV4, TABLE, "x"), Chain::parse), Err(ENOENT));

    let sets = socket.ask(&set::dump(NFPROTO_IPV4, TABLE), Set::parse).unwrap();
    assert_eq!(sets.len(), 7);
    let map = sets.iter().find(|set| set.name == "publish_on").unwrap();
    assert_eq!((map.key, map.data, map.flags), ((0x730d, 12), Some((0x1cd, 8)), set::NFT_SET_MAP));
    assert_eq!(socket.ask(&set::get(NFPROTO_IPV4, TABLE, "publish_on"), Set::parse), Ok(vec![map.clone()]));
    assert_eq!(socket.ask(&set::get(NFPROTO_IPV4, TABLE, "x"), Set::parse), Err(ENOENT));
}

#[test]
fn a_refused_batch_changes_nothing_and_says_what_was_wrong() {
    use pontoon_netlink::netfilter::expression::Expression::{Accept, In, Jump, Map};
    if !inside("tables::a_refused_batch_changes_nothing_and_says_what_was_wrong", &["nft"]) {
        return;
    }
    let mut socket = Socket::open();
    socket.commit(&[table::new(NFPROTO_IPV4, TABLE), chain::new(NFPROTO_IPV4, TABLE, "a", None)]);
    let before = sh("nft list ruleset");

    let v4 = NFPROTO_IPV4;
    let mut exclusive = table::new(v4, TABLE);
    exclusive.add_flags(NLM_F_EXCL);
    let nowhere = chain::Base { kind: "nowhere", hook: 0, priority: 0, policy: 1 };
    let fine = table::new(v4, "fine");
    let refused = socket.refused(&[
        fine.clone(),
        exclusive,
        chain::new(v4, "none", "a", None),
        chain::new(v4, TABLE, "b", Some(&nowhere)),
        rule::append(v4, TABLE, "none", &[Accept]),
        rule::append(v4, TABLE, "a", &[In { from: 1, set: "none" }]),
        rule::append(v4, TABLE, "a", &[Accept, Jump("none")]),
        rule::append(v4, TABLE, "a", &[Map { from: 99, map: "", to: 1 }]),
        table::delete(v4, "none"),
        fine.clone(),
    ]);
    let names: Vec<(Place, i32, Option<&str>)> = refused.iter().map(|(p, e, n)| (*p, *e, n.as_deref())).collect();
    let expression = Some("NFTA_LIST_ELEM of an expression");
    assert_eq!(
        names,
        [
            (Place::Change(1), EEXIST, Some("NFTA_TABLE_NAME")),
            (Place::Change(2), ENOENT, Some("NFTA_CHAIN_TABLE")),
            (Place::Change(3), ENOENT, Some("NFTA_CHAIN_TYPE")),
            (Place::Change(4), ENOENT, Some("NFTA_RULE_CHAIN")),
            (Place::Change(5), ENOENT, expression),
            (Place::Change(6), ENOENT, expression),
            (Place::Change(7), ENOENT, expression),
            (Place::Change(8), ENOENT, Some("NFTA_TABLE_NAME")),
        ]
    );
    assert_eq!(sh("nft list ruleset"), before);

    // The last change is answered once, also when it is the one that fails.
    assert_eq!(socket.refused(&[fine, table::delete(v4, "none")]).len(), 1);
    assert_eq!(sh("nft list ruleset"), before);
}

#[test]
fn a_batch_for_another_generation_is_refused() {
    if !inside("tables::a_batch_for_another_generation_is_refused", &["nft"]) {
        return;
    }
    let mut socket = Socket::open();
    let generation = socket.ask(&generation::get(), generation::parse).unwrap()[0];
    let change = [table::new(NFPROTO_IPV4, TABLE)];
    assert_eq!(socket.batch(&change, Some(generation)).0, []);
    let (refused, _) = socket.batch(&change, Some(generation));
    assert_eq!(
        refused.iter().map(|(place, ack)| (*place, ack.errno)).collect::<Vec<_>>(),
        [(Place::Begin, libc::ERESTART)]
    );
    let next = socket.ask(&generation::get(), generation::parse).unwrap()[0];
    assert_ne!(next, generation);
    sh("nft add table ip6 x");
    assert_eq!(socket.batch(&change, Some(next)).0[0].0, Place::Begin);
}

/// Without the right to change this namespace (it belongs to another user namespace), the whole batch is refused.
#[test]
fn without_permission_the_beginning_is_refused() {
    if std::env::var_os("PONTOON_TEST_POWERLESS").is_some() {
        let (refused, _) = Socket::open().batch(&ruleset::requests(NFPROTO_IPV4), None);
        let refused: Vec<(Place, i32)> = refused.iter().map(|(place, ack)| (*place, ack.errno)).collect();
        assert_eq!(refused, [(Place::Begin, libc::EPERM)]);
        return;
    }
    let test = "tables::without_permission_the_beginning_is_refused";
    if !inside(test, &["nft"]) {
        return;
    }
    let exe = std::env::current_exe().unwrap();
    let said = sh(&format!("PONTOON_TEST_POWERLESS=1 unshare -U {} --exact {test} --nocapture", exe.display()));
    assert!(said.contains("1 passed"), "{said}");
    assert_eq!(sh("nft list ruleset"), "");
}
