//! pontoon: Docker's bridge network without Docker, in one small static executable.
//!
//! This file picks the front door: reads the command line, carries out the verb, reports a failure.

mod cli;
mod commands;
mod error;
mod json;
mod kernel;
mod network;
mod store;
mod sys;
mod views;

use std::process::ExitCode;

use cli::Verb;
use commands::{Context, network as networks};
use error::{Error, Failure, Result};
use json::Json;

#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let state_dir = std::env::var("PONTOON_STATE_DIR").ok();
    let mut arguments = std::env::args_os();
    let program = arguments.next().unwrap_or_default().to_string_lossy().into_owned();
    let invocation = cli::parse(&program, arguments.collect(), state_dir);
    let context = invocation.context;
    ExitCode::from(match invocation.verb.and_then(|verb| carry_out(&context, verb)) {
        Ok(code) => code,
        Err(error) => {
            report(&context, &invocation.subject, &error);
            error.exit_code()
        }
    })
}
/// One line on standard error for each failure: the program, the verb and its objects, what went wrong and what to do.
fn report(context: &Context, subject: &str, error: &Error) {
    if let Failure::Several(errors) = &**error {
        return errors.iter().for_each(|error| report(context, subject, error));
    }
    let colon = if subject.is_empty() { "" } else { ": " };
    if !context.json {
        sys::terminal::complain(&format!("pontoon: {subject}{colon}{error}\n"));
        return;
    }
    let mut json = Json::object([("error", Json::Text(format!("{subject}{colon}{error}")))]);
    if let Some(errno) = error.errno() {
        json.push("errno", sys::errno::name(errno));
    }
    json.push("exit", u32::from(error.exit_code()));
    sys::terminal::complain(&(json.compact() + "\n"));
}

/// Carries out a verb; gives the process's exit code.
fn carry_out(context: &Context, verb: Verb) -> Result<u8> {
    match verb {
        Verb::Print(text) => commands::print(&text)?,
        Verb::Ip(show) => commands::ip::run(context, &show)?,
        Verb::IpNetns(request) => commands::ip_netns::run(context, request)?,
        Verb::Brctl(bridges) => commands::brctl::run(context, &bridges)?,
        Verb::Ethtool(interface) => return commands::ethtool::run(context, &interface),
        Verb::NetworkCreate(arguments) => networks::create::run(context, *arguments)?,
        Verb::NetworkLs(arguments) => networks::ls::run(context, &arguments)?,
        Verb::NetworkInspect(names) => networks::inspect::run(context, &names)?,
        Verb::NetworkRm(arguments) => networks::rm::run(context, &arguments)?,
        Verb::NetworkPrune(arguments) => networks::prune::run(context, &arguments)?,
        Verb::NetworkConnect(arguments) => networks::connect::run(context, &arguments)?,
        Verb::NetworkDisconnect(arguments) => networks::disconnect::run(context, &arguments)?,
        Verb::Inspect(names) => commands::inspect::run(context, &names)?,
        Verb::Port(arguments) => commands::port::run(context, &arguments)?,
        Verb::Ping(arguments) => return commands::ping::run(context, &arguments),
        Verb::Trace(arguments) => commands::trace::run(context, &arguments)?,
        Verb::Check(arguments) => commands::check::run(context, &arguments)?,
        Verb::Sync => commands::sync::run(context)?,
        Verb::Probe => return commands::probe::run(context),
        Verb::Gc { dry_run } => commands::gc::run(context, dry_run)?,
    }
    Ok(0)
}
