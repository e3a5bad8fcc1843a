//! Making networks that are recorded whole again.

use crate::error::Result;
use crate::firewall::{host, rebuild};
use crate::kernel::Rtnl;
use crate::model::network::Network;
use crate::network::bridge;
use crate::session::Session;
use crate::store::{Store, networks};
use crate::undo::Undo;

/// Makes all networks whole again, and the firewall, in one transaction. Nothing recorded is nothing to do.
pub fn all(session: &Session) -> Result<()> {
    let Some(store) = session.exclusive_if_any()? else { return Ok(()) };
    let mut rtnl = session.rtnl()?;
    let networks = networks::all(&store)?;
    for network in &networks {
        bridge_of(&mut rtnl, &store, network)?;
    }
    rebuild::rebuild(&rtnl, &store, &networks)
}

/// Makes a network whole again.
pub fn one(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    bridge_of(rtnl, store, network)?;
    rebuild::rebuild(rtnl, store, &networks::all(store)?)
}

fn bridge_of(rtnl: &mut Rtnl, store: &Store, network: &Network) -> Result<()> {
    let mut undo = Undo::default();
    let result = bridge::make_whole(rtnl, store, network, &mut undo).and_then(|_index| host::prepare(store, network));
    undo.settle(result, rtnl, store)
}
