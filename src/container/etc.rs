//! The files that a container sees in `/etc`, as they lie in its directory: `hosts` (by `names.rs`), `hostname`, `resolv.conf`.

use crate::container::{find, names};
use crate::error::{Doing, Result};
use crate::model::container::{Container, NetworkMode};
use crate::session::Session;
use crate::sys::file;

/// File names, in the container's directory and in `/etc`.
pub const FILES: [&str; 3] = [names::HOSTS, "hostname", "resolv.conf"];

/// Writes them.
pub fn write(session: &Session, container: &Container) -> Result<()> {
    let place = find::place(&session.state_dir, container);
    let put = |name: &str, text: &str| {
        let path = format!("{place}/{name}");
        file::replace_in_place(&path, text).doing("write", path)
    };
    put("hostname", &format!("{}\n", container.hostname))?;
    put("resolv.conf", &resolvers(container))?;
    match &container.network {
        // On the host's own network its own names hold.
        NetworkMode::Host => put(names::HOSTS, &std::fs::read_to_string("/etc/hosts").unwrap_or_default()),
        // Filled by `names::refresh`, together with everybody else's.
        _ => put(names::HOSTS, ""),
    }
}

fn resolvers(container: &Container) -> String {
    if !container.dns.is_empty() {
        let lines: Vec<String> = container.dns.iter().map(|server| format!("nameserver {server}")).collect();
        return lines.join("\n") + "\n";
    }
    let hosts = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    if container.network == NetworkMode::Host { hosts } else { without_local(&hosts) }
}

/// The host's resolvers that can be reached from another namespace: one that listens on the host's loopback cannot.
fn without_local(text: &str) -> String {
    let is_local = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        words.next() == Some("nameserver")
            && words.next().is_some_and(|server| server.starts_with("127.") || server == "::1")
    };
    let mut kept: Vec<&str> = text.lines().filter(|line| !is_local(line)).collect();
    if text.contains("nameserver") && !kept.iter().any(|line| line.contains("nameserver")) {
        kept.insert(0, "# The host's resolver listens on its loopback only; --dns names another.");
    }
    kept.push("");
    kept.join(
        "
",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolver_on_the_hosts_loopback_is_none_of_the_containers() {
        let text = "search lan\nnameserver 127.0.0.53\nnameserver 192.0.2.53\n";
        assert_eq!(without_local(text), "search lan\nnameserver 192.0.2.53\n");
        assert!(without_local("nameserver ::1\n").starts_with("# "));
        assert_eq!(without_local("\n"), "\n");
    }
}
