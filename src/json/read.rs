//! Reading JSON: our own records, which may be torn, and files of others under a name of ours.
//!
//! What belongs here: RFC 8259 without fractions, which no record has. The texts read are parts of the bytes.

use super::Json;
use crate::prelude::*;

/// How deep lists and objects may stand in each other. Ours do to the third level.
const DEEPEST: u32 = 64;

/// The one value that `bytes` hold; none when they hold something else.
pub fn read(bytes: &'static [u8]) -> Option<Json> {
    let mut reader = Reader { rest: bytes, depth: 0 };
    let value = reader.value()?;
    reader.first().is_none().then_some(value)
}

struct Reader {
    /// What is still to be read.
    rest: &'static [u8],
    depth: u32,
}

impl Reader {
    /// The next byte, behind white space; it is not taken.
    fn first(&mut self) -> Option<u8> {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Takes `byte` when it is the next one behind white space.
    fn take(&mut self, byte: u8) -> Option<()> {
        self.first().filter(|first| *first == byte)?;
        self.skip(1);
        Some(())
    }

    /// Takes `count` bytes.
    fn skip(&mut self, count: usize) -> &'static [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn value(&mut self) -> Option<Json> {
        match self.first()? {
            b'{' => {
                let mut entries = Vec::new();
                self.group(b'}', &mut |reader| {
                    let key = reader.text()?;
                    reader.take(b':')?;
                    entries.push((key, reader.value()?));
                    Some(())
                })?;
                Some(Json::object(entries))
            }
            b'[' => {
                let mut items = Vec::new();
                self.group(b']', &mut |reader| {
                    items.push(reader.value()?);
                    Some(())
                })?;
                Some(Json::list(items))
            }
            b'"' => self.text().map(Json::Text),
            _ => self.word(),
        }
    }

    /// What stands between two brackets, with commas between; the opening one is next.
    fn group(&mut self, close: u8, item: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.skip(1);
        self.depth += 1;
        if self.depth == DEEPEST {
            return None;
        }
        if self.take(close).is_none() {
            item(self)?;
            while self.take(b',').is_some() {
                item(self)?;
            }
            self.take(close)?;
        }
        self.depth -= 1;
        Some(())
    }

    /// `null`, `true`, `false`, or an integer.
    fn word(&mut self) -> Option<Json> {
        let len = self.rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
        let word = core::str::from_utf8(self.skip(len)).ok()?;
        Some(match word {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => {
                let number: i64 = word.parse().ok()?;
                // Rust takes `+1`, `01` and `-0` for numbers too; we write none so.
                (number.to_text() == word).then_some(Json::Number(number))?
            }
        })
    }

    fn text(&mut self) -> Option<Text> {
        self.take(b'"')?;
        let plain = self.plain_part();
        if self.rest.first() == Some(&b'"') {
            self.skip(1);
            return core::str::from_utf8(plain).ok();
        }
        let mut text = Vec::from(plain);
        loop {
            match self.skip(1) {
                b"\"" => return core::str::from_utf8(text.leak()).ok(),
                b"\\" => {
                    let c = self.escaped()?;
                    text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => return None,
            }
            text.extend_from_slice(self.plain_part());
        }
    }

    /// The bytes of a text that stand for themselves.
    fn plain_part(&mut self) -> &'static [u8] {
        let len = self.rest.iter().take_while(|byte| !matches!(byte, 0..=31 | b'"' | b'\\')).count();
        self.skip(len)
    }

    /// The character that an escape stands for, behind its backslash.
    fn escaped(&mut self) -> Option<char> {
        Some(match self.skip(1) {
            b"n" => '\n',
            b"t" => '\t',
            b"r" => '\r',
            b"b" => '\u{8}',
            b"f" => '\u{c}',
            b"u" => return self.code_point(),
            [byte @ (b'"' | b'\\' | b'/')] => char::from(*byte),
            _ => return None,
        })
    }

