//! Who is to reach whom: the members of each network, the probes between them, and what came of each.
//!
//! Nothing is sent here; that is `diagnose::pinger`'s business.

use std::net::IpAddr;

use crate::error::Errno;
use crate::model::network::Network;
use crate::types::subnet::Subnet;

/// The host, by the gateway's address, or an endpoint.
#[derive(Debug)]
pub struct Member {
    /// `host`, or the sandbox; the port where nobody knows whose it is.
    pub name: String,
    /// Its address on the network.
    pub address: IpAddr,
    /// Where to send from on its behalf, or why there is no way in.
    pub place: Result<usize, String>,
}

/// One network in one family.
#[derive(Debug)]
pub struct Group<'a> {
    /// The network.
    pub network: &'a Network,
    /// The subnet.
    pub subnet: Subnet,
    /// Its bridge is not there.
    pub missing: bool,
    /// The host, then the endpoints.
    pub members: Vec<Member>,
    /// The position of its first probe.
    first: usize,
}

impl<'a> Group<'a> {
    /// A group that nobody is in yet.
    #[must_use]
    pub fn new(network: &'a Network, subnet: Subnet, missing: bool) -> Self {
        Self { network, subnet, missing, members: Vec::new(), first: 0 }
    }

    /// The position of the probe from one member to another.
    fn position(&self, from: usize, to: usize) -> usize {
        let (low, high) = (from.min(to), from.max(to));
        self.first + high * high.saturating_sub(1) + 2 * low + usize::from(from > to)
    }
}

/// One member pings another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Position of the group.
    pub group: usize,
    /// Position of the sender in it.
    pub from: usize,
    /// Position of the target in it.
    pub to: usize,
    /// Whether an answer is expected.
    pub expected: bool,
    /// What came of it.
    pub state: State,
}

/// What came of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Never sent.
    Untried,
    /// No answer so far.
    Sent,
    /// The kernel would not send it.
    Refused(Errno),
    /// Answered after so many microseconds.
    Answered(u32),
}

impl Probe {
    /// Whether it came out as expected. What could not be tried, for want of a way in or of memory, did not.
    #[must_use]
    pub fn as_configured(&self) -> bool {
        match self.state {
            State::Untried | State::Refused(Errno::AGAIN | Errno::NOBUFS) => false,
            State::Answered(_) => self.expected,
            State::Sent | State::Refused(_) => !self.expected,
        }
    }
}

/// All that is to be found out.
#[derive(Debug, Default)]
pub struct Plan<'a> {
    /// The networks, each family by itself.
    pub groups: Vec<Group<'a>>,
    /// The probes, group by group; one and its reverse are neighbours, so that what the kernel learns from one serves the
    /// other.
    pub probes: Vec<Probe>,
}

impl<'a> Plan<'a> {
    /// Appends a group and its probes: everybody to everybody else.
    pub fn add(&mut self, mut group: Group<'a>) {
        group.first = self.probes.len();
        let icc = group.network.icc();
        for high in 1..group.members.len() {
            for low in 0..high {
                // Endpoints of an isolated network reach the host only.
                let expected = low == 0 || icc;
                let probe = Probe { group: self.groups.len(), from: low, to: high, expected, state: State::Untried };
                self.probes.push(probe);
                self.probes.push(Probe { from: high, to: low, ..probe });
            }
        }
        // Probes from one network to another, which the firewall decides, would have their place behind these.
        self.groups.push(group);
    }

    /// The probe between two members of a group; none from a member to itself.
    #[must_use]
    pub fn probe(&self, group: &Group<'_>, from: usize, to: usize) -> Option<&Probe> {
        self.probes.get(group.position(from, to)).filter(|_| from != to)
    }

    /// Where a probe is to be sent from, and to which address; none when there is no way in.
    #[must_use]
    pub fn way(&self, probe: &Probe) -> Option<(usize, IpAddr)> {
        let members = &self.groups.get(probe.group)?.members;
        Some((members.get(probe.from)?.place.as_ref().ok().copied()?, members.get(probe.to)?.address))
    }

    /// Notes what came of a probe.
    pub fn settle(&mut self, position: usize, state: State) {
        if let Some(probe) = self.probes.get_mut(position) {
            probe.state = state;
        }
    }

    /// How much is not as configured, and of how much. A bridge is one thing more, when it is missing.
    #[must_use]
    pub fn failed(&self) -> (usize, usize) {
        let missing = self.groups.iter().filter(|group| group.missing).count();
        let failed = self.probes.iter().filter(|probe| !probe.as_configured()).count();
        (failed + missing, self.probes.len() + missing)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    use crate::model::options::ENABLE_ICC;

    fn network(icc: bool) -> Network {
        Network {
            name: String::new(),
            id: String::new(),
            created: String::new(),
            bridge: "br0".parse().unwrap(),
            adopted: false,
            internal: false,
            ipv6: false,
            pools: Vec::new(),
            labels: BTreeMap::new(),
            options: BTreeMap::from([(ENABLE_ICC.to_owned(), icc.to_string())]),
        }
    }

    fn group(network: &Network, members: u8) -> Group<'_> {
        let member = |host| Member { name: String::new(), address: [10, 0, 0, host].into(), place: Ok(0) };
        let subnet = Subnet::around([10, 0, 0, 0].into(), 24);
        Group { members: (1..=members).map(member).collect(), ..Group::new(network, subnet, false) }
    }

    #[test]
    fn everybody_probes_everybody_else_once() {
        let network = network(true);
        let mut plan = Plan::default();
        for members in [3, 0, 1, 5] {
            plan.add(group(&network, members));
        }
        assert_eq!(plan.probes.len(), 3 * 2 + 5 * 4);
        for (position, group) in plan.groups.iter().enumerate() {
            for from in 0..group.members.len() {
                for to in 0..group.members.len() {
                    let found = plan.probe(group, from, to).map(|probe| (probe.group, probe.from, probe.to));
                    assert_eq!(found, (from != to).then_some((position, from, to)));
                }
            }
        }
    }

    #[test]
    fn on_an_isolated_network_only_the_host_is_reached() {
        let network = network(false);
        let mut plan = Plan::default();
        plan.add(group(&network, 3));
        assert!(plan.probes.iter().all(|probe| probe.expected == (probe.from == 0 || probe.to == 0)));
    }

    #[test]
    fn what_could_not_be_tried_is_not_as_configured() {
        let network = network(false);
        let mut plan = Plan::default();
        plan.add(group(&network, 3));
        plan.add(Group { missing: true, ..group(&network, 0) });
        assert_eq!(plan.failed(), (7, 7));
        for (state, failed) in [(State::Sent, 5), (State::Refused(Errno::NETDOWN), 5), (State::Answered(1), 3)] {
            plan.probes.iter_mut().for_each(|probe| probe.state = state);
            assert_eq!(plan.failed(), (failed, 7), "{state:?}");
        }
    }
}
