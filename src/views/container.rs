//! Containers as Docker shows them: `ps`, `inspect`, `top`, `stats`.
//!
//! Keys, their order and their types are those of Docker 20.10.

use serde_json::{Map, Value, json};

use super::docker;
use crate::container::find::{Found, Status};
use crate::container::numbers::{Line, Use};
use crate::model::container::{Container, NetworkMode, RestartPolicy};
use crate::model::ports::PublishedPort;
use crate::network::endpoints::Attached;
use crate::types::time;

/// What `ps` puts above its columns.
pub const HEADINGS: [&str; 7] = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"];

/// What Go makes of a time that never was.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// A line of `ps`.
#[derive(Debug, Clone)]
pub struct Row {
    /// The id, or its beginning.
    pub id: String,
    image: String,
    command: String,
    created_at: String,
    running_for: String,
    status: String,
    state: &'static str,
    ports: String,
    name: String,
    networks: String,
    labels: String,
    mounts: String,
}

/// The line of a container; `now` is the second that it is, counted from 1970.
#[must_use]
pub fn row(found: &Found, ports: &[PublishedPort], now: i64, no_trunc: bool) -> Row {
    let container = &found.container;
    let words: Vec<String> = container.command.iter().map(|word| quoted(word)).collect();
    let networks: Vec<&str> = match &container.network {
        NetworkMode::None => vec!["none"],
        NetworkMode::Host => vec!["host"],
        NetworkMode::Container(_) => Vec::new(),
        NetworkMode::Networks(networks) => networks.iter().map(|attach| attach.network.as_str()).collect(),
    };
    let labels: Vec<String> = container.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mounts: Vec<&str> = container.volumes.iter().map(|volume| volume.source.as_str()).collect();
    Row {
        id: if no_trunc { &container.id } else { container.short_id() }.to_owned(),
        image: container.image.clone(),
        command: format!("\"{}\"", if no_trunc { words.join(" ") } else { shortened(&words.join(" "), 20) }),
        created_at: container.created.clone(),
        running_for: format!("{} ago", span(now - time::parse(&container.created).unwrap_or(now))),
        status: status(found, now),
        state: found.status.name(),
        ports: ports.iter().map(docker::ps_port).collect::<Vec<_>>().join(", "),
        name: container.name.clone(),
        networks: networks.join(","),
        labels: labels.join(","),
        mounts: mounts.join(","),
    }
}

impl Row {
    /// Its columns.
    #[must_use]
    pub fn cells(&self) -> Vec<String> {
        [&self.id, &self.image, &self.command, &self.running_for, &self.status, &self.ports, &self.name]
            .map(Clone::clone)
            .to_vec()
    }

    /// As `--format json` has it.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "Command": self.command,
            "CreatedAt": self.created_at,
            "ID": self.id,
            "Image": self.image,
            "Labels": self.labels,
            "LocalVolumes": "0",
            "Mounts": self.mounts,
            "Names": self.name,
            "Networks": self.networks,
            "Ports": self.ports,
            "RunningFor": self.running_for,
            "Size": "0B",
            "State": self.state,
            "Status": self.status,
        })
    }
}

/// A word as Docker shows it among others: in quotes where blanks are in it.
fn quoted(word: &str) -> String {
    if word.contains(char::is_whitespace) { format!("'{word}'") } else { word.to_owned() }
}

/// At most `most` characters, the last of which says that there were more.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{kept}…")
}

fn status(found: &Found, now: i64) -> String {
    let since = |text: &str| span(now - time::parse(text).unwrap_or(now));
    let state = &found.state;
    match found.status {
        Status::Created => "Created".to_owned(),
        Status::Running => format!("Up {}", since(&state.started)),
        Status::Paused => format!("Up {} (Paused)", since(&state.started)),
        Status::Restarting => format!("Restarting ({}) {} ago", state.exit_code, since(&state.finished)),
        Status::Exited => format!("Exited ({}) {} ago", state.exit_code, since(&state.finished)),
        Status::Dead => "Dead".to_owned(),
    }
}

