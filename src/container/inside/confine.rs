//! What a container's processes may do: Docker's default capabilities, and its default filter of system calls.
//!
//! # Source
//! moby/profiles: `oci/caps/defaults.go`, `seccomp/default.json`; capabilities(7), seccomp(2).

use crate::error::{Doing, Error, Result};
use crate::model::container::Container;
use crate::sys::privilege::{self, CAPABILITIES};
use crate::sys::root;

/// What a container has unless told otherwise.
const DEFAULT: [&str; 14] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FSETID",
    "FOWNER",
    "MKNOD",
    "NET_RAW",
    "SETGID",
    "SETUID",
    "SETFCAP",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "SYS_CHROOT",
    "KILL",
    "AUDIT_WRITE",
];

/// A bit for each capability that there is.
const ALL: u64 = u64::MAX;

/// The bit of a capability, named with or without `CAP_`.
pub fn capability(name: &str) -> Result<u64> {
    let upper = name.to_ascii_uppercase();
    let bare = upper.strip_prefix("CAP_").unwrap_or(&upper);
    if bare == "ALL" {
        return Ok(ALL);
    }
    let number = CAPABILITIES.iter().position(|known| *known == bare);
    let must = "'ALL' or a capability, as NET_ADMIN; capabilities(7) lists them";
    number.map(|number| 1 << number).ok_or_else(|| Error::value("capability", name, must))
}

/// A bit for each capability that a container has. As with Docker, what is dropped with `ALL` may be added singly, and the reverse.
pub fn capabilities(container: &Container) -> Result<u64> {
    if container.privileged {
        return Ok(ALL);
    }
    let bits = |names: &[String]| names.iter().try_fold(0, |bits, name| capability(name).map(|bit| bits | bit));
    let (add, drop): (u64, u64) = (bits(&container.cap_add)?, bits(&container.cap_drop)?);
    let default = DEFAULT.iter().try_fold(0, |bits, name| capability(name).map(|bit| bits | bit))?;
    let singly = |names: &[String]| {
        names.iter().filter(|name| !name.to_ascii_uppercase().ends_with("ALL")).cloned().collect::<Vec<_>>()
    };
    Ok(match (add == ALL, drop == ALL) {
        (true, _) => ALL & !bits(&singly(&container.cap_drop))?,
        (false, true) => add,
        (false, false) => (default | add) & !drop,
    })
}

/// What a container's processes will be allowed. To be found out before the host's root is left.
#[derive(Debug, Clone, Copy)]
pub struct Rights {
    /// A bit for each capability.
    pub capabilities: u64,
    /// Whether system calls are filtered.
    filter: bool,
    /// Whether set-user-ID programs work.
    new_privileges: bool,
}

impl Rights {
    /// As asked for, and as is safe.
    pub fn of(container: &Container) -> Result<Self> {
        let mut capabilities = capabilities(container)?;
        if root::is_first() && !container.privileged {
            // Who may chroot could walk back to a root that cannot be left for good.
            capabilities &= !capability("SYS_CHROOT")?;
        }
        let filter = !container.privileged && !container.unconfined;
        Ok(Self { capabilities, filter, new_privileges: container.new_privileges || container.privileged })
    }

    /// Gives up what only `CAP_SYS_ADMIN` can give up: system calls, where set-user-ID programs are to work.
    pub fn confine_early(self) -> Result<()> {
        if self.filter && self.new_privileges { filter(self.capabilities) } else { Ok(()) }
    }

    /// Gives up the rest: last, since some of the calls were needed until now.
    pub fn confine(self) -> Result<()> {
        if self.new_privileges {
            return Ok(());
        }
        privilege::no_new_privileges().doing("set", "no_new_privs")?;
        if self.filter { filter(self.capabilities) } else { Ok(()) }
    }
}

/// Has this process, and all that it becomes, obey the filter.
fn filter(capabilities: u64) -> Result<()> {
    calls::programs(capabilities)
        .iter()
        .try_for_each(|program| privilege::filter(program).doing("install", "the filter of system calls"))
}

/// Whether there is a filter for this machine's architecture.
pub const HAS_FILTER: bool = calls::KNOWN;

