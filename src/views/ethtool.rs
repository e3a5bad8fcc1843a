//! `ethtool -S` as ethtool prints it.

use super::printer::Page;

/// `ethtool -S`: the driver's counters in its own order.
pub fn statistics(counters: &[(String, u64)], json: bool) -> String {
    let mut page = Page::new(json);
    page.open("", '{');
    page.plain("NIC statistics:\n");
    for (name, value) in counters {
        let value = value.to_string();
        page.raw(name, &value, &["     ", name, ": ", &value, "\n"]);
    }
    page.close('}');
    page.finish()
}
