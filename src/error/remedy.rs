//! What to do about a refusal. An errno alone does not know: it is the operation that says what `EACCES` is about.

use rustix::io::Errno;

use super::refusal::Refusal;

const AS_ROOT: &str = ". Run it as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN.";

/// What to do about a failed system call, to end the sentence; nothing where nobody knows.
pub(super) fn of_call(doing: &str, errno: Errno) -> &'static str {
    match (doing, errno) {
        // A packet that is not let out (unreachable, prohibited, a firewall's rule) is no matter of rights, nor is a file that is no program.
        ("send to" | "execute", _) => "",
        (_, Errno::PERM | Errno::ACCESS) => AS_ROOT,
        (_, Errno::ROFS) => ". The file system is mounted read-only.",
        (_, Errno::NOSPC) => ". The file system is full.",
        (_, Errno::MFILE | Errno::NFILE) => ". Raise the limit on open files.",
        _ => "",
    }
}

/// What to do about a refused netlink request, to end the sentence.
pub(super) fn of_request(doing: &str, refusal: &Refusal) -> &'static str {
    match (doing, refusal.errno) {
        // rtnetlink refuses for lack of permission with EPERM; an address with EACCES where IPv6 is off.
        ("add address", Errno::ACCESS) => ". Set net.ipv6.conf.INTERFACE.disable_ipv6 to 0 there.",
        // As many namespaces, devices or set elements as somebody allowed.
        (_, Errno::NOSPC) => "",
        (doing, errno) => of_call(doing, errno),
    }
}
