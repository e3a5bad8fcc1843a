//! What `-p` takes and refuses, and what becomes of it.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::error::GivenFor;

fn spec(text: &str) -> Vec<String> {
    let wanted = text.parse::<PortSpec>().unwrap().expand();
    wanted.into_iter().map(|wanted| wanted.on(wanted.host_port.unwrap_or_default()).to_string()).collect()
}

fn refusal(text: &str) -> String {
    let error = text.parse::<PortSpec>().given_for("-p", text).unwrap_err();
    assert_eq!(error.exit_code(), 1, "{text}");
    error.to_string()
}

#[test]
fn what_docker_takes_is_taken() {
    for (given, expected) in [
        ("80", "0:80/tcp"),
        (":80", "0:80/tcp"),
        ("8080:80", "8080:80/tcp"),
        ("8080:80/udp", "8080:80/udp"),
        ("8080:80/SCTP", "8080:80/sctp"),
        ("65535:1", "65535:1/tcp"),
        ("127.0.0.1:8080:80", "127.0.0.1:8080:80/tcp"),
        ("127.0.0.1::80", "127.0.0.1:0:80/tcp"),
        ("0.0.0.0:8080:80", "0.0.0.0:8080:80/tcp"),
        ("[::]:8080:80", "[::]:8080:80/tcp"),
        ("[fd00::1]::80/udp", "[fd00::1]:0:80/udp"),
        ("[::ffff:10.0.0.1]:8080:80", "10.0.0.1:8080:80/tcp"),
    ] {
        assert_eq!(spec(given), [expected], "{given}");
    }
}

#[test]
fn a_range_is_each_of_its_ports() {
    assert_eq!(spec("8080-8082:80-82/udp"), ["8080:80/udp", "8081:81/udp", "8082:82/udp"]);
    assert_eq!(spec("80-81"), ["0:80/tcp", "0:81/tcp"]);
    assert_eq!(spec("7-7:9"), ["7:9/tcp"]);
    assert_eq!(spec("10.0.0.1:65534-65535:1-2"), ["10.0.0.1:65534:1/tcp", "10.0.0.1:65535:2/tcp"]);
    assert_eq!("1-65535:1-65535".parse::<PortSpec>().unwrap().expand().len(), 65535);
}

#[test]
fn what_is_wrong_is_refused_and_said() {
    for (given, said) in [
        ("", "HOSTPORT[-END]"),
        ("x", "ports from 1 to 65535"),
        ("0", "ports from 1 to 65535"),
        ("65536", "ports from 1 to 65535"),
        ("0:80", "ports from 1 to 65535"),
        ("80:65536", "ports from 1 to 65535"),
        ("-80", "ports from 1 to 65535"),
        ("+80", "ports from 1 to 65535"),
        ("80-", "ports from 1 to 65535"),
        ("80-81-82", "ports from 1 to 65535"),
        ("8080:", "ports from 1 to 65535"),
        (" 80", "ports from 1 to 65535"),
        ("82-80", "end is not before its start"),
        ("8080-8081:80", "as many ports"),
        ("8080:80-81", "as many ports"),
        ("8080-8082:80-81", "as many ports"),
        ("80/icmp", "protocol tcp, udp or sctp"),
        ("80/", "protocol tcp, udp or sctp"),
        ("80/tcp/udp", "protocol tcp, udp or sctp"),
        ("localhost:8080:80", "IPv6 address in brackets"),
        ("256.0.0.1:8080:80", "IPv6 address in brackets"),
        ("fd00::1:8080:80", "IPv6 address in brackets"),
        ("[10.0.0.1]:8080:80", "IPv6 address in brackets"),
        ("[fd00::1:8080:80", "IPv6 address in brackets"),
        ("[fe80::1%eth0]:8080:80", "IPv6 address in brackets"),
        ("10.0.0.1:1:8080:80", "IPv6 address in brackets"),
        ("[::1]:8080:80", "::1, which the kernel cannot translate"),
    ] {
        let text = refusal(given);
        assert!(text.contains(said), "{given}: {text}");
    }
}

#[test]
fn a_port_of_a_sandbox() {
    assert_eq!(inner_port("80").unwrap(), (80, Protocol::Tcp));
    assert_eq!(inner_port("53/udp").unwrap(), (53, Protocol::Udp));
    for bad in ["", "0", "80-81", "8080:80", "10.0.0.1::80", "80/x"] {
        assert_eq!(inner_port(bad).given_for("PORT", bad).unwrap_err().exit_code(), 1, "{bad}");
    }
}

