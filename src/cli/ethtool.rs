//! `ethtool -S IF`.

use super::Verb;
use super::words::{Parsed, Words};

/// Reads the words after `ethtool`.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    words.flag("S:-S|--statistics")?;
    if !words.on {
        return Err(words.expected("-S IF"));
    }
    words.exactly(1, "-S IF")?;
    Ok(Verb::Ethtool(words.operand_at(0)))
}
