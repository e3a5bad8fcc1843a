//! Processes: which run, in which namespace; and becoming another program.

use std::ffi::{CString, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use nix::unistd::ForkResult;
use rustix::fs::OFlags;
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, WaitOptions, WaitStatus, getrlimit, kill_process, pidfd_open,
    pidfd_send_signal, setrlimit, waitpid,
};

use super::{Errno, file, mount, procfs, signal};

/// A process as procfs shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// Inode of its network namespace.
    pub netns: u64,
}

/// The running processes whose namespace we may see, by ascending id. Threads are not listed.
pub fn all() -> Result<Vec<Process>, Errno> {
    let root = procfs::open()?;
    let directory = file::open(root.as_fd(), ".", OFlags::RDONLY | OFlags::DIRECTORY, 0)?;
    let mut found = Vec::new();
    for entry in rustix::fs::Dir::new(directory)? {
        let entry = entry?;
        let Some(pid) = entry.file_name().to_str().ok().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let path = file::path(&format!("{pid}/ns/net"))?;
        // Gone meanwhile, a zombie, or not ours to look at: none of these is in our picture.
        if let Ok(stat) = rustix::fs::statat(&root, &path, rustix::fs::AtFlags::empty()) {
            found.push(Process { pid, netns: stat.st_ino });
        }
    }
    found.sort_unstable_by_key(|process| process.pid);
    Ok(found)
}

/// The name of process `pid` (at most 15 bytes), empty when it is gone.
#[must_use]
pub fn name(pid: u32) -> String {
    let read = || file::read_to_end(procfs::open_file(&format!("{pid}/comm"), OFlags::RDONLY)?.as_fd());
    let bytes: Result<Vec<u8>, Errno> = read();
    String::from_utf8_lossy(&bytes.unwrap_or_default()).trim_ascii_end().to_owned()
}

/// Becomes the program `command` names, found along `PATH`; returns only when that fails.
#[must_use]
pub fn execute(command: &[OsString]) -> Errno {
    let words: Result<Vec<CString>, _> = command.iter().map(|word| CString::new(word.as_bytes())).collect();
    let Ok(words) = words else { return Errno::INVAL };
    let Some(program) = words.first() else { return Errno::INVAL };
    signal::heed_closed_pipes();
    match nix::unistd::execvp(program, &words) {
        Ok(never) => match never {},
        Err(errno) => Errno::from_raw_os_error(errno as i32),
    }
}

/// Raises the limit on open files as far as this process may. Where it may not, whoever needs many says so.
#[doc(alias = "RLIMIT_NOFILE")]
pub fn allow_many_files() {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Which side of [`fork`] this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fork {
    /// The process that forked: its child's id.
    Parent(u32),
    /// The child.
    Child,
}

/// Makes a copy of this process, which has one thread.
pub fn fork() -> Result<Fork, Errno> {
    // SAFETY: with one thread nobody else can hold a lock that the child would wait for.
    match unsafe { nix::unistd::fork() } {
        Ok(ForkResult::Child) => Ok(Fork::Child),
        Ok(ForkResult::Parent { child }) => Ok(Fork::Parent(u32::try_from(child.as_raw()).unwrap_or_default())),
        Err(errno) => Err(Errno::from_raw_os_error(errno as i32)),
    }
}

/// Ends this process at once: nothing is flushed, no destructor runs.
pub fn leave(code: u8) -> ! {
    // SAFETY: the process ends.
    unsafe { libc::_exit(code.into()) }
}

/// Waits for the child `pid` and ends as it did.
pub fn leave_with(pid: u32) -> ! {
    leave(wait(pid).unwrap_or(125))
}

/// Has the kernel kill this process when the one that made it dies.
#[doc(alias = "PR_SET_PDEATHSIG")]
pub fn die_with_parent() -> Result<(), Errno> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
}

