//! `top` and `stats`.

use crate::commands::{Context, print, print_json};
use crate::container::{find, numbers};
use crate::error::Result;
use crate::views::{container as view, table};

/// Carries `top` out.
pub fn top(context: &Context, container: &str) -> Result<()> {
    let found = find::running(&context.session.records(), container)?;
    let processes = numbers::lines(&found)?;
    if context.json {
        return print_json(&view::top_json(&processes));
    }
    print(&table::table(&view::top(&processes)))
}

/// Carries `stats` out, once.
pub fn stats(context: &Context, names: &[String]) -> Result<()> {
    let store = context.session.records();
    let mut found = Vec::new();
    if names.is_empty() {
        found = find::all(&store)?;
        found.retain(|found| found.status.is_alive());
    }
    for name in names {
        found.push(find::find(&store, name)?);
    }
    let stats = numbers::of(&found)?;
    if context.json {
        return print(
            &stats.iter().map(|one| crate::views::json::line(&view::stats_json(one)) + "\n").collect::<String>(),
        );
    }
    print(&table::table(&view::stats(&stats)))
}
