//! `ethtool -S IF`.

use super::Verb;
use super::words::{Parsed, Word, Words};

/// Reads the words after `ethtool`.
pub fn parse(words: &mut Words) -> Parsed<Verb> {
    let (mut statistics, mut interfaces) = (false, Vec::new());
    while let Some(word) = words.next()? {
        match word {
            Word::Option(option) if matches!(option.as_str(), "-S" | "--statistics") => statistics = true,
            Word::Option(option) => return Err(words.unknown(&option)),
            Word::Operand(operand) => interfaces.push(operand),
        }
    }
    if !statistics {
        return Err(words.wrong("expected -S IF"));
    }
    let [interface] = words.exactly(interfaces, "-S IF")?;
    Ok(Verb::Ethtool(interface))
}
