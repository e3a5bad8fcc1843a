//! A test that runs in fresh network and mount namespaces (and a user namespace, unless root): the test's executable is started
//! again for that test alone, below unshare(1), with an empty `/run`. Nothing in it can reach the machine's own network.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Whether this is the inside; the outside runs the test called `test` there, and is done.
#[track_caller]
pub fn inside(test: &str, tools: &[&str]) -> bool {
    if std::env::var_os("PONTOON_TEST_INSIDE").is_some() {
        return true;
    }
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let found = |tool: &&&str| path.split(':').any(|dir| Path::new(dir).join(tool).exists());
    if let Some(missing) = ["unshare"].iter().chain(tools).find(|tool| !found(tool)) {
        skip(&format!("{missing} is not installed"));
        return false;
    }
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut unshare = Command::new("unshare");
    unshare.args(if root { &["-nm"] } else { &["-Urnm"] as &[&str] });
    unshare.args(["sh", "-ec", "mount -t tmpfs none /run; exec \"$@\"", "sh"]);
    unshare.arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]);
    let output = unshare.env("PONTOON_TEST_INSIDE", "1").env("PATH", path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    false
}

/// Counts a test as skipped, with the reason; fails when `PONTOON_REQUIRE_ALL=1`.
#[track_caller]
pub fn skip(reason: &str) {
    let place = std::panic::Location::caller();
    assert!(std::env::var("PONTOON_REQUIRE_ALL").as_deref() != Ok("1"), "{place}: cannot run: {reason}");
    let line = format!("skipped: {}:{}: {reason}\n", place.file(), place.line());
    let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join("skipped");
    let mut file = std::fs::File::options().append(true).create(true).open(log).unwrap();
    file.write_all(line.as_bytes()).unwrap();
    eprint!("{line}");
}

/// The standard output of a shell script that must succeed.
#[track_caller]
pub fn sh(script: &str) -> String {
    let output = Command::new("sh").args(["-ec", script]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {error}");
    String::from_utf8(output.stdout).unwrap()
}