/// A span of time in words, as `go-units` has it.
fn span(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    match seconds {
        ..1 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        _ if minutes == 1 => "About a minute".to_owned(),
        _ if minutes < 60 => format!("{minutes} minutes"),
        _ if hours == 1 => "About an hour".to_owned(),
        _ if hours < 48 => format!("{hours} hours"),
        _ if hours < 24 * 7 * 2 => format!("{} days", hours / 24),
        _ if hours < 24 * 30 * 2 => format!("{} weeks", hours / 24 / 7),
        _ if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}

/// What else is said of a container by `inspect`.
#[derive(Debug, Clone)]
pub struct Settings<'a> {
    /// Where its files lie.
    pub place: String,
    /// The file that its network namespace is seen as; empty when there is none.
    pub key: String,
    /// That namespace's inode; 0 when there is none.
    pub inode: u64,
    /// Its endpoints.
    pub attached: &'a [Attached],
    /// What is published for them.
    pub ports: &'a [PublishedPort],
}

/// A container, as `docker inspect` shows it.
#[must_use]
pub fn whole(found: &Found, settings: &Settings<'_>, masked: &[&str], read_only: &[&str]) -> Value {
    let (container, state) = (&found.container, &found.state);
    let place = &settings.place;
    let (path, arguments) =
        container.command.split_first().map_or(("", &[] as &[String]), |(path, rest)| (path.as_str(), rest));
    let time = |text: &str| if text.is_empty() { NEVER.to_owned() } else { text.to_owned() };
    let is_alive = found.status.is_alive();
    let network = match (&container.network, settings.inode) {
        (NetworkMode::Networks(_) | NetworkMode::None, 1..) => {
            docker::network_settings(&settings.key, settings.inode, settings.attached, settings.ports)
        }
        _ => docker::network_settings("", 0, &[], &[]),
    };
    json!({
        "Id": container.id,
        "Created": container.created,
        "Path": path,
        "Args": arguments,
        "State": {
            "Status": found.status.name(),
            "Running": is_alive,
            "Paused": found.status == Status::Paused,
            "Restarting": found.status == Status::Restarting,
            "OOMKilled": state.oom_killed,
            "Dead": found.status == Status::Dead,
            "Pid": if is_alive { state.pid } else { 0 },
            "ExitCode": state.exit_code,
            "Error": state.error,
            "StartedAt": time(&state.started),
            "FinishedAt": time(&state.finished),
        },
        "Image": container.image,
        "ResolvConfPath": format!("{place}/resolv.conf"),
        "HostnamePath": format!("{place}/hostname"),
        "HostsPath": format!("{place}/hosts"),
        "LogPath": format!("{place}/log"),
        "Name": format!("/{}", container.name),
        "RestartCount": state.restarts,
        "Driver": "directory",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": null,
        "HostConfig": host_config(container, settings.ports, masked, read_only),
        "GraphDriver": { "Data": { "RootDir": container.root }, "Name": "directory" },
        "Mounts": mounts(container),
        "Config": config(container),
        "NetworkSettings": network,
    })
}

fn or_null(texts: &[String]) -> Value {
    if texts.is_empty() { Value::Null } else { json!(texts) }
}

fn mode(container: &Container) -> String {
    match &container.network {
        NetworkMode::None => "none".to_owned(),
        NetworkMode::Host => "host".to_owned(),
        NetworkMode::Container(id) => format!("container:{id}"),
        NetworkMode::Networks(networks) => match networks.first() {
            Some(first) if first.network != "bridge" => first.network.clone(),
            _ => "default".to_owned(),
        },
    }
}

