//! Why a netlink request did not do what it was to do.

use std::fmt;

use rustix::io::Errno;

use super::errno::{name, words};

/// What became of a netlink request that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where it failed.
    pub stage: Stage,
    /// The error.
    pub errno: Errno,
    /// What the kernel said beyond that.
    pub words: Option<Box<Words>>,
}

/// The kernel's own words (extack, since 4.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The words.
    pub message: Option<String>,
    /// The name of our attribute that they point at.
    pub attribute: Option<String>,
}

/// Where a request failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// No socket was to be had.
    Open,
    /// It was not sent: nothing has changed.
    Send,
    /// Its answer was not heard: whether anything has changed is not known.
    Receive,
    /// The kernel refused it.
    Kernel,
}

impl Refusal {
    /// A failed call at `stage`, about which the kernel has no more to say than an errno.
    #[must_use]
    pub fn at(stage: Stage, errno: Errno) -> Self {
        Self { stage, errno, words: None }
    }

    /// Whether what was asked for may have been done all the same.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        self.stage == Stage::Receive
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = self.words.as_deref();
        let message =
            said.and_then(|said| said.message.as_deref()).unwrap_or_else(|| words(self.errno)).trim_end_matches('.');
        write!(f, "{} ({message}", name(self.errno))?;
        match said.and_then(|said| said.attribute.as_deref()) {
            Some(attribute) => write!(f, ", at {attribute})"),
            None => f.write_str(")"),
        }?;
        f.write_str(match self.stage {
            Stage::Open => " on opening a netlink socket",
            Stage::Send => " on sending the request",
            Stage::Receive => " on receiving the answer",
            Stage::Kernel => "",
        })
    }
}
