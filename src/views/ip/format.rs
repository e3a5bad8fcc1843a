//! How to print, and what.

use super::prefix::Prefix;
use crate::kernel::Details;
use crate::types::family::Family;
use crate::views::printer::Printer;

/// How to print.
#[derive(Debug, Clone, Copy, Default)]
pub struct Format {
    /// JSON.
    pub json: bool,
    /// `-details`.
    pub details: bool,
    /// `-brief`.
    pub brief: bool,
    /// `-oneline`.
    pub oneline: bool,
    /// Only this one.
    pub family: Option<Family>,
}

impl Format {
    /// A printer for a list of objects.
    pub fn printer(self) -> Printer {
        let printer = Printer::list(self.json);
        if self.oneline { printer.oneline() } else { printer }
    }
}

/// What to print.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only what belongs to this link.
    pub link: Option<u32>,
    /// Only links that are up.
    pub up: bool,
    /// Only ports of this bridge.
    pub master: Option<u32>,
    /// Only links of this kind; `bridge_slave` for ports of a kind.
    pub kind: Option<String>,
    /// Only links of this group.
    pub group: Option<u32>,
    /// Only of this scope.
    pub scope: Option<u8>,
    /// Only routes of this table; none for all of them.
    pub table: Option<u32>,
    /// Only routes of this protocol.
    pub protocol: Option<u8>,
    /// Only the route to exactly this prefix.
    pub to: Option<Prefix>,
    /// Only neighbours in one of these states; none for iproute2's usual ones.
    pub states: Option<u16>,
}

impl Filter {
    /// What iproute2 leaves to the kernel: other links are not printed at all.
    pub fn wants(&self, link: &Details) -> bool {
        let kind = self.kind.as_deref().filter(|kind| !kind.ends_with("_slave"));
        kind.is_none_or(|kind| link.link.is(kind)) && self.master.is_none_or(|master| link.link.master == Some(master))
    }

    /// What iproute2 decides itself: other links are empty objects in its JSON.
    pub fn shows(&self, link: &Details) -> bool {
        let port = self.kind.as_deref().and_then(|kind| kind.strip_suffix("_slave"));
        (!self.up || link.link.is_up())
            && self.group.is_none_or(|group| link.link.group == Some(group))
            && port.is_none_or(|port| link.link.port_kind.as_deref() == Some(port))
    }
}
