//! ICMP echo packets: requests built, replies recognized.
//!
//! # Source
//! RFC 792, RFC 4443 section 4, RFC 1071 (checksum).

use std::time::Duration;

use crate::types::family::Family;

/// Type, code, checksum, id, sequence number.
pub const HEADER_LEN: usize = 8;

/// The largest amount of data: what fits into an IPv4 packet behind its header and ours.
pub const MAX_SIZE: u16 = 65_535 - 20 - 8;

/// The object of the error when no socket for them can be opened; where that is not permitted, root is more than it takes.
pub const SOCKET: &str = "an ICMP socket (it takes CAP_NET_RAW, or a group in net.ipv4.ping_group_range)";

const REQUEST: u8 = 8;
const REPLY: u8 = 0;
const REQUEST_V6: u8 = 128;
const REPLY_V6: u8 = 129;

/// One conversation: requests that differ in their sequence number, and the replies to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Echo {
    /// ICMP or `ICMPv6`.
    pub family: Family,
    /// The id of the packets; none where the socket chooses it, and hands out only what is its own.
    pub id: Option<u16>,
    /// Random: two senders may have the same id, and see each other's replies.
    pub token: [u8; 4],
    /// Bytes of data behind the header.
    pub size: usize,
}

/// A reply to one of our requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply {
    /// The request's sequence number.
    pub sequence: u16,
    /// Microseconds since it was sent; none when the data is too short to tell.
    pub elapsed: Option<u32>,
}

impl Echo {
    /// Makes `packet` a request with the time in it, by its low bits, and the token behind them; as much of that as there is room
    /// for. `now` is the time since some moment that [`Echo::read`] counts from, too.
    pub fn request(&self, packet: &mut Vec<u8>, sequence: u16, now: Duration) {
        let kind = match self.family {
            Family::V4 => REQUEST,
            Family::V6 => REQUEST_V6,
        };
        packet.clear();
        packet.extend_from_slice(&[kind, 0, 0, 0]);
        packet.extend_from_slice(&self.id.unwrap_or_default().to_be_bytes());
        packet.extend_from_slice(&sequence.to_be_bytes());
        packet.extend_from_slice(&microseconds(now).to_be_bytes());
        packet.extend_from_slice(&self.token);
        packet.resize(HEADER_LEN + self.size, 0);
        // The kernel fills in ICMPv6's, which covers addresses that only it knows.
        let sum = if self.family == Family::V6 { 0 } else { checksum(packet) };
        for (to, from) in packet.iter_mut().skip(2).zip(sum.to_be_bytes()) {
            *to = from;
        }
    }

    /// Reads an ICMP packet; none when it is no reply to a request of this conversation.
    #[must_use]
    pub fn read(&self, packet: &[u8], now: Duration) -> Option<Reply> {
        let kind = match self.family {
            Family::V4 => REPLY,
            Family::V6 => REPLY_V6,
        };
        let (header, data) = packet.split_at_checked(HEADER_LEN)?;
        let [.., id_high, id_low, high, low] = header else { return None };
        let ours = data.len() == self.size
            && header.starts_with(&[kind, 0])
            && self.id.is_none_or(|id| id == u16::from_be_bytes([*id_high, *id_low]))
            && data.get(4..8).is_none_or(|token| self.token == token);
        let sent = data.first_chunk().map(|sent| u32::from_be_bytes(*sent));
        let elapsed = sent.map(|sent| microseconds(now).wrapping_sub(sent));
        ours.then(|| Reply { sequence: u16::from_be_bytes([*high, *low]), elapsed })
    }
}

/// Microseconds, by their low 32 bits: more than an hour.
fn microseconds(time: Duration) -> u32 {
    u32::try_from(time.as_micros() & 0xffff_ffff).unwrap_or_default()
}

/// The complement of the ones' complement sum of the 16-bit words.
fn checksum(packet: &[u8]) -> u16 {
    let word =
        |pair: &[u8]| u16::from_be_bytes([pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0)]);
    let words = packet.chunks(2).map(|pair| u32::from(word(pair)));
    let mut sum = words.fold(0_u32, u32::wrapping_add);
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !u16::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECHO: Echo = Echo { family: Family::V4, id: Some(0x1234), token: [1, 2, 3, 4], size: 56 };

    fn at(microseconds: u64) -> Duration {
        Duration::from_micros(microseconds)
    }

    fn request(echo: &Echo, sequence: u16, time: u64) -> Vec<u8> {
        let mut packet = vec![0xff; 3];
        echo.request(&mut packet, sequence, at(time));
        packet
    }

    fn answered(echo: &Echo, sequence: u16, time: u64) -> Vec<u8> {
        let mut packet = request(echo, sequence, time);
        packet.splice(..1, [if echo.family == Family::V6 { REPLY_V6 } else { REPLY }]);
        packet
    }

    #[test]
    fn the_checksum_makes_the_sum_all_ones() {
        for size in [0, 1, 55, 56, usize::from(MAX_SIZE)] {
            assert_eq!(checksum(&request(&Echo { size, ..ECHO }, 7, 99)), 0, "{size}");
        }
        // RFC 1071's own example.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
    }

    #[test]
    fn a_reply_tells_its_sequence_and_how_long_it_took() {
        for family in Family::BOTH {
            let echo = Echo { family, ..ECHO };
            let packet = answered(&echo, 65_535, u64::from(u32::MAX));
            assert_eq!(
                echo.read(&packet, at(u64::from(u32::MAX) + 125)),
                Some(Reply { sequence: 65_535, elapsed: Some(125) })
            );
        }
        let short = Echo { size: 3, ..ECHO };
        assert_eq!(short.read(&answered(&short, 1, 5), at(9)), Some(Reply { sequence: 1, elapsed: None }));
    }

    #[test]
    fn what_is_not_ours_is_no_reply() {
        let packet = answered(&ECHO, 1, 0);
        assert_eq!(ECHO.read(&request(&ECHO, 1, 0), at(0)), None, "our own request, as the loopback device shows it");
        assert_eq!(Echo { id: Some(1), ..ECHO }.read(&packet, at(0)), None);
        assert_eq!(Echo { token: [0; 4], ..ECHO }.read(&packet, at(0)), None);
        assert_eq!(Echo { size: 57, ..ECHO }.read(&packet, at(0)), None);
        assert_eq!(Echo { family: Family::V6, ..ECHO }.read(&packet, at(0)), None);
        assert!(Echo { id: None, ..ECHO }.read(&packet, at(0)).is_some());
        assert_eq!(ECHO.read(packet.get(..20).unwrap_or_default(), at(0)), None);
        assert_eq!(ECHO.read(&[], at(0)), None);
    }
}
