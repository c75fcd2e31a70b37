//! `stats --query`, `stats --by` and `stats --plot`: how many articles there are, by time or by site.

use crate::cli::command::counts::{Counted, Shares, percent};
use crate::cli::command::plot;
use crate::cli::filter::FilterArgs;
use crate::cli::outcome::{Exit, UsageError};
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, bar, bar_width, counted, grouped};
use crate::cli::terminal::wrap::columns;
use crate::cli::{Global, chosen_format, open_reader};
use anyhow::Result;
use clap::{Args, ValueEnum};
use seedbank::internals::export::{RowFormat, RowWriter};
use seedbank::internals::store::{Grouping, Reader, Share, ShareGroup};
use seedbank::{ArticleFilter, Cell, Error};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What is counted, and what becomes of the counts.
#[derive(Debug, Args)]
pub struct SharesArgs {
    /// Count the articles that match these words, as in `search`; may be repeated, to compare
    #[arg(long, value_name = "WORDS", conflicts_with = "health")]
    query: Vec<String>,
    /// Count by day, week, month, year or site [default: month with --query or --plot]
    #[arg(long, value_name = "GROUP", value_enum, conflicts_with = "health")]
    by: Option<By>,
    /// (with --query or --by) The output format [default: table]
    #[arg(long, value_enum, conflicts_with = "health")]
    format: Option<SharesFormat>,
    /// Draw the counts as SVG into this file (- for standard output); with several --query or --site,
    /// bars of several colours
    #[arg(long, value_name = "FILE", conflicts_with_all = ["health", "format", "json", "all"])]
    plot: Option<PathBuf>,
    /// (with --plot) Replace the file
    #[arg(long, requires = "plot")]
    force: bool,
}

/// How articles are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    Day,
    Week,
    Month,
    Year,
    Site,
}

/// The form of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SharesFormat {
    Table,
    Csv,
    Json,
}

impl By {
    fn grouping(self) -> Grouping {
        match self {
            Self::Day => Grouping::Day,
            Self::Week => Grouping::Week,
            Self::Month => Grouping::Month,
            Self::Year => Grouping::Year,
            Self::Site => Grouping::Site,
        }
    }
}

impl SharesArgs {
    /// Whether articles are to be counted by group.
    pub fn is_wanted(&self) -> bool {
        !self.query.is_empty() || self.by.is_some() || self.plot.is_some()
    }

    /// Fails if there is an option for such counts alone.
    pub fn check_unwanted(&self) -> Result<(), UsageError> {
        match self.format {
            Some(_) => Err(UsageError::new(
                "--format is for a count of articles",
                "add --query WORDS or --by month; or use --json",
            )),
            None => Ok(()),
        }
    }

    /// One for each query; in a drawing also one for each site.
    fn series(&self, filter: &FilterArgs) -> Result<Vec<Counted>> {
        let queries: Vec<Option<&String>> =
            if self.query.is_empty() { vec![None] } else { self.query.iter().map(Some).collect() };
        let by_site = self.plot.is_some() && self.by != Some(By::Site) && filter.site.len() > 1;
        let sites: Vec<Option<&String>> =
            if by_site { filter.site.iter().map(Some).collect() } else { vec![None] };
        let mut series = Vec::new();
        for query in &queries {
            for site in &sites {
                let chosen = site.map_or_else(|| filter.site.clone(), |site| vec![site.clone()]);
                let name = match (query, site) {
                    (Some(query), Some(site)) if queries.len() > 1 => format!("{query} · {site}"),
                    (_, Some(site)) => (*site).clone(),
                    (query, None) => query.cloned().unwrap_or_default(),
                };
                let filter = filter.filter_of_sites(query.map(String::as_str), chosen)?;
                series.push(Counted { name, query: query.cloned(), filter });
            }
        }
        Ok(series)
    }
}

/// Counts the articles that each filter selects, and their share of those that it selects without its query.
pub fn run(args: &SharesArgs, filter: &FilterArgs, global: &Global) -> Result<Exit> {
    let format = chosen_format(args.format, SharesFormat::Table, SharesFormat::Json, global)?;
    let grouping = args.by.unwrap_or(By::Month).grouping();
    let series = args.series(filter)?;
    if args.plot.is_some() {
        plot::check(series.len())?;
    }
    let reader = open_reader(global)?;
    let filters: Vec<ArticleFilter> = series.iter().map(|one| one.filter.clone()).collect();
    let groups = reader.shares(&filters, grouping)?;
    let shares = Shares { grouping, series, groups };
    if let Some(path) = &args.plot {
        plot::write(&shares, path, args.force, global)?;
    } else {
        match format {
            SharesFormat::Table => output::print(&shares.as_table(global))?,
            SharesFormat::Csv => shares.write_csv()?,
            SharesFormat::Json => output::print_json(&shares.as_json())?,
        }
    }
    shares.note_totals(&reader, global)?;
    Ok(Exit::Done)
}

