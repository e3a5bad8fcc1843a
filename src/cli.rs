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

use core::ffi::CStr;

use crate::commands::network::{connect, create, disconnect, ls, prune, rm};
use crate::commands::{self, Context};
use crate::commands::{check as checking, ping as pinging, trace as tracing};
use crate::error::{Error, Failure};
use crate::packed::{Packed, packed};
use crate::prelude::*;
use words::{Parsed, Word, Words};

/// What the command line asks for.
#[derive(Debug)]
pub enum Verb {
    /// Print this text: help, or the version.
    Print(Text),
    /// `ip addr`, `ip link`, `ip route`, `ip neigh`.
    Ip(Box<commands::ip::Show>),
    /// `ip netns`.
    IpNetns(commands::ip_netns::Request),
    /// `brctl show` of these bridges; of all when there are none.
    Brctl(Vec<Text>),
    /// `ethtool -S` of this interface.
    Ethtool(Text),
    /// `network create`.
    NetworkCreate(Box<create::Arguments>),
    /// `network ls`.
    NetworkLs(ls::Arguments),
    /// `network inspect`.
    NetworkInspect(Vec<Text>),
    /// `network rm`.
    NetworkRm(rm::Arguments),
    /// `network prune`.
    NetworkPrune(prune::Arguments),
    /// `network connect`.
    NetworkConnect(Box<connect::Arguments>),
    /// `network disconnect`.
    NetworkDisconnect(disconnect::Arguments),
    /// `inspect`.
    Inspect(Vec<Text>),
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
    pub subject: Text,
    /// What to do, or what is wrong with the command line.
    pub verb: Result<Verb, Error>,
}

/// One verb: its words, its help, and the reader of its arguments.
struct Entry {
    words: &'static [Text],
    help: Packed,
    parse: fn(&mut Words) -> Parsed<Verb>,
}

const fn verb(words: &'static [Text], help: Packed, parse: fn(&mut Words) -> Parsed<Verb>) -> Entry {
    Entry { words, help, parse }
}

/// All verbs. A group's own help stands under the group's words alone.
const VERBS: &[Entry] = &[
    verb(&["ip"], packed!("ip.txt"), ip::parse),
    verb(&["brctl"], packed!("brctl.txt"), brctl::parse),
    verb(&["ethtool"], packed!("ethtool.txt"), ethtool::parse),
    verb(&["network"], packed!("network.txt"), network::group),
    verb(&["network", "create"], packed!("network_create.txt"), network::create),
    verb(&["network", "ls"], packed!("network_ls.txt"), network::ls),
    verb(&["network", "list"], packed!("network_ls.txt"), network::ls),
    verb(&["network", "inspect"], packed!("network_inspect.txt"), network::inspect),
    verb(&["network", "rm"], packed!("network_rm.txt"), network::rm),
    verb(&["network", "remove"], packed!("network_rm.txt"), network::rm),
    verb(&["network", "prune"], packed!("network_prune.txt"), network::prune),
    verb(&["network", "connect"], packed!("network_connect.txt"), network::connect),
    verb(&["network", "disconnect"], packed!("network_disconnect.txt"), network::disconnect),
    verb(&["inspect"], packed!("inspect.txt"), network::inspect_any),
    verb(&["port"], packed!("port.txt"), port::parse),
    verb(&["ping"], packed!("ping.txt"), ping::parse),
    verb(&["trace"], packed!("trace.txt"), trace::parse),
    verb(&["check"], packed!("check.txt"), check::parse),
    verb(&["probe"], packed!("probe.txt"), network::probe),
    verb(&["gc"], packed!("gc.txt"), network::gc),
    verb(&["sync"], packed!("sync.txt"), network::sync),
];

/// Names that the executable may be linked as, and the words each stands for.
const APPLETS: &[(Text, &[Text])] =
    &[("docker", &[]), ("ip", &["ip"]), ("brctl", &["brctl"]), ("ethtool", &["ethtool"]), ("ping", &["ping"])];

const TOP: Packed = packed!("pontoon.txt");

/// Where the records are when nobody says otherwise.
const STATE_DIR: Text = "/run/pontoon";

/// Reads a command line; `program` is `argv[0]`, `state_dir` the environment's `PONTOON_STATE_DIR`.
#[must_use]
pub fn parse(program: Text, arguments: Vec<&'static CStr>, state_dir: Option<Text>) -> Invocation {
    let mut context = Context { json: false, verbose: false, state_dir: state_dir.unwrap_or(STATE_DIR) };
    let name = program.rsplit('/').next().unwrap_or(program);
    let applet = APPLETS.iter().find(|(known, _)| *known == name).map_or(&[] as &[Text], |(_, words)| *words);
    let mut words = Words::new(arguments, TOP);
    words.path.extend(applet.iter().copied());
    let verb = find_verb(&mut words, &mut context);
    context.json |= words.json;
    let subject = words.subject();
    let verb = verb.or_else(|error| match &*error {
        Failure::Print(text) => Ok(Verb::Print(text)),
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
            Some(Word::Option(option)) => match option {
                "-j" => words.json = true,
                "-v" | "--verbose" => context.verbose = true,
                "--state-dir" => context.state_dir = words.value("--state-dir")?,
                "--version" if words.path.is_empty() => {
                    return Err(Failure::Print(concat!("pontoon ", env!("CARGO_PKG_VERSION"), "\n")).into());
                }
                _ => return Err(words.unknown(option)),
            },
            Some(Word::Operand(word)) => {
                words.path.push(word);
                if !VERBS.iter().any(|entry| entry.words.starts_with(&path(words))) {
                    return Err(words.unknown_verb());
                }
            }
            None => return Err(words.incomplete()),
        }
    }
}

fn path(words: &Words) -> Vec<Text> {
    words.path.clone()
}
