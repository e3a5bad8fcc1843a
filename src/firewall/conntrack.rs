//! Tracked connections of published ports.

use crate::error::{Errno, Refusal};
use crate::kernel::conntrack::Connection;
use crate::kernel::nftables::Nftables;
use crate::model::ports::{Protocol, PublishedPorts};
use crate::types::family::Family;

/// UDP has no end: a peer that keeps sending would be led where its first datagram went for ever. So what is tracked of the
/// host's port and of the sandbox's is forgotten whenever either changes. A kernel that cannot say has nothing to forget.
pub fn forget_udp(nftables: &mut Nftables, published: &PublishedPorts) -> Result<(), Refusal> {
    let udp: Vec<_> = published.ports.iter().filter(|port| port.protocol == Protocol::Udp).collect();
    if udp.is_empty() {
        return Ok(());
    }
    for family in Family::BOTH {
        let Some(target) = *published.targets().get(family) else { continue };
        for connection in connections(nftables, family)? {
            let (original, reply) = (&connection.original, &connection.reply);
            let (Some((_, host_port)), Some((port, _))) = (original.ports, reply.ports) else { continue };
            let by_host_port = udp.iter().any(|published| host_port == published.host_port);
            let by_target = target == reply.source && udp.iter().any(|published| port == published.port);
            if original.protocol == Protocol::Udp.number() && (by_host_port || by_target) {
                nftables.forget(&connection)?;
            }
        }
    }
    Ok(())
}

/// The tracked connections of a family; none on a kernel that does not tell, which knows no such request.
fn connections(nftables: &mut Nftables, family: Family) -> Result<Vec<Connection>, Refusal> {
    match nftables.connections(family) {
        Err(refusal) if matches!(refusal.errno, Errno::INVAL | Errno::OPNOTSUPP) => Ok(Vec::new()),
        result => result,
    }
}
