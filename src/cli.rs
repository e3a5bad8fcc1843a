//! The command line: argument grammar to typed arguments. No I/O.
//!
//! [`VERBS`] is the one table of everything that can be asked for: a row a verb, with its words, its help and its reader. A reader
//! gives back what is to be done with the arguments that it has read.

mod args;
mod container;
mod ip;
mod look;
mod network;
mod ping;
mod repair;
mod run;

use std::ffi::OsString;

use crate::commands::{self, Context};
use crate::container::{exec, start};
use crate::error::{Report, Result};
use crate::session::Session;
use args::{Args, Parsed, Run, Stop, Word};

/// One verb.
struct Verb {
    words: &'static [&'static str],
    help: &'static str,
    read: fn(&mut Args) -> Parsed<Run>,
}

const fn verb(words: &'static [&'static str], help: &'static str, read: fn(&mut Args) -> Parsed<Run>) -> Verb {
    Verb { words, help, read }
}

/// All verbs. A group's own help stands under the group's words alone.
const VERBS: &[Verb] = &[
    verb(&["network"], include_str!("cli/help/network.txt"), group),
    verb(&["network", "create"], include_str!("cli/help/network_create.txt"), network::create),
    verb(&["network", "ls"], include_str!("cli/help/network_ls.txt"), network::ls),
    verb(&["network", "list"], include_str!("cli/help/network_ls.txt"), network::ls),
    verb(&["network", "inspect"], include_str!("cli/help/network_inspect.txt"), network::inspect),
    verb(&["network", "rm"], include_str!("cli/help/network_rm.txt"), network::rm),
    verb(&["network", "remove"], include_str!("cli/help/network_rm.txt"), network::rm),
    verb(&["network", "prune"], include_str!("cli/help/network_prune.txt"), network::prune),
    verb(&["network", "connect"], include_str!("cli/help/network_connect.txt"), network::connect),
    verb(&["network", "disconnect"], include_str!("cli/help/network_disconnect.txt"), network::disconnect),
    verb(&["run"], include_str!("cli/help/run.txt"), run::run),
    verb(&["create"], include_str!("cli/help/create.txt"), run::create),
    verb(&["start"], include_str!("cli/help/start.txt"), container::start),
    verb(&["exec"], include_str!("cli/help/exec.txt"), container::exec),
    verb(&["attach"], include_str!("cli/help/attach.txt"), container::attach),
    verb(&["ps"], include_str!("cli/help/ps.txt"), container::ps),
    verb(&["logs"], include_str!("cli/help/logs.txt"), container::logs),
    verb(&["stop"], include_str!("cli/help/stop.txt"), container::stop_verb),
    verb(&["kill"], include_str!("cli/help/kill.txt"), container::kill),
    verb(&["restart"], include_str!("cli/help/restart.txt"), container::restart_verb),
    verb(&["rm"], include_str!("cli/help/rm.txt"), container::rm),
    verb(&["pause"], include_str!("cli/help/pause.txt"), container::pause),
    verb(&["unpause"], include_str!("cli/help/unpause.txt"), container::unpause),
    verb(&["wait"], include_str!("cli/help/wait.txt"), container::wait),
    verb(&["rename"], include_str!("cli/help/rename.txt"), container::rename),
    verb(&["top"], include_str!("cli/help/top.txt"), container::top),
    verb(&["stats"], include_str!("cli/help/stats.txt"), container::stats),
    verb(&[start::VERB], "", container::watcher),
    verb(&[exec::VERB], "", container::exec_watcher),
    verb(&["inspect"], include_str!("cli/help/inspect.txt"), look::inspect),
    verb(&["port"], include_str!("cli/help/port.txt"), look::port),
    verb(&["ip"], include_str!("cli/help/ip.txt"), ip::read),
    verb(&["brctl"], include_str!("cli/help/brctl.txt"), look::brctl),
    verb(&["ethtool"], include_str!("cli/help/ethtool.txt"), look::ethtool),
    verb(&["ping"], include_str!("cli/help/ping.txt"), ping::read),
    verb(&["trace"], include_str!("cli/help/trace.txt"), look::trace),
    verb(&["check"], include_str!("cli/help/check.txt"), look::check),
    verb(&["probe"], include_str!("cli/help/probe.txt"), look::probe),
    verb(&["sync"], include_str!("cli/help/sync.txt"), repair::sync),
    verb(&["gc"], include_str!("cli/help/gc.txt"), repair::gc),
];

