//! The lines of `ping`, as busybox prints them.

use core::fmt::Write;
use core::net::IpAddr;

use super::object::object;
use crate::json::Json;
use crate::network::echo::Reply;
use crate::prelude::*;

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
    /// Counts a reply. Apart from the loop that receives them, which would keep all of this on its stack.
    #[inline(never)]
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
pub fn head(host: Text, source: Option<Text>, size: usize) -> Text {
    let (from, source) = source.map_or(("", ""), |source| (" from ", source));
    text!("PING {host} ({host}){from}{source}: {size} data bytes\n")
}

/// Makes `line` that of one reply, of `len` bytes with the header.
pub fn reply(line: &mut String, len: usize, from: IpAddr, reply: &Reply, ttl: Option<u8>, duplicate: bool) {
    line.clear();
    // Writing to a string cannot fail.
    let _ = write!(line, "{len} bytes from {from}: seq={}", reply.sequence);
    if let Some(ttl) = ttl {
        let _ = write!(line, " ttl={ttl}");
    }
    if let Some(elapsed) = reply.elapsed {
        let _ = write!(line, " time={}.{:03} ms", elapsed / 1000, elapsed % 1000);
    }
    line.push_str(if duplicate { " (DUP!)\n" } else { "\n" });
}

/// The last lines.
#[must_use]
pub fn tail(host: Text, statistics: &Statistics) -> Text {
    let Statistics { transmitted, received, duplicates, shortest, longest, .. } = *statistics;
    let again = if duplicates > 0 { text!("{duplicates} duplicates, ") } else { "" };
    let mut times = "";
    if statistics.times > 0 {
        let (shortest, longest) = (milliseconds(shortest), milliseconds(longest));
        let average = milliseconds(statistics.average());
        times = text!("round-trip min/avg/max = {shortest}/{average}/{longest} ms\n");
    }
    let loss = statistics.loss();
    text!(
        "\n--- {host} ping statistics ---\n\
         {transmitted} packets transmitted, {received} packets received, {again}{loss}% packet loss\n{times}"
    )
}

fn milliseconds(microseconds: u32) -> Text {
    text!("{}.{:03}", microseconds / 1000, microseconds % 1000)
}

/// All of it as JSON; times in microseconds.
#[must_use]
pub fn json(host: Text, statistics: &Statistics) -> Json {
    object(&mut |json| {
        json.text("host", host).number("transmitted", statistics.transmitted);
        json.number("received", statistics.received).number("duplicates", statistics.duplicates);
        json.number("loss", statistics.loss());
        if statistics.times > 0 {
            json.number("min_us", statistics.shortest).number("avg_us", statistics.average());
            json.number("max_us", statistics.longest);
        }
    })
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
        let mut line = String::from("what was there before");
        let first = Reply { sequence: 0, elapsed: Some(125) };
        reply(&mut line, 64, IpAddr::from([172, 17, 0, 3]), &first, Some(64), false);
        assert_eq!(line, "64 bytes from 172.17.0.3: seq=0 ttl=64 time=0.125 ms\n");
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
