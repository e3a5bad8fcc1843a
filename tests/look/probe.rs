//! `probe`: what the kernel can do; and, as `check` too, whose chains are in the way.

use crate::support::{Host, executable, finish, needs};
use serde_json::Value;

const OTHERS: &str = "table ip filter { chain DOCKER-USER { }; chain FORWARD { type filter hook forward priority 0; policy drop; }; }
table inet strict { chain f { type filter hook forward priority 5; policy drop; }; chain i { type filter hook input priority 0; policy drop; }; }
table inet firewalld { chain filter_FORWARD { type filter hook forward priority 10; policy accept; }; }
table ip6 open { chain f { type filter hook forward priority 0; policy accept; }; }
table ip6 asleep { flags dormant; chain f { type filter hook forward priority 0; policy drop; }; }";

const DROPS: &str = "has policy drop: it drops traffic of our networks unless its rules let it pass; \
                     an accept in our table cannot override it. (";

/// Runs probe with some system calls failing: what `strace` calls an injection.
fn with_fault(host: &Host, fault: &str) -> crate::support::Output {
    finish(host.command("strace").args(["-o", "/dev/null", "-e", &format!("inject={fault}"), executable(), "probe"]))
}

/// The lines that say `no`.
fn missing(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("no   ")).collect()
}

#[test]
fn this_kernel_has_it_all_and_nothing_is_left_behind() {
    let host = Host::new();
    let before = host.traces();
    let text = host.ok("probe");
    let names: Vec<_> =
        text.lines().map(|line| line.strip_prefix("yes  ").unwrap_or_else(|| panic!("{text}"))).collect();
    assert_eq!(names.len(), 21, "{text}");

    let json: Vec<Value> = serde_json::from_str(&host.ok("probe --json")).unwrap();
    assert_eq!(json.iter().map(|entry| entry["feature"].as_str().unwrap()).collect::<Vec<_>>(), names);
    assert!(json.iter().all(|entry| entry["available"] == true && entry["config"].is_string()));
    assert_eq!(json[2]["config"], "CONFIG_VETH");
    assert_eq!(json[2]["without"], "network connect");

    assert_eq!(host.traces(), before);
    host.fails(1, "probe veth");
    host.fails(1, "probe --all");
}

#[test]
#[ignore = "needs nft (nftables)"]
fn no_table_is_left_behind() {
    needs(&["nft"]);
    let host = Host::new();
    host.ok("probe");
    assert_eq!(host.sh("nft list ruleset"), "");
}

#[test]
#[ignore = "needs strace"]
fn what_is_missing_is_named() {
    needs(&["strace"]);
    let host = Host::new();
    assert_eq!(
        missing(&with_fault(&host, "fsopen:error=ENOSYS").ok()),
        ["detached procfs: needs CONFIG_PROC_FS, Linux 5.2; without it no use without a mounted /proc"]
    );
    let text = with_fault(&host, "setsockopt:error=ENOPROTOOPT").ok();
    let options = missing(&text);
    assert!(
        options.contains(&"extended acks: needs Linux 4.12; without it no reasons in the kernel's words"),
        "{text}"
    );
    assert!(options.iter().any(|row| row.starts_with("strict dump checking: needs Linux 4.20; ")), "{text}");

    // No namespaces: nothing can be tried. One of the basics: all the rest can.
    let output = with_fault(&host, "unshare:error=EINVAL");
    assert_eq!((output.code, output.err.as_str()), (3, ""));
    assert_eq!(output.out, "no   network namespaces: needs CONFIG_NET_NS; without it no sandboxes\n");
    assert_eq!(host.devices(""), ["lo"]);
    let error = with_fault(&host, "unshare:error=EPERM").fails(2);
    assert!(error.starts_with("pontoon: probe: cannot create a network namespace: EPERM"), "{error}");
    // Tried a second time, without a master, as before 4.11.
    let output = with_fault(&host, "sendto:error=EOPNOTSUPP:when=3..4");
    assert_eq!((output.code, output.err.as_str()), (3, ""));
    assert_eq!(missing(&output.out)[0], "veth: needs CONFIG_VETH; without it no network connect");
    // The right to try is no feature of the kernel.
    let error = with_fault(&host, "sendto:error=EPERM:when=2").fails(2);
    assert!(error.starts_with("pontoon: probe: cannot try bridge: EPERM"), "{error}");
}

