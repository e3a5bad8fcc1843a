//! `scripts/bench publish`: what publishing a port costs, and what a connection through one, with one port published and with
//! five thousand, beside rules as Docker lays them out: for each port one that translates, one that accepts, and one that
//! masquerades what comes from the container itself, appended by a process each.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss)]

#[path = "../support/mod.rs"]
mod support;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use support::{Host, finish};

const ROUNDS: usize = 50;
/// Sandboxes, and how many ports each publishes.
const SANDBOXES: u16 = 5;
const PORTS: u16 = 1000;
const FIRST: u16 = 10_000;
const LAST: u16 = FIRST + SANDBOXES * PORTS - 1;
/// The port that is published and withdrawn again.
const ONE_MORE: u16 = 20_000;
/// A measurement of connections is over after so many, or so long; and how many there are.
const CONNECTIONS: u32 = 4000;
const PATIENCE: Duration = Duration::from_secs(4);
const RATES: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", port] => return serve(port.parse().unwrap()),
        ["ask", to] => return ask(to.parse().unwrap()),
        _ => {}
    }
    // `cargo test --benches` and `cargo bench` both come here; only the second, through scripts/bench, is to measure.
    if std::env::var("PONTOON_BENCH").as_deref() != Ok("publish") {
        println!("run by scripts/bench");
        return;
    }
    let (none, none_docker) = (Pontoon::new(), Docker::new());
    let (full, full_docker) = (Pontoon::new(), Docker::new());
    let filling = Instant::now();
    full.fill(FIRST..=LAST);
    let (filling, loading) = (filling.elapsed(), Instant::now());
    full_docker.fill(FIRST..=LAST);
    let loading = loading.elapsed();

    // They take turns, so that whatever else the machine does happens to both; not all four, for the kernel is still busy
    // with the rules of a chain of thousands when the process that changed it is gone.
    let publish = format!("-p {ONE_MORE}:80");
    let [plain, plain_full, publish, publish_full] = medians(
        ROUNDS,
        [&|| none.connect(""), &|| full.connect(""), &|| none.connect(&publish), &|| full.connect(&publish)],
    );
    let [rules, rules_full] = medians(ROUNDS, [&|| none_docker.publish(), &|| full_docker.publish()]);
    none.fill(LAST..=LAST);
    none_docker.fill(LAST..=LAST);
    let hosts = [&none.host, &none_docker.host, &full.host, &full_docker.host];
    let servers = hosts.map(Server::start);
    let rates = medians(RATES, hosts.map(|host| move || rate(host)).each_ref().map(|rate| rate as &dyn Fn() -> f64));
    drop(servers);

    let count = format!("{} ports", SANDBOXES * PORTS);
    println!("medians of {ROUNDS} and {RATES}; rules by {}", full_docker.rules.version(&full_docker.host));
    println!("{:<36}{:>12}{count:>12}{:>8}", "", "no port", "ratio");
    let line = |name: &str, few: f64, many: f64, digits: usize| {
        println!("{name:<36}{few:>12.digits$}{many:>12.digits$}{:>8.2}", many / few);
    };
    line("pontoon: connect, ms", plain, plain_full, 2);
    line("pontoon: connect -p, ms", publish, publish_full, 2);
    line("rules: three processes, ms", rules, rules_full, 2);
    println!("{:<36}{:>12}{count:>12}{:>8}", "", "one port", "ratio");
    let [one, rules_one, last, rules_last] = rates;
    line("pontoon: connections a second", one, last, 0);
    line("rules: connections a second", rules_one, rules_last, 0);
    println!(
        "filled with {count}: pontoon {} ms, rules {} ms (from one file)",
        filling.as_millis(),
        loading.as_millis()
    );
    println!(
        "with {count}: rules / connect -p, time: {:.1}   pontoon / rules, connections: {:.1}",
        rules_full / publish_full,
        last / rules_last
    );
    for pontoon in [none, full] {
        pontoon.host.ok("network rm -f bench");
    }
}

/// A host with this program's network and sandboxes.
struct Pontoon {
    host: Host,
}

impl Pontoon {
    fn new() -> Self {
        let host = Host::new();
        host.ok("network create --subnet 10.99.0.0/16 -o com.docker.network.bridge.name=br0 bench");
        prepare(&host);
        host.sandbox("more");
        Self { host }
    }

    /// What attaching a sandbox costs that publishes what `publish` says, in milliseconds.
    fn connect(&self, publish: &str) -> f64 {
        let start = Instant::now();
        self.host.ok(&format!("network connect {publish} bench more"));
        let time = milliseconds(start.elapsed());
        self.host.ok("network disconnect bench more");
        time
    }

    fn fill(&self, ports: std::ops::RangeInclusive<u16>) {
        for (n, first, last) in shares(ports) {
            let range = format!("{first}-{last}");
            self.host.ok(&format!("network connect --ip {} -p {range}:{range} bench s{n}", address(n)));
        }
    }
}

/// A host with a bridge as Docker sets one up, and rules as Docker's.
struct Docker {
    host: Host,
    rules: Rules,
}

