//! What the command line says of itself.

use crate::support::Host;

#[test]
fn the_version_is_printed() {
    assert_eq!(Host::new().ok("--version"), format!("pontoon {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_wrong_command_line_is_exit_code_1_and_says_where_to_read_on() {
    let host = Host::new();
    assert_eq!(host.fails(1, "nonsense"), "pontoon: unknown command 'nonsense'. See 'pontoon --help'.");
    assert_eq!(host.fails(1, ""), "pontoon: a command is missing. See 'pontoon --help'.");
    let together = host.pontoon(&["network ls"]).fails(1);
    assert_eq!(together, "pontoon: unknown command 'network ls'. See 'pontoon --help'.");
    assert_eq!(host.fails(1, "--nonsense"), "pontoon: unknown option '--nonsense'. See 'pontoon --help'.");
}