fn host_config(container: &Container, ports: &[PublishedPort], masked: &[&str], read_only: &[&str]) -> Value {
    let binds: Vec<String> = container
        .volumes
        .iter()
        .map(|volume| format!("{}:{}{}", volume.source, volume.target, if volume.read_only { ":ro" } else { "" }))
        .collect();
    let ulimit = |limit: Option<u64>| limit.map_or(json!(-1), |limit| json!(limit));
    let ulimits: Vec<Value> = container
        .ulimits
        .iter()
        .map(|limit| json!({ "Name": limit.name, "Hard": ulimit(limit.hard), "Soft": ulimit(limit.soft) }))
        .collect();
    let mut tmpfs = Map::new();
    for text in &container.tmpfs {
        let (target, options) = text.split_once(':').unwrap_or((text, ""));
        tmpfs.insert(target.to_owned(), options.into());
    }
    let mut security: Vec<String> = Vec::new();
    security.extend(container.unconfined.then(|| "seccomp=unconfined".to_owned()));
    security.extend(container.new_privileges.then(|| "no-new-privileges=false".to_owned()));
    let hosts: Vec<String> =
        container.extra_hosts.iter().map(|host| format!("{}:{}", host.name, host.address)).collect();
    let retries = if let RestartPolicy::OnFailure(most) = container.restart { most } else { 0 };
    let (masked, read_only) = if container.privileged { (&[] as &[&str], &[] as &[&str]) } else { (masked, read_only) };
    json!({
        "Binds": or_null(&binds),
        "ContainerIDFile": "",
        "LogConfig": { "Type": "cri", "Config": {} },
        "NetworkMode": mode(container),
        "PortBindings": docker::ports(ports),
        "RestartPolicy": { "Name": container.restart.name(), "MaximumRetryCount": retries },
        "AutoRemove": container.auto_remove,
        "CapAdd": or_null(&container.cap_add),
        "CapDrop": or_null(&container.cap_drop),
        "CgroupnsMode": "private",
        "Dns": container.dns,
        "DnsOptions": [],
        "DnsSearch": [],
        "ExtraHosts": or_null(&hosts),
        "GroupAdd": null,
        "IpcMode": "private",
        "PidMode": "",
        "Privileged": container.privileged,
        "PublishAllPorts": false,
        "ReadonlyRootfs": container.read_only,
        "SecurityOpt": or_null(&security),
        "Tmpfs": tmpfs,
        "UTSMode": "",
        "UsernsMode": "",
        "ShmSize": 67_108_864,
        "Runtime": "pontoon",
        "Memory": container.memory,
        "NanoCpus": container.nano_cpus,
        "PidsLimit": if container.pids_limit > 0 { json!(container.pids_limit) } else { Value::Null },
        "Ulimits": ulimits,
        "Init": container.init,
        "MaskedPaths": masked,
        "ReadonlyPaths": read_only,
    })
}

fn mounts(container: &Container) -> Vec<Value> {
    let one = |volume: &crate::model::container::Volume| {
        json!({
            "Type": "bind",
            "Source": volume.source,
            "Destination": volume.target,
            "Mode": if volume.read_only { "ro" } else { "" },
            "RW": !volume.read_only,
            "Propagation": "rprivate",
        })
    };
    container.volumes.iter().map(one).collect()
}

fn config(container: &Container) -> Value {
    let labels: Map<String, Value> = container.labels.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
    json!({
        "Hostname": container.hostname,
        "Domainname": "",
        "User": container.user,
        "AttachStdin": false,
        "AttachStdout": false,
        "AttachStderr": false,
        "Tty": container.tty,
        "OpenStdin": container.open_stdin,
        "StdinOnce": false,
        "Env": or_null(&container.env),
        "Cmd": container.command,
        "Image": container.image,
        "Volumes": null,
        "WorkingDir": container.workdir,
        "Entrypoint": null,
        "OnBuild": null,
        "Labels": labels,
        "StopSignal": container.stop_signal.to_string(),
    })
}

/// The table of `top`, as `ps -ef` has it.
#[must_use]
pub fn top(processes: &[Line]) -> Vec<Vec<String>> {
    let mut rows = vec![["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"].map(str::to_owned).to_vec()];
    rows.extend(processes.iter().map(|process| fields(process).map(|(_, value)| value).to_vec()));
    rows
}

