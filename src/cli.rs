//! The command line: argument grammar to typed arguments. No I/O.
//!
//! One file a group of verbs. [`VERBS`] is the list of everything that can be asked for; `main.rs` carries it out.

mod brctl;
mod check;
mod ethtool;
mod ip;
mod network;
mod ping;
mod port;
mod trace;
mod words;

use std::ffi::OsString;

use crate::commands::network::{connect, create, disconnect, ls, prune, rm};
use crate::commands::{self, Context};
use crate::commands::{check as checking, ping as pinging, trace as tracing};
use crate::error::{Error, Failure};
use words::{Parsed, Word, Words};

/// What the command line asks for.
#[derive(Debug)]
pub enum Verb {
    /// Print this text: help, or the version.
    Print(String),
    /// `ip addr`, `ip link`, `ip route`, `ip neigh`.
    Ip(Box<commands::ip::Show>),
    /// `ip netns`.
    IpNetns(commands::ip_netns::Request),
    /// `brctl show` of these bridges; of all when there are none.
    Brctl(Vec<String>),
    /// `ethtool -S` of this interface.
    Ethtool(String),
    /// `network create`.
    NetworkCreate(Box<create::Arguments>),
    /// `network ls`.
    NetworkLs(ls::Arguments),
    /// `network inspect`.
    NetworkInspect(Vec<String>),
    /// `network rm`.
    NetworkRm(rm::Arguments),
    /// `network prune`.
    NetworkPrune(prune::Arguments),
    /// `network connect`.
    NetworkConnect(Box<connect::Arguments>),
    /// `network disconnect`.
    NetworkDisconnect(disconnect::Arguments),
    /// `inspect`.
    Inspect(Vec<String>),
    /// `port`.
    Port(commands::port::Arguments),
    /// `ping`.
    Ping(Box<pinging::Arguments>),
    /// `trace`.
    Trace(tracing::Arguments),
    /// `check`.
    Check(checking::Arguments),
    /// `sync`.
    Sync,
    /// `probe`.
    Probe,
    /// `gc`.
    Gc {
        /// Change nothing; print what would be removed.
        dry_run: bool,
    },
}

/// A parsed command line.
#[derive(Debug)]
pub struct Invocation {
    /// The global options.
    pub context: Context,
    /// Words for the front of an error message: `network create lan`.
    pub subject: String,
    /// What to do, or what is wrong with the command line.
    pub verb: Result<Verb, Error>,
}

/// One verb: its words, its help, and the reader of its arguments.
struct Entry {
    words: &'static [&'static str],
    help: &'static str,
    parse: fn(&mut Words) -> Parsed<Verb>,
}

const fn verb(words: &'static [&'static str], help: &'static str, parse: fn(&mut Words) -> Parsed<Verb>) -> Entry {
    Entry { words, help, parse }
}

/// All verbs. A group's own help stands under the group's words alone.
const VERBS: &[Entry] = &[
    verb(&["ip"], include_str!("cli/help/ip.txt"), ip::parse),
    verb(&["brctl"], include_str!("cli/help/brctl.txt"), brctl::parse),
    verb(&["ethtool"], include_str!("cli/help/ethtool.txt"), ethtool::parse),
    verb(&["network"], include_str!("cli/help/network.txt"), network::group),
    verb(&["network", "create"], include_str!("cli/help/network_create.txt"), network::create),
    verb(&["network", "ls"], include_str!("cli/help/network_ls.txt"), network::ls),
    verb(&["network", "list"], include_str!("cli/help/network_ls.txt"), network::ls),
    verb(&["network", "inspect"], include_str!("cli/help/network_inspect.txt"), network::inspect),
    verb(&["network", "rm"], include_str!("cli/help/network_rm.txt"), network::rm),
    verb(&["network", "remove"], include_str!("cli/help/network_rm.txt"), network::rm),
    verb(&["network", "prune"], include_str!("cli/help/network_prune.txt"), network::prune),
    verb(&["network", "connect"], include_str!("cli/help/network_connect.txt"), network::connect),
    verb(&["network", "disconnect"], include_str!("cli/help/network_disconnect.txt"), network::disconnect),
    verb(&["inspect"], include_str!("cli/help/inspect.txt"), network::inspect_any),
    verb(&["port"], include_str!("cli/help/port.txt"), port::parse),
    verb(&["ping"], include_str!("cli/help/ping.txt"), ping::parse),
    verb(&["trace"], include_str!("cli/help/trace.txt"), trace::parse),
    verb(&["check"], include_str!("cli/help/check.txt"), check::parse),
    verb(&["probe"], include_str!("cli/help/probe.txt"), network::probe),
    verb(&["gc"], include_str!("cli/help/gc.txt"), network::gc),
    verb(&["sync"], include_str!("cli/help/sync.txt"), network::sync),
];

