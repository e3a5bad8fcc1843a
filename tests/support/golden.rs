//! The files of `tests/golden`: what the tools that pontoon stands in for printed on a host with Docker 20.10, the command on the
//! first line, behind `# `.

/// What the command of `tests/golden/NAME` printed.
pub fn golden(name: &str) -> String {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let (command, printed) = text.split_once('\n').unwrap();
    assert!(command.starts_with("# "), "{path}: the first line names the command");
    printed.to_owned()
}
