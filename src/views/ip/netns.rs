//! `ip netns list`.

use crate::views::printer::Printer;

/// `ip netns list`: names and the ids by which this namespace knows them, in the directory's order.
pub fn namespaces(all: &[(String, Option<i32>)], json: bool) -> String {
    let mut printer = Printer::list(json);
    for (name, id) in all {
        printer.item(|printer| {
            printer.text("name", name, format_args!("{name}"));
            if let Some(id) = *id {
                printer.number("id", id, format_args!(" (id: {id})"));
            }
            printer.layout("\n");
        });
    }
    printer.finish()
}
