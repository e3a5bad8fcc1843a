//! The words of a command line, one after the other: options and operands as `getopt_long(3)` reads them,
//! and the options that every verb has.

use core::ffi::CStr;

use crate::commands::Context;
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
    arguments: &'static [&'static CStr],
    /// What is left of the word that was read last.
    pending: Pending,
    /// The option that was read last, as it was written.
    written: Text,
    /// The letter by which the verb calls the option that was read last; 0 at the end.
    pub letter: u8,
    /// The first spelling of the option that was read last.
    pub name: Text,
    /// Its value.
    pub value: Text,
    /// Whether it is on.
    pub on: bool,
    operands: Vec<Text>,
    /// The verb's words so far, a blank before each.
    pub path: Text,
    /// The help text that `--help` prints.
    pub help: Packed,
    /// The options that every verb has.
    pub context: Context,
}

impl Words {
    /// Starts with `arguments` and `help` for a `--help` before the verb.
    pub fn new(arguments: &'static [&'static CStr], help: Packed, context: Context) -> Self {
        Self {
            arguments,
            pending: Pending::Nothing,
            written: "",
            letter: 0,
            name: "",
            value: "",
            on: false,
            operands: Vec::new(),
            path: "",
            help,
            context,
        }
    }

    /// The next option of a verb, whose [letter](Words::letter) is then one of `options`, or 0 at the end. Operands are put aside.
    pub fn option(&mut self, options: Text) -> Parsed<()> {
        while let Some(Word::Operand(operand)) = self.next(options)? {
            self.operands.push(operand);
        }
        Ok(())
    }

    /// Reads to the end, for a verb whose only option is a flag.
    pub fn flag(&mut self, flag: Text) -> Parsed<()> {
        self.option(flag)?;
        while self.letter != 0 {
            self.option(flag)?;
        }
        Ok(())
    }

    /// The next option of a verb that has no operands.
    pub fn only_option(&mut self, options: Text) -> Parsed<()> {
        if let Some(Word::Operand(operand)) = self.next(options)? {
            self.operands.push(operand);
            return Err(self.expected("no names"));
        }
        Ok(())
    }

    /// The next word, without `-h`, `--help` and `--json`, which every verb has. An option is one of `options`, each behind the
    /// letter by which the verb calls it: `o:-o|--opt=` has a value, `6:--ipv6?` may be turned off (`--ipv6=false`), `q:-q` is
    /// just there. Errors call it by its first spelling.
    pub fn next(&mut self, options: Text) -> Parsed<Option<Word>> {
        self.letter = 0;
        loop {
            match self.next_raw()? {
                Some(Word::Option(option)) => match letter_of("h:-h h:--help j:--json", &|name| name == option) {
                    b'h' => return Err(Failure::Print(self.help.unpack()).into()),
                    b'j' => self.context.json = true,
                    _ => return self.known(option, options).map(|()| Some(Word::Option(self.name))),
                },
                operand => return Ok(operand),
            }
        }
    }

    /// Finds `option` among `options` and reads what goes with it.
    fn known(&mut self, option: Text, options: Text) -> Parsed<()> {
        for known in options.split(' ') {
            let (letter, known) = known.split_once(':').unwrap_or_default();
            let (valued, flag) = (known.strip_suffix('='), known.strip_suffix('?'));
            let spellings = valued.or(flag).unwrap_or(known);
            let (first, second) = spellings.split_once('|').unwrap_or((spellings, spellings));
            if option != first && option != second {
                continue;
            }
            self.letter = letter.bytes().next().unwrap_or_default();
            self.name = first;
            if valued.is_some() {
                self.value = self.read_value()?;
            }
            self.on = flag.is_none() || self.read_flag()?;
            return Ok(());
        }
        Err(self.unknown(option))
    }

    fn next_raw(&mut self) -> Parsed<Option<Word>> {
        match self.pending {
            Pending::Value(_) => return Err(self.unexpected_value()),
            Pending::Letters([b'=', ..]) if !self.written.is_empty() => return Err(self.unexpected_value()),
            Pending::Letters(letters) if !letters.is_empty() => {
                let (letter, rest) = first_letter(letters);
                self.pending = Pending::Letters(rest);
                return Ok(Some(self.found(text!("-{letter}"))));
            }
            Pending::Letters(_) => self.pending = Pending::Nothing,
            Pending::Nothing | Pending::Operands => {}
        }
        let Some(word) = self.next_argument() else { return Ok(None) };
        match word {
            word if matches!(self.pending, Pending::Operands) => self.operand(word),
            b"--" => {
                self.pending = Pending::Operands;
                self.next_raw()
            }
            [b'-', b'-', ..] => {
                let end = word.iter().position(|byte| *byte == b'=').unwrap_or(word.len());
                let (name, value) = word.split_at(end);
                self.pending = value.get(1..).map_or(Pending::Nothing, Pending::Value);
                Ok(Some(self.found(lossy(name))))
            }
            [b'-', letters @ ..] if !letters.is_empty() => {
                self.written = "";
                self.pending = Pending::Letters(letters);
                self.next_raw()
            }
            word => self.operand(word),
        }
    }

    fn next_argument(&mut self) -> Option<&'static [u8]> {
        let (first, rest) = self.arguments.split_first()?;
        self.arguments = rest;
        Some(first.to_bytes())
    }

    fn found(&mut self, option: Text) -> Word {
        self.written = option;
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
        self.wrong(text!("unexpected argument for option '{}': \"{value}\"", self.written))
    }

    /// An option's value: behind its `=`, or the next word.
    fn read_value(&mut self) -> Parsed<Text> {
        match self.attached_value().or_else(|| self.next_argument()) {
            Some(value) => self.text(value),
            None => Err(self.wrong(text!("{} needs a value", self.name))),
        }
    }

    /// Whether a flag is on: `--ipv6`, or Docker's `--ipv6=false`.
    fn read_flag(&mut self) -> Parsed<bool> {
        // Behind a letter are other letters.
        let value = if let Pending::Letters([first, ..]) = self.pending
            && *first != b'='
        {
            None
        } else {
            self.attached_value()
        };
        let Some(value) = value else { return Ok(true) };
        match letter_of("t:true f:false", &|word| word.as_bytes() == value) {
            0 => Err(self.wrong(text!("{} takes no value but 'true' or 'false'", self.name))),
            letter => Ok(letter == b't'),
        }
    }

    /// Everything that is left, as it is: a command to run.
    pub fn rest(&mut self) -> Parsed<&'static [&'static CStr]> {
        match self.pending {
            Pending::Value(_) | Pending::Letters([_, ..]) => Err(self.unexpected_value()),
            _ => Ok(self.arguments),
        }
    }

    /// The next word as it is, be it an option or not; none at the end.
    pub fn next_as_is(&mut self) -> Option<Text> {
        if self.attached_value().is_some() {
            return None;
        }
        self.next_argument().map(lossy)
    }

    /// Takes note of an operand read by [`Words::next_as_is`].
    pub fn remember(&mut self, operand: Text) {
        self.operands.push(operand);
    }

    /// What was read besides options.
    pub fn operands(&self) -> &'static [Text] {
        self.operands.clone().leak()
    }

    /// Checks that there are `count` operands, called `names` in the error.
    pub fn exactly(&self, count: usize, names: Text) -> Parsed<()> {
        if self.operands.len() == count { Ok(()) } else { Err(self.expected(names)) }
    }

    /// There are too few operands, or too many.
    pub fn expected(&self, names: Text) -> Error {
        self.wrong(text!("expected {names}"))
    }

    /// The operand at `position`; empty when there are fewer.
    pub fn operand_at(&self, position: usize) -> Text {
        self.operands.get(position).copied().unwrap_or_default()
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

    /// The command line ends too early.
    pub fn incomplete(&self) -> Error {
        self.wrong("a command is missing")
    }

    /// The value of the option that was read last is not what it `must` be.
    pub fn not_valid(&self, must: Text) -> Error {
        Error::value(self.name, self.value, must)
    }

    /// Something else is wrong; says where to read on.
    pub fn wrong(&self, message: Text) -> Error {
        Failure::Usage(text!("{message}. See 'pontoon{} --help'.", self.path)).into()
    }

    /// The verb and the first two names after it, for the front of an error message.
    pub fn subject(&self) -> Text {
        let named = self.operands.iter().take(2).fold(self.path, |path, operand| text!("{path} {operand}"));
        named.strip_prefix(' ').unwrap_or_default()
    }
}

