//! A host of its own for each test: fresh user (unless root), network and mount namespaces, and an empty `/run`.
//!
//! Nothing a test does in it can touch the machine's own network, and it is gone with the test.
#![allow(
    dead_code,
    unused_imports,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    missing_docs
)]

pub mod golden;
mod sandbox;
mod tools;
pub mod traffic;

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

pub use tools::{needs, needs_root};

/// The executable under test, as an absolute path: the one that `PONTOON_BIN` names, else the one that cargo has just built.
///
/// Whatever starts pontoon, be it by a link, below strace or in a script, asks here.
pub fn executable() -> &'static str {
    static EXECUTABLE: LazyLock<String> = LazyLock::new(|| {
        let named = std::env::var("PONTOON_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_pontoon").to_owned());
        let path =
            std::fs::canonicalize(&named).unwrap_or_else(|error| panic!("no executable to test: {named}: {error}"));
        path.into_os_string().into_string().unwrap()
    });
    &EXECUTABLE
}

/// A host of its own.
pub struct Host {
    anchor: Child,
    user: Option<OwnedFd>,
    mounts: OwnedFd,
    net: OwnedFd,
}

/// What a command did.
#[derive(Debug, PartialEq, Eq)]
pub struct Output {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Output {
    /// The standard output of a command that must have succeeded and said nothing on standard error.
    #[track_caller]
    pub fn ok(self) -> String {
        assert!(self.code == 0, "exit {}: {}{}", self.code, self.out, self.err);
        self.out
    }

    /// The standard error of a command that must have failed with `code`, in one line.
    #[track_caller]
    pub fn fails(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        self.err.trim_end().to_owned()
    }
}

impl Host {
    /// A fresh host: only a loopback device, which is down, and a tmpfs on `/run`.
    pub fn new() -> Self {
        let root = rustix::process::geteuid().is_root();
        let (uid, gid) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        let mut command = Command::new("sh");
        command.args(["-c", "read line"]).stdin(Stdio::piped());
        // SAFETY: between fork and exec only async-signal-safe system calls are made, and no lock is taken.
        unsafe { command.pre_exec(move || Ok(become_host(root, uid, gid)?)) };
        let anchor = command.spawn().expect("user, network and mount namespaces are needed: is unshare allowed here?");
        let open = |name| OwnedFd::from(File::open(format!("/proc/{}/ns/{name}", anchor.id())).unwrap());
        Self { user: (!root).then(|| open("user")), mounts: open("mnt"), net: open("net"), anchor }
    }

    /// A command that will run on this host.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let duplicate = |fd: &OwnedFd| fd.try_clone().unwrap();
        let (user, mounts, net) = (self.user.as_ref().map(duplicate), duplicate(&self.mounts), duplicate(&self.net));
        // SAFETY: as above: only setns between fork and exec.
        unsafe {
            command.pre_exec(move || {
                if let Some(user) = &user {
                    move_into_link_name_space(user.as_fd(), Some(LinkNameSpaceType::User))?;
                }
                move_into_link_name_space(mounts.as_fd(), Some(LinkNameSpaceType::Mount))?;
                move_into_link_name_space(net.as_fd(), Some(LinkNameSpaceType::Network))?;
                Ok(())
            });
        }
        command.env_remove("PONTOON_STATE_DIR").env("PATH", tools::path()).stdin(Stdio::null());
        command
    }

    /// Runs a program.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Output {
        finish(self.command(program).args(arguments))
    }

    /// Runs pontoon.
    pub fn pontoon(&self, arguments: &[&str]) -> Output {
        self.run(executable(), arguments)
    }

    /// Runs pontoon with the words of `line`; it must succeed.
    #[track_caller]
    pub fn ok(&self, line: &str) -> String {
        self.pontoon(&line.split_whitespace().collect::<Vec<_>>()).ok()
    }

    /// Runs pontoon with the words of `line`; it must fail with `code` and one line.
    #[track_caller]
    pub fn fails(&self, code: i32, line: &str) -> String {
        self.pontoon(&line.split_whitespace().collect::<Vec<_>>()).fails(code)
    }

    /// Runs a shell script; it must succeed.
    #[track_caller]
    pub fn sh(&self, script: &str) -> String {
        self.run("sh", &["-ec", script]).ok()
    }

    /// Everything that a command could have left behind: links, pinned namespaces, files below `/run`.
    pub fn traces(&self) -> String {
        let script = "find /run -not -path /run/netns | sort; ls /run/netns 2>/dev/null || true; cat /proc/net/dev | cut -d: -f1";
        self.sh(script)
    }

    /// Process id of a process that lives in this host's namespaces as long as the host.
    pub fn anchor_pid(&self) -> u32 {
        self.anchor.id()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(self.anchor.stdin.take());
        let _ = self.anchor.wait();
    }
}

/// Runs a prepared command to its end.
pub fn finish(command: &mut Command) -> Output {
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    Output { code, out: text(output.stdout), err: text(output.stderr) }
}

fn become_host(root: bool, uid: u32, gid: u32) -> rustix::io::Result<()> {
    let spaces = UnshareFlags::NEWNET | UnshareFlags::NEWNS;
    // SAFETY: the child shares no memory and no descriptor table with anybody.
    unsafe { rustix::thread::unshare_unsafe(if root { spaces } else { spaces | UnshareFlags::NEWUSER }) }?;
    if !root {
        write("/proc/self/setgroups", b"deny")?;
        write("/proc/self/uid_map", format!("0 {uid} 1").as_bytes())?;
        write("/proc/self/gid_map", format!("0 {gid} 1").as_bytes())?;
    }
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)?;
    mount("tmpfs", "/run", "tmpfs", MountFlags::empty(), None::<&std::ffi::CStr>)
}

fn write(path: &str, contents: &[u8]) -> rustix::io::Result<()> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    rustix::io::write(openat(CWD, path, OFlags::WRONLY, Mode::empty())?, contents).map(drop)
}
