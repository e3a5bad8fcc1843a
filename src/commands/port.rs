//! `port`: what is published for a sandbox, as `docker port` prints it.

use super::{Context, print, print_json};
use crate::error::{Error, Result};
use crate::network::publish::{self, Protocol};
use crate::network::sandbox::SandboxRef;
use crate::store::Store;
use crate::views::docker;

/// What `port` is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// The sandbox.
    pub sandbox: SandboxRef,
    /// The only port of the sandbox that is asked for.
    pub port: Option<(u16, Protocol)>,
}

/// Carries it out. As with Docker, that nothing is published is no error; that the port asked for is not, is one.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let store = Store::look(&context.state_dir);
    let sandbox = arguments.sandbox.open()?;
    let attached = arguments.sandbox.endpoints(&sandbox, &mut context.rtnl()?, &store, context.verbose)?;
    let mut ports = publish::of_all(&store, &attached)?;
    if let Some((port, protocol)) = arguments.port {
        ports.retain(|published| published.port == port && published.protocol == protocol);
        if ports.is_empty() {
            let name = [&port.to_string(), "/", protocol.name()].concat();
            return Err(Error::not_found("published port", &name, ". Without a port all that there are are listed."));
        }
    }
    if context.json {
        return print_json(&docker::ports(&ports));
    }
    let mut out = String::new();
    for port in &ports {
        out.push_str(&if arguments.port.is_some() { port.socket() } else { docker::port_line(port) });
        out.push('\n');
    }
    print(&out)
}
