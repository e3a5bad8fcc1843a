//! Looking interfaces up by name, with the words for when that fails.

use crate::error::{Doing, Result};
use crate::kernel::{Link, Rtnl, Selector};
use crate::prelude::*;

/// The index of the interface called `name`; none when there is none. Costs one `ioctl` and no message.
pub fn index_of(rtnl: &Rtnl, name: Text) -> Result<Option<u32>> {
    rtnl.index_of(name).doing("look up interface", &name)
}

/// The interface called `name`; none when there is none.
pub fn link(rtnl: &mut Rtnl, name: Text) -> Result<Option<&'static Link>> {
    rtnl.link(Selector::Name(name)).doing("look up interface", &name)
}
