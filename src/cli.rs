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
use crate::commands::{check as checking, ping as pinging};
use crate::error::{Error, Failure};
use crate::packed::{Packed, packed};
use crate::prelude::*;
use words::{Parsed, Word, Words};

/// What the command line asks for.
#[derive(Debug)]
pub enum Verb {
    /// `ip addr`, `ip link`, `ip route`, `ip neigh`.
    Ip(&'static mut commands::ip::Show),
    /// `ip netns`.
    IpNetns(&'static commands::ip_netns::Request),
    /// `brctl show` of these bridges; of all when there are none.
    Brctl(&'static [Text]),
    /// `ethtool -S` of this interface.
    Ethtool(Text),
    /// `network create`.
    NetworkCreate(&'static mut create::Arguments),
    /// `network ls`.
    NetworkLs(&'static ls::Arguments),
    /// `network inspect`.
    NetworkInspect(&'static [Text]),
    /// `network rm`.
    NetworkRm(&'static rm::Arguments),
    /// `network prune`.
    NetworkPrune(&'static prune::Arguments),
    /// `network connect`.
    NetworkConnect(&'static connect::Arguments),
    /// `network disconnect`.
    NetworkDisconnect(&'static disconnect::Arguments),
    /// `inspect`.
    Inspect(&'static [Text]),
    /// `port`.
    Port(&'static commands::port::Arguments),
    /// `ping`.
    Ping(&'static pinging::Arguments),
    /// `trace` of these; of all when there are none.
    Trace(&'static [Text]),
    /// `check`.
    Check(&'static checking::Arguments),
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

/// One verb: its words, its help, and the reader of its arguments; a group of verbs has none.
struct Entry {
    words: Text,
    help: Packed,
    parse: Option<Parse>,
}

type Parse = fn(&mut Words) -> Parsed<Verb>;

const fn verb(words: Text, help: Packed, parse: Parse) -> Entry {
    Entry { words, help, parse: Some(parse) }
}

/// All verbs. A group's own help stands under the group's words alone.
const VERBS: &[Entry] = &[
    verb("ip", packed!("ip.txt"), ip::parse),
    verb("brctl", packed!("brctl.txt"), brctl::parse),
    verb("ethtool", packed!("ethtool.txt"), ethtool::parse),
    Entry { words: "network", help: packed!("network.txt"), parse: None },
    verb("network create", packed!("network_create.txt"), network::create),
    verb("network ls", packed!("network_ls.txt"), network::ls),
    verb("network list", packed!("network_ls.txt"), network::ls),
    verb("network inspect", packed!("network_inspect.txt"), network::inspect),
    verb("network rm", packed!("network_rm.txt"), network::rm),
    verb("network remove", packed!("network_rm.txt"), network::rm),
    verb("network prune", packed!("network_prune.txt"), network::prune),
    verb("network connect", packed!("network_connect.txt"), network::connect),
    verb("network disconnect", packed!("network_disconnect.txt"), network::disconnect),
    verb("inspect", packed!("inspect.txt"), network::inspect_any),
    verb("port", packed!("port.txt"), port::parse),
    verb("ping", packed!("ping.txt"), ping::parse),
    verb("trace", packed!("trace.txt"), trace::parse),
    verb("check", packed!("check.txt"), check::parse),
    verb("probe", packed!("probe.txt"), network::probe),
    verb("gc", packed!("gc.txt"), network::gc),
    verb("sync", packed!("sync.txt"), network::sync),
];

/// Names that the executable may be linked as, each a verb. As `docker` it is all of them.
const APPLETS: &[Text] = &["ip", "brctl", "ethtool", "ping"];

const TOP: Packed = packed!("pontoon.txt");

/// Where the records are when nobody says otherwise.
const STATE_DIR: Text = "/run/pontoon";

/// Reads a command line; `program` is `argv[0]`, `state_dir` the environment's `PONTOON_STATE_DIR`.
#[must_use]
pub fn parse(program: Text, arguments: &'static [&'static CStr], state_dir: Option<Text>) -> Invocation {
    let context = Context::new(state_dir.unwrap_or(STATE_DIR));
    let mut words = Words::new(arguments, TOP, context);
    let name = split_last(program, b'/').map_or(program, |(_, name)| name);
    let applet = APPLETS.contains(&name).then_some(Word::Operand(name));
    let verb = read(&mut words, applet);
    Invocation { subject: words.subject(), context: words.context, verb }
}

/// Reads global options and the verb's words, of which the executable's name may be the first; then has the verb read the rest.
fn read(words: &mut Words, mut applet: Option<Word>) -> Parsed<Verb> {
    loop {
        let word = match applet.take() {
            None => words.next("j:-j v:-v|--verbose s:--state-dir= V:--version")?,
            applet => applet,
        };
        match word {
            Some(Word::Option(option)) => match words.letter {
                b'j' => words.context.json = true,
                b'v' => words.context.verbose = true,
                b's' => words.context.state_dir = words.value,
                _ if words.path.is_empty() => {
                    return Err(Failure::Print(concat!("pontoon ", env!("CARGO_PKG_VERSION"), "\n")).into());
                }
                _ => return Err(words.unknown(option)),
            },
            Some(Word::Operand(word)) => {
                let path = text!("{} {word}", words.path);
                let found = VERBS.iter().find(|entry| path.strip_prefix(' ') == Some(entry.words));
                // No word of a verb has a blank, not even where the words together look like one.
                let Some(entry) = found.filter(|_| !word.contains(' ')) else {
                    return Err(words.wrong(text!("unknown command '{word}'")));
                };
                // What the options before were is no matter of the verb's own.
                (words.path, words.help, words.on) = (path, entry.help, false);
                // An applet's first word may be an option of its own (`ip -j addr`): it takes over at once.
                if let Some(parse) = entry.parse {
                    return parse(words);
                }
            }
            None => return Err(words.incomplete()),
        }
    }
}
