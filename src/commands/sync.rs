//! `sync`: makes bridges and the firewall what the records say.

use crate::commands::Context;
use crate::error::Result;
use crate::network::creation;
use crate::store::Store;
use crate::sys::file;

/// Carries it out, alone. Nothing recorded is nothing to do.
pub fn run(context: &Context) -> Result<()> {
    if !file::exists(&context.state_dir) {
        return Ok(());
    }
    let store = Store::exclusive(&context.state_dir)?;
    creation::repair_all(&mut context.rtnl()?, &store)
}
