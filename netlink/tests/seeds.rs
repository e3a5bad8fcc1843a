//! The fuzzer's seeds (`netlink/fuzz/seeds/TARGET/`) are messages of the captures; `PONTOON_WRITE_SEEDS=1` writes them anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use pontoon_netlink::{Attrs, Messages};
use support::captured;

/// The target that reads messages of type `kind`, and the length of the struct behind the header.
fn target(kind: u16) -> (&'static str, usize) {
    match kind {
        16 => ("link", 16),
        20 => ("address", 8),
        24 => ("route", 12),
        28 => ("neighbour", 12),
        88 => ("neighbour", 4),
        0x100..0xb00 => ("netfilter", 4),
        _ => ("messages", 4),
    }
}

/// The seeds by target and name: of messages with the same attributes, one.
fn seeds() -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut seeds, mut seen) = (BTreeMap::new(), BTreeSet::new());
    let mut names = captured::names("re");
    // A seed keeps its name when another subsystem's captures change.
    names.sort_by_key(|name| name.starts_with("replies-nft") || name.starts_with("replies-connections"));
    for name in names {
        let short = name.trim_start_matches("replies-");
        for datagram in captured::read(&name).datagrams {
            let mut at = 0;
            for message in Messages::new(&datagram) {
                let end = at + 16 + message.payload.len();
                let (target, fixed) = target(message.kind);
                let shape: Vec<u16> = Attrs::after(message.payload, fixed).map(|attr| attr.kind).collect();
                if seen.insert((message.kind, message.flags, shape)) {
                    let number = seeds.len();
                    seeds.insert(PathBuf::from(target).join(format!("{short}-{number}")), datagram[at..end].to_vec());
                }
                at = end.next_multiple_of(4);
            }
        }
    }
    // A datagram of several messages, and one that ends a dump.
    seeds.insert(PathBuf::from("messages/nsids"), captured::read("replies-nsids").datagrams.concat());
    let blamed = ["veth-new", "all-at-once", "address-add-v4", "route-add-v6", "link-delete-group"];
    for name in blamed.into_iter().chain(["nft-element-get", "conntrack-delete"]) {
        // Offset 32, nest 36, missing type 1, all three given.
        let head = [&32_u32.to_ne_bytes()[..], &36_u32.to_ne_bytes(), &1_u16.to_ne_bytes(), &[7]].concat();
        let request = &captured::read(name).datagrams[0];
        seeds.insert(PathBuf::from("blamed").join(name), [head.as_slice(), request].concat());
    }
    seeds
}

#[test]
fn seeds_are_what_was_captured() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let seeds = seeds();
    if std::env::var_os("PONTOON_WRITE_SEEDS").is_some() {
        let _ = std::fs::remove_dir_all(&root);
        for (file, bytes) in &seeds {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), bytes).unwrap();
        }
    }
    for (file, bytes) in &seeds {
        let found = std::fs::read(root.join(file)).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(&found, bytes, "{}: run with PONTOON_WRITE_SEEDS=1", file.display());
    }
    let total: usize = seeds.values().map(Vec::len).sum();
    assert!(total < 64 * 1024, "{total} bytes of seeds");
}
