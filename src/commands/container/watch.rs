//! This program as the watcher of a container, or of a further command in one. Who wants it is on standard input.

use std::os::fd::OwnedFd;

use crate::commands::Context;
use crate::container::exec;
use crate::container::watch::watcher;
use crate::error::{Doing, Errno, Result};

/// Watches a container.
pub fn container(context: &Context, name: &str) -> Result<()> {
    watcher::watch(&context.session, name, caller()?)
}

/// Watches a further command.
pub fn exec(context: &Context) -> Result<()> {
    exec::watch(&context.session, caller()?)
}

fn caller() -> Result<OwnedFd> {
    crate::container::watch::call::on_standard_input()
        .map_err(|_| Errno::BADF)
        .doing("find", "who wants it on standard input")
}
