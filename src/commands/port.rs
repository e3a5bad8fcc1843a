//! `port`: what is published for a sandbox, as `docker port` prints it.

use super::{Context, print, print_json};
use crate::error::{Error, Result};
use crate::network::publish::{self, Protocol};
use crate::network::sandbox::SandboxRef;
use crate::prelude::*;
use crate::views::docker;

/// What `port` is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The sandbox.
    pub sandbox: &'static SandboxRef,
    /// The only port of the sandbox that is asked for.
    pub port: Option<(u16, Protocol)>,
}

/// Carries it out. As with Docker, that nothing is published is no error; that the port asked for is not, is one.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let store = context.look();
    let sandbox = arguments.sandbox.hold()?;
    let attached = arguments.sandbox.endpoints(sandbox, context.rtnl()?, store, context.verbose)?;
    let mut ports = Vec::new();
    for published in publish::of_all(store, &attached)? {
        if arguments.port.is_none_or(|(port, protocol)| published.port == port && published.protocol == protocol) {
            ports.push(published);
        }
    }
    if let (Some((port, protocol)), true) = (arguments.port, ports.is_empty()) {
        let name = text!("{port}/{}", protocol.name());
        return Err(Error::not_found("published port", name, ". Without a port all that there are are listed."));
    }
    if context.json {
        return print_json(docker::ports(&ports));
    }
    let mut out = String::new();
    for port in &ports {
        out.push_str(if arguments.port.is_some() { port.socket() } else { docker::port_line(port) });
        out.push('\n');
    }
    print(&out)
}
