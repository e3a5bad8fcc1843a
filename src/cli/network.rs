//! `network …`.

use std::net::IpAddr;

use super::args::{Args, Parsed, Run, done, names, no_option, options_only, some_names};
use crate::commands::network as commands;
use crate::commands::network::filter::Filter;
use crate::error::{Error, Result};
use crate::model::endpoint::EndpointSpec;
use crate::model::options;
use crate::network::connect::Connect;
use crate::network::disconnect::Disconnect;
use crate::sandbox::SandboxRef;
use crate::types::family::Family;
use crate::types::subnet::Subnet;

pub(super) fn create(args: &mut Args) -> Parsed<Run> {
    let mut arguments = commands::create::Arguments::default();
    let spec = &mut arguments.spec;
    let (ensure, dry_run) = (&mut arguments.ensure, &mut arguments.dry_run);
    let names = names(args, |args, option| {
        match option {
            "--subnet" => spec.subnets.push(subnet(args, "--subnet")?),
            "--gateway" => spec.gateways.push(address(args, "--gateway")?),
            "--ip-range" => spec.ip_ranges.push(subnet(args, "--ip-range")?),
            "--aux-address" => spec.aux.extend([aux(&args.value("--aux-address")?)?]),
            "--ipv6" => spec.ipv6 = args.flag("--ipv6")?,
            "--internal" => spec.internal = args.flag("--internal")?,
            "--label" => spec.labels.extend([label(&args.value("--label")?)]),
            "-o" | "--opt" => spec.options.extend([options::parse(&args.value("-o")?)?]),
            "-d" | "--driver" => driver(&args.value("--driver")?)?,
            "--ensure" => *ensure = args.flag("--ensure")?,
            "--dry-run" => *dry_run = args.flag("--dry-run")?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    [arguments.spec.name] = args.exactly(names, "one NAME")?;
    done(move |context| commands::create::run(context, arguments))
}

pub(super) fn ls(args: &mut Args) -> Parsed<Run> {
    let mut arguments = commands::ls::Arguments::default();
    options_only(args, |args, option| {
        match option {
            "-q" | "--quiet" => arguments.quiet = args.flag("-q")?,
            "--no-trunc" => arguments.no_trunc = args.flag("--no-trunc")?,
            "-f" | "--filter" => arguments.filters.push(Filter::parse(&args.value("--filter")?)?),
            "--format" => match args.value("--format")?.as_str() {
                "json" | "{{json .}}" => arguments.json = true,
                "table" => {}
                other => return Err(Error::value("--format", other, "'json' or 'table'").into()),
            },
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    done(move |context| commands::ls::run(context, &arguments))
}

pub(super) fn inspect(args: &mut Args) -> Parsed<Run> {
    let names = some_names(args, no_option)?;
    done(move |context| commands::inspect::run(context, &names))
}

pub(super) fn rm(args: &mut Args) -> Parsed<Run> {
    let mut force = false;
    let networks = some_names(args, |args, option| forced(args, option, &mut force))?;
    done(move |context| commands::rm::run(context, &commands::rm::Arguments { networks, force }))
}

pub(super) fn prune(args: &mut Args) -> Parsed<Run> {
    let mut arguments = commands::prune::Arguments::default();
    options_only(args, |args, option| match option {
        "--filter" => {
            arguments.filters.push(Filter::parse(&args.value("--filter")?)?);
            Ok(true)
        }
        _ => forced(args, option, &mut arguments.force),
    })?;
    done(move |context| commands::prune::run(context, &arguments))
}

pub(super) fn connect(args: &mut Args) -> Parsed<Run> {
    let mut spec = EndpointSpec::default();
    let (mut publish, mut ensure) = (Vec::new(), false);
    let names = names(args, |args, option| {
        match option {
            "--ip" => spec.addresses.v4 = Some(address_of(args, "--ip", Family::V4)?),
            "--ip6" => spec.addresses.v6 = Some(address_of(args, "--ip6", Family::V6)?),
            "--mac-address" => spec.mac = Some(args.value_of("--mac-address")?),
            "--ifname" => spec.ifname = Some(args.value_of("--ifname")?),
            "-p" | "--publish" => publish.push(args.value_of("-p")?),
            "--ensure" => ensure = args.flag("--ensure")?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let [network, sandbox] = args.exactly(names, "NETWORK and SANDBOX")?;
    let sandbox = SandboxRef::parse(&sandbox)?;
    done(move |context| commands::connect::run(context, &Connect { network, sandbox, spec, publish, ensure }))
}

pub(super) fn disconnect(args: &mut Args) -> Parsed<Run> {
    let mut force = false;
    let names = some_names(args, |args, option| forced(args, option, &mut force))?;
    let [network, sandbox] = args.exactly(names, "NETWORK and SANDBOX")?;
    let sandbox = SandboxRef::parse(&sandbox)?;
    done(move |context| commands::disconnect::run(context, &Disconnect { network, sandbox, force }))
}

/// Takes `-f`.
fn forced(args: &mut Args, option: &str, force: &mut bool) -> Parsed<bool> {
    let known = matches!(option, "-f" | "--force");
    if known {
        *force = args.flag(option)?;
    }
    Ok(known)
}

fn subnet(args: &mut Args, option: &'static str) -> Parsed<Subnet> {
    let text = args.value(option)?;
    Ok(text.parse().map_err(|invalid| Error::value(option, &text, invalid))?)
}

pub(super) fn address(args: &mut Args, option: &'static str) -> Parsed<IpAddr> {
    Ok(read_address(option, &args.value(option)?)?)
}

pub(super) fn address_of(args: &mut Args, option: &'static str, family: Family) -> Parsed<IpAddr> {
    let address = address(args, option)?;
    if Family::of(address) == family {
        return Ok(address);
    }
    Err(Error::value(option, &address.to_string(), format_args!("an {family} address")).into())
}

fn read_address(option: &'static str, text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| Error::value(option, text, "an address such as 10.1.0.1 or fd00:1::1"))
}

fn aux(text: &str) -> Result<(String, IpAddr)> {
    let (name, ip) = text.split_once('=').ok_or_else(|| Error::value("--aux-address", text, "NAME=IP"))?;
    Ok((name.to_owned(), read_address("--aux-address", ip)?))
}

pub(super) fn label(text: &str) -> (String, String) {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    (key.to_owned(), value.to_owned())
}

/// There is one driver, and Docker's option for it is no mistake.
fn driver(name: &str) -> Result<()> {
    if name == "bridge" { Ok(()) } else { Err(Error::value("--driver", name, "'bridge', the only driver there is")) }
}