/// How a child ended: its exit status, or 128 and the signal's number.
fn status(status: WaitStatus) -> u8 {
    let code = status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// Waits for the child `pid`.
pub fn wait(pid: u32) -> Result<u8, Errno> {
    loop {
        match waitpid(id(pid), WaitOptions::empty()) {
            Ok(Some((_, ended))) => return Ok(status(ended)),
            Ok(None) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// A child that has ended, if one has.
#[must_use]
pub fn reap() -> Option<(u32, u8)> {
    let (pid, ended) = rustix::process::wait(WaitOptions::NOHANG).ok()??;
    Some((u32::try_from(pid.as_raw_pid()).ok()?, status(ended)))
}

fn id(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// What `/proc/PID/stat` says after the program's name, which may hold anything: the state is the first word.
fn stat(pid: u32) -> Option<Vec<String>> {
    let fd = procfs::open_file(&format!("{pid}/stat"), OFlags::RDONLY).ok()?;
    let bytes = file::read_to_end(fd.as_fd()).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Some(text.rsplit_once(')')?.1.split_ascii_whitespace().map(str::to_owned).collect())
}

/// When process `pid` started, in clock ticks since boot; none when it is gone, or dead and not yet reaped.
#[must_use]
pub fn start_time(pid: u32) -> Option<u64> {
    let words = stat(pid)?;
    if matches!(words.first()?.as_str(), "Z" | "X") {
        return None;
    }
    words.get(19)?.parse().ok()
}

/// Sends signal number `signal` to the process `pid` that started at `start`. `ESRCH` when it is gone: another that was given its id
/// gets nothing.
pub fn kill(pid: u32, start: u64, signal: i32) -> Result<(), Errno> {
    let pid_of = id(pid).ok_or(Errno::SRCH)?;
    // SAFETY: any number is asked of the kernel, which refuses those that are none.
    let signal = unsafe { Signal::from_raw_unchecked(signal) };
    let held = pidfd_open(pid_of, PidfdFlags::empty());
    if start_time(pid) != Some(start) {
        return Err(Errno::SRCH);
    }
    match held {
        Ok(process) => pidfd_send_signal(process, signal),
        // Before Linux 5.3.
        Err(Errno::NOSYS | Errno::PERM) => kill_process(pid_of, signal),
        Err(errno) => Err(errno),
    }
}

/// Becomes the program `program` with these words and this environment; returns only when that fails.
#[must_use]
pub fn become_program(program: &str, words: &[String], environment: &[String]) -> Errno {
    let texts =
        |texts: &[String]| texts.iter().map(|text| CString::new(text.as_bytes())).collect::<Result<Vec<_>, _>>();
    let (Ok(program), Ok(words), Ok(environment)) = (CString::new(program), texts(words), texts(environment)) else {
        return Errno::INVAL;
    };
    signal::heed_closed_pipes();
    match nix::unistd::execve(&program, &words, &environment) {
        Ok(never) => match never {},
        Err(errno) => Errno::from_raw_os_error(errno as i32),
    }
}

/// What this process has open beside standard input, output and errors stays here when it becomes another program: whoever called us may
/// have left files open that were not meant for that one.
#[doc(alias = "close_range")]
pub fn keep_files() -> Result<(), Errno> {
    // SAFETY: it says what happens to descriptors in another program; in this one they stay as they are.
    let result = unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    if result == 0 {
        return Ok(());
    }
    // Before Linux 5.11.
    let directory = procfs::open_file("self/fd", OFlags::RDONLY | OFlags::DIRECTORY)?;
    for name in file::names_in(directory.as_fd(), ".")? {
        let number = name.parse::<i32>().ok().filter(|number| *number > 2);
        if let Some(number) = number {
            // SAFETY: as above. One that is not open any more, as that of the directory's listing, is refused.
            unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
    Ok(())
}

/// Becomes this very program anew, out of a mount that nobody can write through; returns only when that fails.
///
/// What runs in a container's namespaces may get hold of `/proc/PID/exe`, and root there would overwrite the host's file through it
/// (CVE-2019-5736). The file is the same one, so that its pages are shared.
///
/// # Source
/// `open_tree(2)`, `mount_setattr(2)` (Linux 5.12); before it, a read-only bind mount in a mount namespace of its own.
#[must_use]
pub fn become_self_read_only(words: &[&str]) -> Errno {
    if let Err(errno) = keep_files() {
        return errno;
    }
    let exe = match read_only_self() {
        Ok(exe) => exe,
        Err(errno) => return errno,
    };
    let words: Result<Vec<CString>, _> = words.iter().map(|word| CString::new(*word)).collect();
    let Ok(words) = words else { return Errno::INVAL };
    let environment: Vec<CString> = Vec::new();
    match nix::unistd::fexecve(&exe, &words, &environment) {
        Ok(never) => match never {},
        Err(errno) => Errno::from_raw_os_error(errno as i32),
    }
}

fn read_only_self() -> Result<OwnedFd, Errno> {
    let exe = procfs::open_file("self/exe", OFlags::PATH)?;
    match mount::read_only_copy(exe.as_fd()) {
        Err(Errno::NOSYS | Errno::INVAL | Errno::PERM) => {
            // Nobody but this process sees the mount, and it goes with the namespace; the open file keeps it for us.
            super::netns::private_mounts()?;
            mount::read_only_in_place(exe.as_fd())
        }
        result => result,
    }
}

/// Leads a session of its own, without a terminal. Whoever leads one already stays.
pub fn lead_session() {
    let _ = rustix::process::setsid();
}

/// Makes a process group of its own and is in front on the terminal, which this process has as standard input.
pub fn lead_foreground() {
    let _ = rustix::process::setpgid(None, None);
    // SAFETY: ignoring a signal runs no code of ours. The terminal stops who is not in front and says that it wants to be.
    unsafe { libc::signal(libc::SIGTTOU, libc::SIG_IGN) };
    let _ = rustix::termios::tcsetpgrp(rustix::stdio::stdin(), rustix::process::getpid());
    // SAFETY: the default action runs no code of ours.
    unsafe { libc::signal(libc::SIGTTOU, libc::SIG_DFL) };
}

/// Sends a signal to a child that has not been waited for, so that its id is still its own.
pub fn send(child: u32, signal: i32) -> Result<(), Errno> {
    // SAFETY: any number is asked of the kernel, which refuses those that are none.
    kill_process(id(child).ok_or(Errno::SRCH)?, unsafe { Signal::from_raw_unchecked(signal) })
}

/// This process's id.
#[must_use]
pub fn own_id() -> u32 {
    std::process::id()
}

/// A process and what it uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Its id.
    pub pid: u32,
    /// Its parent's.
    pub parent: u32,
    /// The user that it acts as.
    pub user: u32,
    /// Processor time, in clock ticks.
    pub ticks: u64,
    /// When it started, in clock ticks since boot.
    pub start: u64,
    /// Memory that it has, in bytes.
    pub resident: u64,
    /// Its terminal's device number; 0 without one.
    pub terminal: u64,
    /// Its command line, or its name in brackets.
    pub command: String,
}

/// All processes, by ascending id.
pub fn numbers() -> Result<Vec<Numbers>, Errno> {
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    let look = |process: Process| {
        let words = stat(process.pid)?;
        let number =
            |position: usize| words.get(position).and_then(|word| word.parse::<u64>().ok()).unwrap_or_default();
        let read = |name: &str| {
            let fd = procfs::open_file(&format!("{}/{name}", process.pid), OFlags::RDONLY)?;
            file::read_to_end(fd.as_fd()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let status = read("status").unwrap_or_default();
        let user =
            status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_ascii_whitespace().nth(1)?.parse().ok());
        let line = read("cmdline").unwrap_or_default();
        let command = if line.is_empty() {
            format!("[{}]", name(process.pid))
        } else {
            line.replace('\0', " ").trim_end().to_owned()
        };
        Some(Numbers {
            pid: process.pid,
            parent: u32::try_from(number(1)).unwrap_or_default(),
            user: user.unwrap_or_default(),
            terminal: number(4),
            ticks: number(11) + number(12),
            start: number(19),
            resident: number(21) * page,
            command,
        })
    };
    Ok(all()?.into_iter().filter_map(look).collect())
}

/// The inode of a process's pid namespace.
#[must_use]
pub fn pid_namespace(pid: u32) -> Option<u64> {
    let fd = procfs::open_file(&format!("{pid}/ns/pid"), OFlags::RDONLY).ok()?;
    rustix::fs::fstat(fd).ok().map(|status| status.st_ino)
}

/// Bytes that have come in and gone out over the interfaces of a process's network namespace, loopback excepted.
#[must_use]
pub fn traffic(pid: u32) -> (u64, u64) {
    let read =
        procfs::open_file(&format!("{pid}/net/dev"), OFlags::RDONLY).and_then(|fd| file::read_to_end(fd.as_fd()));
    let text = String::from_utf8_lossy(&read.unwrap_or_default()).into_owned();
    let interfaces = text.lines().filter_map(|line| line.split_once(':')).filter(|(name, _)| name.trim() != "lo");
    interfaces.fold((0, 0), |(received, sent), (_, numbers)| {
        let words: Vec<u64> = numbers.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect();
        (received + words.first().unwrap_or(&0), sent + words.get(8).unwrap_or(&0))
    })
}

/// Clock ticks in a second.
#[must_use]
pub fn ticks_per_second() -> u64 {
    rustix::param::clock_ticks_per_second()
}

/// The memory of the machine, in bytes.
#[must_use]
pub fn memory_of_machine() -> u64 {
    let info = rustix::system::sysinfo();
    #[allow(clippy::useless_conversion, reason = "a long, whose length is the machine's")]
    let total = u64::from(info.totalram);
    total * u64::from(info.mem_unit)
}

/// Seconds since the machine has been started.
#[must_use]
pub fn uptime() -> u64 {
    u64::try_from(rustix::system::sysinfo().uptime).unwrap_or_default()
}
