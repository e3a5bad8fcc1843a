//! The words of a command line, one after the other: a thin layer over `lexopt` that knows the options every verb has.

use std::ffi::OsString;
use std::str::FromStr;

use lexopt::Arg;

use crate::commands::Context;
use crate::error::{Error, GivenFor, Result};
use crate::types::Invalid;

/// The result of reading a part of the command line.
pub type Parsed<T> = std::result::Result<T, Stop>;

/// What is to be done; gives the process's exit code.
pub type Run = Box<dyn FnOnce(&Context) -> Result<u8>>;

/// Why reading the command line ends early.
#[derive(Debug)]
pub enum Stop {
    /// This text is asked for: help, or the version.
    Print(&'static str),
    /// Something is wrong with it.
    Wrong(Box<Error>),
}

impl From<Box<Error>> for Stop {
    fn from(error: Box<Error>) -> Self {
        Self::Wrong(error)
    }
}

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
pub struct Args {
    parser: lexopt::Parser,
    /// The verb's words so far.
    pub verb: Vec<String>,
    /// The help text that `--help` prints.
    pub help: &'static str,
    /// `--json` was given.
    pub json: bool,
    /// `--verbose` was given.
    pub verbose: bool,
    /// The last option was a short one, which others may follow without a blank: `-itd`.
    is_short: bool,
    /// `-h` is the verb's own option.
    pub has_h: bool,
    operands: Vec<String>,
}

impl Args {
    /// Starts with `arguments`, and `help` for a `--help` before the verb.
    pub fn new(arguments: Vec<OsString>, help: &'static str) -> Self {
        let parser = lexopt::Parser::from_args(arguments);
        Self {
            parser,
            verb: Vec::new(),
            help,
            json: false,
            verbose: false,
            is_short: false,
            has_h: false,
            operands: Vec::new(),
        }
    }

    /// The next word of a verb, without `-h`, `--help` and `--json`, which every verb has.
    pub fn next(&mut self) -> Parsed<Option<Word>> {
        let word = self.next_of_verb()?;
        if let Some(Word::Operand(operand)) = &word {
            self.operands.push(operand.clone());
        }
        Ok(word)
    }

    /// As [`Args::next`], for the words before the verb: operands are the verb's own words.
    pub fn next_of_verb(&mut self) -> Parsed<Option<Word>> {
        loop {
            self.is_short = false;
            let word = match self.parser.next() {
                Ok(None) => return Ok(None),
                Ok(Some(Arg::Long(name))) => Word::Option(format!("--{name}")),
                Ok(Some(Arg::Short(name))) => {
                    self.is_short = true;
                    Word::Option(format!("-{name}"))
                }
                Ok(Some(Arg::Value(value))) => return self.text(value).map(|value| Some(Word::Operand(value))),
                Err(error) => return Err(self.wrong(&error.to_string())),
            };
            match word {
                Word::Option(option) if option == "--help" || option == "-h" && !self.has_h => {
                    return Err(Stop::Print(self.help));
                }
                Word::Option(option) if option == "--json" => self.json = true,
                word => return Ok(Some(word)),
            }
        }
    }

    /// The value of `option`: behind its `=`, or the next word.
    pub fn value(&mut self, option: &str) -> Parsed<String> {
        match self.parser.value() {
            Ok(value) => self.text(value),
            Err(_) => Err(self.wrong(&format!("{option} needs a value"))),
        }
    }

    /// The value of `option`, read as what it is.
    pub fn value_of<T: FromStr<Err: Into<Invalid>>>(&mut self, option: &'static str) -> Parsed<T> {
        let value = self.value(option)?;
        Ok(value.parse().map_err(Into::into).given_for(option, &value)?)
    }

    /// Whether a flag is on: `--ipv6`, or Docker's `--ipv6=false`.
    pub fn flag(&mut self, option: &str) -> Parsed<bool> {
        if self.is_short {
            return Ok(true);
        }
        match self.parser.optional_value() {
            None => Ok(true),
            Some(value) if value == "true" => Ok(true),
            Some(value) if value == "false" => Ok(false),
            Some(_) => Err(self.wrong(&format!("{option} takes no value but 'true' or 'false'"))),
        }
    }

    /// Everything that is left, as it is: a command to run.
    pub fn rest(&mut self) -> Parsed<Vec<OsString>> {
        match self.parser.raw_args() {
            Ok(rest) => Ok(rest.collect()),
            Err(error) => Err(self.wrong(&error.to_string())),
        }
    }

