//! What things are called: links and namespaces here, and the kernel's numbers everywhere.

/// The names of what is here.
#[derive(Debug, Default)]
pub struct Names {
    /// Links: index, name, flags.
    pub links: Vec<(u32, String, u32)>,
    /// Namespaces: id, name below `/run/netns`.
    pub namespaces: Vec<(i32, String)>,
}

impl Names {
    /// The name of a link; `*` for index 0, `if5` for one without.
    pub fn link(&self, index: u32) -> String {
        match self.links.iter().find(|link| link.0 == index) {
            Some((_, name, _)) => name.clone(),
            None if index == 0 => "*".to_owned(),
            None => format!("if{index}"),
        }
    }

    /// `IFF_…` of a link; 0 when it is not known.
    pub fn flags(&self, index: u32) -> u32 {
        self.links.iter().find(|link| link.0 == index).map_or(0, |link| link.2)
    }

    /// The name of a namespace.
    pub fn namespace(&self, id: i32) -> Option<&str> {
        self.namespaces.iter().find(|space| space.0 == id).map(|space| space.1.as_str())
    }
}

/// The value that `name` stands for in `table`; else `name` as a number.
pub fn value_of(table: &[(u8, &str)], name: &str) -> Option<u8> {
    let named = table.iter().find(|(_, known)| *known == name).map(|(value, _)| *value);
    named.or_else(|| name.parse().ok())
}

/// The name of `value` in `table`; else its digits.
pub fn name_of(table: &[(u8, &str)], value: u8) -> String {
    let named = table.iter().find(|(known, _)| *known == value).map(|(_, name)| (*name).to_owned());
    named.unwrap_or_else(|| value.to_string())
}

/// `RT_SCOPE_…` by name.
pub const SCOPES: &[(u8, &str)] = &[(0, "global"), (200, "site"), (253, "link"), (254, "host"), (255, "nowhere")];

/// `RTPROT_…` by name.
pub const PROTOCOLS: &[(u8, &str)] = &[
    (0, "unspec"),
    (1, "redirect"),
    (2, "kernel"),
    (3, "boot"),
    (4, "static"),
    (8, "gated"),
    (9, "ra"),
    (10, "mrt"),
    (11, "zebra"),
    (12, "bird"),
    (13, "dnrouted"),
    (14, "xorp"),
    (15, "ntk"),
    (16, "dhcp"),
    (18, "keepalived"),
    (42, "babel"),
    (186, "bgp"),
    (187, "isis"),
    (188, "ospf"),
    (189, "rip"),
    (192, "eigrp"),
];

/// Tables that have a name.
pub const TABLES: &[(u8, &str)] = &[(253, "default"), (254, "main"), (255, "local")];

/// `NUD_…` by name, as bits.
pub const STATES: &[(u8, &str)] = &[
    (0x01, "INCOMPLETE"),
    (0x02, "REACHABLE"),
    (0x04, "STALE"),
    (0x08, "DELAY"),
    (0x10, "PROBE"),
    (0x20, "FAILED"),
    (0x40, "NOARP"),
    (0x80, "PERMANENT"),
];
