//! What the host must allow for networks: forwarding, and its own loopback addresses leading to published ports.
//!
//! What is switched on is accounted for, and switched off again with the last network that needs it, unless it was on before. What
//! the kernel does beside what was asked for (forgetting routers, when a host becomes one) is made up for.

use crate::error::{Doing, Errno, Error, Result, Warning};
use crate::firewall::ruleset::Others;
use crate::model::host::{HostChanges, Sysctl};
use crate::model::network::{Network, Pool};
use crate::store::{Kind, Store, networks};
use crate::sys::procfs::{self, of_interface};
use crate::types::family::Family;

const ROUTE_LOCALNET: &str = "route_localnet";

/// The name of the record of what was switched on.
const RECORD: &str = "sysctls";

/// A kernel parameter that must be so for a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Below `/proc/sys`.
    pub path: String,
    /// What it must be.
    pub value: &'static str,
    /// It is the bridge's own.
    of_bridge: bool,
}

impl Parameter {
    /// That of the network's bridge.
    #[must_use]
    pub fn of_bridge(network: &Network, family: Family, key: &str, value: &'static str) -> Self {
        Self { path: of_interface(family, network.bridge.as_str(), key), value, of_bridge: true }
    }

    /// What it is, when that is another value; none when it is right, or is not there to be read.
    #[must_use]
    pub fn differs(&self) -> Option<String> {
        procfs::read_sysctl(&self.path).ok().filter(|is| *is != self.value)
    }
}

/// What the host must be for the network: what [`prepare`] switches on.
pub fn parameters(network: &Network) -> Result<Vec<Parameter>> {
    let mut all = Vec::new();
    if network.internal {
        return Ok(all);
    }
    for pool in &network.pools {
        let family = pool.family();
        all.push(Parameter { path: forwarding(family).to_owned(), value: "1", of_bridge: false });
        // An administrator's default may have made a new bridge otherwise.
        all.push(Parameter::of_bridge(network, family, "forwarding", "1"));
    }
    if network.pool(Family::V4).is_some() {
        // Without it a published port is not reached by way of 127.0.0.1, but by every other address.
        all.push(Parameter::of_bridge(network, Family::V4, ROUTE_LOCALNET, "1"));
        // A sandbox on two networks answers by the one that gives its default route: no packet of it is a spoofed one for that.
        if reads("net/ipv4/conf/all/rp_filter", "1")? {
            all.push(Parameter::of_bridge(network, Family::V4, "rp_filter", "2"));
        }
    }
    Ok(all)
}

/// Lets the host forward for the network, and its own loopback addresses lead to published ports.
pub fn prepare(store: &Store, network: &Network) -> Result<()> {
    if network.internal {
        return Ok(());
    }
    let mut account = Account::open(store)?;
    for family in network.pools.iter().map(Pool::family) {
        if !reads(forwarding(family), "1")? {
            account.keep_what_forwarding_would_change(family)?;
        }
    }
    for parameter in parameters(network)? {
        match account.switch_for(network, &parameter) {
            Err(error) if parameter.path.ends_with(ROUTE_LOCALNET) => store.warn(&Warning::NoLoopback(error)),
            result => result?,
        }
    }
    Ok(())
}

/// Switches off what none of `networks` needs any more.
pub fn restore(store: &Store, networks: &[Network]) -> Result<()> {
    let mut account = Account::open(store)?;
    if account.changes.sysctls.is_empty() {
        return Ok(());
    }
    let open: Vec<&Network> = networks.iter().filter(|network| !network.internal).collect();
    let needed = |sysctl: &Sysctl| {
        let forwards = |family| open.iter().any(|network| network.pool(family).is_some());
        let of_a_bridge = open.iter().any(|network| sysctl.path.contains(&format!("/{}/", network.bridge)));
        let of_ipv4 = sysctl.path.starts_with("net/ipv4/");
        of_a_bridge || (!sysctl.of_bridge && forwards(if of_ipv4 { Family::V4 } else { Family::V6 }))
    };
    let (needed, over): (Vec<_>, Vec<_>) = account.changes.sysctls.drain(..).partition(needed);
    // What somebody else has written since is his. All are read before the first is written: the one for all interfaces changes others.
    let mut ours = Vec::new();
    for sysctl in over {
        if reads(&sysctl.path, &sysctl.now)? {
            ours.push(sysctl);
        }
    }
    for sysctl in ours.iter().rev() {
        match procfs::write_sysctl(&sysctl.path, &sysctl.before) {
            // The interface is gone, and its parameters with it.
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(refused(&sysctl.path, &sysctl.before, errno)),
        }
    }
    account.changes.sysctls = needed;
    account.write()
}

/// What becomes of packets of a family between interfaces that are not ours.
pub fn others(store: &Store, family: Family) -> Result<Others> {
    let changes: HostChanges = store.read(RECORD)?.unwrap_or_default();
    Ok(if changes.wrote(forwarding(family)) { Others::NotForwarded } else { Others::Untouched })
}

