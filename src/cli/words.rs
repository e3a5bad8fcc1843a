//! The words of a command line, one after the other: options and operands as `getopt_long(3)` reads them,
//! and the options that every verb has.

use core::ffi::CStr;

use crate::error::{Error, Failure, Result};
use crate::packed::Packed;
use crate::prelude::*;

/// The result of reading a part of the command line.
pub type Parsed<T> = Result<T>;

/// One word.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// An option with its dashes: `--subnet`, `-d`.
    Option(Text),
    /// Anything else.
    Operand(Text),
}

/// What is left of a word.
#[derive(Debug, Clone, Copy)]
enum Pending {
    /// Nothing.
    Nothing,
    /// Of `--long=value`, the value.
    Value(&'static [u8]),
    /// Of `-abc`, the letters behind those that were read; of `-a` alone, none.
    Letters(&'static [u8]),
    /// Nothing, and all that follows are operands: there was a `--`.
    Operands,
}

/// The words still to be read.
#[derive(Debug)]
pub struct Words {
    arguments: vec::IntoIter<&'static CStr>,
    /// What is left of the word that was read last.
    pending: Pending,
    /// The option that was read last.
    option: Text,
    /// The verb's words so far.
    pub path: Vec<Text>,
    /// The help text that `--help` prints.
    pub help: Packed,
    /// `--json` was given.
    pub json: bool,
    operands: Vec<Text>,
}

impl Words {
    /// Starts with `arguments`, and `help` for a `--help` before the verb.
    pub fn new(arguments: Vec<&'static CStr>, help: Packed) -> Self {
        let (arguments, pending, option) = (arguments.into_iter(), Pending::Nothing, "");
        Self { arguments, pending, option, path: Vec::new(), help, json: false, operands: Vec::new() }
    }

    /// The next word of a verb, without `-h`, `--help` and `--json`, which every verb has.
    pub fn next(&mut self) -> Parsed<Option<Word>> {
        loop {
            match self.next_raw()? {
                Some(Word::Option(option)) => match option {
                    "-h" | "--help" => return Err(Failure::Print(self.help.unpack()).into()),
                    "--json" => self.json = true,
                    _ => return Ok(Some(Word::Option(option))),
                },
                Some(Word::Operand(operand)) => {
                    self.operands.push(operand);
                    return Ok(Some(Word::Operand(operand)));
                }
                None => return Ok(None),
            }
        }
    }

    /// As [`Words::next`], for the words before the verb: operands are the verb's own words.
    pub fn next_global(&mut self) -> Parsed<Option<Word>> {
        let word = self.next()?;
        if matches!(word, Some(Word::Operand(_))) {
            self.operands.pop();
        }
        Ok(word)
    }

    fn next_raw(&mut self) -> Parsed<Option<Word>> {
        match self.pending {
            Pending::Value(_) => return Err(self.unexpected_value()),
            Pending::Letters([b'=', ..]) if !self.option.is_empty() => return Err(self.unexpected_value()),
            Pending::Letters(letters) if !letters.is_empty() => {
                let (letter, rest) = first_letter(letters);
                self.pending = Pending::Letters(rest);
                return Ok(Some(self.found(text!("-{letter}"))));
            }
            Pending::Letters(_) => self.pending = Pending::Nothing,
            Pending::Nothing | Pending::Operands => {}
        }
        let Some(word) = self.arguments.next() else { return Ok(None) };
        match word.to_bytes() {
            word if matches!(self.pending, Pending::Operands) => self.operand(word),
            b"--" => {
                self.pending = Pending::Operands;
                self.next_raw()
            }
            [b'-', b'-', ..] => {
                let bytes = word.to_bytes();
                let mut parts = bytes.splitn(2, |byte| *byte == b'=');
                let name = lossy(parts.next().unwrap_or_default());
                self.pending = parts.next().map_or(Pending::Nothing, Pending::Value);
                Ok(Some(self.found(name)))
            }
            [b'-', letters @ ..] if !letters.is_empty() => {
                self.option = "";
                self.pending = Pending::Letters(letters);
                self.next_raw()
            }
            word => self.operand(word),
        }
    }

    fn found(&mut self, option: Text) -> Word {
        self.option = option;
        Word::Option(option)
    }

    fn operand(&self, word: &'static [u8]) -> Parsed<Option<Word>> {
        self.text(word).map(|word| Some(Word::Operand(word)))
    }

    /// What stands in one word with the option that was read last: behind its `=`, or behind its letter.
    fn attached_value(&mut self) -> Option<&'static [u8]> {
        let (value, pending) = match self.pending {
            Pending::Operands => (None, Pending::Operands),
            Pending::Letters([]) | Pending::Nothing => (None, Pending::Nothing),
            Pending::Value(value) | Pending::Letters([b'=', value @ ..] | value) => (Some(value), Pending::Nothing),
        };
        self.pending = pending;
        value
    }

    fn unexpected_value(&mut self) -> Error {
        let value = String::from_utf8_lossy(self.attached_value().unwrap_or_default());
        self.wrong(text!("unexpected argument for option '{}': \"{value}\"", self.option))
    }

    /// The value of `option`: behind its `=`, or the next word.
    pub fn value(&mut self, option: Text) -> Parsed<Text> {
        let value = self.attached_value().or_else(|| self.arguments.next().map(CStr::to_bytes));
        match value {
            Some(value) => self.text(value),
            None => Err(self.wrong(text!("{option} needs a value"))),
        }
    }

    /// Whether a flag is on: `--ipv6`, or Docker's `--ipv6=false`.
    pub fn flag(&mut self, option: Text) -> Parsed<bool> {
        // Behind a letter are other letters.
        let value = if let Pending::Letters([first, ..]) = self.pending
            && *first != b'='
        {
            None
        } else {
            self.attached_value()
        };
        match value {
            None | Some(b"true") => Ok(true),
            Some(b"false") => Ok(false),
            Some(_) => Err(self.wrong(text!("{option} takes no value but 'true' or 'false'"))),
        }
    }

    /// Everything that is left, as it is: a command to run.
    pub fn rest(&mut self) -> Parsed<Vec<&'static CStr>> {
        match self.pending {
            Pending::Value(_) | Pending::Letters([_, ..]) => Err(self.unexpected_value()),
            _ => Ok(self.arguments.by_ref().collect()),
        }
    }

