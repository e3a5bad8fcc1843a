//! `ps`.

use crate::commands::{Context, lines, print};
use crate::container::find::{self, Found, Status};
use crate::error::{Error, Result};
use crate::model::endpoint::Endpoint;
use crate::model::ports::{self, PublishedPort};
use crate::store;
use crate::types::time;
use crate::views::{container as view, json, table};

/// What `ps` is told.
#[derive(Debug, Clone, Default)]
pub struct Arguments {
    /// `-a`: those too that do not run.
    pub all: bool,
    /// `-q`: ids only.
    pub quiet: bool,
    /// `--no-trunc`.
    pub no_trunc: bool,
    /// `-n`: the last created.
    pub last: Option<usize>,
    /// `--format json`.
    pub json: bool,
    /// `-f`: what is shown.
    pub filters: Vec<(String, String)>,
}

/// Carries it out.
pub fn run(context: &Context, arguments: &Arguments) -> Result<()> {
    let store = context.session.records();
    let mut found = find::all(&store)?;
    let by_status = arguments.filters.iter().any(|(key, _)| matches!(key.as_str(), "status" | "exited"));
    found.retain(|found| arguments.all || arguments.last.is_some() || by_status || found.status.is_alive());
    for (key, value) in &arguments.filters {
        let mut fitting = Vec::new();
        for one in found {
            if fits(&one, key, value)? {
                fitting.push(one);
            }
        }
        found = fitting;
    }
    found.truncate(arguments.last.unwrap_or(usize::MAX));
    let endpoints: Vec<Endpoint> = if arguments.quiet { Vec::new() } else { store.all()? };
    let now = time::now_seconds();
    let mut rows = Vec::new();
    for found in &found {
        let mut published: Vec<PublishedPort> = Vec::new();
        let own =
            endpoints.iter().filter(|endpoint| found.status.is_alive() && endpoint.sandbox == found.container.name);
        for endpoint in own {
            let recorded = store::endpoints::published(&store, endpoint)?;
            published.extend(ports::spelled_out(&recorded, endpoint.addresses().present()));
        }
        ports::sort(&mut published);
        rows.push(view::row(found, &published, now, arguments.no_trunc));
    }
    if arguments.quiet {
        return print(&lines(&rows.iter().map(|row| &row.id).collect::<Vec<_>>()));
    }
    if arguments.json || context.json {
        return print(&rows.iter().map(|row| json::line(&row.json()) + "\n").collect::<String>());
    }
    let mut cells = vec![view::HEADINGS.map(str::to_owned).to_vec()];
    cells.extend(rows.iter().map(view::Row::cells));
    print(&table::table(&cells))
}

fn fits(found: &Found, key: &str, value: &str) -> Result<bool> {
    let container = &found.container;
    Ok(match key {
        "name" => container.name.contains(value.trim_start_matches('/')),
        "id" => container.id.starts_with(value),
        "status" => status(value)? == found.status,
        "ancestor" => container.image == value,
        "network" => container.networks().iter().any(|attach| attach.network == value),
        "exited" => found.status == Status::Exited && found.state.exit_code.to_string() == value,
        "label" => {
            let (key, value) = value.split_once('=').map_or((value, None), |(key, value)| (key, Some(value)));
            container.labels.iter().any(|(known, is)| known == key && value.is_none_or(|value| value == is))
        }
        _ => return Err(Error::value("--filter", key, "name, id, status, exited, label, ancestor or network")),
    })
}

fn status(value: &str) -> Result<Status> {
    let named = Status::ALL.into_iter().find(|status| status.name() == value);
    named.ok_or_else(|| Error::value("--filter status", value, "created, running, paused, restarting, exited or dead"))
}
