//! `ethtool -S` as ethtool prints it.

use super::printer::Printer;

/// `ethtool -S`: the driver's counters in its own order.
pub fn statistics(counters: &[(String, u64)], json: bool) -> String {
    let mut printer = Printer::object(json);
    printer.layout("NIC statistics:\n");
    for (name, value) in counters {
        printer.number(name, *value, format_args!("     {name}: {value}"));
        printer.layout("\n");
    }
    printer.finish()
}