/// The same as JSON.
#[must_use]
pub fn top_json(processes: &[Line]) -> Value {
    let one = |process: &Line| {
        Value::Object(fields(process).map(|(key, value)| (key.to_owned(), value.into())).into_iter().collect())
    };
    Value::Array(processes.iter().map(one).collect())
}

fn fields(process: &Line) -> [(&'static str, String); 8] {
    let (second, clock) = (process.seconds, time::format(process.started, 0));
    let user = if process.user == 0 { "root".to_owned() } else { process.user.to_string() };
    [
        ("UID", user),
        ("PID", process.pid.to_string()),
        ("PPID", process.parent.to_string()),
        ("C", "0".to_owned()),
        ("STIME", clock.get(11..16).unwrap_or_default().to_owned()),
        ("TTY", process.terminal.clone().unwrap_or_else(|| "?".to_owned())),
        ("TIME", format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)),
        ("CMD", process.command.clone()),
    ]
}

/// The table of `stats`.
#[must_use]
pub fn stats(all: &[Use]) -> Vec<Vec<String>> {
    let headings = ["CONTAINER ID", "NAME", "CPU %", "MEM USAGE / LIMIT", "MEM %", "NET I/O", "PIDS"];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|one| {
        let words = words(one);
        let short = one.id.get(..12).unwrap_or(&one.id).to_owned();
        [vec![short, one.name.clone()], words.to_vec(), vec![one.processes.to_string()]].concat()
    }));
    rows
}

/// One line of it as JSON, with Docker's keys.
#[must_use]
pub fn stats_json(one: &Use) -> Value {
    let [cpu, memory, part, net] = words(one);
    json!({
        "CPUPerc": cpu,
        "Container": one.id,
        "ID": one.id,
        "MemPerc": part,
        "MemUsage": memory,
        "Name": one.name,
        "NetIO": net,
        "PIDs": one.processes.to_string(),
    })
}

fn words(one: &Use) -> [String; 4] {
    #[expect(clippy::cast_precision_loss, reason = "a percentage")]
    let part = one.memory as f64 * 100.0 / one.memory_limit.max(1) as f64;
    [
        format!("{:.2}%", one.cpu),
        format!(
            "{} / {}",
            size(one.memory, 1024, ["B", "KiB", "MiB", "GiB"]),
            size(one.memory_limit, 1024, ["B", "KiB", "MiB", "GiB"])
        ),
        format!("{part:.2}%"),
        format!(
            "{} / {}",
            size(one.received, 1000, ["B", "kB", "MB", "GB"]),
            size(one.sent, 1000, ["B", "kB", "MB", "GB"])
        ),
    ]
}

/// A number of bytes with four digits at most, as `go-units` has it.
fn size(bytes: u64, base: u64, units: [&str; 4]) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let (mut value, base) = (bytes as f64, base as f64);
    let mut unit = 0;
    while value >= base && unit + 1 < units.len() {
        value /= base;
        unit += 1;
    }
    let digits = if unit == 0 || value >= 100.0 {
        0
    } else if value >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}{}", units.get(unit).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_dockers() {
        for (seconds, words) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "About a minute"),
            (119, "About a minute"),
            (120, "2 minutes"),
            (3599, "59 minutes"),
            (3600, "About an hour"),
            (2 * 3600, "2 hours"),
            (49 * 3600, "2 days"),
            (15 * 86_400, "2 weeks"),
            (70 * 86_400, "2 months"),
            (800 * 86_400, "2 years"),
        ] {
            assert_eq!(span(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn sizes_and_commands_are_dockers() {
        let iec = |bytes| size(bytes, 1024, ["B", "KiB", "MiB", "GiB"]);
        assert_eq!(
            (iec(0), iec(1536), iec(25_000_000_000)),
            ("0B".to_owned(), "1.5KiB".to_owned(), "23.3GiB".to_owned())
        );
        assert_eq!(shortened("sh -c 'echo out; echo err'", 20), "sh -c 'echo out; ec…");
        assert_eq!(shortened("sh", 20), "sh");
    }
}
