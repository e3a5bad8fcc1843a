//! `sync`, `gc`.

use super::args::{Args, Parsed, Run, done, options_only};
use super::look::only_json;
use crate::commands::repair as commands;

pub(super) fn sync(args: &mut Args) -> Parsed<Run> {
    only_json(args)?;
    done(commands::sync::run)
}

pub(super) fn gc(args: &mut Args) -> Parsed<Run> {
    let mut dry_run = false;
    options_only(args, |args, option| {
        let known = option == "--dry-run";
        if known {
            dry_run = args.flag("--dry-run")?;
        }
        Ok(known)
    })?;
    done(move |context| commands::gc::run(context, dry_run))
}
