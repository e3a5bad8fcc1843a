//! What is refused: exit code, one line that names the object and what to do, and nothing left behind.

use crate::support::{Host, needs};
use serde_json::Value;

/// Runs each line, as text and with `-j`: it must fail with the code and in just these words, and change nothing.
fn refuse(host: &Host, cases: &[(i32, &str, &str)]) {
    for (code, line, words) in cases {
        let before = host.traces();
        let text = host.fails(*code, line);
        assert_eq!(host.traces(), before, "{line}");
        let subject: Vec<_> = text.splitn(3, ": ").take(2).collect();
        assert!(text.starts_with("pontoon: network ") && subject[1].contains(' '), "names the object: {text}");
        assert_eq!(text, format!("{}: {words}", subject.join(": ")), "{line}");
        let json: Value = serde_json::from_str(&host.fails(*code, &format!("-j {line}"))).unwrap();
        assert_eq!((json["exit"].as_i64().unwrap(), json["error"].as_str().unwrap()), (i64::from(*code), &text[9..]));
        assert_eq!(host.traces(), before, "-j {line}");
    }
}

#[test]
fn subnets() {
    let host = Host::new();
    host.ok("network create --subnet 10.1.0.0/16 lan");
    let cidr = "it must be a subnet such as 10.1.0.0/24 or fd00:1::/64";
    let host_bits = |text: &str, right: &str| {
        format!("--subnet: '{text}' is not valid: it must be a subnet without host bits, such as {right}")
    };
    let bad = |text: &str| format!("--subnet: '{text}' is not valid: {cidr}");
    refuse(
        &host,
        &[
            (
                2,
                "network create --subnet 10.1.2.0/24 two",
                "subnet 10.1.2.0/24 overlaps network lan (10.1.0.0/16). Choose another with --subnet.",
            ),
            (
                2,
                "network create --subnet 10.0.0.0/8 two",
                "subnet 10.0.0.0/8 overlaps network lan (10.1.0.0/16). Choose another with --subnet.",
            ),
            (1, "network create --subnet 10.2.0.5/24 two", &host_bits("10.2.0.5/24", "10.2.0.0/24")),
            (1, "network create --subnet fd00::1/64 two", &host_bits("fd00::1/64", "fd00::/64")),
            (1, "network create --subnet 10.2.0.0 two", &bad("10.2.0.0")),
            (1, "network create --subnet 10.2.0.0/33 two", &bad("10.2.0.0/33")),
            (1, "network create --subnet lan/24 two", &bad("lan/24")),
            (
                1,
                "network create --subnet 10.2.0.0/32 two",
                "--subnet: '10.2.0.0/32' is not valid: it must be large enough for a gateway and one sandbox",
            ),
            (
                1,
                "network create --subnet 10.2.0.0/24 --subnet 10.3.0.0/24 two",
                "--subnet: '10.3.0.0/24' is not valid: it must be the only one of its family: a bridge network has one IPv4 and one IPv6 subnet",
            ),
            (
                2,
                "network create --subnet 10.2.0.0/24 --gateway 10.3.0.1 two",
                "address 10.3.0.1 is not in subnet 10.2.0.0/24",
            ),
            (
                2,
                "network create --subnet 10.2.0.0/24 --gateway 10.2.0.0 two",
                "address 10.2.0.0 is the network address of 10.2.0.0/24",
            ),
            (
                2,
                "network create --subnet 10.2.0.0/24 --gateway 10.2.0.255 two",
                "address 10.2.0.255 is the broadcast address of 10.2.0.0/24",
            ),
            (
                1,
                "network create --subnet 10.2.0.0/24 --gateway ten two",
                "--gateway: 'ten' is not valid: it must be an address such as 10.1.0.1 or fd00:1::1",
            ),
            (
                1,
                "network create --subnet 10.2.0.0/24 --ip-range 10.3.0.0/25 two",
                "--ip-range: '10.3.0.0/25' is not valid: it must be the only one within subnet 10.2.0.0/24",
            ),
            (
                2,
                "network create --subnet 10.2.0.0/24 --aux-address a=10.3.0.1 two",
                "address 10.3.0.1 is not in subnet 10.2.0.0/24",
            ),
            (
                2,
                "network create --subnet 10.2.0.0/24 --gateway 10.2.0.1 --aux-address a=10.2.0.1 two",
                "address 10.2.0.1 is already in use: it is an --aux-address too",
            ),
        ],
    );
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn subnets_that_this_host_has_already() {
    needs(&["ip"]);
    let host = Host::new();
    host.sh("ip link add up0 type bridge; ip link set up0 up; ip addr add 192.0.2.7/24 dev up0
             ip route add 198.51.100.0/24 via 192.0.2.1; ip addr add fd00:7::1/64 dev up0 nodad");
    let overlaps = |subnet: &str, with: &str| {
        format!("subnet {subnet} overlaps {with} of this host. Choose another with --subnet.")
    };
    refuse(
        &host,
        &[
            (2, "network create --subnet 192.0.2.0/25 two", &overlaps("192.0.2.0/25", "address 192.0.2.7/24")),
            (
                2,
                "network create --subnet 198.51.0.0/16 two",
                &overlaps("198.51.0.0/16", "the route to 198.51.100.0/24"),
            ),
            (2, "network create --subnet fd00:7::/48 two", &overlaps("fd00:7::/48", "address fd00:7::1/64")),
        ],
    );
}

#[test]
fn addresses_and_interfaces() {
    let host = Host::new();
    host.sandbox("c1");
    host.sandbox("c2");
    host.ok("network create --subnet 10.1.0.0/24 lan");
    host.ok("network create --subnet fd00:1::/64 six");
    host.ok("network connect --ip 10.1.0.9 --ifname wan lan c1");
    host.ok("network connect --ifname dsl six c2");
    let connect = |options: &str| format!("network connect {options} lan c2");
    let name = "it must be an interface name: 1 to 15 bytes without '/', ':', '%' or spaces";
    refuse(
        &host,
        &[
            (2, &connect("--ip 10.2.0.1"), "address 10.2.0.1 is not in subnet 10.1.0.0/24"),
            (2, &connect("--ip 10.1.0.0"), "address 10.1.0.0 is the network address of 10.1.0.0/24"),
            (2, &connect("--ip 10.1.0.255"), "address 10.1.0.255 is the broadcast address of 10.1.0.0/24"),
            (2, &connect("--ip 10.1.0.1"), "address 10.1.0.1 is already in use: it is the gateway of the network"),
            (2, &connect("--ip 10.1.0.9"), "address 10.1.0.9 is already in use by lan/c1"),
            (2, &connect("--ip6 fd00::2"), "address fd00::2 needs an IPv6 subnet, which network lan has not"),
            (1, &connect("--ip fd00::2"), "--ip: 'fd00::2' is not valid: it must be an IPv4 address"),
            (
                1,
                &connect("--ip 10.1.0"),
                "--ip: '10.1.0' is not valid: it must be an address such as 10.1.0.1 or fd00:1::1",
            ),
            (1, &connect("--ifname 1234567890123456"), &format!("--ifname: '1234567890123456' is not valid: {name}")),
            (1, &connect("--ifname a/b"), &format!("--ifname: 'a/b' is not valid: {name}")),
            (2, &connect("--ifname dsl"), "interface dsl in sandbox c2 already exists. Choose another with --ifname."),
            (2, &connect("--ifname lo"), "interface lo in sandbox c2 already exists. Choose another with --ifname."),
            (2, "network connect lan c1", "sandbox c1 is already connected to network lan"),
            (
                2,
                "network connect --ensure --ip 10.1.0.10 lan c1",
                "the endpoint of sandbox c1 on network lan exists and differs: --ip is 10.1.0.9, not 10.1.0.10",
            ),
            (
                2,
                "network connect --ensure --ifname dsl lan c1",
                "the endpoint of sandbox c1 on network lan exists and differs: --ifname is wan, not dsl",
            ),
            (2, "network disconnect lan c2", "sandbox c2 is not connected to network lan"),
            (2, "network rm six", "network six has active endpoints: c2. Disconnect them, or use -f."),
        ],
    );
}

#[test]
fn names() {
    let host = Host::new();
    host.sandbox("c1");
    host.ok("network create lan");
    host.sh("echo text > /run/text");
    let missing = ". Create it with 'pontoon network create'; 'pontoon network ls' lists what there is.";
    let no_sandbox = ". Create it with 'pontoon ip netns add'; 'pontoon ip netns list' lists what there is.";
    let network_name = "it must be 1 to 64 letters, digits, '_', '.' or '-', and begin with a letter or digit";
    let no_namespace = "it must be a network namespace, which that file is not";
    refuse(
        &host,
        &[
            (
                2,
                "network create lan",
                "network lan already exists. Remove it with 'pontoon network rm', or use --ensure.",
            ),
            (2, "network inspect nope", &format!("network nope not found{missing}")),
            (2, "network connect nope c1", &format!("network nope not found{missing}")),
            (2, "network disconnect nope c1", &format!("network nope not found{missing}")),
            (2, "network rm nope", &format!("network nope not found{missing}")),
            (2, "network connect lan c9", &format!("sandbox c9 not found{no_sandbox}")),
            (2, "network disconnect lan c9", &format!("sandbox c9 not found{no_sandbox}")),
            (2, "network connect lan /run/nothing", "namespace file /run/nothing not found"),
            (1, "network connect lan /run/text", &format!("sandbox: '/run/text' is not valid: {no_namespace}")),
            (1, "network connect lan /run", &format!("sandbox: '/run' is not valid: {no_namespace}")),
            (
                1,
                "network connect lan /proc/self/ns/mnt",
                &format!("sandbox: '/proc/self/ns/mnt' is not valid: {no_namespace}"),
            ),
            (2, "network connect lan pid:999999999", "process 999999999 not found"),
            (1, "network connect lan pid:x", "sandbox: 'pid:x' is not valid: it must be 'pid:' and a process id"),
            (1, "network create ../x", &format!("network name: '../x' is not valid: {network_name}")),
            (1, "network create län", &format!("network name: 'län' is not valid: {network_name}")),
            (2, "network rm ../x", &format!("network ../x not found{missing}")),
            (
                1,
                "network create -o com.docker.network.bridge.name=a/b x",
                "com.docker.network.bridge.name: 'a/b' is not valid: \
            it must be an interface name: 1 to 15 bytes without '/', ':', '%' or spaces",
            ),
            (
                1,
                "network create -o com.docker.network.bridge.enable_icc=maybe x",
                "com.docker.network.bridge.enable_icc: 'maybe' is not valid: it must be 'true' or 'false'",
            ),
            (
                1,
                "network create -o com.docker.network.driver.mtu=67 x",
                "com.docker.network.driver.mtu: '67' is not valid: it must be a number of bytes from 68 to 65535",
            ),
            (
                1,
                "network create -d macvlan x",
                "--driver: 'macvlan' is not valid: it must be 'bridge', the only driver there is",
            ),
        ],
    );
    let error = host.fails(1, "network create -o com.docker.colour=red x");
    assert!(
        error.contains("one of the keys com.docker.network.bridge.name, com.docker.network.bridge.enable_icc, "),
        "{error}"
    );
}

#[test]
fn a_clean_host() {
    let host = Host::new();
    host.sandbox("c1");
    let missing = |name: &str| {
        format!(
            "network {name} not found. Create it with 'pontoon network create'; 'pontoon network ls' lists what there is."
        )
    };
    refuse(
        &host,
        &[
            (2, "network disconnect bridge c1", &missing("bridge")),
            (2, "network connect lan c1", &missing("lan")),
            (2, "network rm lan", &missing("lan")),
            (2, "network inspect bridge", &missing("bridge")),
            (2, "network connect --ip 10.0.0.1 bridge c1", "address 10.0.0.1 is not in subnet 172.17.0.0/16"),
            (
                1,
                "network connect bridge /proc/self/ns/net",
                "sandbox: '/proc/self/ns/net' is not valid: it must be another network namespace than the host's own",
            ),
        ],
    );
    let before = host.traces();
    for quiet in ["gc", "network prune -f", "network rm -f lan", "network ls -q"] {
        host.ok(quiet);
    }
    assert_eq!(host.traces(), before);
}

#[test]
fn the_last_address() {
    let host = Host::new();
    host.sandbox("c1");
    host.sandbox("c2");
    host.ok("network create --subnet 10.1.0.0/30 small");
    host.ok("network connect small c1");
    refuse(
        &host,
        &[(
            2,
            "network connect small c2",
            "no free address is left on network small (10.1.0.0/30). Disconnect a sandbox, or use a larger subnet.",
        )],
    );
}

#[test]
#[ignore = "needs ip (iproute2)"]
fn the_last_port_of_a_bridge() {
    needs(&["ip"]);
    let host = Host::new();
    host.sandbox("c1");
    host.sandbox("c2");
    host.ok("network create --subnet 10.2.0.0/16 -o com.docker.network.bridge.name=big0 big");
    host.sh("for n in $(seq 1022); do echo link add p$n master big0 type veth peer name q$n; done | ip -batch -");
    host.ok("network connect big c1");
    refuse(
        &host,
        &[(
            2,
            "network connect big c2",
            "bridge big0 has 1023 ports, as many as the kernel allows. Use another network.",
        )],
    );
}
