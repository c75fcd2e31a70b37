//! `stats --plot`: the counts as a drawing.

use crate::cli::command::counts::{Shares, percent};
use crate::cli::outcome::UsageError;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, counted};
use crate::cli::{Global, signals};
use anyhow::Result;
use seedbank::Error;
use seedbank::internals::chart::{Bar, BarChart, MOST_SERIES, Series, Stance};
use seedbank::internals::files::{ArchiveFiles, Taken};
use seedbank::internals::model::path_label;
use seedbank::internals::store::{Grouping, ShareGroup};
use std::io::Write;
use std::path::Path;

/// A drawing of more would be neither seen nor quickly opened.
const MOST_BARS: usize = 20_000;

/// Fails if there are more series than colours.
pub fn check(series: usize) -> Result<(), UsageError> {
    if series <= MOST_SERIES {
        return Ok(());
    }
    Err(UsageError::new(
        format!("{series} series are too many to tell apart in a drawing"),
        format!(
            "choose at most {MOST_SERIES} queries and sites; --by site draws any number of sites"
        ),
    ))
}

/// Writes the drawing into a new file, or to standard output for `-`.
pub fn write(shares: &Shares, path: &Path, force: bool, global: &Global) -> Result<()> {
    let is_drawn = |group: &&ShareGroup| group.name.is_some() || shares.grouping == Grouping::Site;
    let groups: Vec<&ShareGroup> = shares.groups.iter().filter(is_drawn).collect();
    if groups.len() * shares.series.len() > MOST_BARS {
        let bars = counted((groups.len() * shares.series.len()) as u64, "bar");
        return Err(UsageError::new(
            format!("{bars} are too many for a drawing"),
            "count by month or year with --by, or leave out days with --since",
        )
        .into());
    }
    let svg = chart(shares, &groups).svg();
    if path == Path::new("-") {
        let mut out = output::data();
        return Ok(out
            .write_all(svg.as_bytes())
            .and_then(|()| out.flush())
            .map_err(Error::Output)?);
    }
    let own = ArchiveFiles::of(&global.db);
    let file = signals::new_file(path, Taken::replaced_if(force), &own)?;
    file.file().write_all(svg.as_bytes()).map_err(Error::at(path))?;
    file.finish()?;
    let count = counted(groups.len() as u64, shares.grouping.as_str());
    render::note(&format!("{count} in \"{}\"", path_label(path)), global);
    Ok(())
}

fn chart(shares: &Shares, groups: &[&ShareGroup]) -> BarChart {
    let by = shares.grouping.as_str();
    let names: Vec<&str> = shares.series.iter().map(|one| one.name.as_str()).collect();
    let title = match names.join(", ") {
        none if none.is_empty() => format!("Articles by {by}"),
        names => format!("{names}: articles by {by}"),
    };
    let is_share = shares.series.iter().any(|one| one.has_words());
    let series = shares.series.iter().enumerate().map(|(at, series)| {
        let bar = |group: &&ShareGroup| {
            let (share, name) = (group.shares[at], shares.shown_name(group));
            let prefix =
                if names.len() > 1 { format!("{}, {name}", series.name) } else { name.to_owned() };
            let part = if is_share { format!(", {}", percent(share)) } else { String::new() };
            Bar {
                value: share.articles,
                title: format!("{prefix}: {}{part}", counted(share.articles, "article")),
            }
        };
        Series { name: series.name.clone(), bars: groups.iter().map(bar).collect() }
    });
    BarChart {
        title,
        unit: "articles".into(),
        stance: if shares.grouping == Grouping::Site { Stance::Lying } else { Stance::Upright },
        groups: groups.iter().map(|group| shares.shown_name(group).to_owned()).collect(),
        series: series.collect(),
    }
}