    /// The next word as it is, be it an option or not; none at the end.
    pub fn next_as_is(&mut self) -> Option<Text> {
        if self.attached_value().is_some() {
            return None;
        }
        Some(lossy(self.arguments.next()?.to_bytes()))
    }

    /// Takes note of an operand read by [`Words::next_as_is`], for [`Words::subject`].
    pub fn remember(&mut self, operand: Text) {
        self.operands.push(operand);
    }

    /// Reads nothing but operands to the end: exactly `N` of them, called `names` in the error.
    pub fn exactly<const N: usize>(&self, operands: Vec<Text>, names: Text) -> Parsed<[Text; N]> {
        operands.try_into().map_err(|_| self.wrong(text!("expected {names}")))
    }

    fn text(&self, word: &'static [u8]) -> Parsed<Text> {
        match core::str::from_utf8(word) {
            Ok(text) => Ok(text),
            Err(_) => Err(self.wrong(text!("'{}' is not UTF-8", String::from_utf8_lossy(word)))),
        }
    }

    /// An option that the verb does not have.
    pub fn unknown(&self, option: Text) -> Error {
        self.wrong(text!("unknown option '{option}'"))
    }

    /// A verb that there is not.
    pub fn unknown_verb(&mut self) -> Error {
        let word = self.path.pop().unwrap_or_default();
        self.wrong(text!("unknown command '{word}'"))
    }

    /// The command line ends too early.
    pub fn incomplete(&self) -> Error {
        self.wrong("a command is missing")
    }

