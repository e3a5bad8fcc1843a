//! Whoever waits for the lock alone is served before those who would share it and came later.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Host, executable, needs};

fn start(host: &Host, line: &str) -> Child {
    let mut command = host.command(executable());
    command.args(line.split_whitespace()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Somebody who shares the lock until he is told to stop.
fn sharer(host: &Host) -> Child {
    let script = "echo; read line";
    let mut command = host.command("flock");
    let mut child = command
        .args(["--shared", "/run/pontoon/lock", "sh", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut [0]).unwrap();
    child
}

fn stop(mut child: Child) {
    drop(child.stdin.take());
    child.wait().unwrap();
}

fn is_done(child: &mut Child) -> bool {
    child.try_wait().unwrap().is_some()
}

/// Waits until the process waits for a lock.
fn waits(child: &Child) {
    let stack = format!("/proc/{}/wchan", child.id());
    let end = Instant::now() + Duration::from_secs(5);
    while Instant::now() < end {
        let wchan = std::fs::read_to_string(&stack).unwrap_or_default();
        if wchan.contains("lock") {
            return;
        }
        sleep(Duration::from_millis(5));
        // Where the kernel does not tell, a while is enough.
        if wchan == "0" && end - Instant::now() < Duration::from_millis(4500) {
            return;
        }
    }
}

#[test]
#[ignore = "needs flock (util-linux)"]
fn who_comes_later_to_share_it_waits_behind_who_wants_it_alone() {
    needs(&["flock"]);
    let host = Host::new();
    host.sandbox("c1");
    host.ok("network create lan");
    let holder = sharer(&host);
    // While nobody waits for it alone, others share it.
    host.ok("network connect lan c1");
    let mut alone = start(&host, "network create wan");
    waits(&alone);
    let mut later = start(&host, "network disconnect lan c1");
    sleep(Duration::from_millis(500));
    assert!(!is_done(&mut alone), "somebody shares it");
    assert!(!is_done(&mut later), "somebody waits for it alone");
    stop(holder);
    assert!(alone.wait().unwrap().success() && later.wait().unwrap().success());
}

#[test]
#[ignore = "needs flock (util-linux)"]
fn who_is_killed_while_waiting_is_in_nobodys_way() {
    needs(&["flock"]);
    let host = Host::new();
    host.sandbox("c1");
    host.ok("network create lan");
    let holder = sharer(&host);
    let mut alone = start(&host, "network create wan");
    waits(&alone);
    let mut later = start(&host, "network connect lan c1");
    sleep(Duration::from_millis(300));
    assert!(!is_done(&mut later));
    alone.kill().unwrap();
    alone.wait().unwrap();
    assert!(later.wait().unwrap().success());
    stop(holder);
    host.ok("network rm -f lan");
    assert_eq!(host.sh("ls -A /run"), "netns\n");
}

#[test]
#[ignore = "needs flock (util-linux)"]
fn who_waits_on_a_directory_that_goes_begins_anew() {
    needs(&["flock"]);
    let host = Host::new();
    host.ok("network create lan");
    let holder = sharer(&host);
    let mut waiting = vec![start(&host, "network rm lan")];
    waits(&waiting[0]);
    waiting.extend((0..6).map(|n| start(&host, &format!("network create n{n}"))));
    waiting.extend((0..6).map(|_| start(&host, "gc")));
    sleep(Duration::from_millis(300));
    assert!(waiting.iter_mut().all(|child| !is_done(child)));
    stop(holder);
    assert!(waiting.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!(host.ok("network ls -q").lines().count(), 6);
    host.ok("network rm n0 n1 n2 n3 n4 n5");
    assert_eq!(host.sh("ls -A /run"), "");
}

/// Loops that end with the test, however that ends.
struct Loops(Vec<Child>);

impl Loops {
    fn end(mut self) {
        for mut child in self.0.drain(..) {
            assert!(child.wait().unwrap().success());
        }
    }
}

impl Drop for Loops {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn nobody_starves_beside_sixty_that_connect_and_disconnect() {
    let host = Host::new();
    host.ok("network create --subnet 10.0.0.0/16 lan");
    let pontoon = executable();
    let start = |n: u32| {
        let sandbox = format!("c{n}");
        host.sandbox(&sandbox);
        let script = format!(
            "until [ -e /run/stop ]; do {pontoon} network connect lan {sandbox}; {pontoon} network disconnect lan {sandbox}; done"
        );
        host.command("sh").args(["-c", &script]).spawn().unwrap()
    };
    let loops = Loops((0..60).map(start).collect());
    sleep(Duration::from_secs(2));
    let mut waits = Vec::new();
    for _ in 0..6 {
        for line in ["network create wan", "network rm wan"] {
            let before = Instant::now();
            host.run("timeout", &[&["20", executable()], &line.split(' ').collect::<Vec<_>>()[..]].concat()).ok();
            waits.push(before.elapsed());
        }
    }
    host.sh("touch /run/stop");
    loops.end();
    let worst = waits.iter().max().unwrap();
    println!("worst wait of one who wants the lock alone, beside 60 loops: {worst:?}");
    assert!(*worst < Duration::from_secs(10), "{waits:?}");
    host.ok("network rm lan");
    assert_eq!(host.devices(""), ["lo"]);
}
