//! ICMP echo packets: requests built, replies recognized.
//!
//! # Source
//! RFC 792, RFC 4443 section 4, RFC 1071 (checksum).

use pontoon_netlink::bytes;

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
    /// `ICMPv6` instead of ICMP.
    pub v6: bool,
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
    /// A request with the low bits of the time in it, and the token behind them; as much of that as there is room for.
    #[must_use]
    pub fn request(&self, sequence: u16, now_us: u64) -> Vec<u8> {
        let mut packet = vec![if self.v6 { REQUEST_V6 } else { REQUEST }, 0, 0, 0];
        packet.extend_from_slice(&self.id.unwrap_or_default().to_be_bytes());
        packet.extend_from_slice(&sequence.to_be_bytes());
        packet.extend_from_slice(&low(now_us).to_be_bytes());
        packet.extend_from_slice(&self.token);
        packet.resize(HEADER_LEN + self.size, 0);
        // The kernel fills in ICMPv6's, which covers addresses that only it knows.
        let sum = if self.v6 { 0 } else { checksum(&packet) };
        for (to, from) in packet.iter_mut().skip(2).zip(sum.to_be_bytes()) {
            *to = from;
        }
        packet
    }

    /// Reads an ICMP packet; none when it is no reply to a request of this conversation.
    #[must_use]
    pub fn read(&self, packet: &[u8], now_us: u64) -> Option<Reply> {
        let be16 = |offset| u16::from_be_bytes(bytes::array(packet, offset));
        let kind = if self.v6 { REPLY_V6 } else { REPLY };
        let ours = packet.len() == HEADER_LEN + self.size
            && packet.starts_with(&[kind, 0])
            && self.id.is_none_or(|id| id == be16(4))
            && (self.size < 8 || self.token == bytes::array::<4>(packet, HEADER_LEN + 4));
        let sent = u32::from_be_bytes(bytes::array(packet, HEADER_LEN));
        let elapsed = (self.size >= 4).then(|| low(now_us).wrapping_sub(sent));
        ours.then(|| Reply { sequence: be16(6), elapsed })
    }
}

fn low(now_us: u64) -> u32 {
    let [a, b, c, d, ..] = now_us.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// The complement of the ones' complement sum of the 16-bit words.
fn checksum(packet: &[u8]) -> u16 {
    let words = packet.chunks(2).map(|pair| u32::from(u16::from_be_bytes(bytes::array(pair, 0))));
    let mut sum = words.fold(0_u32, u32::wrapping_add);
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !u16::try_from(sum).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ECHO: Echo = Echo { v6: false, id: Some(0x1234), token: [1, 2, 3, 4], size: 56 };

    fn answered(echo: &Echo, sequence: u16, at: u64) -> Vec<u8> {
        let mut packet = echo.request(sequence, at);
        packet.splice(..1, [if echo.v6 { REPLY_V6 } else { REPLY }]);
        packet
    }

    #[test]
    fn the_checksum_makes_the_sum_all_ones() {
        for size in [0, 1, 55, 56, usize::from(MAX_SIZE)] {
            assert_eq!(checksum(&Echo { size, ..ECHO }.request(7, 99)), 0, "{size}");
        }
        // RFC 1071's own example.
        assert_eq!(checksum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]), !0xddf2);
    }

    #[test]
    fn a_reply_tells_its_sequence_and_how_long_it_took() {
        for v6 in [false, true] {
            let echo = Echo { v6, ..ECHO };
            let packet = answered(&echo, 65_535, u64::from(u32::MAX));
            assert_eq!(
                echo.read(&packet, u64::from(u32::MAX) + 125),
                Some(Reply { sequence: 65_535, elapsed: Some(125) })
            );
        }
        let short = Echo { size: 3, ..ECHO };
        assert_eq!(short.read(&answered(&short, 1, 5), 9), Some(Reply { sequence: 1, elapsed: None }));
    }

    #[test]
    fn what_is_not_ours_is_no_reply() {
        let packet = answered(&ECHO, 1, 0);
        assert_eq!(ECHO.read(&ECHO.request(1, 0), 0), None, "our own request, as the loopback device shows it");
        assert_eq!(Echo { id: Some(1), ..ECHO }.read(&packet, 0), None);
        assert_eq!(Echo { token: [0; 4], ..ECHO }.read(&packet, 0), None);
        assert_eq!(Echo { size: 57, ..ECHO }.read(&packet, 0), None);
        assert_eq!(Echo { v6: true, ..ECHO }.read(&packet, 0), None);
        assert!(Echo { id: None, ..ECHO }.read(&packet, 0).is_some());
        assert_eq!(ECHO.read(packet.get(..20).unwrap_or_default(), 0), None);
        assert_eq!(ECHO.read(&[], 0), None);
    }
}
