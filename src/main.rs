//! pontoon: Docker's bridge network without Docker, in one small static executable.
//!
//! This file picks the front door: reads the command line, has the verb carried out, and is the only one that writes to standard
//! error.

mod cli;
mod commands;
mod container;
mod diagnose;
mod error;
mod firewall;
mod ipam;
mod kernel;
mod model;
mod network;
mod sandbox;
mod session;
mod store;
mod sys;
mod types;
mod undo;
mod views;

use std::env;
use std::fmt::Arguments;
use std::io::{self, Write};
use std::process::ExitCode;

use error::{Error, Report, Warning};
use serde_json::json;
use views::{json, plain};

#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let mut arguments = env::args_os();
    let program = arguments.next().unwrap_or_default().to_string_lossy().into_owned();
    let state_dir = env::var("PONTOON_STATE_DIR").ok();
    let outcome = cli::run(&program, arguments.collect(), state_dir, report);
    match outcome.result {
        Ok(code) => code.into(),
        Err(error) => {
            complain(outcome.json, &outcome.subject, &error);
            error.exit_code().into()
        }
    }
}

/// Where warnings and, with `-v`, netlink messages go.
fn report(json: bool, verbose: bool) -> Report {
    let warn = if json { warn_as_json } else { warn };
    Report { warn, trace: if verbose { Some(trace) } else { None } }
}

fn warn(warning: &Warning) {
    say(&plain::printable(&format!("pontoon: warning: {warning}")));
}

fn warn_as_json(warning: &Warning) {
    say(&json::line(&json!({ "warning": warning.to_string() })));
}

fn trace(line: Arguments<'_>) {
    say(&plain::printable(&line.to_string()));
}

/// One line for each failure: the program, the verb and its objects, what went wrong and what to do.
fn complain(json: bool, subject: &str, error: &Error) {
    let colon = if subject.is_empty() { "" } else { ": " };
    match error {
        Error::Several(errors) => errors.iter().for_each(|error| complain(json, subject, error)),
        Error::OtherTool { line, .. } => say(&plain::printable(line)),
        error if !json => say(&plain::printable(&format!("pontoon: {subject}{colon}{error}"))),
        error => {
            let text = format!("{subject}{colon}{error}");
            let exit = error.exit_code();
            say(&json::line(&match error.errno() {
                Some(errno) => json!({ "error": text, "errno": error::name(errno), "exit": exit }),
                None => json!({ "error": text, "exit": exit }),
            }));
        }
    }
}

/// One line on standard error, in one piece; where that fails there is nobody left to tell.
fn say(line: &str) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}
