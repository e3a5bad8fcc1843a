//! `run -it` and `attach` on a real terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::support::{Host, executable};
use crate::tree::{host, left, ok};

/// A program on a terminal, and who types on it.
struct Typist {
    keeper: File,
    shown: String,
    child: Child,
}

impl Typist {
    fn new(host: &Host, line: &str) -> Self {
        let keeper = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&keeper).unwrap();
        unlockpt(&keeper).unwrap();
        let path = ptsname(&keeper, Vec::new()).unwrap();
        let open = || File::options().read(true).write(true).open(path.to_str().unwrap()).unwrap();
        resize(keeper.as_fd(), 24, 80);
        let mut command = host.command(executable());
        command
            .args(line.split_whitespace())
            .env("PONTOON_ROOTFS_DIR", "/run/trees")
            .stdin(open())
            .stdout(open())
            .stderr(open());
        let child = command.spawn().unwrap();
        let flags = rustix::fs::fcntl_getfl(&keeper).unwrap();
        rustix::fs::fcntl_setfl(&keeper, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
        Self { keeper: keeper.into(), shown: String::new(), child }
    }

    fn press(&mut self, keys: &str) {
        self.keeper.write_all(keys.as_bytes()).unwrap();
    }

    /// Reads until this is shown.
    #[track_caller]
    fn sees(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(10);
        while !self.shown.contains(text) {
            assert!(Instant::now() < end, "{text:?} is not shown: {:?}", self.shown);
            let mut buffer = [0; 4096];
            match self.keeper.read(&mut buffer) {
                Ok(length) if length > 0 => self.shown.push_str(&String::from_utf8_lossy(&buffer[..length])),
                _ => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        let at = self.shown.find(text).unwrap() + text.len();
        self.shown.drain(..at);
    }

    #[track_caller]
    fn ends(mut self) -> i32 {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(Instant::now() < end, "it goes on: {:?}", self.shown);
            let mut buffer = [0; 4096];
            let _ = self.keeper.read(&mut buffer);
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn resize(keeper: impl AsFd, rows: u16, columns: u16) {
    tcsetwinsize(keeper, Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_typing_resizing_leaving_and_coming_back() {
    let host = host();
    let mut first = Typist::new(&host, "run -it --name box busybox");
    first.sees("/ # ");
    first.press("stty size; echo $TERM; tty\r");
    first.sees("24 80\r\n");
    first.sees("xterm\r\n");
    first.sees("/dev/pts/0\r\n");
    // ctrl-c reaches what runs in front, and not us.
    first.press("sleep 600\r");
    first.sees("sleep 600");
    std::thread::sleep(Duration::from_millis(300));
    first.press("\u{3}");
    first.sees("/ # ");
    // A terminal that has another size now says so.
    resize(&first.keeper, 50, 132);
    // SAFETY: none is needed; kill(2) by the shell.
    host.sh(&format!("kill -WINCH {}", first.child.id()));
    std::thread::sleep(Duration::from_millis(300));
    first.press("stty size\r");
    first.sees("50 132\r\n");
    // A second one sees the same, and what it types is seen by the first.
    let mut second = Typist::new(&host, "attach box");
    std::thread::sleep(Duration::from_millis(300));
    second.press("echo to-$((20+22))\r");
    second.sees("to-42\r\n");
    first.sees("to-42\r\n");
    // Both leave; it goes on.
    first.press("\u{10}\u{11}");
    assert_eq!(first.ends(), 0);
    second.press("\u{10}\u{11}");
    assert_eq!(second.ends(), 0);
    assert_eq!(ok(&host, "inspect -f {{.State.Status}} box"), "running\n");
    // And end it, with a status.
    let mut third = Typist::new(&host, "attach box");
    std::thread::sleep(Duration::from_millis(300));
    third.press("exit 9\r");
    assert_eq!(third.ends(), 9);
    assert_eq!(ok(&host, "inspect -f {{.State.Status}}/{{.State.ExitCode}} box"), "exited/9\n");
    ok(&host, "rm box");
    assert_eq!(left(&host), "0\n");
}

#[test]
#[ignore = "needs root and busybox"]
fn as_root_exec_on_a_terminal_and_vi() {
    let host = host();
    ok(&host, "run -d --name box busybox sleep 600");
    let mut typist = Typist::new(&host, "exec -it box sh");
    typist.sees("/ # ");
    typist.press("stty size; exit 4\r");
    typist.sees("24 80\r\n");
    assert_eq!(typist.ends(), 4);
    let mut typist = Typist::new(&host, "exec -it box vi /tmp/text");
    typist.sees("/tmp/text 1/1 100%");
    typist.press("ihello there\u{1b}");
    // What follows an escape at once is part of a key's code.
    std::thread::sleep(Duration::from_millis(300));
    typist.press(":wq\r");
    assert_eq!(typist.ends(), 0);
    assert_eq!(ok(&host, "exec box cat /tmp/text"), "hello there\n");
    ok(&host, "rm -f box");
}
