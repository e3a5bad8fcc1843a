//! The lines of `ping`, as busybox prints them.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::plain::printable;
use crate::diagnose::ping::{Heard, Ping, Statistics};

/// The first line.
#[must_use]
pub fn head(ping: &Ping) -> String {
    let host = printable(&ping.host);
    let from = ping.source.map(|source| format!(" from {source}")).unwrap_or_default();
    format!("PING {host} ({host}){from}: {} data bytes\n", ping.size)
}

/// One reply.
#[must_use]
pub fn reply(heard: &Heard) -> String {
    let mut line = format!("{} bytes from {}: seq={}", heard.len, heard.from, heard.reply.sequence);
    // Writing to a string cannot fail.
    if let Some(ttl) = heard.ttl {
        let _ = write!(line, " ttl={ttl}");
    }
    if let Some(elapsed) = heard.reply.elapsed {
        let _ = write!(line, " time={} ms", milliseconds(elapsed));
    }
    line.push_str(if heard.duplicate { " (DUP!)\n" } else { "\n" });
    line
}

/// The last lines.
#[must_use]
pub fn tail(host: &str, statistics: &Statistics) -> String {
    let host = printable(host);
    let Statistics { transmitted, received, duplicates, .. } = statistics;
    let mut out =
        format!("\n--- {host} ping statistics ---\n{transmitted} packets transmitted, {received} packets received, ");
    if *duplicates > 0 {
        let _ = write!(out, "{duplicates} duplicates, ");
    }
    let _ = writeln!(out, "{}% packet loss", statistics.loss());
    if statistics.times > 0 {
        let [min, avg, max] = [statistics.shortest, statistics.average(), statistics.longest].map(milliseconds);
        let _ = writeln!(out, "round-trip min/avg/max = {min}/{avg}/{max} ms");
    }
    out
}

fn milliseconds(microseconds: u32) -> String {
    format!("{}.{:03}", microseconds / 1000, microseconds % 1000)
}

/// All of it as JSON; times in microseconds.
#[must_use]
pub fn json(host: &str, statistics: &Statistics) -> Value {
    let mut json = Map::new();
    json.insert("host".to_owned(), host.into());
    let counts = [
        ("transmitted", statistics.transmitted),
        ("received", statistics.received),
        ("duplicates", statistics.duplicates),
        ("loss", statistics.loss()),
    ];
    json.extend(counts.map(|(key, count)| (key.to_owned(), count.into())));
    if statistics.times > 0 {
        let times = [("min_us", statistics.shortest), ("avg_us", statistics.average()), ("max_us", statistics.longest)];
        json.extend(times.map(|(key, time)| (key.to_owned(), time.into())));
    }
    Value::Object(json)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::diagnose::echo::Reply;

    #[test]
    fn the_lines_are_busyboxs() {
        let mut statistics = Statistics { transmitted: 2, ..Statistics::default() };
        statistics.count(Some(125), false);
        statistics.count(Some(135), false);
        let ping = Ping {
            host: "172.17.0.3".to_owned(),
            address: [172, 17, 0, 3].into(),
            count: 2,
            patience: Duration::ZERO,
            interval: Duration::ZERO,
            source: None,
            device: None,
            size: 56,
            from: None,
        };
        assert_eq!(head(&ping), "PING 172.17.0.3 (172.17.0.3): 56 data bytes\n");
        let first = Reply { sequence: 0, elapsed: Some(125) };
        let heard = Heard { len: 64, from: ping.address, reply: first, ttl: Some(64), duplicate: false };
        assert_eq!(reply(&heard), "64 bytes from 172.17.0.3: seq=0 ttl=64 time=0.125 ms\n");
        let expected = "\n--- 172.17.0.3 ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\n\
                        round-trip min/avg/max = 0.125/0.130/0.135 ms\n";
        assert_eq!(tail("172.17.0.3", &statistics), expected);
    }
}