    /// The next word as it is, be it an option or not; none at the end.
    pub fn next_as_is(&mut self) -> Option<String> {
        let word = self.parser.raw_args().ok()?.next()?;
        Some(word.to_string_lossy().into_owned())
    }

    /// Takes note of an operand read by [`Args::next_as_is`], for [`Args::subject`].
    pub fn remember(&mut self, operand: &str) {
        self.operands.push(operand.to_owned());
    }

    /// `operands`, which must be exactly `N`, called `names` in the error.
    pub fn exactly<const N: usize>(&self, operands: Vec<String>, names: &str) -> Parsed<[String; N]> {
        operands.try_into().map_err(|_| self.wrong(&format!("expected {names}")))
    }

    /// An option that the verb does not have.
    pub fn unknown(&self, option: &str) -> Stop {
        self.wrong(&format!("unknown option '{option}'"))
    }

    /// Something else is wrong; says where to read on.
    pub fn wrong(&self, message: &str) -> Stop {
        let verb = [&["pontoon".to_owned()], self.verb.as_slice()].concat().join(" ");
        Stop::Wrong(Error::Usage(format!("{message}. See '{verb} --help'.")).into())
    }

    /// The verb and the first two names after it, for the front of an error message.
    pub fn subject(&self) -> String {
        let words: Vec<&str> = self.verb.iter().chain(self.operands.iter().take(2)).map(String::as_str).collect();
        words.join(" ")
    }

    fn text(&self, value: OsString) -> Parsed<String> {
        value.into_string().map_err(|value| self.wrong(&format!("'{}' is not UTF-8", value.to_string_lossy())))
    }
}

/// What is done with exit code 0.
#[expect(clippy::unnecessary_wraps, reason = "it ends every verb's `read`")]
pub fn done(run: impl FnOnce(&Context) -> Result<()> + 'static) -> Parsed<Run> {
    Ok(Box::new(move |context| run(context).map(|()| 0)))
}

/// Reads a verb's words: `option` takes each option, or says that there is none such; `operand` takes each other word.
fn each(
    args: &mut Args,
    mut option: impl FnMut(&mut Args, &str) -> Parsed<bool>,
    mut operand: impl FnMut(&mut Args, String) -> Parsed<()>,
) -> Parsed<()> {
    while let Some(word) = args.next()? {
        match word {
            Word::Operand(word) => operand(args, word)?,
            Word::Option(given) => {
                if !option(args, &given)? {
                    return Err(args.unknown(&given));
                }
            }
        }
    }
    Ok(())
}

/// Reads a verb that is followed by a command: options until the first name, that name, and all that is left as it is.
pub fn command(
    args: &mut Args,
    mut option: impl FnMut(&mut Args, &str) -> Parsed<bool>,
) -> Parsed<Option<(String, Vec<String>)>> {
    while let Some(word) = args.next()? {
        match word {
            Word::Operand(name) => {
                let rest = args.rest()?;
                let rest: Parsed<Vec<String>> = rest.into_iter().map(|word| args.text(word)).collect();
                return Ok(Some((name, rest?)));
            }
            Word::Option(given) => {
                if !option(args, &given)? {
                    return Err(args.unknown(&given));
                }
            }
        }
    }
    Ok(None)
}

/// Reads a verb that has options but no names: `option` takes each of them, or says that there is none such.
pub fn options_only(args: &mut Args, option: impl FnMut(&mut Args, &str) -> Parsed<bool>) -> Parsed<()> {
    each(args, option, |args, _| Err(args.wrong("expected no names")))
}

/// Reads a verb's names: `option` takes each option between them, or says that there is none such.
pub fn names(args: &mut Args, option: impl FnMut(&mut Args, &str) -> Parsed<bool>) -> Parsed<Vec<String>> {
    let mut names = Vec::new();
    each(args, option, |_, name| {
        names.push(name);
        Ok(())
    })?;
    Ok(names)
}

/// As [`names`], of which there must be one at least.
pub fn some_names(args: &mut Args, option: impl FnMut(&mut Args, &str) -> Parsed<bool>) -> Parsed<Vec<String>> {
    let names = names(args, option)?;
    if names.is_empty() { Err(args.wrong("expected a NAME")) } else { Ok(names) }
}

/// A verb without options of its own.
#[expect(clippy::unnecessary_wraps, reason = "it stands where a verb's options would")]
pub fn no_option(_: &mut Args, _: &str) -> Parsed<bool> {
    Ok(false)
}
