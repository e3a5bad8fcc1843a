//! Verbs that mend what crashes and others have left.

pub mod gc;
pub mod sync;
