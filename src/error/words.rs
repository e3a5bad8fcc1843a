//! The words of each failure: one line that names object, cause and remedy.

use core::fmt::{Display, Formatter, Result, Write};

use super::{Error, Failure};
use crate::prelude::*;
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
            Self::Value { what, value, must } => say(f, "%: '%' is not valid: it must be %", &[what, value, must]),
            Self::System { doing, object, errno } => {
                let (name, words, remedy) = (errno::name(*errno), errno::words(*errno), remedy(*errno));
                say(f, "cannot % %: % (%)%", &[doing, object, name, words, remedy])
            }
            Self::Kernel { doing, object, refusal } => {
                // rtnetlink refuses for lack of permission with EPERM; an address with EACCES where IPv6 is off.
                let remedy = match refusal.errno {
                    Errno::ACCESS => ". Set net.ipv6.conf.INTERFACE.disable_ipv6 to 0 there.",
                    errno => remedy(errno),
                };
                say(f, "cannot % %: %%", &[doing, object, refusal.to_text(), remedy])
            }
            Self::Lacking { doing, object, refusal, config } => {
                say(f, "cannot % %: %. The kernel lacks %.", &[doing, object, refusal.to_text(), config])
            }
            Self::NotFound { kind, name, remedy } => say(f, "% % not found%", &[kind, name, remedy]),
            Self::Exists { kind, name, remedy } => say(f, "% % already exists%", &[kind, name, remedy]),
            Self::Ambiguous { prefix, count } => {
                say(f, "id prefix % is ambiguous: it fits % networks. Give more of it.", &[prefix, count.to_text()])
            }
            Self::Overlap { subnet, with } => {
                say(f, "subnet % overlaps %. Choose another with --subnet.", &[subnet, with])
            }
            Self::NoFreePool => f.write_str(
                "all default address pools overlap networks, addresses or routes of this host. Give one with --subnet.",
            ),
            Self::BadAddress { address, why } => say(f, "address % %", &[address.to_text(), why]),
            Self::AddressInUse { address, by } => say(f, "address % is already in use%", &[address.to_text(), by]),
            Self::PoolExhausted { network, pool } => say(
                f,
                "no free address is left on network % (%). Disconnect a sandbox, or use a larger subnet.",
                &[network, pool],
            ),
            Self::BridgeFull { bridge } => {
                say(f, "bridge % has 1023 ports, as many as the kernel allows. Use another network.", &[bridge])
            }
            Self::ActiveEndpoints { network, sandboxes } => say(
                f,
                "network % has active endpoints: %. Disconnect them, or use -f.",
                &[network, joined(sandboxes, ", ")],
            ),
            Self::AlreadyConnected { sandbox, network } => {
                say(f, "sandbox % is already connected to network %", &[sandbox, network])
            }
            Self::NotConnected { sandbox, network } => {
                say(f, "sandbox % is not connected to network %", &[sandbox, network])
            }
            Self::Differs { kind, name, differences } => {
                say(f, "% % exists and differs: %", &[kind, name, joined(differences, ", ")])
            }
            Self::NotABridge { device, kind } => say(
                f,
                "interface % is not a bridge but %. Remove it, or choose another name with -o com.docker.network.bridge.name=NAME.",
                &[device, kind],
            ),
            Self::BridgeTaken { bridge, network } => say(f, "bridge % belongs to network %", &[bridge, network]),
            Self::Port { port, why } => say(f, "publish %: %", &[port, why]),
            Self::CheckFailed { failed, of } => say(f, "% of % checks failed", &[failed.to_text(), of.to_text()]),
            Self::Undo { cause, left } => {
                say(f, "%; and undoing failed: %. 'pontoon gc' removes what is left.", &[cause.to_text(), list(left)])
            }
            Self::Of { object, cause } => say(f, "%: %", &[object, cause.to_text()]),
            Self::NotRun { cause, .. } => cause.fmt(f),
            Self::Several(errors) => f.write_str(list(errors)),
        }
    }
}

/// A sentence with each `%` replaced by the next of `parts`: a fraction of the code that as many calls of `write!` would be.
fn say(f: &mut Formatter<'_>, sentence: Text, parts: &[Text]) -> Result {
    let mut parts = parts.iter();
    for (position, words) in sentence.split('%').enumerate() {
        if position > 0 {
            f.write_str(parts.next().copied().unwrap_or_default())?;
        }
        f.write_str(words)?;
    }
    Ok(())
}

fn list(errors: &[Error]) -> Text {
    let mut texts = Vec::new();
    for error in errors {
        texts.push(error.to_text());
    }
    joined(&texts, ", ")
}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(errno::name(self.errno))?;
        f.write_str(" (")?;
        let message = self.message.unwrap_or_else(|| errno::words(self.errno));
        f.write_str(message.get(..len_without(message, b'.')).unwrap_or_default())?;
        if let Some(attribute) = self.attribute {
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
