//! `inspect`: containers, and the network settings of sandboxes, as Docker prints them; a name that is neither may be a network's.

use serde_json::Value;

use crate::commands::{Context, print, print_json};
use crate::container::find::{self, Found};
use crate::container::inside::rootfs;
use crate::error::{Doing, Error, Result};
use crate::kernel::Rtnl;
use crate::network::endpoints;
use crate::sandbox::SandboxRef;
use crate::store::{Store, networks};
use crate::views::container::{self as view, Settings};
use crate::views::{docker, template};

/// What `inspect` is told.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// What is looked at.
    pub names: Vec<String>,
    /// `-f`: what is shown of each.
    pub format: Option<String>,
}

/// Carries it out. As Docker, prints what it found even when something named is missing.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let store = context.session.records();
    let mut host = context.session.rtnl()?;
    let mut found = Vec::new();
    let mut failures = Vec::new();
    for name in &arguments.names {
        match inspect(context, &mut host, &store, name) {
            Ok(json) => found.push(json),
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    match &arguments.format {
        None => print_json(&Value::Array(found))?,
        Some(format) => {
            for value in &found {
                let text = template::fill(format, value).map_err(|wrong| Error::value("--format", format, wrong))?;
                print(&(text + "\n"))?;
            }
        }
    }
    Error::collect(failures, arguments.names.len() > 1)
}

fn inspect(context: &Context, host: &mut Rtnl, store: &Store, name: &str) -> Result<Value> {
    if let Some(found) = find::find_any(store, name)? {
        return container(context, host, store, &found);
    }
    let sandbox = SandboxRef::parse(name)?;
    let namespace = match sandbox.open() {
        Ok(namespace) => namespace,
        Err(missing) => {
            let network = networks::find(store, name).map_err(|_| missing)?;
            let attached = endpoints::of_network(host, store, &network)?;
            return Ok(docker::network(&network, &find::with_ids(store, attached)?));
        }
    };
    let inode = namespace.inode().doing("look at sandbox", name)?;
    let attached = endpoints::of_sandbox(&context.session, host, store, &sandbox, &namespace)?;
    let ports = endpoints::published(store, &attached)?;
    Ok(docker::sandbox(name, &sandbox.file(), inode, &attached, &ports))
}

fn container(context: &Context, host: &mut Rtnl, store: &Store, found: &Found) -> Result<Value> {
    let sandbox = SandboxRef::Name(found.container.name.clone());
    let (mut inode, mut attached, mut ports) = (0, Vec::new(), Vec::new());
    if found.status.is_alive()
        && let Ok(namespace) = sandbox.open()
    {
        inode = namespace.inode().doing("look at sandbox", &sandbox)?;
        attached = endpoints::of_sandbox(&context.session, host, store, &sandbox, &namespace)?;
        ports = endpoints::published(store, &attached)?;
    }
    let settings = Settings {
        place: find::place(&context.session.state_dir, &found.container),
        key: sandbox.file(),
        inode,
        attached: &attached,
        ports: &ports,
    };
    Ok(view::whole(found, &settings, &rootfs::MASKED, &rootfs::READ_ONLY))
}