/// The filter. What Docker's allows is allowed; anything else answers `EPERM`, `clone3` `ENOSYS`, so that the C library falls back.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod calls {
    use std::collections::BTreeMap;

    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
        TargetArch,
    };

    use super::capability;

    pub(super) const KNOWN: bool = true;

    #[cfg(target_arch = "x86_64")]
    const ARCH: TargetArch = TargetArch::x86_64;
    #[cfg(target_arch = "aarch64")]
    const ARCH: TargetArch = TargetArch::aarch64;

    /// Allowed to everybody, on every architecture. The numbers from 424 on are the same everywhere; not every C library has
    /// names for them.
    #[rustfmt::skip]
    const ALWAYS: &[i64] = &[
        libc::SYS_accept, libc::SYS_accept4, libc::SYS_adjtimex, libc::SYS_bind, libc::SYS_brk, libc::SYS_capget,
        libc::SYS_capset, libc::SYS_chdir, libc::SYS_clock_adjtime, libc::SYS_clock_getres, libc::SYS_clock_gettime,
        libc::SYS_clock_nanosleep, libc::SYS_close, libc::SYS_connect, libc::SYS_copy_file_range, libc::SYS_dup,
        libc::SYS_dup3, libc::SYS_epoll_create1, libc::SYS_epoll_ctl, libc::SYS_epoll_pwait, libc::SYS_eventfd2,
        libc::SYS_execve, libc::SYS_execveat, libc::SYS_exit, libc::SYS_exit_group, libc::SYS_faccessat,
        libc::SYS_fadvise64, libc::SYS_fallocate, libc::SYS_fanotify_mark, libc::SYS_fchdir, libc::SYS_fchmod,
        libc::SYS_fchmodat, libc::SYS_fchown, libc::SYS_fchownat, libc::SYS_fcntl, libc::SYS_fdatasync,
        libc::SYS_fgetxattr, libc::SYS_flistxattr, libc::SYS_flock, libc::SYS_fremovexattr, libc::SYS_fsetxattr,
        libc::SYS_fstat, libc::SYS_fstatfs, libc::SYS_fsync, libc::SYS_ftruncate, libc::SYS_futex, libc::SYS_getcpu,
        libc::SYS_getcwd, libc::SYS_getdents64, libc::SYS_getegid, libc::SYS_geteuid, libc::SYS_getgid,
        libc::SYS_getgroups, libc::SYS_getitimer, libc::SYS_getpeername, libc::SYS_getpgid, libc::SYS_getpid,
        libc::SYS_getppid, libc::SYS_getpriority, libc::SYS_getrandom, libc::SYS_getresgid, libc::SYS_getresuid,
        libc::SYS_getrlimit, libc::SYS_get_robust_list, libc::SYS_getrusage, libc::SYS_getsid, libc::SYS_getsockname,
        libc::SYS_getsockopt, libc::SYS_gettid, libc::SYS_gettimeofday, libc::SYS_getuid, libc::SYS_getxattr,
        libc::SYS_inotify_add_watch, libc::SYS_inotify_init1, libc::SYS_inotify_rm_watch, libc::SYS_io_cancel,
        libc::SYS_ioctl, libc::SYS_io_destroy, libc::SYS_io_getevents, libc::SYS_ioprio_get, libc::SYS_ioprio_set,
        libc::SYS_io_setup, libc::SYS_io_submit, libc::SYS_kill, libc::SYS_lgetxattr, libc::SYS_linkat,
        libc::SYS_listen, libc::SYS_listxattr, libc::SYS_llistxattr, libc::SYS_lremovexattr, libc::SYS_lseek,
        libc::SYS_lsetxattr, libc::SYS_madvise, libc::SYS_membarrier, libc::SYS_memfd_create, libc::SYS_mincore,
        libc::SYS_mkdirat, libc::SYS_mknodat, libc::SYS_mlock, libc::SYS_mlock2, libc::SYS_mlockall, libc::SYS_mmap,
        libc::SYS_mprotect, libc::SYS_mq_getsetattr, libc::SYS_mq_notify, libc::SYS_mq_open, libc::SYS_mq_timedreceive,
        libc::SYS_mq_timedsend, libc::SYS_mq_unlink, libc::SYS_mremap, libc::SYS_msgctl, libc::SYS_msgget,
        libc::SYS_msgrcv, libc::SYS_msgsnd, libc::SYS_msync, libc::SYS_munlock, libc::SYS_munlockall, libc::SYS_munmap,
        libc::SYS_name_to_handle_at, libc::SYS_nanosleep, libc::SYS_newfstatat, libc::SYS_openat, libc::SYS_pipe2,
        libc::SYS_pkey_alloc, libc::SYS_pkey_free, libc::SYS_pkey_mprotect, libc::SYS_ppoll, libc::SYS_prctl,
        libc::SYS_pread64, libc::SYS_preadv, libc::SYS_preadv2, libc::SYS_prlimit64, libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev, libc::SYS_pselect6, libc::SYS_ptrace, libc::SYS_pwrite64, libc::SYS_pwritev,
        libc::SYS_pwritev2, libc::SYS_read, libc::SYS_readahead, libc::SYS_readlinkat, libc::SYS_readv,
        libc::SYS_recvfrom, libc::SYS_recvmmsg, libc::SYS_recvmsg, libc::SYS_remap_file_pages, libc::SYS_removexattr,
        libc::SYS_renameat, libc::SYS_renameat2, libc::SYS_restart_syscall, libc::SYS_rseq, libc::SYS_rt_sigaction,
        libc::SYS_rt_sigpending, libc::SYS_rt_sigprocmask, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_sigreturn,
        libc::SYS_rt_sigsuspend, libc::SYS_rt_sigtimedwait, libc::SYS_rt_tgsigqueueinfo, libc::SYS_sched_getaffinity,
        libc::SYS_sched_getattr, libc::SYS_sched_getparam, libc::SYS_sched_get_priority_max,
        libc::SYS_sched_get_priority_min, libc::SYS_sched_getscheduler, libc::SYS_sched_rr_get_interval,
        libc::SYS_sched_setaffinity, libc::SYS_sched_setattr, libc::SYS_sched_setparam, libc::SYS_sched_setscheduler,
        libc::SYS_sched_yield, libc::SYS_seccomp, libc::SYS_semctl, libc::SYS_semget, libc::SYS_semop,
        libc::SYS_semtimedop, libc::SYS_sendfile, libc::SYS_sendmmsg, libc::SYS_sendmsg, libc::SYS_sendto,
        libc::SYS_setfsgid, libc::SYS_setfsuid, libc::SYS_setgid, libc::SYS_setgroups, libc::SYS_setitimer,
        libc::SYS_setpgid, libc::SYS_setpriority, libc::SYS_setregid, libc::SYS_setresgid, libc::SYS_setresuid,
        libc::SYS_setreuid, libc::SYS_setrlimit, libc::SYS_set_robust_list, libc::SYS_setsid, libc::SYS_setsockopt,
        libc::SYS_set_tid_address, libc::SYS_setuid, libc::SYS_setxattr, libc::SYS_shmat, libc::SYS_shmctl,
        libc::SYS_shmdt, libc::SYS_shmget, libc::SYS_shutdown, libc::SYS_sigaltstack, libc::SYS_signalfd4,
        libc::SYS_socketpair, libc::SYS_splice, libc::SYS_statfs, libc::SYS_statx, libc::SYS_symlinkat, libc::SYS_sync,
        libc::SYS_sync_file_range, libc::SYS_syncfs, libc::SYS_sysinfo, libc::SYS_tee, libc::SYS_tgkill,
        libc::SYS_timer_create, libc::SYS_timer_delete, libc::SYS_timer_getoverrun, libc::SYS_timer_gettime,
        libc::SYS_timer_settime, libc::SYS_timerfd_create, libc::SYS_timerfd_gettime, libc::SYS_timerfd_settime,
        libc::SYS_times, libc::SYS_tkill, libc::SYS_truncate, libc::SYS_umask, libc::SYS_uname, libc::SYS_unlinkat,
        libc::SYS_utimensat, libc::SYS_vmsplice, libc::SYS_wait4, libc::SYS_waitid, libc::SYS_write, libc::SYS_writev,
        // io_pgetevents is 333 on x86_64 and 292 on aarch64; libc has no name for it.
        #[cfg(target_arch = "x86_64")] 333,
        #[cfg(target_arch = "aarch64")] 292,
        // pidfd_send_signal, pidfd_open, close_range, openat2, faccessat2, epoll_pwait2
        424, 434, 436, 437, 439, 441,
        // landlock_create_ruleset, landlock_add_rule, landlock_restrict_self, memfd_secret, process_mrelease, futex_waitv
        444, 445, 446, 447, 448, 449,
        // cachestat, fchmodat2, map_shadow_stack, futex_wake, futex_wait, futex_requeue
        451, 452, 453, 454, 455, 456,
    ];

    /// Allowed to everybody on an architecture with a past.
    #[cfg(target_arch = "x86_64")]
    #[rustfmt::skip]
    const OLD: &[i64] = &[
        libc::SYS_access, libc::SYS_alarm, libc::SYS_arch_prctl, libc::SYS_chmod, libc::SYS_chown, libc::SYS_creat,
        libc::SYS_dup2, libc::SYS_epoll_create, libc::SYS_epoll_ctl_old, libc::SYS_epoll_wait, libc::SYS_epoll_wait_old,
        libc::SYS_eventfd, libc::SYS_fork, libc::SYS_futimesat, libc::SYS_getdents, libc::SYS_getpgrp,
        libc::SYS_get_thread_area, libc::SYS_inotify_init, libc::SYS_lchown, libc::SYS_link, libc::SYS_lstat,
        libc::SYS_mkdir, libc::SYS_mknod, libc::SYS_modify_ldt, libc::SYS_open, libc::SYS_pause, libc::SYS_pipe,
        libc::SYS_poll, libc::SYS_readlink, libc::SYS_rename, libc::SYS_rmdir, libc::SYS_select,
        libc::SYS_set_thread_area, libc::SYS_signalfd, libc::SYS_stat, libc::SYS_symlink, libc::SYS_time,
        libc::SYS_unlink, libc::SYS_utime, libc::SYS_utimes, libc::SYS_vfork,
    ];
    #[cfg(target_arch = "aarch64")]
    const OLD: &[i64] = &[];

    /// Allowed to who has a capability.
    #[rustfmt::skip]
    const WITH: &[(&str, &[i64])] = &[
        ("DAC_READ_SEARCH", &[libc::SYS_open_by_handle_at]),
        ("SYS_ADMIN", &[
            libc::SYS_bpf, libc::SYS_clone, CLONE3, libc::SYS_fanotify_init, libc::SYS_lookup_dcookie, libc::SYS_mount,
            libc::SYS_perf_event_open, libc::SYS_quotactl, libc::SYS_setdomainname, libc::SYS_sethostname,
            libc::SYS_setns, libc::SYS_syslog, libc::SYS_umount2, libc::SYS_unshare,
            // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, quotactl_fd
            428, 429, 430, 431, 432, 433, 442, 443,
        ]),
        ("SYS_BOOT", &[libc::SYS_reboot]),
        ("SYS_CHROOT", &[libc::SYS_chroot]),
        ("SYS_MODULE", &[libc::SYS_delete_module, libc::SYS_init_module, libc::SYS_finit_module]),
        ("SYS_PACCT", &[libc::SYS_acct]),
        // pidfd_getfd, process_madvise
        ("SYS_PTRACE", &[libc::SYS_kcmp, 438, 440]),
        #[cfg(target_arch = "x86_64")]
        ("SYS_RAWIO", &[libc::SYS_iopl, libc::SYS_ioperm]),
        ("SYS_TIME", &[libc::SYS_settimeofday, libc::SYS_clock_settime]),
        ("SYS_TTY_CONFIG", &[libc::SYS_vhangup]),
        // set_mempolicy_home_node
        ("SYS_NICE", &[libc::SYS_get_mempolicy, libc::SYS_mbind, libc::SYS_set_mempolicy, 450]),
        ("SYSLOG", &[libc::SYS_syslog]),
        ("BPF", &[libc::SYS_bpf]),
        ("PERFMON", &[libc::SYS_perf_event_open]),
    ];

    const CLONE3: i64 = 435;

    /// `CLONE_NEWNS`, `NEWCGROUP`, `NEWUTS`, `NEWIPC`, `NEWUSER`, `NEWPID`, `NEWNET`: namespaces are for who has `CAP_SYS_ADMIN`.
    const NEW_NAMESPACES: u64 = 0x7e02_0000;

    /// Personalities that change nothing about safety: `PER_LINUX`, `PER_LINUX32`, both with `UNAME26`, and asking.
    const PERSONALITIES: [u64; 5] = [0, 8, 0x2_0000, 0x2_0008, 0xffff_ffff];

    /// The programs, to be installed in this order.
    pub(super) fn programs(capabilities: u64) -> Vec<BpfProgram> {
        let has = |name: &str| capability(name).is_ok_and(|bit| capabilities & bit != 0);
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
        for number in ALWAYS.iter().chain(OLD) {
            rules.insert(*number, Vec::new());
        }
        for (_, numbers) in WITH.iter().filter(|(name, _)| has(name)) {
            rules.extend(numbers.iter().map(|number| (*number, Vec::new())));
        }
        let one = |rule: Option<SeccompRule>| rule.into_iter().collect::<Vec<_>>();
        let privileged = has("SYS_ADMIN");
        if !privileged {
            rules.insert(
                libc::SYS_clone,
                one(argument(SeccompCmpOp::MaskedEq(NEW_NAMESPACES), SeccompCmpArgLen::Qword, 0)),
            );
            // For the second program to refuse, in its own way.
            rules.insert(CLONE3, Vec::new());
        }
        // Sockets to the machine's hypervisor are not the container's.
        let vsock = u64::try_from(libc::AF_VSOCK).unwrap_or_default();
        rules.insert(libc::SYS_socket, one(argument(SeccompCmpOp::Ne, SeccompCmpArgLen::Dword, vsock)));
        let personality = |number: &u64| argument(SeccompCmpOp::Eq, SeccompCmpArgLen::Dword, *number);
        rules.insert(libc::SYS_personality, PERSONALITIES.iter().filter_map(personality).collect());
        let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let mut programs = vec![SeccompFilter::new(rules, refuse, SeccompAction::Allow, ARCH)];
        if !privileged {
            // Its flags lie in memory, where a filter cannot look; who hears that there is no such call uses clone.
            let missing = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
            let rules = BTreeMap::from([(CLONE3, Vec::new())]);
            programs.push(SeccompFilter::new(rules, SeccompAction::Allow, missing, ARCH));
        }
        programs.into_iter().filter_map(|filter| filter.ok()?.try_into().ok()).collect()
    }

    /// A rule about a call's first argument.
    fn argument(operator: SeccompCmpOp, length: SeccompCmpArgLen, value: u64) -> Option<SeccompRule> {
        SeccompRule::new(vec![SeccompCondition::new(0, length, operator, value).ok()?]).ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn there_are_two_programs_unless_namespaces_are_allowed() {
            assert_eq!(programs(0).len(), 2);
            assert_eq!(programs(u64::MAX).len(), 1);
            // BPF_MAXINSNS of linux/bpf_common.h.
            assert!(programs(u64::MAX).iter().chain(&programs(0)).all(|program| (1..4096).contains(&program.len())));
        }
    }
}

/// seccompiler knows no other architectures.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod calls {
    pub(super) const KNOWN: bool = false;

    pub(super) fn programs(_: u64) -> Vec<seccompiler::BpfProgram> {
        Vec::new()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(add: &[&str], drop: &[&str]) -> u64 {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        capabilities(&Container { cap_add: names(add), cap_drop: names(drop), ..Container::default() }).unwrap()
    }

    #[test]
    fn capabilities_are_dockers() {
        // What `grep Cap /proc/self/status` says in a container of Docker's.
        assert_eq!(of(&[], &[]), 0xa804_25fb);
        assert_eq!(of(&["NET_ADMIN"], &[]), 0xa804_35fb);
        assert_eq!(of(&["cap_net_admin"], &["ALL"]), 1 << 12);
        assert_eq!(of(&[], &["all"]), 0);
        assert_eq!(of(&["ALL"], &["SYS_ADMIN"]), !(1 << 21));
        assert_eq!(of(&[], &["CHOWN", "CAP_KILL"]), 0xa804_25da);
        assert!(capability("NONE").is_err());
    }
}