/// Names that the executable may be linked as, and the words each stands for.
const APPLETS: &[(&str, &[&str])] =
    &[("docker", &[]), ("ip", &["ip"]), ("brctl", &["brctl"]), ("ethtool", &["ethtool"]), ("ping", &["ping"])];

const TOP: &str = include_str!("cli/help/pontoon.txt");

const VERSION: &str = concat!("pontoon ", env!("CARGO_PKG_VERSION"), "\n");

/// Where the records are when nobody says otherwise.
const STATE_DIR: &str = "/run/pontoon";

/// What came of a command line.
#[derive(Debug)]
pub struct Outcome {
    /// Errors are to be JSON.
    pub json: bool,
    /// Words for the front of an error message: `network create lan`.
    pub subject: String,
    /// The process's exit code, or what went wrong.
    pub result: Result<u8>,
}

/// Reads a command line and has it carried out. `program` is `argv[0]`, `state_dir` the environment's `PONTOON_STATE_DIR`; `report`
/// says where what is beside the result goes, as JSON or not, each netlink message or not.
pub fn run(
    program: &str,
    arguments: Vec<OsString>,
    state_dir: Option<String>,
    report: fn(json: bool, verbose: bool) -> Report,
) -> Outcome {
    let name = program.rsplit('/').next().unwrap_or(program);
    let applet = APPLETS.iter().find(|(known, _)| *known == name).map_or(&[] as &[&str], |(_, words)| *words);
    let mut args = Args::new(arguments, TOP);
    args.verb.extend(applet.iter().map(|word| (*word).to_owned()));
    let mut state_dir = state_dir.unwrap_or_else(|| STATE_DIR.to_owned());
    let read = read(&mut args, &mut state_dir);
    let session = Session { state_dir, report: report(args.json, args.verbose) };
    let context = Context { json: args.json, session };
    let result = match read {
        Ok(run) => run(&context),
        Err(Stop::Print(text)) => commands::print(text).map(|()| 0),
        Err(Stop::Wrong(error)) => Err(error),
    };
    Outcome { json: args.json, subject: args.subject(), result }
}

/// Reads global options and the verb's words, then has the verb read the rest.
fn read(args: &mut Args, state_dir: &mut String) -> Parsed<Run> {
    // An applet's first word may be an option of its own (`ip -j addr`), so a verb without further words takes over at once.
    loop {
        if let Some(verb) = VERBS.iter().find(|verb| verb.words == args.verb) {
            args.help = verb.help;
            let is_group = VERBS.iter().any(|other| other.words.len() > verb.words.len() && begins(other, &args.verb));
            if !is_group {
                return (verb.read)(args);
            }
        }
        match args.next_of_verb()? {
            Some(Word::Option(option)) => match option.as_str() {
                "-j" => args.json = true,
                "-v" | "--verbose" => args.verbose = true,
                "--state-dir" => *state_dir = args.value("--state-dir")?,
                "--version" if args.verb.is_empty() => return Err(Stop::Print(VERSION)),
                _ => return Err(args.unknown(&option)),
            },
            Some(Word::Operand(word)) => {
                args.verb.push(word);
                if !VERBS.iter().any(|verb| begins(verb, &args.verb)) {
                    let word = args.verb.pop().unwrap_or_default();
                    return Err(args.wrong(&format!("unknown command '{word}'")));
                }
            }
            None => return group(args),
        }
    }
}

/// Whether a verb's words begin with these.
fn begins(verb: &Verb, words: &[String]) -> bool {
    verb.words.len() >= words.len() && verb.words.iter().zip(words).all(|(known, word)| known == word)
}

/// A group of verbs alone: which of them is missing.
fn group(args: &mut Args) -> Parsed<Run> {
    Err(args.wrong("a command is missing"))
}
