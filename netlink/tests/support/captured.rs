//! The files of `tests/golden`: comment lines, then hex; an empty line separates datagrams.

use std::path::PathBuf;

pub struct Captured {
    /// The command line that was run.
    pub command: String,
    /// What it wrote to stderr.
    pub stderr: String,
    pub datagrams: Vec<Vec<u8>>,
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

pub fn read(name: &str) -> Captured {
    let file = path(&format!("{name}.hex"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let (mut command, mut stderr, mut datagrams) = (String::new(), String::new(), vec![Vec::new()]);
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("# stderr: ") {
            stderr.push_str(words);
        } else if let Some(words) = line.strip_prefix("# ") {
            command.push_str(words);
        } else if line.is_empty() {
            datagrams.push(Vec::new());
        } else {
            datagrams.last_mut().unwrap().extend(bytes(line));
        }
    }
    datagrams.retain(|datagram| !datagram.is_empty());
    Captured { command, stderr, datagrams }
}

fn bytes(line: &str) -> Vec<u8> {
    let digits: Vec<u32> = line.chars().filter(|c| *c != ' ').map(|c| c.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// The objects that `ip -j` printed beside the capture.
pub fn json(name: &str) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(path(&format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The names of all captures whose name starts with `prefix`.
pub fn names(prefix: &str) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(path(""))
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".hex")?.to_owned()))
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort();
    names
}
