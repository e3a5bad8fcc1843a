//! Prefixes, as `ip` prints and reads them.

use std::net::IpAddr;

use super::number::ip;
use crate::types::family::Family;
use crate::types::subnet::Subnet;

/// A prefix and its length; no address stands for the default route.
pub type Prefix = (Option<IpAddr>, u8);

/// A prefix; of a whole address without its length.
pub fn prefix(address: IpAddr, len: u8) -> String {
    if len == Family::of(address).width() { ip(address) } else { format!("{}/{len}", ip(address)) }
}

/// Reads a prefix as `ip route` takes it: `default`, an address, or an address and a length.
pub fn parse_prefix(text: &str) -> Option<Prefix> {
    if matches!(text, "default" | "any" | "all") {
        return Some((None, 0));
    }
    let (address, len) = text.split_once('/').map_or((text, None), |(address, len)| (address, Some(len)));
    let address: IpAddr = address.parse().ok()?;
    let all = Family::of(address).width();
    let len = len.map_or(Some(all), |len| len.parse().ok().filter(|len| *len <= all))?;
    // The kernel keeps no bits behind the prefix.
    Some((Some(Subnet::around(address, len).network()), len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_lose_their_host_bits() {
        assert_eq!(parse_prefix("default"), Some((None, 0)));
        assert_eq!(parse_prefix("10.1.2.3/8"), Some((Some(IpAddr::from([10, 0, 0, 0])), 8)));
        assert_eq!(parse_prefix("10.1.2.3"), Some((Some(IpAddr::from([10, 1, 2, 3])), 32)));
        assert_eq!(parse_prefix("0.0.0.0/0"), Some((Some(IpAddr::from([0, 0, 0, 0])), 0)));
        assert_eq!(parse_prefix("10.0.0.0/33"), None);
        assert_eq!(parse_prefix("nope"), None);
    }
}