impl Docker {
    fn new() -> Self {
        let host = Host::new();
        host.sh("ip link add br0 type bridge; ip addr add 10.99.0.1/16 dev br0; ip link set br0 up
                 echo 1 > /proc/sys/net/ipv4/ip_forward");
        prepare(&host);
        for n in 0..SANDBOXES {
            host.sh(&format!("ip link add v{n} master br0 up type veth peer name eth0 netns s{n}"));
            let address = address(n);
            host.sh_in(
                &format!("s{n}"),
                &format!("ip link set lo up; ip addr add {address}/16 dev eth0; ip link set eth0 up; ip route add default via 10.99.0.1"),
            );
        }
        let has = |tool: &str| host.run("sh", &["-c", &format!("command -v {tool}")]).code == 0;
        let rules = if has("iptables") && has("iptables-restore") { Rules::Iptables } else { Rules::Nft };
        rules.lay_out(&host);
        Self { host, rules }
    }

    /// What the rules of one more port cost, in milliseconds.
    fn publish(&self) -> f64 {
        let commands = self.rules.of_port(address(0), ONE_MORE, 80);
        let start = Instant::now();
        for command in &commands {
            let words: Vec<_> = command.split_whitespace().collect();
            self.host.run(self.rules.tool(), &words).ok();
        }
        let time = milliseconds(start.elapsed());
        self.rules.withdraw(&self.host, &commands);
        time
    }

    fn fill(&self, ports: std::ops::RangeInclusive<u16>) {
        let mut commands = Vec::new();
        for (n, first, last) in shares(ports) {
            commands.extend((first..=last).flat_map(|port| self.rules.of_port(address(n), port, port)));
        }
        self.rules.load(&self.host, &commands);
    }
}

/// The tool that makes rules.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    Iptables,
    Nft,
}

impl Rules {
    fn tool(self) -> &'static str {
        if self == Self::Iptables { "iptables" } else { "nft" }
    }

    fn version(self, host: &Host) -> String {
        host.run(self.tool(), &["--version"]).ok().trim().to_owned()
    }

    /// What Docker has before there is any published port.
    fn lay_out(self, host: &Host) {
        let text = if self == Self::Iptables {
            "*nat\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\n:DOCKER -\n\
             -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n\
             -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER\n\
             -A POSTROUTING -s 10.99.0.0/16 ! -o br0 -j MASQUERADE\n\
             -A DOCKER -i br0 -j RETURN\nCOMMIT\n\
             *filter\n:FORWARD DROP\n:DOCKER -\n:DOCKER-USER -\n:DOCKER-ISOLATION-STAGE-1 -\n:DOCKER-ISOLATION-STAGE-2 -\n\
             -A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-ISOLATION-STAGE-1\n\
             -A FORWARD -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n\
             -A FORWARD -o br0 -j DOCKER\n-A FORWARD -i br0 ! -o br0 -j ACCEPT\n-A FORWARD -i br0 -o br0 -j ACCEPT\n\
             -A DOCKER-USER -j RETURN\n\
             -A DOCKER-ISOLATION-STAGE-1 -i br0 ! -o br0 -j DOCKER-ISOLATION-STAGE-2\n-A DOCKER-ISOLATION-STAGE-1 -j RETURN\n\
             -A DOCKER-ISOLATION-STAGE-2 -o br0 -j DROP\n-A DOCKER-ISOLATION-STAGE-2 -j RETURN\nCOMMIT\n"
        } else {
            "flush ruleset
             table ip nat {
                 chain DOCKER { iifname br0 return; }
                 chain PREROUTING { type nat hook prerouting priority -100; fib daddr type local jump DOCKER; }
                 chain OUTPUT { type nat hook output priority -100; ip daddr != 127.0.0.0/8 fib daddr type local jump DOCKER; }
                 chain POSTROUTING { type nat hook postrouting priority 100; ip saddr 10.99.0.0/16 oifname != br0 masquerade; }
             }
             table ip filter {
                 chain DOCKER { }
                 chain USER { return; }
                 chain STAGE-1 { iifname br0 oifname != br0 jump STAGE-2; return; }
                 chain STAGE-2 { oifname br0 drop; return; }
                 chain FORWARD { type filter hook forward priority 0; policy drop; jump USER; jump STAGE-1
                     oifname br0 ct state related,established accept; oifname br0 jump DOCKER
                     iifname br0 oifname != br0 accept; iifname br0 oifname br0 accept; }
             }"
        };
        self.restore(host, text);
    }

    /// The arguments of the commands that publish a port, in Docker's order.
    fn of_port(self, target: Ipv4Addr, host_port: u16, port: u16) -> [String; 3] {
        if self == Self::Iptables {
            [
                format!(
                    "--wait -t nat -A DOCKER -p tcp -d 0/0 --dport {host_port} -j DNAT --to-destination {target}:{port} ! -i br0"
                ),
                format!("--wait -t filter -A DOCKER ! -i br0 -o br0 -p tcp -d {target} --dport {port} -j ACCEPT"),
                format!("--wait -t nat -A POSTROUTING -p tcp -s {target} -d {target} --dport {port} -j MASQUERADE"),
            ]
        } else {
            [
                format!("add rule ip nat DOCKER iifname != br0 tcp dport {host_port} dnat to {target}:{port}"),
                format!(
                    "add rule ip filter DOCKER iifname != br0 oifname br0 ip daddr {target} tcp dport {port} accept"
                ),
                format!("add rule ip nat POSTROUTING ip saddr {target} ip daddr {target} tcp dport {port} masquerade"),
            ]
        }
    }

    /// Loads the rules of many ports at once.
    fn load(self, host: &Host, commands: &[String]) {
        let text = if self == Self::Iptables {
            let of_table = |table: &str| {
                let start = format!("--wait -t {table} ");
                commands.iter().filter_map(|line| line.strip_prefix(&start)).collect::<Vec<_>>().join("\n")
            };
            format!("*nat\n{}\nCOMMIT\n*filter\n{}\nCOMMIT\n", of_table("nat"), of_table("filter"))
        } else {
            commands.join("\n")
        };
        self.restore(host, &text);
    }

    fn restore(self, host: &Host, text: &str) {
        // What is laid out anew flushes; what is filled in does not.
        let script = match self {
            Self::Iptables if text.contains(":DOCKER -") => "iptables-restore",
            Self::Iptables => "iptables-restore --noflush",
            Self::Nft => "nft -f -",
        };
        let mut child = host.command("sh").args(["-ec", script]).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success(), "{script}");
    }

    /// Takes back what was appended last.
    fn withdraw(self, host: &Host, commands: &[String]) {
        for command in commands {
            if self == Self::Iptables {
                let words: Vec<_> =
                    command.split_whitespace().map(|word| if word == "-A" { "-D" } else { word }).collect();
                host.run("iptables", &words).ok();
            } else {
                let chain = command.split_whitespace().skip(2).take(3).collect::<Vec<_>>().join(" ");
                let delete = format!(
                    "nft delete rule {chain} handle $(nft -a list chain {chain} | sed -n 's/.*# handle //p' | tail -1)"
                );
                host.sh(&delete);
            }
        }
    }
}

