//! `ip netns list`.

use crate::views::printer::Page;

/// `ip netns list`: names and the ids by which this namespace knows them, in the directory's order.
pub fn namespaces(all: &[(String, Option<i32>)], json: bool) -> String {
    let mut page = Page::new(json);
    page.open("", '[');
    for (name, id) in all {
        page.open("", '{');
        page.text("name", "", name, "");
        if let Some(id) = id {
            page.number("id", " (id: ", (*id).into(), ")");
        }
        page.plain("\n");
        page.close('}');
    }
    page.close(']');
    page.finish()
}