    /// Four hexadecimal digits, or two times four with `\u` between: UTF-16.
    fn code_point(&mut self) -> Option<char> {
        let first = self.four_digits()?;
        let 0xd800..=0xdbff = first else { return char::from_u32(first) };
        (self.skip(2) == b"\\u").then_some(())?;
        let second = self.four_digits()?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.skip(4);
        let good = digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit);
        u32::from_str_radix(core::str::from_utf8(digits).ok().filter(|_| good)?, 16).ok()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// What `serde_json` reads; none where it refuses, or where there is a fraction.
    fn oracle(bytes: &[u8]) -> Option<Json> {
        use serde_json::Value;
        fn convert(value: Value) -> Option<Json> {
            Some(match value {
                Value::Null => Json::Null,
                Value::Bool(value) => Json::Bool(value),
                Value::Number(number) => Json::Number(number.as_i64()?),
                Value::String(text) => Json::Text(text.keep()),
                Value::Array(items) => Json::list(items.into_iter().map(convert).collect::<Option<_>>()?),
                Value::Object(entries) => {
                    let convert = |(key, value): (String, Value)| Some((key.keep(), convert(value)?));
                    Json::object(entries.into_iter().map(convert).collect::<Option<_>>()?)
                }
            })
        }
        convert(serde_json::from_slice(bytes).ok()?)
    }

    /// `serde_json` sorts keys and keeps one of the same.
    fn sorted(value: Json) -> Json {
        match value {
            Json::List(items) => Json::list(items.iter().copied().map(sorted).collect()),
            Json::Object(entries) => {
                let map: std::collections::BTreeMap<_, _> =
                    entries.iter().map(|(key, value)| (*key, sorted(*value))).collect();
                Json::object(map.into_iter().collect())
            }
            other => other,
        }
    }

    fn agree(bytes: &[u8]) -> bool {
        let ours = read(bytes.to_vec().leak()).map(sorted);
        assert_eq!(ours, oracle(bytes), "{:?}", String::from_utf8_lossy(bytes));
        ours.is_some()
    }

    #[test]
    fn what_serde_json_reads_we_read_and_nothing_else() {
        for good in [
            "null",
            " true ",
            "[false]",
            "0",
            "-1",
            "9223372036854775807",
            "-9223372036854775808",
            "\"\"",
            "{}",
            "[]",
            "{\"a\":{\"b\":[1,2,{}]},\"c\":\"d\"}",
            "\t[\r\n1 , 2\n]\n",
            "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
            "\"ü\u{1f600}\"",
            "\"\\u00fc\\ud83d\\ude00\"",
            "{\"\":0}",
            "[[[[]]]]",
            "{\"a\":1,\"a\":2}",
            "\"\u{7f}\"",
        ] {
            assert!(agree(good.as_bytes()), "{good}");
        }
        for bad in [
            "",
            " ",
            "nul",
            "nullx",
            "True",
            "01",
            "-",
            "+1",
            "-01",
            "-0",
            "1.5",
            "1e3",
            "9223372036854775808",
            "1 2",
            "[1",
            "[1,]",
            "[,1]",
            "{",
            "{a:1}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "\"",
            "\"\\\"",
            "\"\\x\"",
            "\"\n\"",
            "\"\\u12\"",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83d\\u0041\"",
            "\"\\u+123\"",
            "]",
            "}",
            "[}",
            "\u{feff}1",
            "0x10",
            "1_000",
            "--1",
            "infinity",
        ] {
            assert!(!agree(bad.as_bytes()), "{bad}");
        }
        assert!(!agree(b"\"\xff\""));
        assert!(!agree(b"[\xc3\xbc]"));
        assert!(read("[".repeat(100_000).keep().as_bytes()).is_none());
    }

    #[test]
    fn torn_and_changed_records_are_read_as_serde_json_reads_them() {
        let record =
            r#"{"name":"lan","pools":[{"subnet":"10.0.0.0/24","aux":{"\u0061\n":"x\\"}}],"n":-12,"t":[true,null]}"#;
        let mut state = 1_u32;
        let mut read = 0;
        for end in 0..=record.len() {
            agree(&record.as_bytes()[..end]);
        }
        for _ in 0..20_000 {
            let mut bytes = record.as_bytes().to_vec();
            for _ in 0..2 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 16) as usize % bytes.len();
                let alphabet = b"{}[]\",:\\u0123456789abcdefntrl -+. \n\xff";
                bytes[at] = alphabet[(state >> 4) as usize % alphabet.len()];
            }
            read += u32::from(agree(&bytes));
        }
        assert!(read > 1000, "{read}");
    }
}