/// A sentence for each family that a network of ours wants forwarded: since when it is, and what that means for everybody else.
pub fn forwarding_notes(store: &Store) -> Result<Vec<String>> {
    let networks = networks::all(store)?;
    let mut notes = Vec::new();
    for family in Family::BOTH {
        let wants = |network: &Network| !network.internal && network.pool(family).is_some();
        if !networks.iter().any(wants) {
            continue;
        }
        let is = match (reads(forwarding(family), "1")?, others(store, family)?) {
            (false, _) => "is off: nothing is forwarded; 'pontoon sync' switches it on",
            (true, Others::Untouched) => "was on before pontoon: packets between other interfaces stay forwarded",
            (true, Others::NotForwarded) => {
                "was switched on by pontoon: packets between other interfaces are not forwarded, as before"
            }
        };
        notes.push(format!("/proc/sys/{} {is}", forwarding(family)));
    }
    Ok(notes)
}

fn forwarding(family: Family) -> &'static str {
    match family {
        Family::V4 => "net/ipv4/ip_forward",
        Family::V6 => "net/ipv6/conf/all/forwarding",
    }
}

/// Whether a parameter is `value`; it is not where there is no such parameter, or no procfs to read it in.
fn reads(path: &str, value: &str) -> Result<bool> {
    match procfs::read_sysctl(path) {
        Err(Errno::NOENT | Errno::NOSYS | Errno::PERM) => Ok(false),
        result => Ok(result.doing("read", format_args!("/proc/sys/{path}"))? == value),
    }
}

fn refused(path: &str, value: &str, errno: Errno) -> Box<Error> {
    let doing = if value == "1" { "write 1 to" } else { "write to" };
    Error::system(doing, format_args!("/proc/sys/{path}"), errno)
}

/// What has been switched on so far.
struct Account<'a> {
    store: &'a Store,
    changes: HostChanges,
}

impl<'a> Account<'a> {
    fn open(store: &'a Store) -> Result<Self> {
        Ok(Self { store, changes: store.read(RECORD)?.unwrap_or_default() })
    }

    fn write(&self) -> Result<()> {
        if self.changes.sysctls.is_empty() {
            return self.store.remove(Kind::Host, RECORD);
        }
        self.store.write(RECORD, &self.changes)
    }

    /// Makes a parameter `value`; noted first, so that whatever stops us it is known whose doing that was.
    fn switch(&mut self, path: &str, value: &str) -> Result<()> {
        self.note_and_write(path, value, false)
    }

    /// Makes a parameter what `network` needs. That of a bridge of ours goes with the bridge.
    fn switch_for(&mut self, network: &Network, parameter: &Parameter) -> Result<()> {
        let Parameter { path, value, of_bridge } = parameter;
        if network.adopted || !of_bridge {
            return self.note_and_write(path, value, *of_bridge);
        }
        match procfs::ensure_sysctl(path, value) {
            Err(errno) if errno != Errno::NOENT => Err(refused(path, value, errno)),
            _ => Ok(()),
        }
    }

    fn note_and_write(&mut self, path: &str, value: &str, of_bridge: bool) -> Result<()> {
        let before = procfs::read_sysctl(path).doing("write 1 to", format_args!("/proc/sys/{path}"))?;
        if before == value {
            return Ok(());
        }
        if !self.changes.wrote(path) {
            let now = value.to_owned();
            self.changes.sysctls.push(Sysctl { path: path.to_owned(), before, now, of_bridge });
            self.write()?;
        }
        procfs::write_sysctl(path, value).or_else(|errno| {
            self.changes.sysctls.retain(|sysctl| sysctl.path != path);
            self.write()?;
            Err(refused(path, value, errno))
        })
    }

    /// A host that begins to forward forgets the routers that it heard of, unless told to listen all the same; and one that ends
    /// it makes every interface end it, also those that somebody had forward by themselves.
    fn keep_what_forwarding_would_change(&mut self, family: Family) -> Result<()> {
        let interfaces = procfs::names_of_interfaces(family);
        for interface in interfaces.doing("list", "the interfaces in /proc/sys/net")? {
            if matches!(interface.as_str(), "all" | "default" | "lo") {
                continue;
            }
            let own = of_interface(family, &interface, "forwarding");
            if reads(&own, "1")? && !self.changes.wrote(&own) {
                let one = || "1".to_owned();
                self.changes.sysctls.push(Sysctl { path: own, before: one(), now: one(), of_bridge: false });
                self.write()?;
            } else if family == Family::V6 {
                let listens = of_interface(family, &interface, "accept_ra");
                if reads(&listens, "1")? {
                    self.switch(&listens, "2")?;
                }
            }
        }
        Ok(())
    }
}
