//! `port`: what is published for a sandbox, as `docker port` prints it.

use crate::commands::{Context, container, print, print_json};
use crate::error::{Error, Result};
use crate::model::ports::Protocol;
use crate::network::endpoints;
use crate::sandbox::SandboxRef;
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
    let store = context.session.records();
    let attached = container::with_sandbox(&context.session, &arguments.sandbox, |sandbox| {
        let namespace = sandbox.open()?;
        endpoints::of_sandbox(&context.session, &mut context.session.rtnl()?, &store, sandbox, &namespace)
    })?;
    let mut ports = endpoints::published(&store, &attached)?;
    if let Some((port, protocol)) = arguments.port {
        ports.retain(|published| published.port == port && published.protocol == protocol);
        if ports.is_empty() {
            let name = format!("{port}/{}", protocol.name());
            return Err(Error::not_found("published port", name, ". Without a port all that there are are listed."));
        }
    }
    if context.json {
        return print_json(&docker::ports(&ports));
    }
    let line = |port| if arguments.port.is_some() { docker::host_line(port) } else { docker::port_line(port) };
    print(&ports.iter().map(|port| line(port) + "\n").collect::<String>())
}
