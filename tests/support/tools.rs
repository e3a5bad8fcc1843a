//! The programs that some tests need beside Rust and Linux, and the packages that have them.
//!
//! A test that needs one is marked `#[ignore = "needs …"]`, so that cargo counts it where nobody asked for it, and begins with
//! [`needs`], so that it fails where somebody did and the program is not there.

/// Program and package, by Debian's names.
const PACKAGES: [(&str, &str); 10] = [
    ("brctl", "bridge-utils"),
    ("bridge", "iproute2"),
    ("busybox", "busybox-static"),
    ("ethtool", "ethtool"),
    ("flock", "util-linux"),
    ("ip", "iproute2"),
    ("nft", "nftables"),
    ("setpriv", "util-linux"),
    ("strace", "strace"),
    ("unshare", "util-linux"),
];

/// Fails unless all of `programs` are installed, with one line that names what to install.
#[track_caller]
pub fn needs(programs: &[&str]) {
    let path = path();
    for program in programs {
        let (_, package) = PACKAGES.iter().find(|(known, _)| known == program).expect("its package is listed here");
        let found = path.split(':').any(|directory| std::path::Path::new(directory).join(program).exists());
        assert!(found, "this test needs {program}: install {package}");
    }
}

/// Fails unless root runs this test; its name begins with `as_root_`, by which `scripts/check-unprivileged` knows it.
#[track_caller]
pub fn needs_root() {
    assert!(rustix::process::geteuid().is_root(), "this test needs root");
}

/// Where programs are looked for: root's directories, too, which an ordinary user's `PATH` may lack.
pub fn path() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
}
