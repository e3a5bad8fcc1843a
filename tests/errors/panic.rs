//! What a panic says: no input leads to one, so std is made to panic in the real executable, before `main`.

use crate::support::{Host, executable, finish, needs};

#[test]
#[ignore = "needs strace"]
fn a_panic_names_its_place_and_aborts() {
    needs(&["strace"]);
    // The first mapping is the stack on which std handles an overflow of the other one.
    let inject = ["-o", "/dev/null", "-e", "inject=mmap:error=ENOMEM:when=1", executable(), "--version"];
    let host = Host::new();
    let output = finish(host.command("strace").args(inject).env("RUST_BACKTRACE", "0"));
    // strace dies as the program does: by SIGABRT.
    assert_eq!((output.code, output.out.as_str()), (-1, ""), "{output:?}");
    let mut lines = output.err.lines().skip_while(|line| line.is_empty());
    let place = lines.next().unwrap().rsplit_once(" panicked at ").unwrap().1.trim_end_matches(':');
    let (place, column) = place.rsplit_once(':').unwrap();
    let (file, line) = place.rsplit_once(':').unwrap();
    assert!(file.ends_with("std/src/sys/pal/unix/stack_overflow.rs"), "{output:?}");
    assert!([line, column].iter().all(|number| number.parse::<u32>().is_ok()), "{output:?}");
    assert!(lines.next().unwrap().starts_with("failed to allocate an alternative stack: "), "{output:?}");
}
