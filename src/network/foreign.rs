//! What other firewalls do to the traffic of our networks.
//!
//! Every base chain on the hook `forward` must let a packet pass, whoever made it: an accept of ours does not help where
//! another one drops. What iptables-legacy has is not among `nf_tables`' chains, and not seen here.

use pontoon_netlink::netfilter::chain::NF_INET_FORWARD;
use pontoon_netlink::netfilter::{NF_DROP, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6};

use crate::kernel::{Chain, Rtnl};

/// A firewall that has a table of its own, which rejects by a last rule instead of a policy.
const FIREWALLD: &str = "firewalld";

/// Firewalls by a chain that only they have, or the table, and how each is told to let our bridges pass.
const REMEDIES: &[(&str, &str)] = &[
    ("DOCKER-USER", "Docker: 'iptables -I DOCKER-USER -i br-… -j ACCEPT', and the same with -o; for IPv6 ip6tables"),
    ("ufw-before-forward", "ufw: 'ufw route allow in on br-…', and the same with out"),
    ("ufw6-before-forward", "ufw: 'ufw route allow in on br-…', and the same with out"),
    (
        FIREWALLD,
        "firewalld: 'firewall-cmd --permanent --zone=trusted --add-interface=br-…', then 'firewall-cmd --reload'",
    ),
    ("", "add rules there that accept iifname br-… and oifname br-…"),
];

/// A chain that may drop what our networks forward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which: `table ip filter, chain FORWARD`.
    pub chain: String,
    /// What it does, and what to do about it.
    pub effect: String,
}

impl Finding {
    /// As a sentence.
    #[must_use]
    pub fn words(&self) -> String {
        [&self.chain, " ", &self.effect].concat()
    }

    /// As a line below a result.
    #[must_use]
    pub fn line(&self) -> String {
        ["note: ", &self.words(), "\n"].concat()
    }
}

/// The chains in the namespace of `rtnl`, which this process is in, that may drop what our networks forward; none where there
/// is no `nf_tables`.
#[must_use]
pub fn find(rtnl: &Rtnl) -> Vec<Finding> {
    let Ok(mut firewall) = rtnl.firewall() else { return Vec::new() };
    let chains = firewall.chains().unwrap_or_default();
    let mut findings = Vec::new();
    for chain in &chains {
        if let Some(finding) = judge(chain, &chains)
            && firewall.is_awake(chain.family, &chain.table) != Ok(false)
        {
            findings.push(finding);
        }
    }
    findings
}

fn judge(chain: &Chain, all: &[Chain]) -> Option<Finding> {
    let family = match chain.family {
        NFPROTO_INET => "inet ",
        NFPROTO_IPV4 => "ip ",
        NFPROTO_IPV6 => "ip6 ",
        _ => return None,
    };
    let (NF_INET_FORWARD, _) = chain.hook? else { return None };
    let does = match chain.policy {
        Some(NF_DROP) => "has policy drop: it drops traffic of our networks unless its rules let it pass",
        _ if chain.table == FIREWALLD => "rejects traffic of our networks unless its zones let it pass",
        _ => return None,
    };
    let beside = |name: &str| {
        let same = |other: &Chain| other.family == chain.family && other.table == chain.table && other.name == name;
        name.is_empty() || chain.table == name || all.iter().any(same)
    };
    let (_, remedy) = REMEDIES.iter().find(|(name, _)| beside(name))?;
    Some(Finding {
        chain: ["table ", family, &chain.table, ", chain ", &chain.name].concat(),
        effect: [does, "; an accept in our table cannot override it. (", remedy, ")"].concat(),
    })
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
        let forward = |family, table, policy| judge(&chain(family, table, "FORWARD", Some(2), Some(policy)), &[]);
        assert_eq!(forward(2, "filter", 1), None);
        assert_eq!(forward(7, "filter", 0), None);
        assert_eq!(judge(&chain(2, "filter", "INPUT", Some(1), Some(0)), &[]), None);
        assert_eq!(judge(&chain(2, "filter", "FORWARD", None, None), &[]), None);
        assert_eq!(forward(10, "x", 0).unwrap().chain, "table ip6 x, chain FORWARD");
        assert!(forward(1, "firewalld", 1).unwrap().effect.contains("zones let it pass; an accept in our table"));
    }

    #[test]
    fn the_remedy_is_that_of_whoever_made_the_table() {
        let theirs = chain(2, "filter", "FORWARD", Some(2), Some(0));
        let remedy = |name, family| {
            let all = [theirs.clone(), chain(family, "filter", name, None, None)];
            let line = judge(&theirs, &all).unwrap().line();
            assert!(line.starts_with("note: table ip filter, chain FORWARD has policy drop: it drops traffic of our"));
            line.rsplit_once('(').unwrap().1.split_once([':', ' ']).unwrap().0.to_owned()
        };
        assert_eq!(remedy("DOCKER-USER", 2), "Docker");
        assert_eq!(remedy("ufw-before-forward", 2), "ufw");
        assert_eq!(remedy("DOCKER-USER", 10), "add");
    }
}
