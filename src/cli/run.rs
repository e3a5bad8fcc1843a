//! `run` and `create`: everything that can be said of a container before it is one.

use super::args::{Args, Parsed, Run, Stop, command, done};
use super::network::{address, address_of, label};
use crate::commands::container as commands;
use crate::container::stop;
use crate::container::watch::attach;
use crate::error::{Doing, Error, Result};
use crate::model::container::{Attach, Container, ExtraHost, NetworkMode, RestartPolicy, Ulimit, Volume};
use crate::model::network::DEFAULT_NETWORK;
use crate::types::family::Family;

/// What is said of a container's networks, until it is known which is the first.
#[derive(Debug, Default)]
struct Networks {
    names: Vec<String>,
    first: Attach,
}

pub(super) fn run(args: &mut Args) -> Parsed<Run> {
    let arguments = container(args, true).map_err(not_run)?;
    Ok(Box::new(move |context| commands::run::run(context, &arguments)))
}

pub(super) fn create(args: &mut Args) -> Parsed<Run> {
    let arguments = container(args, false)?;
    done(move |context| commands::run::create(context, &arguments))
}

/// As with Docker, a wrong command line is no failure of the command.
fn not_run(stop: Stop) -> Stop {
    match stop {
        Stop::Wrong(cause) => Stop::Wrong(Error::NotRun { code: 125, cause }.into()),
        stop @ Stop::Print(_) => stop,
    }
}

fn container(args: &mut Args, runs: bool) -> Parsed<commands::run::Arguments> {
    let mut arguments =
        commands::run::Arguments { detach_keys: attach::DETACH_KEYS.to_vec(), signals: true, ..Default::default() };
    let mut networks = Networks::default();
    args.has_h = true;
    let read = command(args, |args, option| {
        Ok(of_process(args, option, &mut arguments, runs)?
            || of_root(args, option, &mut arguments.container)?
            || of_network(args, option, &mut networks, &mut arguments.container)?
            || of_rights(args, option, &mut arguments.container)?
            || of_limits(args, option, &mut arguments.container)?)
    })?;
    let Some((image, words)) = read else { return Err(args.wrong("expected ROOTFS")) };
    arguments.container.image = image;
    arguments.container.command = words;
    arguments.container.network = networks.mode()?;
    let container = &arguments.container;
    if container.auto_remove && container.restart != RestartPolicy::No {
        return Err(args.wrong("--rm and --restart do not go together"));
    }
    Ok(arguments)
}

