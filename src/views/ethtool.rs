//! `ethtool -S` as ethtool prints it.

use super::page::Page;
use crate::prelude::*;

/// `ethtool -S`: the driver's counters in its own order.
pub fn statistics(counters: &[(Text, u64)], json: bool) -> Text {
    let mut page = Page::new(json);
    page.open("{");
    page.plain("NIC statistics:\n");
    for (name, value) in counters {
        let value = value.to_text();
        page.json(name, value);
        page.plain(text!("     {name}: {value}\n"));
    }
    page.finish('}')
}
