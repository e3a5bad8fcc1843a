//! What a process may do: user and groups, capabilities, system calls, limits.
//!
//! # Source
//! capabilities(7), seccomp(2), credentials(7), setrlimit(2).

use rustix::process::{Gid, Resource, Rlimit, Uid, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs, set_thread_gid, set_thread_groups, set_thread_uid,
};

use super::{Errno, last_error};

/// The capabilities by their numbers, without `CAP_`: linux/capability.h.
pub const CAPABILITIES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// Nothing that this process becomes has more than the capabilities in `keep`, a bit each.
#[doc(alias = "PR_CAPBSET_DROP")]
pub fn bound_capabilities(keep: u64) -> Result<(), Errno> {
    for number in (0..64).filter(|number| keep & (1 << number) == 0) {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << number)) {
            // The kernel knows no more of them.
            Err(Errno::INVAL) => break,
            result => result?,
        }
    }
    let _ = clear_ambient_capability_set();
    Ok(())
}

/// This process has the capabilities in `set`, a bit each, of those that it had.
#[doc(alias = "capset")]
pub fn have_capabilities(set: u64) -> Result<(), Errno> {
    let had = rustix::thread::capabilities(None)?.permitted;
    let set = CapabilitySet::from_bits_retain(set) & had;
    set_capabilities(None, CapabilitySets { effective: set, permitted: set, inheritable: CapabilitySet::empty() })
}

/// Becomes another user.
pub fn become_user(user: u32, group: u32, groups: &[u32]) -> Result<(), Errno> {
    let groups: Vec<Gid> = groups.iter().map(|group| Gid::from_raw(*group)).collect();
    set_thread_groups(&groups)?;
    set_thread_gid(Gid::from_raw(group))?;
    set_thread_uid(Uid::from_raw(user))
}

/// No program that this process becomes gives it more rights than it has.
#[doc(alias = "PR_SET_NO_NEW_PRIVS")]
pub fn no_new_privileges() -> Result<(), Errno> {
    set_no_new_privs(true)
}

/// Heeds a filter of system calls from now on. `EACCES` without `CAP_SYS_ADMIN` and without [`no_new_privileges`].
#[doc(alias = "SECCOMP_MODE_FILTER")]
pub fn filter(program: &[seccompiler::sock_filter]) -> Result<(), Errno> {
    let filter = libc::sock_fprog {
        len: u16::try_from(program.len()).map_err(|_| Errno::INVAL)?,
        // The crate's own structure and libc's are the same one: linux/filter.h.
        filter: program.as_ptr().cast_mut().cast(),
    };
    // SAFETY: the kernel copies the program, whose length is right, and writes nothing.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const filter, 0, 0) };
    if result == 0 { Ok(()) } else { Err(last_error()) }
}

/// The limits by Docker's names.
pub const LIMITS: [(&str, Resource); 16] = [
    ("as", Resource::As),
    ("core", Resource::Core),
    ("cpu", Resource::Cpu),
    ("data", Resource::Data),
    ("fsize", Resource::Fsize),
    ("locks", Resource::Locks),
    ("memlock", Resource::Memlock),
    ("msgqueue", Resource::Msgqueue),
    ("nice", Resource::Nice),
    ("nofile", Resource::Nofile),
    ("nproc", Resource::Nproc),
    ("rss", Resource::Rss),
    ("rtprio", Resource::Rtprio),
    ("rttime", Resource::Rttime),
    ("sigpending", Resource::Sigpending),
    ("stack", Resource::Stack),
];

/// Sets a limit by its name. `EINVAL` when there is none such.
pub fn limit(name: &str, soft: Option<u64>, hard: Option<u64>) -> Result<(), Errno> {
    let (_, resource) = LIMITS.iter().find(|(known, _)| *known == name).ok_or(Errno::INVAL)?;
    setrlimit(*resource, Rlimit { current: soft, maximum: hard })
}

/// Gives this process a session keyring of its own: the one it has may be its user's, with keys of others. No matter without.
#[doc(alias = "KEYCTL_JOIN_SESSION_KEYRING")]
pub fn own_keyring() {
    // SAFETY: an anonymous new keyring; no memory of ours is read or written.
    let _ = unsafe { libc::syscall(libc::SYS_keyctl, libc::KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<u8>()) };
}
