//! Sandboxes of a test's host, made without any tool, and what the kernel says of a namespace in `/proc/net`.

use std::ffi::CString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::fs::{CWD, Mode, OFlags, mkdirat, openat, unlinkat};
use rustix::io::Errno;
use rustix::ioctl::{Opcode, Setter, ioctl};
use rustix::mount::{UnmountFlags, mount_bind, unmount};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

use super::{Host, finish};

/// `linux/sockios.h`, `linux/if.h`.
const SIOCSIFFLAGS: Opcode = 0x8914;
const IFF_UP: i16 = 1;

/// `struct ifreq`, of which an `ioctl` for flags reads the first two.
#[repr(C)]
struct Request {
    name: [u8; 16],
    flags: i16,
    rest: [u8; 22],
}

impl Host {
    /// Pins a new network namespace at `/run/netns/NAME`, as `ip netns add` does.
    pub fn sandbox(&self, name: &str) {
        let file = path(name);
        let pin = move || {
            match mkdirat(CWD, c"/run/netns", Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            openat(CWD, file.as_c_str(), OFlags::CREATE | OFlags::EXCL, Mode::empty())?;
            // SAFETY: a network namespace is neither memory nor descriptors.
            unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWNET) }?;
            Ok(mount_bind(c"/proc/self/ns/net", file.as_c_str())?)
        };
        let mut command = self.command("true");
        // SAFETY: only system calls between fork and exec; nothing is allocated and no lock is taken.
        unsafe { command.pre_exec(pin) };
        finish(&mut command).ok();
    }

    /// A sandbox on a wire of its own to this host, which is its default gateway: its addresses end in 2, the host's in 1.
    pub fn wire(&self, name: &str, ipv4: IpAddr, ipv6: IpAddr) {
        self.sandbox(name);
        let gateway = |address: IpAddr| format!("{}1", address.to_string().strip_suffix('2').unwrap());
        let (gateway4, gateway6) = (gateway(ipv4), gateway(ipv6));
        self.sh(&format!(
            "ip link add up-{name} type veth peer name eth0 netns {name}
             echo 0 > /proc/sys/net/ipv6/conf/up-{name}/accept_dad
             ip addr add {gateway4}/24 dev up-{name}; ip addr add {gateway6}/64 dev up-{name} nodad
             ip link set up-{name} up"
        ));
        self.sh_in(
            name,
            &format!(
                "echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad
                 ip addr add {ipv4}/24 dev eth0; ip addr add {ipv6}/64 dev eth0 nodad
                 ip link set lo up; ip link set eth0 up
                 ip route add default via {gateway4}; ip route add default via {gateway6}"
            ),
        );
    }

    /// Unpins a namespace, as `ip netns del` does.
    pub fn remove_sandbox(&self, name: &str) {
        let file = path(name);
        let unpin = move || {
            unmount(file.as_c_str(), UnmountFlags::DETACH)?;
            Ok(unlinkat(CWD, file.as_c_str(), rustix::fs::AtFlags::empty())?)
        };
        let mut command = self.command("true");
        // SAFETY: as above.
        unsafe { command.pre_exec(unpin) };
        finish(&mut command).ok();
    }

    /// Sets this host's own loopback device up, as `ip link set lo up` does.
    pub fn loopback_up(&self) {
        let up = || {
            let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None)?;
            let mut request = Request { name: [0; 16], flags: IFF_UP, rest: [0; 22] };
            request.name[..2].copy_from_slice(b"lo");
            // SAFETY: SIOCSIFFLAGS takes an ifreq (netdevice(7)).
            let set = unsafe { Setter::<SIOCSIFFLAGS, _>::new(request) };
            // SAFETY: it reads the ifreq, and writes nothing.
            unsafe { ioctl(&socket, set) }?;
            Ok(())
        };
        let mut command = self.command("true");
        // SAFETY: as above.
        unsafe { command.pre_exec(up) };
        finish(&mut command).ok();
    }

    /// A command that will run in a sandbox of this host, or, when `sandbox` is empty, on the host itself.
    pub fn command_in(&self, sandbox: &str, program: &str) -> Command {
        let mut command = self.command(program);
        if !sandbox.is_empty() {
            let file = path(sandbox);
            let enter = move || {
                let namespace = openat(CWD, file.as_c_str(), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?;
                Ok(move_into_link_name_space(std::os::fd::AsFd::as_fd(&namespace), Some(LinkNameSpaceType::Network))?)
            };
            // SAFETY: as above.
            unsafe { command.pre_exec(enter) };
        }
        command
    }

    /// Runs a shell script in a sandbox; it must succeed.
    #[track_caller]
    pub fn sh_in(&self, sandbox: &str, script: &str) -> String {
        finish(self.command_in(sandbox, "sh").args(["-ec", script])).ok()
    }

    /// The names of a namespace's devices, sorted.
    pub fn devices(&self, sandbox: &str) -> Vec<String> {
        let text = finish(self.command_in(sandbox, "cat").arg("/proc/net/dev")).ok();
        let mut names: Vec<_> =
            text.lines().filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned())).collect();
        names.sort();
        names
    }

    /// The addresses of a namespace, loopback and link-local ones apart, sorted: IPv4 `1.2.3.4`, IPv6 `fd00::2/64 eth0`.
    pub fn addresses(&self, sandbox: &str) -> Vec<String> {
        let text = self.sh_in(sandbox, "cat /proc/net/fib_trie; cat /proc/net/if_inet6 2>/dev/null || true");
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        let mut found = Vec::new();
        for pair in lines.windows(2) {
            let [address, kind] = pair else { continue };
            if *kind == "/32 host LOCAL" && !address.contains("-- 127.") {
                found.extend(address.strip_prefix("|-- ").map(str::to_owned));
            }
        }
        for line in lines {
            // 32 digits, index, prefix length, scope, flags (hexadecimal), name.
            let words: Vec<_> = line.split_whitespace().collect();
            let [digits, _, prefix_len, "00", _, name] = words[..] else { continue };
            let Ok(number) = u128::from_str_radix(digits, 16) else { continue };
            let prefix_len = u8::from_str_radix(prefix_len, 16).unwrap();
            found.push(format!("{}/{prefix_len} {name}", Ipv6Addr::from(number)));
        }
        found.sort();
        found.dedup();
        found
    }

    /// The default routes of a namespace: `172.17.0.1 eth0`, IPv4 first.
    pub fn default_routes(&self, sandbox: &str) -> Vec<String> {
        let text = self.sh_in(sandbox, "cat /proc/net/route; cat /proc/net/ipv6_route 2>/dev/null || true");
        let mut found = Vec::new();
        for line in text.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            match words[..] {
                // Device, destination, gateway in native order.
                [name, "00000000", gateway, _, _, _, _, "00000000", ..] => {
                    let gateway = u32::from_str_radix(gateway, 16).unwrap();
                    found.push(format!("{} {name}", Ipv4Addr::from(gateway.to_ne_bytes())));
                }
                // Destination and length, source and length, gateway, metric, uses, references, flags, device.
                [destination, "00", _, _, gateway, .., name]
                    if destination.len() == 32 && destination.bytes().all(|b| b == b'0') && name != "lo" =>
                {
                    let gateway = u128::from_str_radix(gateway, 16).unwrap();
                    found.push(format!("{} {name}", Ipv6Addr::from(gateway)));
                }
                _ => {}
            }
        }
        found
    }
}

fn path(name: &str) -> CString {
    CString::new(format!("/run/netns/{name}")).unwrap()
}