/// The sandboxes, and a host outside.
fn prepare(host: &Host) {
    host.sh("ip link set lo up");
    host.wire("outside", Ipv4Addr::new(192, 0, 2, 2).into(), "2001:db8::2".parse().unwrap());
    for n in 0..SANDBOXES {
        host.sandbox(&format!("s{n}"));
    }
}

/// The sandboxes that publish `ports`: number, first, last.
fn shares(ports: std::ops::RangeInclusive<u16>) -> impl Iterator<Item = (u16, u16, u16)> {
    let (from, to) = ports.into_inner();
    (0..SANDBOXES).filter_map(move |n| {
        let first = (FIRST + n * PORTS).max(from);
        let last = (FIRST + (n + 1) * PORTS - 1).min(to);
        (first <= last).then_some((n, first, last))
    })
}

fn address(n: u16) -> Ipv4Addr {
    Ipv4Addr::new(10, 99, 1, u8::try_from(n).unwrap() + 2)
}

/// Connections a second through the last port.
fn rate(host: &Host) -> f64 {
    let mut command = host.command_in("outside", &this_program());
    let said = finish(command.args(["ask", &format!("192.0.2.1:{LAST}")])).ok();
    said.trim().parse().unwrap()
}

/// The other end of the connections, in the last sandbox.
struct Server(Child);

impl Server {
    fn start(host: &Host) -> Self {
        let sandbox = format!("s{}", SANDBOXES - 1);
        let mut command = host.command_in(&sandbox, &this_program());
        let mut child = command.args(["serve", &LAST.to_string()]).stdout(Stdio::piped()).spawn().unwrap();
        // It says a byte once it listens.
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn this_program() -> String {
    std::env::current_exe().unwrap().to_str().unwrap().to_owned()
}

/// As a process of its own: says one byte to each that comes.
fn serve(port: u16) {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).unwrap();
    print!("!");
    std::io::stdout().flush().unwrap();
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { continue };
        let _ = stream.write_all(b"!");
        // The client ends it: whoever does so keeps the port.
        let _ = stream.read(&mut [0]);
    }
}

/// As a process of its own: connects, hears the byte, and is gone, again and again; prints how many times a second.
fn ask(to: SocketAddr) {
    let (start, mut count) = (Instant::now(), 0_u32);
    while count < CONNECTIONS && start.elapsed() < PATIENCE {
        let mut stream = TcpStream::connect_timeout(&to, PATIENCE).unwrap();
        stream.read_exact(&mut [0]).unwrap();
        // Reset, so that no port of ours is kept for a minute.
        rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
        count += 1;
    }
    println!("{}", f64::from(count) / start.elapsed().as_secs_f64());
}

/// The median of each measurement, which are made in turns.
fn medians<const N: usize>(rounds: usize, measurements: [&dyn Fn() -> f64; N]) -> [f64; N] {
    let mut results = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (results, measure) in results.iter_mut().zip(measurements) {
            results.push(measure());
        }
    }
    results.map(|mut results| {
        results.sort_by(f64::total_cmp);
        results.get(results.len() / 2).copied().unwrap_or_default()
    })
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
