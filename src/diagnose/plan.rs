//! Who is to reach whom: the members of each network, the probes between them, and what came of each.
//!
//! Nothing is sent here; that is `diagnose::pinger`'s business.

use std::net::IpAddr;

use crate::error::Errno;
use crate::model::network::Network;
use crate::types::mac::Mac;
use crate::types::subnet::Subnet;

/// Of more endpoints on a network each is tried with the host and with the next one only, unless all pairs are asked for.
pub const MOST_IN_FULL: usize = 64;

/// How many endpoints on each side of the pairs that are sent together.
const TILE: usize = 10;

/// The interface that has a member's address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its index; none where no interface has the address, or there is no way in to see it.
    pub index: Option<u32>,
    /// Its MAC address, or else the one that it was given.
    pub mac: Option<Mac>,
}

/// The host, by the gateway's address, or an endpoint.
#[derive(Debug)]
pub struct Member {
    /// `host`, or the sandbox; the port where nobody knows whose it is.
    pub name: String,
    /// Its address on the network.
    pub address: IpAddr,
    /// What has that address.
    pub interface: Interface,
    /// Where to send from on its behalf, or why there is no way in.
    pub place: Result<usize, String>,
}

/// Which members of a group ping each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Everybody pings everybody.
    Full,
    /// The host pings each endpoint; each endpoint pings the host and the next endpoint, and the last one the first.
    Ring,
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
    /// Who pings whom.
    pub coverage: Coverage,
    /// Whether endpoints are to reach each other.
    icc: bool,
    /// The position of its first probe.
    first: usize,
}

impl<'a> Group<'a> {
    /// A group that nobody is in yet.
    #[must_use]
    pub fn new(network: &'a Network, subnet: Subnet, missing: bool) -> Self {
        let icc = network.icc();
        Self { network, subnet, missing, members: Vec::new(), coverage: Coverage::Full, icc, first: 0 }
    }

    /// How many probes it has.
    fn len(&self) -> usize {
        let members = self.members.len();
        match self.coverage {
            Coverage::Full => members * members.saturating_sub(1),
            Coverage::Ring => 3 * members.saturating_sub(1),
        }
    }

    /// The position of the probe from one member to another; none where there is none.
    ///
    /// Full: 0→1 1→0, 0→2 2→0 1→2 2→1, 0→3 …. Ring: 0→1 1→0 1→2, 0→2 2→0 2→3, …, and at the end the last to the first.
    fn position(&self, from: usize, to: usize) -> Option<usize> {
        let (low, high) = (from.min(to), from.max(to));
        if low == high || high >= self.members.len() {
            return None;
        }
        let behind = match self.coverage {
            Coverage::Full => high * (high - 1) + 2 * low + usize::from(from > to),
            Coverage::Ring if low == 0 => 3 * (high - 1) + usize::from(from > to),
            Coverage::Ring if to == next(from, self.members.len()) => 3 * (from - 1) + 2,
            Coverage::Ring => return None,
        };
        Some(self.first + behind)
    }

    /// Sender and target of the probe that is so far behind the first.
    fn pair(&self, behind: usize) -> (usize, usize) {
        match self.coverage {
            Coverage::Full => {
                // The largest number whose product with the one below is not larger.
                let high = usize::midpoint(1, (1 + 4 * behind).isqrt());
                let rest = behind - high * (high - 1);
                if rest.is_multiple_of(2) { (rest / 2, high) } else { (high, rest / 2) }
            }
            Coverage::Ring => {
                let endpoint = behind / 3 + 1;
                match behind % 3 {
                    0 => (0, endpoint),
                    1 => (endpoint, 0),
                    _ => (endpoint, next(endpoint, self.members.len())),
                }
            }
        }
    }

    /// Senders and targets in the order to send in.
    ///
    /// Nobody sends to an endpoint that has not sent to the host before: so the bridge knows its port, and does not flood all
    /// of them. And of all pairs those of a few endpoints with a few others come together, so that what has to be done in
    /// their namespaces is done for many at once.
    pub fn in_order(&self) -> Box<dyn Iterator<Item = (usize, usize)>> {
        let count = self.members.len();
        let both = |high: usize, low: usize| [(high, low), (low, high)];
        match self.coverage {
            Coverage::Full => {
                let with_host = (1..count).flat_map(move |endpoint| both(endpoint, 0));
                let tiles =
                    (1..count).step_by(TILE).flat_map(|high| (1..=high).step_by(TILE).map(move |low| (high, low)));
                let with_others = tiles.flat_map(move |(first_high, first_low)| {
                    let highs = first_high..count.min(first_high + TILE);
                    highs.flat_map(move |high| {
                        (first_low..high.min(first_low + TILE)).flat_map(move |low| both(high, low))
                    })
                });
                Box::new(with_host.chain(with_others))
            }
            Coverage::Ring => {
                let endpoints = (1..count).flat_map(move |endpoint| {
                    both(endpoint, 0).into_iter().chain((endpoint > 1).then(|| (endpoint - 1, endpoint)))
                });
                Box::new(endpoints.chain((count > 2).then(|| (count - 1, 1))))
            }
        }
    }
}

/// The endpoint behind another of a group with so many members.
fn next(endpoint: usize, members: usize) -> usize {
    if endpoint + 1 >= members { 1 } else { endpoint + 1 }
}

/// One member pings another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// Its position among all.
    pub position: usize,
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
    /// What came of each probe, group by group. There may be a million: who pings whom is computed.
    states: Vec<State>,
}

impl<'a> Plan<'a> {
    /// Appends a group and its probes.
    pub fn add(&mut self, mut group: Group<'a>) {
        group.first = self.states.len();
        self.states.resize(group.first + group.len(), State::Untried);
        // Probes from one network to another, which the firewall decides, would have their place behind these.
        self.groups.push(group);
    }

