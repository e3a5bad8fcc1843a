//! `start`, `exec`, `attach`, `ps`, `logs` and the other verbs of containers that are there; how they are made is in `run.rs`.

use std::time::Duration;

use super::args::{Args, Parsed, Run, command, done, names, no_option, options_only, some_names};
use super::ping::seconds;
use super::run::{environment, keys, signal_of};
use crate::commands::container as commands;
use crate::commands::container::many::{self, Deed};
use crate::container::watch::attach;
use crate::error::{Error, Result};
use crate::types::time;

/// How long `stop` and `restart` wait unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) fn start(args: &mut Args) -> Parsed<Run> {
    let mut arguments = commands::run::Start { detach_keys: attach::DETACH_KEYS.to_vec(), ..Default::default() };
    arguments.names = some_names(args, |args, option| {
        match option {
            "-a" | "--attach" => arguments.attach = args.flag("--attach")?,
            "-i" | "--interactive" => arguments.input = args.flag("--interactive")?,
            "--detach-keys" => arguments.detach_keys = keys(&args.value("--detach-keys")?)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    arguments.attach |= arguments.input;
    if arguments.attach && arguments.names.len() > 1 {
        return Err(args.wrong("-a and -i take one container"));
    }
    Ok(Box::new(move |context| commands::run::start(context, &arguments)))
}

pub(super) fn exec(args: &mut Args) -> Parsed<Run> {
    let mut arguments = commands::exec::Arguments { detach_keys: attach::DETACH_KEYS.to_vec(), ..Default::default() };
    let read = command(args, |args, option| {
        let command = &mut arguments.command;
        match option {
            "-d" | "--detach" => arguments.detach = args.flag("--detach")?,
            "-i" | "--interactive" => command.open_stdin = args.flag("--interactive")?,
            "-t" | "--tty" => command.tty = args.flag("--tty")?,
            "-e" | "--env" => command.env.extend(environment(args.value("--env")?)),
            "-w" | "--workdir" => command.workdir = args.value("--workdir")?,
            "-u" | "--user" => command.user = args.value("--user")?,
            "--detach-keys" => arguments.detach_keys = keys(&args.value("--detach-keys")?)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    match read {
        Some((container, words)) if !words.is_empty() => {
            arguments.command.container = container;
            arguments.command.words = words;
        }
        _ => return Err(args.wrong("expected a CONTAINER and a command")),
    }
    Ok(Box::new(move |context| commands::exec::run(context, &arguments)))
}

pub(super) fn attach(args: &mut Args) -> Parsed<Run> {
    let mut arguments =
        commands::attach::Arguments { detach_keys: attach::DETACH_KEYS.to_vec(), signals: true, ..Default::default() };
    let names = names(args, |args, option| {
        match option {
            "--no-stdin" => arguments.no_stdin = args.flag("--no-stdin")?,
            "--sig-proxy" => arguments.signals = args.flag("--sig-proxy")?,
            "--detach-keys" => arguments.detach_keys = keys(&args.value("--detach-keys")?)?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let [container] = args.exactly(names, "a CONTAINER")?;
    arguments.container = container;
    Ok(Box::new(move |context| commands::attach::run(context, &arguments)))
}

pub(super) fn logs(args: &mut Args) -> Parsed<Run> {
    let mut arguments = commands::logs::Arguments::default();
    let names = names(args, |args, option| {
        match option {
            "-f" | "--follow" => arguments.follow = args.flag("--follow")?,
            "-t" | "--timestamps" => arguments.timestamps = args.flag("--timestamps")?,
            "-n" | "--tail" => arguments.tail = tail(&args.value("--tail")?)?,
            "--since" => arguments.since = Some(since(&args.value("--since")?)?),
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    let [container] = args.exactly(names, "a CONTAINER")?;
    arguments.container = container;
    done(move |context| commands::logs::run(context, &arguments))
}

fn tail(text: &str) -> Result<Option<usize>> {
    if text == "all" {
        Ok(None)
    } else {
        text.parse().map(Some).map_err(|_| Error::value("--tail", text, "a number of lines, or 'all'"))
    }
}

/// A time, or how long ago: `10m`, `1h30m`, `2026-11-26T13:55:27Z`, seconds since 1970.
fn since(text: &str) -> Result<i64> {
    if let Some(seconds) = text.parse().ok().or_else(|| time::parse(text)) {
        return Ok(seconds);
    }
    let mut ago = 0;
    let mut digits = String::new();
    for c in text.chars() {
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            c => {
                digits.push(c);
                continue;
            }
        };
        ago += digits.parse::<i64>().unwrap_or(i64::MIN / 2) * unit;
        digits.clear();
    }
    if digits.is_empty() && ago > 0 {
        return Ok(time::now_seconds() - ago);
    }
    Err(Error::value("--since", text, "a time in RFC 3339, or how long ago, as 10m"))
}

pub(super) fn ps(args: &mut Args) -> Parsed<Run> {
    let mut arguments = commands::ps::Arguments::default();
    options_only(args, |args, option| {
        match option {
            "-a" | "--all" => arguments.all = args.flag("--all")?,
            "-q" | "--quiet" => arguments.quiet = args.flag("--quiet")?,
            "--no-trunc" => arguments.no_trunc = args.flag("--no-trunc")?,
            "-l" | "--latest" => arguments.last = args.flag("--latest")?.then_some(1),
            "-n" | "--last" => {
                let text = args.value("--last")?;
                arguments.last = Some(text.parse().map_err(|_| Error::value("--last", &text, "a number"))?);
            }
            "-f" | "--filter" => {
                let text = args.value("--filter")?;
                let (key, value) = text.split_once('=').ok_or_else(|| Error::value("--filter", &text, "KEY=VALUE"))?;
                arguments.filters.push((key.to_owned(), value.to_owned()));
            }
            "--format" => {
                let format = args.value("--format")?;
                if !matches!(format.as_str(), "json" | "table") {
                    return Err(Error::value("--format", &format, "'json' or 'table'").into());
                }
                arguments.json = format == "json";
            }
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    done(move |context| commands::ps::run(context, &arguments))
}

fn to_each(
    args: &mut Args,
    deed: Deed,
    mut option: impl FnMut(&mut Args, &str, &mut Deed) -> Parsed<bool>,
) -> Parsed<Run> {
    let mut deed = deed;
    let names = some_names(args, |args, given| option(args, given, &mut deed))?;
    done(move |context| many::run(context, &names, &deed))
}

pub(super) fn stop_verb(args: &mut Args) -> Parsed<Run> {
    to_each(args, Deed::Stop(PATIENCE, None), |args, option, deed| {
        let Deed::Stop(patience, signal) = deed else { return Ok(false) };
        match option {
            "-t" | "--time" | "--timeout" => *patience = seconds("--time", &args.value("--time")?)?,
            "-s" | "--signal" => *signal = Some(signal_of("--signal", &args.value("--signal")?)?),
            _ => return Ok(false),
        }
        Ok(true)
    })
}

pub(super) fn restart_verb(args: &mut Args) -> Parsed<Run> {
    to_each(args, Deed::Restart(PATIENCE), |args, option, deed| {
        let known = matches!(option, "-t" | "--time" | "--timeout");
        if known {
            *deed = Deed::Restart(seconds("--time", &args.value("--time")?)?);
        }
        Ok(known)
    })
}

pub(super) fn kill(args: &mut Args) -> Parsed<Run> {
    to_each(args, Deed::Kill(9), |args, option, deed| {
        let known = matches!(option, "-s" | "--signal");
        if known {
            *deed = Deed::Kill(signal_of("--signal", &args.value("--signal")?)?);
        }
        Ok(known)
    })
}

pub(super) fn rm(args: &mut Args) -> Parsed<Run> {
    to_each(args, Deed::Remove(false), |args, option, deed| {
        let known = matches!(option, "-f" | "--force");
        if known {
            *deed = Deed::Remove(args.flag("--force")?);
        }
        // Docker's -v removes volumes without names; here all have one.
        Ok(known || matches!(option, "-v" | "--volumes"))
    })
}

pub(super) fn pause(args: &mut Args) -> Parsed<Run> {
    to_each(args, Deed::Pause(true), |_, _, _| Ok(false))
}

pub(super) fn unpause(args: &mut Args) -> Parsed<Run> {
    to_each(args, Deed::Pause(false), |_, _, _| Ok(false))
}

pub(super) fn wait(args: &mut Args) -> Parsed<Run> {
    let names = some_names(args, no_option)?;
    done(move |context| many::wait(context, &names))
}

pub(super) fn rename(args: &mut Args) -> Parsed<Run> {
    let names = names(args, no_option)?;
    let [old, new] = args.exactly(names, "a CONTAINER and its NEW_NAME")?;
    done(move |context| many::rename(context, &old, &new))
}

pub(super) fn top(args: &mut Args) -> Parsed<Run> {
    let names = names(args, no_option)?;
    let [container] = args.exactly(names, "a CONTAINER")?;
    done(move |context| commands::top::top(context, &container))
}

pub(super) fn stats(args: &mut Args) -> Parsed<Run> {
    let mut once = false;
    let names = names(args, |args, option| {
        let known = option == "--no-stream";
        if known {
            once = args.flag("--no-stream")?;
        }
        Ok(known)
    })?;
    if !once {
        return Err(args.wrong("only --no-stream is known: what containers use now"));
    }
    done(move |context| commands::top::stats(context, &names))
}

/// The watcher of a container: this program calls itself so, with the caller on standard input.
pub(super) fn watcher(args: &mut Args) -> Parsed<Run> {
    let names = names(args, no_option)?;
    let [name] = args.exactly(names, "a CONTAINER")?;
    done(move |context| commands::watch::container(context, &name))
}

/// The watcher of a further command.
pub(super) fn exec_watcher(args: &mut Args) -> Parsed<Run> {
    options_only(args, no_option)?;
    done(commands::watch::exec)
}
