//! Verbs that look: `inspect`, `port`, `trace`, `check`, `probe`, and those of other tools that need no grammar of their own.

use std::time::Duration;

use super::args::{Args, Parsed, Run, done, names, no_option, options_only, some_names};
use super::ping::seconds;
use crate::commands::look as commands;
use crate::error::GivenFor;
use crate::model::ports;
use crate::sandbox::SandboxRef;

pub(super) fn inspect(args: &mut Args) -> Parsed<Run> {
    let mut format = None;
    let names = some_names(args, |args, option| {
        let known = matches!(option, "-f" | "--format");
        if known {
            format = Some(args.value("--format")?);
        }
        Ok(known)
    })?;
    done(move |context| commands::inspect::run(context, &commands::inspect::Arguments { names, format }))
}

pub(super) fn port(args: &mut Args) -> Parsed<Run> {
    let mut operands = names(args, no_option)?.into_iter();
    let Some(sandbox) = operands.next() else { return Err(args.wrong("expected a SANDBOX")) };
    let sandbox = SandboxRef::parse(&sandbox)?;
    let port = match operands.next() {
        Some(text) => Some(ports::inner_port(&text).given_for("PORT", &text)?),
        None => None,
    };
    if operands.next().is_some() {
        return Err(args.wrong("expected SANDBOX and PORT"));
    }
    done(move |context| commands::port::run(context, &commands::port::Arguments { sandbox, port }))
}

/// `brctl show [BRIDGE]...`
pub(super) fn brctl(args: &mut Args) -> Parsed<Run> {
    let mut operands = names(args, no_option)?;
    if operands.is_empty() {
        return Err(args.wrong("a command is missing"));
    }
    let command = operands.remove(0);
    if command != "show" {
        return Err(args.wrong(&format!("unknown command '{command}'")));
    }
    done(move |context| commands::brctl::run(context, &operands))
}

/// `ethtool -S IF`
pub(super) fn ethtool(args: &mut Args) -> Parsed<Run> {
    let mut statistics = false;
    let interfaces = names(args, |_, option| {
        let known = matches!(option, "-S" | "--statistics");
        statistics |= known;
        Ok(known)
    })?;
    if !statistics {
        return Err(args.wrong("expected -S IF"));
    }
    let [interface] = args.exactly(interfaces, "-S IF")?;
    done(move |context| commands::ethtool::run(context, &interface))
}

pub(super) fn trace(args: &mut Args) -> Parsed<Run> {
    use commands::trace::Arguments;
    let mut all = false;
    let targets = names(args, |args, option| {
        let known = option == "--all";
        if known {
            all = args.flag("--all")?;
        }
        Ok(known)
    })?;
    let arguments = match (all, targets.is_empty()) {
        (true, true) => Arguments::All,
        (false, false) => Arguments::Targets(targets),
        _ => return Err(args.wrong("expected sandboxes, interfaces or addresses, or --all")),
    };
    done(move |context| commands::trace::run(context, &arguments))
}

pub(super) fn check(args: &mut Args) -> Parsed<Run> {
    let (mut full, mut patience) = (false, Duration::from_secs(1));
    let networks = names(args, |args, option| {
        match option {
            "-W" => patience = seconds("-W", &args.value("-W")?)?,
            "-j" => args.json = true,
            "--full" => full = args.flag("--full")?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    done(move |context| commands::check::run(context, &commands::check::Arguments { networks, full, patience }))
}

pub(super) fn probe(args: &mut Args) -> Parsed<Run> {
    only_json(args)?;
    Ok(Box::new(commands::probe::run))
}

/// Reads the arguments of a verb that has none but `-j`.
pub(super) fn only_json(args: &mut Args) -> Parsed<()> {
    options_only(args, |args, option| {
        let known = option == "-j";
        args.json |= known;
        Ok(known)
    })
}