    /// The probe between two members of a group; none where it is not tried.
    #[must_use]
    pub fn probe(&self, group: &Group<'_>, from: usize, to: usize) -> Option<Probe> {
        self.at(group.position(from, to)?)
    }

    /// The probe between two members of the group at `group`.
    #[must_use]
    pub fn between(&self, group: usize, from: usize, to: usize) -> Option<Probe> {
        self.probe(self.groups.get(group)?, from, to)
    }

    /// The probe at `position`.
    #[must_use]
    pub fn at(&self, position: usize) -> Option<Probe> {
        let state = *self.states.get(position)?;
        // Of those that begin at the same position the last one has probes.
        let group = self.groups.partition_point(|group| group.first <= position).checked_sub(1)?;
        let of = self.groups.get(group)?;
        let (from, to) = of.pair(position - of.first);
        // Endpoints of an isolated network reach the host only.
        let expected = from == 0 || to == 0 || of.icc;
        Some(Probe { position, group, from, to, expected, state })
    }

    /// All probes.
    pub fn probes(&self) -> impl Iterator<Item = Probe> {
        (0..self.states.len()).filter_map(|position| self.at(position))
    }

    /// Sender and target of a probe.
    #[must_use]
    pub fn members(&self, probe: &Probe) -> Option<(&Member, &Member)> {
        let members = &self.groups.get(probe.group)?.members;
        Some((members.get(probe.from)?, members.get(probe.to)?))
    }

    /// Where a probe is to be sent from, and to which address; none when there is no way in.
    #[must_use]
    pub fn way(&self, probe: &Probe) -> Option<(usize, IpAddr)> {
        let (from, to) = self.members(probe)?;
        Some((from.place.as_ref().ok().copied()?, to.address))
    }

    /// Notes what came of a probe.
    pub fn settle(&mut self, position: usize, state: State) {
        if let Some(of) = self.states.get_mut(position) {
            *of = state;
        }
    }

    /// How many probes did not come out as configured, and of how many.
    #[must_use]
    pub fn failed(&self) -> (usize, usize) {
        let failed = self.probes().filter(|probe| !probe.as_configured()).count();
        (failed, self.states.len())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
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
        let interface = Interface::default();
        let member = |host| Member { name: String::new(), address: [10, 0, 0, host].into(), interface, place: Ok(0) };
        let subnet = Subnet::around([10, 0, 0, 0].into(), 24);
        Group { members: (1..=members).map(member).collect(), ..Group::new(network, subnet, false) }
    }

    /// Members of the groups, and how they ping each other.
    const GROUPS: [(u8, Coverage); 9] = [
        (3, Coverage::Full),
        (0, Coverage::Full),
        (0, Coverage::Ring),
        (1, Coverage::Full),
        (5, Coverage::Ring),
        (3, Coverage::Ring),
        (5, Coverage::Full),
        (42, Coverage::Full),
        (67, Coverage::Ring),
    ];

    fn plan(network: &Network) -> Plan<'_> {
        let mut plan = Plan::default();
        for (members, coverage) in GROUPS {
            plan.add(Group { coverage, ..group(network, members) });
        }
        plan
    }

    #[test]
    fn everybody_probes_everybody_else_once_or_in_a_ring_the_host_and_the_next() {
        let network = network(true);
        let plan = plan(&network);
        let mut found = Vec::new();
        for (position, group) in plan.groups.iter().enumerate() {
            let members = group.members.len();
            for (from, to) in (0..members).flat_map(|from| (0..members).map(move |to| (from, to))) {
                let wanted = match group.coverage {
                    Coverage::Full => from != to,
                    Coverage::Ring => {
                        from != to && (from * to == 0 || to == from + 1 || (from, to) == (members - 1, 1))
                    }
                };
                let probe = plan.probe(group, from, to);
                assert_eq!(
                    probe.map(|probe| (probe.group, probe.from, probe.to)),
                    wanted.then_some((position, from, to))
                );
                found.extend(probe);
            }
        }
        found.sort_by_key(|probe| probe.position);
        assert_eq!(found, plan.probes().collect::<Vec<_>>());
        assert_eq!(found.len(), 3 * 2 + 4 * 3 + 2 * 3 + 5 * 4 + 42 * 41 + 66 * 3);
    }

    #[test]
    fn each_is_sent_once_and_to_an_endpoint_only_when_it_has_sent_to_the_host() {
        let network = network(true);
        let plan = plan(&network);
        let mut sent = Vec::new();
        for (position, group) in plan.groups.iter().enumerate() {
            let mut seen = vec![false; group.members.len()];
            for (from, to) in group.in_order() {
                seen[from] = true;
                assert!(to == 0 || seen[to], "{from} -> {to}");
                sent.push(plan.between(position, from, to).unwrap().position);
            }
        }
        sent.sort_unstable();
        assert_eq!(sent, (0..plan.probes().count()).collect::<Vec<_>>());
    }

    #[test]
    fn on_an_isolated_network_only_the_host_is_reached() {
        let network = network(false);
        let plan = plan(&network);
        assert!(plan.probes().all(|probe| probe.expected == (probe.from == 0 || probe.to == 0)));
    }

    #[test]
    fn what_could_not_be_tried_is_not_as_configured() {
        let network = network(false);
        let mut plan = Plan::default();
        plan.add(group(&network, 3));
        plan.add(Group { missing: true, ..group(&network, 0) });
        assert_eq!(plan.failed(), (6, 6));
        for (state, failed) in [(State::Sent, 4), (State::Refused(Errno::NETDOWN), 4), (State::Answered(1), 2)] {
            plan.states.fill(state);
            assert_eq!(plan.failed(), (failed, 6), "{state:?}");
        }
    }
}
