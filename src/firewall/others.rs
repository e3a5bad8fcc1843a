//! What other firewalls do to the traffic of our networks.
//!
//! Every base chain on the hook `forward` must let a packet pass, whoever made it: an accept of ours does not help where
//! another one drops. What iptables-legacy has is not among `nf_tables`' chains, and not seen here.

use crate::kernel::Rtnl;
use crate::kernel::nftables::{Chain, NF_DROP, NF_INET_FORWARD, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6};

/// A firewall that has a table of its own, which rejects by a last rule instead of a policy.
const FIREWALLD: &str = "firewalld";

/// How those that are known are told to let our bridges pass.
const REMEDY: &str = "; an accept in our table cannot override it. \
    (Docker: 'iptables -I DOCKER-USER -i br-… -o OUTWARD -j ACCEPT', and '-o br-… -j ACCEPT'; ufw: 'ufw route allow in on br-…', and out; \
    firewalld: 'firewall-cmd --zone=trusted --add-interface=br-…')";

/// A sentence for each chain, in the namespace that `rtnl` and this process are in, that may drop what our networks forward;
/// none where there is no `nf_tables`.
#[must_use]
pub fn find(rtnl: &Rtnl) -> Vec<String> {
    let Ok(mut nftables) = rtnl.nftables() else { return Vec::new() };
    let chains = nftables.chains().unwrap_or_default();
    let mut findings = Vec::new();
    for chain in &chains {
        if let Some(finding) = judge(chain)
            && !nftables.is_dormant(chain.family, &chain.table)
        {
            findings.push(finding);
        }
    }
    findings
}

fn judge(chain: &Chain) -> Option<String> {
    let family = match chain.family {
        NFPROTO_INET => "inet ",
        NFPROTO_IPV4 => "ip ",
        NFPROTO_IPV6 => "ip6 ",
        _ => return None,
    };
    let (NF_INET_FORWARD, _) = chain.hook? else { return None };
    let does = match chain.policy {
        Some(NF_DROP) => " has policy drop: it drops traffic of our networks unless its rules let it pass",
        _ if chain.table == FIREWALLD => " rejects traffic of our networks unless its zones let it pass",
        _ => return None,
    };
    Some(format!("table {family}{}, chain {}{does}{REMEDY}", chain.table, chain.name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn chain(family: u8, table: &str, name: &str, hook: Option<u32>, policy: Option<u32>) -> Chain {
        let hook = hook.map(|number| (number, 0));
        Chain { family, table: table.to_owned(), name: name.to_owned(), kind: None, hook, policy }
    }

    #[test]
    fn only_what_drops_forwarded_packets_is_found() {
        let forward = |family, table, policy| judge(&chain(family, table, "FORWARD", Some(2), Some(policy)));
        assert_eq!(forward(2, "filter", 1), None);
        assert_eq!(forward(7, "filter", 0), None);
        assert_eq!(judge(&chain(2, "filter", "INPUT", Some(1), Some(0))), None);
        assert_eq!(judge(&chain(2, "filter", "FORWARD", None, None)), None);
        assert!(forward(10, "x", 0).unwrap().starts_with("table ip6 x, chain FORWARD has policy drop: it drops"));
        assert!(forward(1, "firewalld", 1).unwrap().contains("zones let it pass; an accept in our table"));
    }
}