impl Shares {
    /// A line for each group: with a bar, or with the counts of several queries.
    fn as_table(&self, global: &Global) -> String {
        if self.groups.is_empty() {
            return String::new();
        }
        let header = match &self.series[..] {
            [_] => vec![self.grouping.as_str(), "articles", "share"],
            several => {
                let names = several.iter().flat_map(|one| [one.name.as_str(), "share"]);
                [self.grouping.as_str()].into_iter().chain(names).collect()
            }
        };
        let rows = self.groups.iter().map(|group| {
            let counts = group.shares.iter().flat_map(|&it| [grouped(it.articles), percent(it)]);
            [self.shown_name(group).to_owned()].into_iter().chain(counts).collect()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let widest = |at: usize| {
            let cells = rows.iter().map(|row| columns(&row[at]));
            cells.chain([columns(header[at])]).max().unwrap_or(0)
        };
        let beside: Vec<usize> = (0..header.len()).map(widest).collect();
        let greatest = self.groups.iter().map(|group| group.shares[0].articles).max().unwrap_or(0);
        let has_bars = self.series.len() == 1;
        let mut grid = Grid::plain(global);
        grid.header(header.into_iter().chain(has_bars.then_some("")));
        for (row, group) in rows.into_iter().zip(&self.groups) {
            let cells = row.into_iter().enumerate().map(|(at, cell)| (cell.into(), at > 0));
            let bar = bar(group.shares[0].articles, greatest, bar_width(&beside));
            grid.row(cells.chain(has_bars.then(|| (bar.into(), false))));
        }
        grid.text()
    }

    /// A row for each group, of several queries for each of them.
    fn write_csv(&self) -> Result<()> {
        let mut writer = RowWriter::new(output::data(), RowFormat::Csv);
        let has_query = self.series.len() > 1;
        let names = [self.grouping.as_str(), "articles", "share"];
        let names = has_query.then_some("query").into_iter().chain(names);
        writer.columns(&names.map(str::to_owned).collect::<Vec<_>>()).map_err(Error::Output)?;
        for (at, series) in self.series.iter().enumerate() {
            for group in &self.groups {
                let share = group.shares[at];
                let cells = [
                    group.name.as_deref().into(),
                    Cell::Integer(i64::try_from(share.articles).unwrap_or(i64::MAX)),
                    rounded(share).map_or(Cell::Null, Cell::Real),
                ];
                let query = has_query.then(|| series.name.as_str().into());
                let cells: Vec<Cell<'_>> = query.into_iter().chain(cells).collect();
                writer.row(&cells).map_err(Error::Output)?;
            }
        }
        writer.finish().map_err(Error::Output)?;
        Ok(())
    }

    fn as_json(&self) -> Value {
        let row = |group: &ShareGroup, at: usize| {
            json!({
                self.grouping.as_str(): group.name,
                "articles": group.shares[at].articles,
                "share": rounded(group.shares[at]),
            })
        };
        let counts = |at: usize| {
            json!({
                "total": self.total(at).articles,
                "rows": self.groups.iter().map(|group| row(group, at)).collect::<Value>(),
            })
        };
        if self.series.len() == 1 {
            return counts(0);
        }
        let series = self.series.iter().enumerate().map(|(at, series)| {
            let mut counts = counts(at);
            counts["query"] = series.query.clone().into();
            counts
        });
        json!({"series": series.collect::<Value>()})
    }

    /// Notes how many articles were counted, and how many have no date.
    fn note_totals(&self, reader: &Reader, global: &Global) -> Result<()> {
        for (at, series) in self.series.iter().enumerate() {
            let Share { articles, of } = self.total(at);
            let text = match &series.filter.query {
                Some(_) => format!("{} of {}", grouped(articles), counted(of, "article")),
                None => counted(articles, "article"),
            };
            let name = render::one_line(&series.name);
            let name = if self.series.len() > 1 { format!("{name}: ") } else { String::new() };
            render::note(&format!("{name}{text}"), global);
            let undated = reader.undated(&series.filter)?;
            if undated > 0 {
                let left_out = counted(undated, "undated article");
                render::note(&format!("{name}{left_out} left out"), global);
            }
        }
        Ok(())
    }
}

/// A share with as many digits as are worth reading.
fn rounded(share: Share) -> Option<f64> {
    share.share().map(|share| (share * 1e6).round() / 1e6)
}
