//! `ethtool -S`: what a driver counts.

use super::{Context, ip, print};
use crate::error::{Doing, Result};
use crate::sys::{Errno, terminal};
use crate::views;

/// ethtool's exit code for a driver that counts nothing.
const NONE: u8 = 94;

/// Shows the counters of `interface`; gives the exit code.
pub fn run(context: &Context, interface: &str) -> Result<u8> {
    let counters = match context.rtnl()?.statistics(interface) {
        Err(Errno::NODEV) => return Err(ip::no_interface(interface)),
        result => result.doing("read the counters of", &interface)?,
    };
    if counters.is_empty() {
        terminal::complain("no stats available\n");
        return Ok(NONE);
    }
    print(&views::ethtool::statistics(&counters, context.json))?;
    Ok(0)
}
