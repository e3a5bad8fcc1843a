//! What a sandbox is called on the command line.

use crate::error::{Error, Result};
use crate::sys::Errno;
use crate::sys::netns::{self, Netns};

/// A name's length in bytes, at most.
const NAME_MAX: usize = 64;

/// A network namespace as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxRef {
    /// By its name below `/run/netns`.
    Name(String),
    /// By the path of a namespace file: anything with a slash.
    Path(String),
    /// By a process that is in it: `pid:N`.
    Pid(u32),
}

impl SandboxRef {
    /// Reads a name, a path, or `pid:N`.
    pub fn parse(text: &str) -> Result<Self> {
        if text.contains('/') {
            return Ok(Self::Path(text.to_owned()));
        }
        if let Some(pid) = text.strip_prefix("pid:") {
            return parse_pid(pid).map(Self::Pid);
        }
        check_name(text)?;
        Ok(Self::Name(text.to_owned()))
    }

    /// Opens the namespace.
    pub fn open(&self) -> Result<Netns> {
        let not_found = |kind, name: &str, remedy| Error::NotFound { kind, name: name.to_owned(), remedy };
        match self {
            Self::Name(name) => Netns::open(&netns::pinned_path(name)).map_err(|errno| match errno {
                Errno::NOENT => not_found("sandbox", name, ""),
                Errno::INVAL => not_found(
                    "sandbox",
                    name,
                    ": its file below /run/netns holds no namespace. 'pontoon ip netns del' removes it.",
                ),
                errno => Error::system("open", format!("sandbox {name}"))(errno),
            }),
            Self::Path(path) => Netns::open(path).map_err(|errno| match errno {
                Errno::NOENT | Errno::NOTDIR => not_found("namespace file", path, ""),
                Errno::INVAL => not_found("namespace", path, ": the file is none."),
                errno => Error::system("open", path)(errno),
            }),
            Self::Pid(pid) => Netns::of_process(*pid).map_err(|errno| match errno {
                Errno::NOENT | Errno::SRCH => not_found("process", &pid.to_string(), ""),
                errno => Error::system("open", format!("the namespace of process {pid}"))(errno),
            }),
        }
    }
}

/// Reads a process id.
pub fn parse_pid(text: &str) -> Result<u32> {
    text.parse().ok().filter(|pid| *pid > 0).ok_or_else(|| Error::value("PID", text, "the id of a process"))
}

/// Whether `name` may be a sandbox's.
pub fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > NAME_MAX || matches!(name, "." | "..") || name.contains(['/', '\0']) {
        return Err(Error::value("NAME", name, "a file name of 1 to 64 bytes, without '/'"));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_paths_and_processes_are_told_apart() {
        assert_eq!(SandboxRef::parse("web").unwrap(), SandboxRef::Name("web".into()));
        assert_eq!(SandboxRef::parse("./web").unwrap(), SandboxRef::Path("./web".into()));
        assert_eq!(SandboxRef::parse("pid:12").unwrap(), SandboxRef::Pid(12));
        for bad in ["", ".", "..", "pid:", "pid:0", "pid:x", &"x".repeat(65)] {
            assert_eq!(SandboxRef::parse(bad).unwrap_err().exit_code(), 1, "{bad}");
        }
    }

    #[test]
    fn what_is_no_namespace_is_not_found() {
        for none in ["/nope", "/etc/passwd/x", "/etc/passwd", "pid:4194304"] {
            assert_eq!(SandboxRef::parse(none).unwrap().open().unwrap_err().exit_code(), 2, "{none}");
        }
    }
}
