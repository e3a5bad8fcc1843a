//! Batches: what `nf_tables` takes as one transaction, all or nothing.
//!
//! A batch is one datagram: `NFNL_MSG_BATCH_BEGIN`, the changes, `NFNL_MSG_BATCH_END`. The kernel reads all of it, commits only
//! when nothing was refused, and then answers. It answers
//!
//! * to each change that it refuses, in order, and to the last one in any case, for that carries `NLM_F_ACK`;
//! * to the beginning, when it refuses the batch as a whole: `EPERM`, `EOPNOTSUPP` (no `nf_tables`), `ERESTART` (the generation
//!   was another), `ENOMEM`, or an error of the commit. Then, or after it, the last change may be answered too.
//!
//! So a sender reads until [`Outcome::take`] says that it has heard enough; answers that come later carry sequence numbers that
//! are no longer asked for. `ERESTART` and `EINTR` mean: plan again, send again. A batch must fit the socket's send buffer
//! (`SO_SNDBUFFORCE`), and one answer a refused change its receive buffer.
//!
//! ```
//! use pontoon_netlink::Request;
//! use pontoon_netlink::batch::{Batch, Outcome, Place};
//! use pontoon_netlink::message::{Messages, NLMSG_ERROR};
//! use pontoon_netlink::netfilter::{NFPROTO_IPV4, chain, table};
//!
//! let changes = [table::new(NFPROTO_IPV4, "filter"), chain::new(NFPROTO_IPV4, "filter", "publish", None)];
//! let batch = Batch::new(&changes, 1, None).unwrap();
//! // batch.bytes() is sent. The beginning has sequence number 1, the changes 2 and 3. The kernel refuses the second one:
//! let answer = Request::new(NLMSG_ERROR, 0, &[(-17_i32).to_ne_bytes(), [0; 4], [0; 4], [0; 4], [0; 4]].concat());
//! let answer = answer.to_bytes(3).unwrap();
//!
//! let mut outcome = Outcome::default();
//! let enough = Messages::new(&answer).any(|message| outcome.take(&batch, &message));
//! assert!(enough);
//! let (place, ack) = &outcome.refused[0];
//! assert_eq!((*place, ack.errno), (Place::Change(1), 17));
//! ```
//!
//! # Source
//! `linux/netfilter/nfnetlink.h`; net/netfilter/nfnetlink.c, `nfnetlink_rcv_batch`.

use alloc::vec::Vec;

use crate::ack::Ack;
use crate::bytes::{self, align};
use crate::message::{Message, NLM_F_ACK, Request};
use crate::netfilter::NFNL_SUBSYS_NFTABLES;

// linux/netfilter/nfnetlink.h
/// The beginning of a batch.
pub const NFNL_MSG_BATCH_BEGIN: u16 = 16;
/// The end of a batch.
pub const NFNL_MSG_BATCH_END: u16 = 17;
/// The generation that the batch is for; 32 bits, big-endian (4.16).
pub const NFNL_BATCH_GENID: u16 = 1;

/// A batch, ready to be sent in one datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    bytes: Vec<u8>,
    /// Sequence number of the beginning; the changes follow, then the end.
    first: u32,
    changes: u32,
}

impl Batch {
    /// Puts `changes` between a beginning and an end, numbered from `first` on; with a `generation`, the kernel refuses it when
    /// the rule set has another one by then.
    ///
    /// `None` when there are no changes, or when one is too long for its length fields.
    #[must_use]
    pub fn new(changes: &[Request], first: u32, generation: Option<u32>) -> Option<Self> {
        // struct nfgenmsg: family, version, and the subsystem in the resource id, big-endian.
        let body = [0, 0, 0, NFNL_SUBSYS_NFTABLES];
        let mut begin = Request::new(NFNL_MSG_BATCH_BEGIN, 0, &body);
        if let Some(generation) = generation {
            begin.attrs().be32(NFNL_BATCH_GENID, generation);
        }
        let mut bytes = begin.to_bytes(first)?;
        let mut sequence = first;
        let mut last = None;
        for change in changes {
            last = Some(bytes.len());
            sequence = sequence.wrapping_add(1);
            change.append_to(&mut bytes, sequence)?;
        }
        let last = last?;
        let flags = bytes::u16_at(&bytes, last + 6) | NLM_F_ACK;
        bytes::put(&mut bytes, last + 6, &flags.to_ne_bytes());
        Request::new(NFNL_MSG_BATCH_END, 0, &body).append_to(&mut bytes, sequence.wrapping_add(1))?;
        Some(Self { bytes, first, changes: sequence.wrapping_sub(first) })
    }

    /// The datagram.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The sequence number of the end: the last one that the batch uses.
    #[must_use]
    pub fn last_sequence(&self) -> u32 {
        self.first.wrapping_add(self.changes).wrapping_add(1)
    }

    /// The message at `place`, to find the attribute in it that an error points at.
    #[must_use]
    pub fn message(&self, place: Place) -> &[u8] {
        let number = match place {
            Place::Begin => 0,
            Place::Change(position) => position.saturating_add(1),
        };
        let mut rest = self.bytes.as_slice();
        let len = |rest| usize::try_from(bytes::u32_at(rest, 0)).unwrap_or(usize::MAX);
        for _ in 0..number {
            if rest.is_empty() {
                break;
            }
            rest = rest.get(align(len(rest))..).unwrap_or_default();
        }
        rest.get(..len(rest)).unwrap_or_default()
    }

    fn place(&self, sequence: u32) -> Option<Place> {
        match sequence.wrapping_sub(self.first) {
            0 => Some(Place::Begin),
            number if number <= self.changes => usize::try_from(number - 1).ok().map(Place::Change),
            // The end: from 6.10 on it could be acknowledged, had we asked.
            _ => None,
        }
    }
}

/// Which message of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The beginning, which stands for the batch as a whole.
    Begin,
    /// A change, by its position.
    Change(usize),
}

/// What has been heard of a batch so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What was refused, in the kernel's order. When there is anything, nothing of the batch was done.
    pub refused: Vec<(Place, Ack)>,
}

impl Outcome {
    /// Takes a message that arrived; true when all has been heard that matters.
    #[must_use]
    pub fn take(&mut self, batch: &Batch, message: &Message<'_>) -> bool {
        let Some(place) = batch.place(message.sequence) else { return false };
        let Some(ack) = Ack::parse(message) else { return false };
        if ack.errno != 0 {
            self.refused.push((place, ack));
        }
        match place {
            // Its acknowledgement, which we did not ask for, would come before the answers to the changes.
            Place::Begin => !self.refused.is_empty(),
            Place::Change(position) => u32::try_from(position).is_ok_and(|position| position + 1 == batch.changes),
        }
    }
}

#[cfg(test)]
mod tests;
