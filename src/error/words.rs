//! The words of each failure: one line that names object, cause and remedy.

use std::fmt::{Display, Formatter, Result, Write};

use super::{Error, Failure};
use crate::sys::errno;
use crate::sys::{Errno, socket::Refusal};

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        (**self).fmt(f)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Usage(message) | Self::Print(message) => f.write_str(message),
            Self::Value { what, value, must } => write!(f, "{what}: '{value}' is not valid: it must be {must}"),
            Self::System { doing, object, errno } => {
                let name = errno::name(*errno);
                write!(f, "cannot {doing} {object}: {name} ({})", errno::words(*errno))?;
                f.write_str(remedy(*errno))
            }
            Self::Kernel { doing, object, refusal } => {
                write!(f, "cannot {doing} {object}: {refusal}")?;
                // rtnetlink refuses for lack of permission with EPERM; an address with EACCES where IPv6 is off.
                f.write_str(match refusal.errno {
                    Errno::ACCESS => ". Set net.ipv6.conf.INTERFACE.disable_ipv6 to 0 there.",
                    errno => remedy(errno),
                })
            }
            Self::Lacking { doing, object, refusal, config } => {
                write!(f, "cannot {doing} {object}: {refusal}. The kernel lacks {config}.")
            }
            Self::NotFound { kind, name, remedy } => write!(f, "{kind} {name} not found{remedy}"),
            Self::Exists { kind, name, remedy } => write!(f, "{kind} {name} already exists{remedy}"),
            Self::Ambiguous { prefix, count } => {
                write!(f, "id prefix {prefix} is ambiguous: it fits {count} networks. Give more of it.")
            }
            Self::Overlap { subnet, with } => {
                write!(f, "subnet {subnet} overlaps {with}. Choose another with --subnet.")
            }
            Self::NoFreePool => f.write_str(
                "all default address pools overlap networks, addresses or routes of this host. Give one with --subnet.",
            ),
            Self::BadAddress { address, why } => write!(f, "address {address} {why}"),
            Self::AddressInUse { address, by } => write!(f, "address {address} is already in use{by}"),
            Self::PoolExhausted { network, pool } => {
                write!(
                    f,
                    "no free address is left on network {network} ({pool}). Disconnect a sandbox, or use a larger subnet."
                )
            }
            Self::BridgeFull { bridge } => {
                write!(f, "bridge {bridge} has 1023 ports, as many as the kernel allows. Use another network.")
            }
            Self::ActiveEndpoints { network, sandboxes } => {
                write!(f, "network {network} has active endpoints: ")?;
                list(f, sandboxes)?;
                f.write_str(". Disconnect them, or use -f.")
            }
            Self::AlreadyConnected { sandbox, network } => {
                write!(f, "sandbox {sandbox} is already connected to network {network}")
            }
            Self::NotConnected { sandbox, network } => {
                write!(f, "sandbox {sandbox} is not connected to network {network}")
            }
            Self::Differs { kind, name, differences } => {
                write!(f, "{kind} {name} exists and differs: ")?;
                list(f, differences)
            }
            Self::NotABridge { device, kind } => {
                write!(
                    f,
                    "interface {device} is not a bridge but {kind}. Remove it, or choose another name with -o com.docker.network.bridge.name=NAME."
                )
            }
            Self::BridgeTaken { bridge, network } => write!(f, "bridge {bridge} belongs to network {network}"),
            Self::Port { port, why } => write!(f, "publish {port}: {why}"),
            Self::CheckFailed { failed, of } => write!(f, "{failed} of {of} checks failed"),
            Self::Undo { cause, left } => {
                write!(f, "{cause}; and undoing failed: ")?;
                list(f, left)?;
                f.write_str(". 'pontoon gc' removes what is left.")
            }
            Self::Of { object, cause } => write!(f, "{object}: {cause}"),
            Self::NotRun { cause, .. } => cause.fmt(f),
            Self::Several(errors) => list(f, errors),
        }
    }
}

fn list<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> Result {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&errno::name(self.errno))?;
        f.write_str(" (")?;
        let message = self.words.as_ref().and_then(|words| words.message.as_deref());
        f.write_str(message.unwrap_or_else(|| errno::words(self.errno)).trim_end_matches('.'))?;
        if let Some(attribute) = self.words.as_ref().and_then(|words| words.attribute.as_ref()) {
            f.write_str(", at ")?;
            f.write_str(attribute)?;
        }
        f.write_char(')')
    }
}

/// What to do about an errno, where that is the same whatever was being done.
fn remedy(errno: Errno) -> &'static str {
    match errno {
        Errno::PERM | Errno::ACCESS => ". Run it as root, or with CAP_NET_ADMIN and CAP_SYS_ADMIN.",
        Errno::ROFS => ". The file system is mounted read-only.",
        Errno::NOSPC => ". The file system is full.",
        Errno::MFILE | Errno::NFILE => ". Raise the limit on open files.",
        _ => "",
    }
}
