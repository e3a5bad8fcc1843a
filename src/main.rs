//! pontoon: Docker's bridge network without Docker, in one small static executable.
//!
//! This file picks the front door: reads the command line, carries out the verb, reports a failure.
#![cfg_attr(not(test), no_main)]
// A development build unwinds, and only std can.
#![cfg_attr(all(panic = "abort", not(test)), no_std)]

extern crate alloc;

mod cli;
mod commands;
mod error;
mod json;
mod kernel;
mod network;
mod packed;
mod prelude;
mod store;
mod sys;
mod views;

use core::ffi::CStr;

use cli::Verb;
use commands::{Context, network as networks};
use error::{Error, Failure, Result};
use json::Json;
use prelude::*;

/// Does what the command line says; gives the process's exit code. `sys::entry` calls it.
fn start(arguments: Vec<&'static CStr>) -> u8 {
    let state_dir = sys::entry::variable(c"PONTOON_STATE_DIR").and_then(|value| value.to_str().ok());
    let arguments: &[_] = arguments.leak();
    let (program, words) =
        arguments.split_first().map_or(("", arguments), |(first, words)| (lossy(first.to_bytes()), words));
    let invocation = cli::parse(program, words, state_dir);
    let context = invocation.context;
    let result = invocation.verb.and_then(|verb| carry_out(&context, verb)).or_else(printed);
    context.end();
    match result {
        Ok(code) => code,
        Err(error) => {
            report(&context, invocation.subject, &error);
            error.exit_code()
        }
    }
}

/// Prints help or the version where that is what the command line asks for.
fn printed(error: Error) -> Result<u8> {
    let Failure::Print(text) = *error else { return Err(error) };
    commands::print(text).map(|()| 0)
}

/// One line on standard error for each failure: the program, the verb and its objects, what went wrong and what to do.
fn report(context: &Context, subject: Text, error: &Error) {
    if let Failure::Several(errors) = &**error {
        return errors.iter().for_each(|error| report(context, subject, error));
    }
    let colon = if subject.is_empty() { "" } else { ": " };
    if !context.json {
        sys::terminal::complain(text!("pontoon: {subject}{colon}{error}\n"));
        return;
    }
    let json = Json::object_of(|json| {
        json.text("error", text!("{subject}{colon}{error}"));
        if let Some(errno) = error.errno() {
            json.text("errno", sys::errno::name(errno));
        }
        json.number("exit", error.exit_code().into());
    });
    sys::terminal::complain(&(json.compact() + "\n"));
}

/// Carries out a verb; gives the process's exit code.
fn carry_out(context: &Context, verb: Verb) -> Result<u8> {
    match verb {
        Verb::Ip(show) => commands::ip::run(context, show)?,
        Verb::IpNetns(request) => commands::ip_netns::run(context, request)?,
        Verb::Brctl(bridges) => commands::brctl::run(context, bridges)?,
        Verb::Ethtool(interface) => return commands::ethtool::run(context, interface),
        Verb::NetworkCreate(arguments) => networks::create::run(context, arguments)?,
        Verb::NetworkLs(arguments) => networks::ls::run(context, arguments)?,
        Verb::NetworkInspect(names) => networks::inspect::run(context, names)?,
        Verb::NetworkRm(arguments) => networks::rm::run(context, arguments)?,
        Verb::NetworkPrune(arguments) => networks::prune::run(context, arguments)?,
        Verb::NetworkConnect(arguments) => networks::connect::run(context, arguments)?,
        Verb::NetworkDisconnect(arguments) => networks::disconnect::run(context, arguments)?,
        Verb::Inspect(names) => commands::inspect::run(context, names)?,
        Verb::Port(arguments) => commands::port::run(context, arguments)?,
        Verb::Ping(arguments) => return commands::ping::run(context, arguments),
        Verb::Trace(arguments) => commands::trace::run(context, arguments)?,
        Verb::Check(arguments) => commands::check::run(context, arguments)?,
        Verb::Sync => commands::sync::run(context)?,
        Verb::Probe => return commands::probe::run(context),
        Verb::Gc { dry_run } => commands::gc::run(context, dry_run)?,
    }
    Ok(0)
}
