//! Who `-u` means, by the root's own `/etc/passwd` and `/etc/group`.
//!
//! # Source
//! passwd(5), group(5).

use std::fs;

use crate::error::{Error, Result};

/// A user as a process has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Further groups.
    pub groups: Vec<u32>,
    /// The home directory.
    pub home: String,
}

/// Reads `USER[:GROUP]`, each a name or a number; empty is root. To be called with the container's root.
pub fn find(text: &str) -> Result<User> {
    let read = |path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    resolve(text, &read("/etc/passwd"), &read("/etc/group"))
}

fn resolve(text: &str, passwd: &str, group: &str) -> Result<User> {
    let (user, wanted_group) = match text.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (text, None),
    };
    let user = if user.is_empty() { "0" } else { user };
    let number: Option<u32> = user.parse().ok();
    let entry = passwd.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| {
        let id = || fields.get(2).and_then(|id| id.parse::<u32>().ok());
        fields.first() == Some(&user) || number.is_some() && id() == number
    });
    let field = |position: usize| entry.as_ref().and_then(|fields| fields.get(position).copied());
    let uid = field(2).and_then(|uid| uid.parse().ok()).or(number);
    let uid = uid.ok_or_else(|| Error::value("--user", text, "a number, or a name in the root's /etc/passwd"))?;
    let own_group = field(3).and_then(|gid| gid.parse().ok()).unwrap_or(0);
    let name = field(0).unwrap_or(user);
    let entries = || group.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let id_of = |fields: &[&str]| fields.get(2).and_then(|gid| gid.parse::<u32>().ok());
    let (gid, groups) = match wanted_group {
        Some(wanted) => {
            let named = || entries().find(|fields| fields.first() == Some(&wanted)).and_then(|fields| id_of(&fields));
            let gid = wanted.parse().ok().or_else(named);
            let must = "a number, or a name in the root's /etc/group, after the ':'";
            (gid.ok_or_else(|| Error::value("--user", text, must))?, Vec::new())
        }
        None => {
            let member =
                |fields: &Vec<&str>| fields.get(3).is_some_and(|members| members.split(',').any(|one| one == name));
            (own_group, entries().filter(member).filter_map(|fields| id_of(&fields)).collect())
        }
    };
    let mut groups = groups;
    if !groups.contains(&gid) {
        groups.insert(0, gid);
    }
    let home = field(5).filter(|home| !home.is_empty()).unwrap_or("/");
    let home = if entry.is_none() && uid == 0 { "/root" } else { home };
    Ok(User { uid, gid, groups, home: home.to_owned() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nwww:x:33:34::/var/www:/bin/false\n";
    const GROUP: &str = "root:x:0:\nwww:x:34:\nlog:x:50:root,www\nadm:x:51:other\n";

    fn user(text: &str) -> (u32, u32, Vec<u32>, String) {
        let user = resolve(text, PASSWD, GROUP).unwrap();
        (user.uid, user.gid, user.groups, user.home)
    }

    #[test]
    fn names_and_numbers() {
        assert_eq!(user(""), (0, 0, vec![0, 50], "/root".to_owned()));
        assert_eq!(user("www"), (33, 34, vec![34, 50], "/var/www".to_owned()));
        assert_eq!(user("33"), user("www"));
        assert_eq!(user("www:adm"), (33, 51, vec![51], "/var/www".to_owned()));
        assert_eq!(user("1000:1001"), (1000, 1001, vec![1001], "/".to_owned()));
        assert_eq!(user("1000"), (1000, 0, vec![0], "/".to_owned()));
        assert!(resolve("nobody", PASSWD, GROUP).is_err() && resolve("0:none", PASSWD, GROUP).is_err());
        assert_eq!(resolve("", "", "").unwrap().home, "/root");
    }
}
