//! `ethtool -S`: what a driver counts.

use super::ip;
use crate::commands::{Context, print_as};
use crate::error::{Doing, Errno, Error, Result};
use crate::views;

/// Shows the counters of `interface`.
pub fn run(context: &Context, interface: &str) -> Result<()> {
    let counters = match context.session.rtnl()?.statistics(interface) {
        Err(Errno::NODEV) => return Err(ip::no_interface(interface)),
        result => result.doing("read the counters of", interface)?,
    };
    if counters.is_empty() {
        return Err(Error::OtherTool { code: 94, line: "no stats available" }.into());
    }
    print_as(context.json, &views::ethtool::statistics(&counters, context.json))
}
