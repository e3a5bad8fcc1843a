//! Packs the longer texts (help, names of errnos and of what a kernel must have): what says the same words over and over takes six tenths of the room.
//!
//! Byte pair encoding (Gage 1994): the pair of bytes that stands most often becomes one byte that is no ASCII, a hundred times
//! and more, for all texts together. `src/packed.rs` undoes it. busybox packs its usage texts for the same reason.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

/// The directories with texts.
const TEXTS: [&str; 3] = ["src/cli/help", "src/network/features", "src/sys/errno"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    let out = Path::new(&out);
    let mut texts = Vec::new();
    for directory in TEXTS {
        println!("cargo::rerun-if-changed={directory}");
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let text = fs::read(&path)?;
            assert!(text.is_ascii(), "{} is not ASCII", path.display());
            texts.push((path.file_name().unwrap_or_default().to_owned(), text));
        }
    }
    texts.sort();
    let pairs = pack(&mut texts.iter_mut().map(|(_, text)| text).collect::<Vec<_>>());
    fs::write(out.join("pairs"), pairs.concat())?;
    for (name, packed) in texts {
        fs::write(out.join(name), packed)?;
    }
    Ok(())
}

/// Packs the texts where they are; the pairs that stand for the bytes from 128 up.
fn pack(texts: &mut [&mut Vec<u8>]) -> Vec<[u8; 2]> {
    let mut pairs = Vec::new();
    for byte in 128..=u8::MAX {
        let pair = most_frequent(texts);
        for text in texts.iter_mut() {
            replace(text, pair, byte);
        }
        pairs.push(pair);
    }
    pairs
}

fn most_frequent(texts: &[&mut Vec<u8>]) -> [u8; 2] {
    let mut counts = BTreeMap::new();
    for text in texts {
        for (first, second) in text.iter().zip(text.iter().skip(1)) {
            *counts.entry([*first, *second]).or_insert(0) += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).unwrap_or_default().0
}

fn replace(text: &mut Vec<u8>, pair: [u8; 2], byte: u8) {
    let mut packed = Vec::with_capacity(text.len());
    let mut rest = &text[..];
    while let [first, after @ ..] = rest {
        match rest.strip_prefix(&pair) {
            Some(behind) => {
                packed.push(byte);
                rest = behind;
            }
            None => {
                packed.push(*first);
                rest = after;
            }
        }
    }
    *text = packed;
}
