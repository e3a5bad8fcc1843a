//! Subnets, addresses and ports on hosts as people have them: with routes, address plans and reservations of their own.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod beside_other_routes;
mod chosen_ports;
mod ipv6_only;
mod many_ports;
mod special_blocks;
#[path = "../support/mod.rs"]
mod support;

/// Whether an answer comes to one of a few pings with these options: a bridge's port may take a moment to forward.
#[track_caller]
fn reaches(host: &support::Host, options: &str) {
    let ping = || host.pontoon(&format!("ping -c 1 -W 1 {options}").split(' ').collect::<Vec<_>>());
    let outputs: Vec<_> = (0..5).map(|_| ping()).take_while(|output| output.code != 0).collect();
    assert!(outputs.len() < 5, "{options}: {outputs:?}");
}