    /// Something else is wrong; says where to read on.
    pub fn wrong(&self, message: Text) -> Error {
        let mut place = String::from("pontoon");
        for word in &self.path {
            place.push(' ');
            place.push_str(word);
        }
        Failure::Usage(text!("{message}. See '{place} --help'.")).into()
    }

    /// The verb and the first two names after it, for the front of an error message.
    pub fn subject(&self) -> Text {
        let mut subject = String::new();
        for word in self.path.iter().chain(self.operands.iter().take(2)) {
            if !subject.is_empty() {
                subject.push(' ');
            }
            subject.push_str(word);
        }
        subject.keep()
    }
}

/// The first letter of what is not empty, and the rest. Bytes that are no UTF-8 are one letter, and no option.
fn first_letter(letters: &[u8]) -> (char, &[u8]) {
    let chunk = letters.utf8_chunks().next();
    let letter = chunk.as_ref().and_then(|chunk| chunk.valid().chars().next());
    let len = letter.map_or(chunk.map_or(1, |chunk| chunk.invalid().len()), char::len_utf8);
    (letter.unwrap_or('\u{fffd}'), letters.get(len..).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn words(arguments: &[&'static CStr]) -> Words {
        Words::new(arguments.to_vec(), Packed(b"help"))
    }

    fn option(words: &mut Words) -> Text {
        match words.next().unwrap() {
            Some(Word::Option(option)) => option,
            _ => "",
        }
    }

    #[test]
    fn values_stand_behind_an_equals_sign_a_letter_or_alone() {
        for arguments in [
            &[c"--ip=1.2.3.4"] as &[&CStr],
            &[c"--ip", c"1.2.3.4"],
            &[c"-i1.2.3.4"],
            &[c"-i=1.2.3.4"],
            &[c"-i", c"1.2.3.4"],
        ] {
            let mut words = words(arguments);
            option(&mut words);
            assert_eq!(words.value("-i").unwrap(), "1.2.3.4");
            assert_eq!(words.next().unwrap(), None);
        }
        let mut words = words(&[c"-i"]);
        option(&mut words);
        assert_eq!(words.value("-i").unwrap_err().to_text(), "-i needs a value. See 'pontoon --help'.");
    }

    #[test]
    fn letters_cluster_and_flags_among_them_take_no_value() {
        let mut words = words(&[c"-itd=false", c"name"]);
        assert_eq!(option(&mut words), "-i");
        assert!(words.flag("-i").unwrap());
        assert_eq!(option(&mut words), "-t");
        assert!(words.flag("-t").unwrap());
        assert_eq!(option(&mut words), "-d");
        assert!(!words.flag("-d").unwrap());
        assert_eq!(words.next().unwrap(), Some(Word::Operand("name")));
    }

    #[test]
    fn a_value_that_nobody_wants_is_an_error() {
        for (arguments, message) in [
            ([c"--force=x"], "unexpected argument for option '--force': \"x\". See 'pontoon --help'."),
            ([c"-f=x"], "unexpected argument for option '-f': \"x\". See 'pontoon --help'."),
        ] {
            let mut words = words(&arguments);
            option(&mut words);
            assert_eq!(words.next().unwrap_err().to_text(), message);
        }
    }

    #[test]
    fn behind_two_dashes_are_operands_only_and_one_dash_is_one() {
        let mut words = words(&[c"-", c"--", c"-x", c"--"]);
        for operand in ["-", "-x", "--"] {
            assert_eq!(words.next().unwrap(), Some(Word::Operand(operand)));
        }
        assert_eq!(words.next().unwrap(), None);
    }

    #[test]
    fn what_is_no_utf8_is_no_operand_and_no_option() {
        assert_eq!(words(&[c"a\xff"]).next().unwrap_err().to_text(), "'a\u{fffd}' is not UTF-8. See 'pontoon --help'.");
        let mut words = words(&[c"-\xffb"]);
        assert_eq!(option(&mut words), "-\u{fffd}");
        assert_eq!(option(&mut words), "-b");
    }
}
