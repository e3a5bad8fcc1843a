//! Devices whose sandbox has just been removed: the kernel takes them away 10 to 100 milliseconds later.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::namespaces;
use crate::error::{Doing, Result};
use crate::kernel::{Rtnl, Selector};
use crate::sys::netns::Netns;
use crate::sys::process;

/// How long the kernel is given.
const PATIENCE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(2);

/// Whether the veth called `device` led into a namespace that nobody knows any more, and is gone now: waits for that. Comes back
/// at once where there is nothing to wait for.
pub fn is_gone_soon(host: &mut Rtnl, device: &str) -> Result<bool> {
    let link = host.link(Selector::Name(device)).doing("look up interface", device)?;
    let Some(link) = link else { return Ok(true) };
    let Some(id) = link.link_netnsid else { return Ok(false) };
    if is_known(host, id) {
        return Ok(false);
    }
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if !host.has_link(device, link.index)? {
            return Ok(true);
        }
        sleep(STEP);
    }
    Ok(false)
}

/// Whether the namespace that this one knows by `id` has a name or a process.
fn is_known(host: &mut Rtnl, id: i32) -> bool {
    if namespaces::by_netnsid(host, id).is_some() {
        return true;
    }
    let mut processes = process::all().unwrap_or_default();
    processes.sort_unstable_by_key(|process| process.netns);
    processes.dedup_by_key(|process| process.netns);
    processes.iter().any(|process| {
        let namespace = Netns::of_process(process.pid).ok();
        namespace.and_then(|namespace| host.id_of(&namespace).ok().flatten()) == Some(id)
    })
}
