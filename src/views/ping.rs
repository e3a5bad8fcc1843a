//! The lines of `ping`, as busybox prints them.

use std::fmt::Write;

use crate::json::Json;

/// What has been sent and received so far. Times in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Requests sent.
    pub transmitted: u32,
    /// Replies received, each sequence number once.
    pub received: u32,
    /// Replies received again.
    pub duplicates: u32,
    /// Times measured.
    pub times: u32,
    /// The shortest of them.
    pub shortest: u32,
    /// The longest of them.
    pub longest: u32,
    /// Their sum.
    pub sum: u64,
}

impl Statistics {
    /// Counts a reply.
    pub fn count(&mut self, elapsed: Option<u32>, duplicate: bool) {
        *(if duplicate { &mut self.duplicates } else { &mut self.received }) += 1;
        let Some(elapsed) = elapsed else { return };
        self.shortest = if self.times == 0 { elapsed } else { self.shortest.min(elapsed) };
        self.longest = self.longest.max(elapsed);
        self.sum += u64::from(elapsed);
        self.times += 1;
    }

    /// Percent of the requests that no reply came to, rounded down.
    #[must_use]
    pub fn loss(&self) -> u32 {
        let lost = u64::from(self.transmitted.saturating_sub(self.received));
        u32::try_from((lost * 100).checked_div(self.transmitted.into()).unwrap_or_default()).unwrap_or_default()
    }

    fn average(&self) -> u32 {
        u32::try_from(self.sum.checked_div(self.times.into()).unwrap_or_default()).unwrap_or_default()
    }
}

/// The first line.
#[must_use]
pub fn head(host: &str, source: Option<&str>, size: usize) -> String {
    let (from, source) = source.map_or(("", ""), |source| (" from ", source));
    format!("PING {host} ({host}){from}{source}: {size} data bytes\n")
}

/// One reply, of `len` bytes with the header.
#[must_use]
pub fn reply(len: usize, from: &str, sequence: u16, ttl: Option<u8>, elapsed: Option<u32>, duplicate: bool) -> String {
    let mut line = format!("{len} bytes from {from}: seq={sequence}");
    // Writing to a string cannot fail.
    if let Some(ttl) = ttl {
        let _ = write!(line, " ttl={ttl}");
    }
    if let Some(elapsed) = elapsed {
        line.push_str(" time=");
        milliseconds(&mut line, elapsed);
        line.push_str(" ms");
    }
    line.push_str(if duplicate { " (DUP!)\n" } else { "\n" });
    line
}

/// The last lines.
#[must_use]
pub fn tail(host: &str, statistics: &Statistics) -> String {
    let Statistics { transmitted, received, duplicates, .. } = statistics;
    let mut out =
        format!("\n--- {host} ping statistics ---\n{transmitted} packets transmitted, {received} packets received, ");
    if *duplicates > 0 {
        let _ = write!(out, "{duplicates} duplicates, ");
    }
    let _ = writeln!(out, "{}% packet loss", statistics.loss());
    if statistics.times > 0 {
        let times = [statistics.shortest, statistics.average(), statistics.longest];
        for (before, time) in ["round-trip min/avg/max = ", "/", "/"].into_iter().zip(times) {
            out.push_str(before);
            milliseconds(&mut out, time);
        }
        out.push_str(" ms\n");
    }
    out
}

fn milliseconds(out: &mut String, microseconds: u32) {
    let _ = write!(out, "{}.{:03}", microseconds / 1000, microseconds % 1000);
}

/// All of it as JSON; times in microseconds.
#[must_use]
pub fn json(host: &str, statistics: &Statistics) -> Json {
    let mut json = Json::object([
        ("host", host.into()),
        ("transmitted", statistics.transmitted.into()),
        ("received", statistics.received.into()),
        ("duplicates", statistics.duplicates.into()),
        ("loss", statistics.loss().into()),
    ]);
    if statistics.times > 0 {
        json.push("min_us", statistics.shortest);
        json.push("avg_us", statistics.average());
        json.push("max_us", statistics.longest);
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_are_busyboxs() {
        let mut statistics = Statistics { transmitted: 2, ..Statistics::default() };
        statistics.count(Some(125), false);
        statistics.count(Some(135), false);
        assert_eq!(head("172.17.0.3", None, 56), "PING 172.17.0.3 (172.17.0.3): 56 data bytes\n");
        assert_eq!(
            reply(64, "172.17.0.3", 0, Some(64), Some(125), false),
            "64 bytes from 172.17.0.3: seq=0 ttl=64 time=0.125 ms\n"
        );
        let expected = "\n--- 172.17.0.3 ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\n\
                        round-trip min/avg/max = 0.125/0.130/0.135 ms\n";
        assert_eq!(tail("172.17.0.3", &statistics), expected);
    }

    #[test]
    fn losses_are_rounded_down_and_nothing_sent_is_nothing_lost() {
        let lost = |transmitted, received| Statistics { transmitted, received, ..Statistics::default() }.loss();
        assert_eq!((lost(0, 0), lost(3, 2), lost(3, 0), lost(1, 2)), (0, 33, 100, 0));
    }
}