/// Names that the executable may be linked as, and the words each stands for.
const APPLETS: &[(&str, &[&str])] =
    &[("docker", &[]), ("ip", &["ip"]), ("brctl", &["brctl"]), ("ethtool", &["ethtool"]), ("ping", &["ping"])];

const TOP: &str = include_str!("cli/help/pontoon.txt");

/// Where the records are when nobody says otherwise.
const STATE_DIR: &str = "/run/pontoon";

/// Reads a command line; `program` is `argv[0]`, `state_dir` the environment's `PONTOON_STATE_DIR`.
#[must_use]
pub fn parse(program: &str, arguments: Vec<OsString>, state_dir: Option<String>) -> Invocation {
    let mut context =
        Context { json: false, verbose: false, state_dir: state_dir.unwrap_or_else(|| STATE_DIR.to_owned()) };
    let name = program.rsplit('/').next().unwrap_or(program);
    let applet = APPLETS.iter().find(|(known, _)| *known == name).map_or(&[] as &[&str], |(_, words)| *words);
    let mut words = Words::new(arguments, TOP);
    words.path.extend(applet.iter().map(|word| (*word).to_owned()));
    let verb = find_verb(&mut words, &mut context);
    context.json |= words.json;
    let subject = words.subject();
    let verb = verb.or_else(|error| match &*error {
        Failure::Print(text) => Ok(Verb::Print(text.clone())),
        _ => Err(error),
    });
    Invocation { context, subject, verb }
}

/// Reads global options and the verb's words, then has the verb read the rest.
fn find_verb(words: &mut Words, context: &mut Context) -> Parsed<Verb> {
    // An applet's first word may be an option of its own (`ip -j addr`), so a verb without further words takes over at once.
    loop {
        let exact = VERBS.iter().find(|entry| entry.words == words.path);
        let longer =
            VERBS.iter().any(|entry| entry.words.len() > words.path.len() && entry.words.starts_with(&path(words)));
        if let Some(entry) = exact {
            words.help = entry.help;
            if !longer {
                return (entry.parse)(words);
            }
        }
        match words.next_global()? {
            Some(Word::Option(option)) => match option.as_str() {
                "-j" => words.json = true,
                "-v" | "--verbose" => context.verbose = true,
                "--state-dir" => context.state_dir = words.value("--state-dir")?,
                "--version" if words.path.is_empty() => {
                    return Err(Failure::Print(concat!("pontoon ", env!("CARGO_PKG_VERSION"), "\n").to_owned()).into());
                }
                _ => return Err(words.unknown(&option)),
            },
            Some(Word::Operand(word)) => {
                words.path.push(word);
                // No word of a verb has a blank, not even where the words together look like one.
                if !VERBS.iter().any(|entry| entry.words.starts_with(&path(words))) {
                    return Err(words.unknown_verb());
                }
            }
            None => return Err(words.incomplete()),
        }
    }
}

fn path(words: &Words) -> Vec<&str> {
    words.path.iter().map(String::as_str).collect()
}
