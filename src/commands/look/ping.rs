//! `ping`: sends echo requests, from here or from inside a sandbox, and prints the replies as they come.

use crate::commands::{Context, print, print_json};
use crate::diagnose::ping::{Ping, Pinger};
use crate::error::Result;
use crate::views::ping as view;

/// What `ping` is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// What to ping, and how.
    pub ping: Ping,
    /// Print no replies.
    pub quiet: bool,
}

/// Pings; exit code 0 when a reply came, 1 when none.
pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let ping = &arguments.ping;
    let pinger = Pinger::open(ping)?;
    if !context.json {
        print(&view::head(ping))?;
    }
    let talk = !arguments.quiet && !context.json;
    let statistics = pinger.run(|heard| if talk { print(&view::reply(heard)) } else { Ok(()) })?;
    if context.json {
        print_json(&view::json(&ping.host, &statistics))?;
    } else {
        print(&view::tail(&ping.host, &statistics))?;
    }
    Ok(u8::from(statistics.received == 0))
}