#[test]
#[ignore = "needs nft (nftables)"]
fn the_chains_of_others_that_drop_are_named_and_left_alone() {
    let host = Host::new();
    needs(&["nft"]);
    host.sh(&format!("nft '{OTHERS}'"));
    let before = host.sh("nft -j list ruleset");

    let expected = [
        format!("note: table inet strict, chain f {DROPS}Docker: "),
        "note: table inet firewalld, chain filter_FORWARD rejects traffic of our networks".to_owned(),
        format!(
            "note: table ip filter, chain FORWARD {DROPS}Docker: 'iptables -I DOCKER-USER -i br-… -o OUTWARD -j ACCEPT'"
        ),
    ];
    for verb in ["probe", "check"] {
        let text = host.ok(verb);
        let notes: Vec<_> = text.lines().filter(|line| line.starts_with("note: ")).collect();
        assert_eq!(notes.len(), 3, "{text}");
        for note in &expected {
            assert!(notes.iter().any(|line| line.starts_with(note)), "{note}: {text}");
        }
        assert_eq!(missing(&text), [] as [&str; 0]);
    }

    let all: Vec<Value> = serde_json::from_str(&host.ok("-j probe")).unwrap();
    let chains: Vec<_> = all.iter().filter(|entry| entry["available"] == false).collect();
    assert!(chains.len() == 3 && chains.iter().all(|chain| chain["feature"] == "forwarding"));
    let check: Value = serde_json::from_str(&host.ok("-j check")).unwrap();
    assert_eq!(check["notes"].as_array().unwrap().len(), 3);

    assert_eq!(host.sh("nft -j list ruleset"), before);
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn who_switched_forwarding_on_is_told() {
    needs(&["ip"]);
    for (before, says, sentence) in [
        ("0", "was switched on by pontoon", "packets between other interfaces are not forwarded, as before"),
        ("1", "was on before pontoon", "packets between other interfaces stay forwarded"),
    ] {
        let host = Host::new();
        host.sh(&format!(
            "for conf in ipv4/ip_forward ipv6/conf/all/forwarding; do echo {before} > /proc/sys/net/$conf; done"
        ));
        let notes = |verb: &str| -> Vec<String> {
            // Where forwarding is off, `check` finds something else than is configured.
            let output = host.pontoon(&[verb]);
            assert!(matches!(output.code, 0 | 4), "{output:?}");
            output.out.lines().filter(|line| line.starts_with("note: /proc/sys/")).map(str::to_owned).collect()
        };
        assert_eq!(notes("probe"), [] as [&str; 0]);
        host.ok("network create lan");
        let of = |path: &str| format!("note: /proc/sys/{path} {says}: {sentence}");
        for verb in ["probe", "check"] {
            assert_eq!(notes(verb), [of("net/ipv4/ip_forward")]);
        }
        host.ok("network create --ipv6 six");
        for verb in ["probe", "check"] {
            assert_eq!(notes(verb), [of("net/ipv4/ip_forward"), of("net/ipv6/conf/all/forwarding")]);
        }
        let all: Vec<Value> = serde_json::from_str(&host.ok("-j probe")).unwrap();
        assert!(all.iter().all(|entry| entry["available"] == true));
        // Somebody switched it off under us.
        host.sh("echo 0 > /proc/sys/net/ipv4/ip_forward");
        assert!(notes("check")[0].contains("ip_forward is off: nothing is forwarded"), "{:?}", notes("check"));
        // Nothing wants it any more.
        host.ok("network rm lan six");
        assert_eq!(notes("probe"), [] as [&str; 0]);
    }
}
