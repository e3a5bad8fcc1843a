//! What `network connect` costs: system calls, datagrams, no dump; with one endpoint and with nine hundred alike.
//!
//! Not counted are a debug build's checks of its descriptors, `fcntl`, and what glibc calls before `main` and musl, with which the
//! executable is shipped, does not: the shipped one is counted whole.

use crate::support::{Host, executable, needs};

/// The lines that strace writes of a command that succeeds.
fn calls(host: &Host, line: &str) -> Vec<String> {
    let words: Vec<_> = line.split_whitespace().collect();
    host.run("strace", &[&["-qq", "-o", "/run/trace", executable()], &words[..]].concat()).ok();
    let text = host.sh("cat /run/trace; rm /run/trace");
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("fcntl(")).collect();
    let glibc = lines.iter().any(|line| line.starts_with("openat(AT_FDCWD, \"/proc/self/maps\""));
    // The last that std calls before `main`.
    let main = lines.iter().position(|line| line.starts_with("rt_sigaction(SIGBUS, {")).unwrap();
    let (start, rest) = lines.split_at(main);
    let start = start.iter().filter(|line| !(glibc && is_glibc_start(line)));
    start.chain(rest).map(|line| (*line).to_owned()).collect()
}

/// Break, stack limits, robust futexes, restartable sequences, its own path and the stack's bounds, which glibc reads in
/// `/proc/self/maps`.
fn is_glibc_start(call: &str) -> bool {
    let calls =
        ["brk(", "prlimit64(", "set_robust_list(", "rseq(", "readlink(\"/proc/self/exe\"", "sched_getaffinity("];
    let maps = ["openat(AT_FDCWD, \"/proc/self/maps\"", "newfstatat(", "read(", "close("];
    calls.iter().chain(&maps).any(|start| call.starts_with(start))
}

/// A look-up of one element in a set: `NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM`, without `NLM_F_DUMP`.
fn is_firewall(call: &str) -> bool {
    (call.contains("nlmsg_type=0xa0d") || call.contains("NFT_MSG_GETSETELEM"))
        && call.contains("nlmsg_flags=NLM_F_REQUEST,")
}

fn check(calls: &[String], addresses: usize) {
    assert!(calls.len() <= 90, "{} calls:\n{}", calls.len(), calls.join("\n"));
    let sent: Vec<_> =
        calls.iter().filter(|call| call.starts_with("sendto(") || call.starts_with("sendmsg(")).collect();
    // Each address is announced.
    let (announced, sent): (Vec<_>, Vec<_>) = sent.into_iter().partition(|call| call.contains("sa_family=AF_PACKET"));
    assert_eq!(announced.len(), addresses, "{announced:#?}");
    // Three change something; one a family looks whether the firewall still stands.
    let (looks, mut sent): (Vec<_>, Vec<_>) = sent.into_iter().partition(|call| is_firewall(call));
    // Types come in fours, of which the third gets. In a namespace that is not its own strace knows the numbers only.
    let types = |call: &String| -> Vec<String> {
        let types = call.split("nlmsg_type=").skip(1);
        types.map(|rest| rest.split([',', ' ']).next().unwrap().to_owned()).collect()
    };
    let gets = |kind: &String| match kind.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16).unwrap() & 3 == 2,
        None => !kind.starts_with("RTM_NEW"),
    };
    // The last asks whether the port forwards: of the port and its bridge, by index, no dump.
    let asked = sent.pop().unwrap();
    let asked_types = types(asked);
    assert!(asked_types.len() == 2 && asked_types.iter().all(gets) && !asked.contains("NLM_F_DUMP"), "{asked}");
    assert_eq!(asked.matches("nlmsg_flags=NLM_F_REQUEST,").count(), 2, "{asked}");
    assert!((1..=3).contains(&sent.len()) && (1..=2).contains(&looks.len()), "{looks:#?} {sent:#?}");
    // Nothing else is asked for, so nothing is dumped.
    let types: Vec<String> = sent.iter().copied().flat_map(types).collect();
    assert!(types.len() >= 5 && !types.iter().any(gets), "{sent:#?}");
}

#[test]
#[ignore = "needs strace and ip (iproute2)"]
fn connecting_costs_the_same_with_one_endpoint_and_with_nine_hundred() {
    needs(&["strace", "ip"]);
    let host = Host::new();
    host.ok("network create -o com.docker.network.bridge.name=lan0 lan");
    for n in 1..=4 {
        host.sandbox(&format!("c{n}"));
    }
    host.ok("network connect lan c1");
    let few = calls(&host, "network connect lan c2");
    check(&few, 1);
    // Nine hundred leases, as others would have made them; the third finds its way past them, the fourth need not.
    host.sh("for n in $(seq 4 903); do
                 printf 'link add veth%08x master lan0 type veth peer name p%d\\n' $((0xac110000 + n)) $n
             done | ip -batch -");
    host.ok("network connect lan c3");
    assert_eq!(host.addresses("c3"), ["172.17.3.136"]);
    let many = calls(&host, "network connect lan c4");
    check(&many, 1);
    let names =
        |calls: &[String]| calls.iter().map(|call| call.split('(').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&many), names(&few));
    println!("network connect: {} system calls", few.len());
}

#[test]
#[ignore = "needs strace"]
fn a_dual_stack_connect_costs_as_many_datagrams() {
    needs(&["strace"]);
    let host = Host::new();
    host.ok("network create --ipv6 lan");
    for sandbox in ["c1", "c2"] {
        host.sandbox(sandbox);
    }
    // The first makes the directories of the records.
    host.ok("network connect lan c1");
    let calls = calls(&host, "network connect lan c2");
    check(&calls, 2);
    println!("network connect, both families: {} system calls", calls.len());
}
