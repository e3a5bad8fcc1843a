//! The words of a command line, one after the other: a thin layer over `lexopt` that knows the options every verb has.

use std::ffi::OsString;

use lexopt::Arg;

use crate::error::{Error, Failure, Result};

/// The result of reading a part of the command line.
pub type Parsed<T> = Result<T>;

/// One word.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// An option with its dashes: `--subnet`, `-d`.
    Option(String),
    /// Anything else.
    Operand(String),
}

/// The words still to be read.
#[derive(Debug)]
pub struct Words {
    parser: lexopt::Parser,
    /// The verb's words so far.
    pub path: Vec<String>,
    /// The help text that `--help` prints.
    pub help: &'static str,
    /// `--json` was given.
    pub json: bool,
    operands: Vec<String>,
}

impl Words {
    /// Starts with `arguments`, and `help` for a `--help` before the verb.
    pub fn new(arguments: Vec<OsString>, help: &'static str) -> Self {
        Self { parser: lexopt::Parser::from_args(arguments), path: Vec::new(), help, json: false, operands: Vec::new() }
    }

    /// The next word of a verb, without `-h`, `--help` and `--json`, which every verb has.
    pub fn next(&mut self) -> Parsed<Option<Word>> {
        loop {
            match self.next_raw()? {
                Some(Word::Option(option)) => match option.as_str() {
                    "-h" | "--help" => return Err(Failure::Print(self.help.to_owned()).into()),
                    "--json" => self.json = true,
                    _ => return Ok(Some(Word::Option(option))),
                },
                Some(Word::Operand(operand)) => {
                    self.operands.push(operand.clone());
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
        let word = match self.parser.next() {
            Ok(None) => return Ok(None),
            Ok(Some(Arg::Long(name))) => Ok(Word::Option(format!("--{name}"))),
            Ok(Some(Arg::Short(name))) => Ok(Word::Option(format!("-{name}"))),
            Ok(Some(Arg::Value(value))) => text(value).map(Word::Operand),
            Err(error) => Err(unexpected(error)),
        };
        word.map(Some).map_err(|message| self.wrong(&message))
    }

    /// The value of `option`: behind its `=`, or the next word.
    pub fn value(&mut self, option: &str) -> Parsed<String> {
        let value = self.parser.value().map_err(|_| format!("{option} needs a value")).and_then(text);
        value.map_err(|message| self.wrong(&message))
    }

    /// Whether a flag is on: `--ipv6`, or Docker's `--ipv6=false`.
    pub fn flag(&mut self, option: &str) -> Parsed<bool> {
        match self.parser.optional_value().map(text) {
            None => Ok(true),
            Some(Ok(value)) if value == "true" => Ok(true),
            Some(Ok(value)) if value == "false" => Ok(false),
            Some(_) => Err(self.wrong(&format!("{option} takes no value but 'true' or 'false'"))),
        }
    }

    /// Everything that is left, as it is: a command to run.
    pub fn rest(&mut self) -> Parsed<Vec<OsString>> {
        match self.parser.raw_args() {
            Ok(rest) => Ok(rest.collect()),
            Err(error) => Err(self.wrong(&unexpected(error))),
        }
    }

    /// The next word as it is, be it an option or not; none at the end.
    pub fn next_as_is(&mut self) -> Option<String> {
        let word = self.parser.raw_args().ok()?.next()?;
        Some(word.to_string_lossy().into_owned())
    }

    /// Takes note of an operand read by [`Words::next_as_is`], for [`Words::subject`].
    pub fn remember(&mut self, operand: &str) {
        self.operands.push(operand.to_owned());
    }

    /// Reads nothing but operands to the end: exactly `N` of them, called `names` in the error.
    pub fn exactly<const N: usize>(&self, operands: Vec<String>, names: &str) -> Parsed<[String; N]> {
        operands.try_into().map_err(|_| self.wrong(&format!("expected {names}")))
    }

    /// An option that the verb does not have.
    pub fn unknown(&self, option: &str) -> Error {
        self.wrong(&format!("unknown option '{option}'"))
    }

    /// A verb that there is not.
    pub fn unknown_verb(&mut self) -> Error {
        let word = self.path.pop().unwrap_or_default();
        self.wrong(&format!("unknown command '{word}'"))
    }

    /// The command line ends too early.
    pub fn incomplete(&self) -> Error {
        self.wrong("a command is missing")
    }

    /// Something else is wrong; says where to read on.
    pub fn wrong(&self, message: &str) -> Error {
        let mut place = String::from("pontoon");
        for word in &self.path {
            place.push(' ');
            place.push_str(word);
        }
        Failure::Usage(format!("{message}. See '{place} --help'.")).into()
    }

    /// The verb and the first two names after it, for the front of an error message.
    pub fn subject(&self) -> String {
        let mut subject = String::new();
        for word in self.path.iter().chain(self.operands.iter().take(2)) {
            if !subject.is_empty() {
                subject.push(' ');
            }
            subject.push_str(word);
        }
        subject
    }
}

/// What lexopt says itself has `{:?}` in it, which prints nothing in the smallest build.
fn unexpected(error: lexopt::Error) -> String {
    match error {
        lexopt::Error::UnexpectedValue { option, value } => {
            format!("unexpected argument for option '{option}': \"{}\"", value.to_string_lossy())
        }
        error => error.to_string(),
    }
}

fn text(value: OsString) -> std::result::Result<String, String> {
    value.into_string().map_err(|value| format!("'{}' is not UTF-8", value.to_string_lossy()))
}
