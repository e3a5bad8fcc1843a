//! Network namespaces as sandboxes: how they are named, made and found.
//!
//! What belongs here: a namespace and its names. What does not: what is attached to it.

pub mod abandoned;
pub mod enter;
pub mod namespaces;
pub mod pin;
pub mod reference;

pub use reference::SandboxRef;
