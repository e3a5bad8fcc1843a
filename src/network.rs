//! The domain.

pub mod sandbox;