/// The first letter of what is not empty, and the rest. A byte that is no UTF-8 is a letter, and no option.
fn first_letter(letters: &'static [u8]) -> (Text, &'static [u8]) {
    for len in 1..=4 {
        if let Some((letter, rest)) = letters.split_at_checked(len)
            && let Ok(letter) = core::str::from_utf8(letter)
        {
            return (letter, rest);
        }
    }
    ("\u{fffd}", letters.get(1..).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn words(arguments: &[&'static CStr]) -> Words {
        Words::new(arguments.to_vec().leak(), Packed(b"help"), Context::new(""))
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
            words.option("q:-q a:-i|--ip=").unwrap();
            assert_eq!((words.letter, words.name), (b'a', "-i"));
            assert_eq!(words.value, "1.2.3.4");
            assert_eq!(words.next("").unwrap(), None);
        }
        let error = words(&[c"-i"]).option("i:-i=").unwrap_err();
        assert_eq!(error.to_text(), "-i needs a value. See 'pontoon --help'.");
    }

    #[test]
    fn letters_cluster_and_flags_among_them_take_no_value() {
        let mut words = words(&[c"-itd=false", c"name"]);
        for (letter, on) in [("-i", true), ("-t", true), ("-d", false)] {
            words.option("i:-i? t:-t? d:-d?").unwrap();
            assert_eq!((words.name, words.on), (letter, on));
        }
        assert_eq!(words.next("").unwrap(), Some(Word::Operand("name")));
        let error = self::words(&[c"-d=no"]).option("d:-d?").unwrap_err();
        assert_eq!(error.to_text(), "-d takes no value but 'true' or 'false'. See 'pontoon --help'.");
    }

    #[test]
    fn a_value_that_nobody_wants_is_an_error() {
        for (arguments, message) in [
            ([c"--force=x"], "unexpected argument for option '--force': \"x\". See 'pontoon --help'."),
            ([c"-f=x"], "unexpected argument for option '-f': \"x\". See 'pontoon --help'."),
        ] {
            let mut words = words(&arguments);
            words.option("f:-f f:--force").unwrap();
            assert_eq!(words.next("").unwrap_err().to_text(), message);
        }
    }

    #[test]
    fn behind_two_dashes_are_operands_only_and_one_dash_is_one() {
        let mut words = words(&[c"-", c"--", c"-x", c"--"]);
        for operand in ["-", "-x", "--"] {
            assert_eq!(words.next("").unwrap(), Some(Word::Operand(operand)));
        }
        assert_eq!(words.next("").unwrap(), None);
    }

    #[test]
    fn what_is_no_utf8_is_no_operand_and_no_option() {
        assert_eq!(
            words(&[c"a\xff"]).next("").unwrap_err().to_text(),
            "'a\u{fffd}' is not UTF-8. See 'pontoon --help'."
        );
        let mut words = words(&[c"-\xffb"]);
        for name in ["-\u{fffd}", "-b"] {
            words.option("x:-\u{fffd} b:-b").unwrap();
            assert_eq!(words.name, name);
        }
    }
}