#[test]
fn a_binding_acts_on_the_families_that_it_and_the_endpoint_have() {
    let published = |text: &str| {
        let wanted = text.parse::<PortSpec>().unwrap().expand().remove(0);
        wanted.on(wanted.host_port.unwrap())
    };
    let listed = |text: &str, v4, v6| {
        let all = spelled_out(&[published(text)], PerFamily { v4, v6 });
        all.iter().map(PublishedPort::socket).collect::<Vec<_>>()
    };
    assert_eq!(listed("1:2", true, true), ["0.0.0.0:1", "[::]:1"]);
    assert_eq!(listed("1:2", true, false), ["0.0.0.0:1"]);
    assert_eq!(listed("1:2", false, true), ["[::]:1"]);
    assert_eq!(listed("0.0.0.0:1:2", true, true), ["0.0.0.0:1"]);
    assert_eq!(listed("[::]:1:2", true, true), ["[::]:1"]);
    assert_eq!(listed("127.0.0.1:1:2", true, true), ["127.0.0.1:1"]);
    assert_eq!(listed("[fd00::1]:1:2", true, true), ["[fd00::1]:1"]);
    assert!(listed("[fd00::1]:1:2", true, false).is_empty());
}

#[test]
fn the_record_is_read_back() {
    let mut ports = Vec::new();
    for text in ["8080:80", "127.0.0.1:53:53/udp", "[::]:1-3:1-3/sctp", "0.0.0.0:9:9"] {
        for wanted in text.parse::<PortSpec>().unwrap().expand() {
            ports.push(wanted.on(wanted.host_port.unwrap()));
        }
    }
    let record = PublishedPorts {
        device: "vethac110002".to_owned(),
        index: 7,
        ports,
        ipv4: Some([172, 17, 0, 2].into()),
        ipv6: None,
    };
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<PublishedPorts>(&text).unwrap(), record);
    for torn in [
        "{}",
        r#"{"device":"v","index":7}"#,
        r#"{"device":"v","index":-7,"ports":[]}"#,
        r#"{"device":"v","index":7,"ports":["80"]}"#,
        r#"{"device":"v","index":7,"ports":["x"]}"#,
        r#"{"device":"v","index":7,"ports":[80]}"#,
    ] {
        assert!(serde_json::from_str::<PublishedPorts>(torn).is_err(), "{torn}");
    }
}

#[test]
fn protocols_have_their_numbers() {
    assert_eq!(Protocol::ALL.map(Protocol::number), [6, 17, 132]);
}

#[test]
fn what_is_published_is_compared_as_a_set() {
    let compare = |published: &[&str], asked: &[&str]| {
        let published: Vec<PublishedPort> =
            published.iter().map(|text| PublishedPort::try_from((*text).to_owned()).unwrap()).collect();
        let asked: Vec<PortSpec> = asked.iter().map(|text| text.parse().unwrap()).collect();
        differences(&published, &asked, None)
    };
    let none: [&str; 0] = [];
    assert_eq!(compare(&["8080:80", "81:80"], &["81:80", "8080:80"]), none, "in whatever order");
    assert_eq!(compare(&["8080:80"], &["8080:80", "81:80"]), ["-p 81:80/tcp is not published"]);
    assert_eq!(compare(&["8080:80", "81:80"], &["81:80"]), ["8080:80/tcp is published, but was not asked for"]);
    assert_eq!(compare(&[], &["[::]::80/udp"]), ["-p [::]::80/udp is not published"]);
    assert_eq!(compare(&["8080:80"], &[]).len(), 1);
    // One of any port takes what those that name theirs leave.
    assert_eq!(compare(&["8080:80", "49152:80"], &["80", "8080:80"]), none);
    assert_eq!(compare(&["127.0.0.1:8080:80"], &["8080:80"]).len(), 2, "of one address is not of every address");
    assert_eq!(compare(&[], &["1-20:1-20"]).last().unwrap(), "and 12 ports more");
    let lan = Some("10.0.0.1".parse().unwrap());
    let published = [PublishedPort::try_from("10.0.0.1:80:80".to_owned()).unwrap()];
    assert_eq!(differences(&published, &["80:80".parse().unwrap()], lan), none, "the network's own host address");
}