/// How the command runs.
fn of_process(args: &mut Args, option: &str, arguments: &mut commands::run::Arguments, runs: bool) -> Parsed<bool> {
    let container = &mut arguments.container;
    match option {
        "-d" | "--detach" if runs => arguments.detach = args.flag("--detach")?,
        "-i" | "--interactive" => container.open_stdin = args.flag("--interactive")?,
        "-t" | "--tty" => container.tty = args.flag("--tty")?,
        "--rm" => container.auto_remove = args.flag("--rm")?,
        "--name" => container.name = args.value("--name")?,
        "-e" | "--env" => container.env.extend(environment(args.value("--env")?)),
        "--env-file" => container.env.extend(env_file(&args.value("--env-file")?)?),
        "-w" | "--workdir" => container.workdir = args.value("--workdir")?,
        "-u" | "--user" => container.user = args.value("--user")?,
        "--restart" => container.restart = restart(&args.value("--restart")?)?,
        "--stop-signal" => container.stop_signal = signal_of("--stop-signal", &args.value("--stop-signal")?)?,
        "-l" | "--label" => container.labels.push(label(&args.value("--label")?)),
        "--init" => container.init = args.flag("--init")?,
        "--cidfile" => arguments.cidfile = Some(args.value("--cidfile")?),
        "--detach-keys" if runs => arguments.detach_keys = keys(&args.value("--detach-keys")?)?,
        "--sig-proxy" if runs => arguments.signals = args.flag("--sig-proxy")?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// What it sees of files.
fn of_root(args: &mut Args, option: &str, container: &mut Container) -> Parsed<bool> {
    match option {
        "--read-only" => container.read_only = args.flag("--read-only")?,
        "--tmpfs" => container.tmpfs.push(tmpfs(args.value("--tmpfs")?)?),
        "-v" | "--volume" => container.volumes.push(volume(&args.value("--volume")?)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// What it is on a network.
fn of_network(args: &mut Args, option: &str, networks: &mut Networks, container: &mut Container) -> Parsed<bool> {
    let first = &mut networks.first;
    match option {
        "--network" | "--net" => networks.names.push(args.value("--network")?),
        "--network-alias" => first.aliases.push(args.value("--network-alias")?),
        "--ip" => first.ip = Some(address_of(args, "--ip", Family::V4)?),
        "--ip6" => first.ip6 = Some(address_of(args, "--ip6", Family::V6)?),
        "--mac-address" => first.mac = Some(args.value_of("--mac-address")?),
        "-p" | "--publish" => first.publish.push(args.value("--publish")?),
        "-h" | "--hostname" => container.hostname = args.value("--hostname")?,
        "--dns" => container.dns.push(address(args, "--dns")?),
        "--add-host" => container.extra_hosts.push(extra_host(&args.value("--add-host")?)?),
        _ => return Ok(false),
    }
    Ok(true)
}

/// What it may do.
fn of_rights(args: &mut Args, option: &str, container: &mut Container) -> Parsed<bool> {
    match option {
        "--cap-add" => container.cap_add.push(args.value("--cap-add")?),
        "--cap-drop" => container.cap_drop.push(args.value("--cap-drop")?),
        "--privileged" => container.privileged = args.flag("--privileged")?,
        "--security-opt" => security(&args.value("--security-opt")?, container)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// How much it may have.
fn of_limits(args: &mut Args, option: &str, container: &mut Container) -> Parsed<bool> {
    match option {
        "-m" | "--memory" => container.memory = bytes("--memory", &args.value("--memory")?)?,
        "--cpus" => container.nano_cpus = cpus(&args.value("--cpus")?)?,
        "--pids-limit" => container.pids_limit = pids(&args.value("--pids-limit")?)?,
        "--ulimit" => container.ulimits.push(ulimit(&args.value("--ulimit")?)?),
        _ => return Ok(false),
    }
    Ok(true)
}

impl Networks {
    fn mode(self) -> Result<NetworkMode> {
        let Self { mut names, first } = self;
        if names.is_empty() {
            names.push(DEFAULT_NETWORK.to_owned());
        }
        let lonely = match names.as_slice() {
            [one] if one == "none" => Some(NetworkMode::None),
            [one] if one == "host" => Some(NetworkMode::Host),
            [one] => one.strip_prefix("container:").map(|other| NetworkMode::Container(other.to_owned())),
            _ => None,
        };
        if let Some(mode) = lonely {
            if first != Attach::default() {
                let message = "addresses, aliases and ports need a network of their own, which --network does not give";
                return Err(Error::Usage(message.to_owned()).into());
            }
            return Ok(mode);
        }
        if let Some(wrong) = names.iter().find(|name| matches!(name.as_str(), "none" | "host") || name.contains(':')) {
            return Err(Error::value("--network", wrong, "the only one, or the name of a network"));
        }
        let mut attaches: Vec<Attach> =
            names.into_iter().map(|network| Attach { network, ..Attach::default() }).collect();
        if let Some(attach) = attaches.first_mut() {
            *attach = Attach { network: attach.network.clone(), ..first };
        }
        Ok(NetworkMode::Networks(attaches))
    }
}

/// `KEY=VALUE`, or the name of a variable that we have.
pub(super) fn environment(text: String) -> Option<String> {
    if text.contains('=') { Some(text) } else { std::env::var(&text).ok().map(|value| format!("{text}={value}")) }
}

fn env_file(path: &str) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(path).doing("read", path)?;
    let lines = text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.filter_map(|line| environment(line.to_owned())).collect())
}

fn restart(text: &str) -> Result<RestartPolicy> {
    let (name, most) = text.split_once(':').map_or((text, None), |(name, most)| (name, Some(most)));
    let wrong = || Error::value("--restart", text, "no, on-failure[:N], always or unless-stopped");
    match (name, most) {
        ("no" | "", None) => Ok(RestartPolicy::No),
        ("on-failure", most) => most.map_or(Ok(0), str::parse).map(RestartPolicy::OnFailure).map_err(|_| wrong()),
        ("always", None) => Ok(RestartPolicy::Always),
        ("unless-stopped", None) => Ok(RestartPolicy::UnlessStopped),
        _ => Err(wrong()),
    }
}

pub(super) fn signal_of(option: &'static str, text: &str) -> Result<i32> {
    stop::signal(text).ok_or_else(|| Error::value(option, text, "a signal's name or number, as TERM or 15"))
}

pub(super) fn keys(text: &str) -> Result<Vec<u8>> {
    attach::keys(text).ok_or_else(|| Error::value("--detach-keys", text, "keys with commas between, as ctrl-p,ctrl-q"))
}

fn tmpfs(text: String) -> Result<String> {
    if text.starts_with('/') {
        Ok(text)
    } else {
        Err(Error::value("--tmpfs", &text, "an absolute path, then ':' and options"))
    }
}

fn volume(text: &str) -> Result<Volume> {
    let wrong = || Error::value("--volume", text, "SOURCE:TARGET or SOURCE:TARGET:ro, both absolute paths");
    let mut words = text.split(':');
    let (source, target, option) = (words.next(), words.next(), words.next());
    let absolute = |path: Option<&str>| path.filter(|path| path.starts_with('/')).map(str::to_owned).ok_or_else(wrong);
    let read_only = match option {
        None | Some("rw") => false,
        Some("ro") => true,
        Some(_) => return Err(wrong()),
    };
    if words.next().is_some() {
        return Err(wrong());
    }
    Ok(Volume { source: absolute(source)?, target: absolute(target)?, read_only })
}

fn extra_host(text: &str) -> Result<ExtraHost> {
    let must = "NAME:ADDRESS";
    let (name, address) = text.split_once(':').ok_or_else(|| Error::value("--add-host", text, must))?;
    let address = address.trim_start_matches('[').trim_end_matches(']').parse();
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace);
    match address {
        Ok(address) if is_name => Ok(ExtraHost { name: name.to_owned(), address }),
        _ => Err(Error::value("--add-host", text, must)),
    }
}

fn security(text: &str, container: &mut Container) -> Result<()> {
    match text {
        "seccomp=unconfined" | "seccomp:unconfined" => container.unconfined = true,
        "no-new-privileges" | "no-new-privileges=true" | "no-new-privileges:true" => container.new_privileges = false,
        "no-new-privileges=false" | "no-new-privileges:false" => container.new_privileges = true,
        _ => return Err(Error::value("--security-opt", text, "seccomp=unconfined or no-new-privileges[=false]")),
    }
    Ok(())
}

/// `64m`, `1g`, `1048576`.
fn bytes(option: &'static str, text: &str) -> Result<u64> {
    let lower = text.to_ascii_lowercase();
    let digits = lower.trim_end_matches('b').trim_end_matches('i');
    let (digits, factor) = match digits.chars().last() {
        Some('k') => (digits.trim_end_matches('k'), 1 << 10),
        Some('m') => (digits.trim_end_matches('m'), 1 << 20),
        Some('g') => (digits.trim_end_matches('g'), 1 << 30),
        _ => (digits, 1),
    };
    let value = digits.parse::<u64>().ok().and_then(|value| value.checked_mul(factor));
    value.ok_or_else(|| Error::value(option, text, "a number of bytes, or one with k, m or g"))
}

/// `1.5`: in billionths.
fn cpus(text: &str) -> Result<u64> {
    let wrong = || Error::value("--cpus", text, "a number of processors, as 0.5");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let number = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<u64>().map_err(|_| wrong()) };
    if part.len() > 9 || text.is_empty() || text == "." {
        return Err(wrong());
    }
    let scaled = number(&format!("{part:0<9}"))?;
    number(whole)?.checked_mul(1_000_000_000).and_then(|whole| whole.checked_add(scaled)).ok_or_else(wrong)
}

/// As with Docker, -1 and 0 are no limit.
fn pids(text: &str) -> Result<u64> {
    if text == "-1" { Ok(0) } else { text.parse().map_err(|_| Error::value("--pids-limit", text, "a number, or -1")) }
}

/// `nofile=1024:2048`, `core=0`, `-1` for no limit.
fn ulimit(text: &str) -> Result<Ulimit> {
    let wrong = || Error::value("--ulimit", text, "NAME=SOFT[:HARD], as nofile=1024:2048");
    let (name, limits) = text.split_once('=').ok_or_else(wrong)?;
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    let limit = |text: &str| if text == "-1" { Ok(None) } else { text.parse().map(Some).map_err(|_| wrong()) };
    Ok(Ulimit { name: name.to_owned(), soft: limit(soft)?, hard: limit(hard)? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_dockers() {
        assert_eq!(bytes("-m", "64m").unwrap(), 64 << 20);
        assert_eq!(bytes("-m", "1G").unwrap(), 1 << 30);
        assert_eq!(bytes("-m", "512").unwrap(), 512);
        assert_eq!(bytes("-m", "4kb").unwrap(), 4096);
        assert!(bytes("-m", "").is_err() && bytes("-m", "m").is_err() && bytes("-m", "99999999999g").is_err());
        assert_eq!(cpus("1.5").unwrap(), 1_500_000_000);
        assert_eq!(cpus(".25").unwrap(), 250_000_000);
        assert!(cpus("").is_err() && cpus("x").is_err());
        assert_eq!(restart("on-failure:3").unwrap(), RestartPolicy::OnFailure(3));
        assert!(restart("always:3").is_err() && restart("sometimes").is_err());
        assert_eq!(ulimit("nofile=1:2").unwrap(), Ulimit { name: "nofile".to_owned(), soft: Some(1), hard: Some(2) });
        assert_eq!(ulimit("core=-1").unwrap().hard, None);
    }

    #[test]
    fn volumes_are_absolute() {
        let volume_of = |text| volume(text).map(|volume| (volume.source, volume.target, volume.read_only));
        assert_eq!(volume_of("/a:/b").unwrap(), ("/a".to_owned(), "/b".to_owned(), false));
        assert_eq!(volume_of("/a:/b:ro").unwrap(), ("/a".to_owned(), "/b".to_owned(), true));
        for bad in ["/a", "a:/b", "/a:b", "/a:/b:x", "/a:/b:ro:z"] {
            assert!(volume(bad).is_err(), "{bad}");
        }
    }
}
