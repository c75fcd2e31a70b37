//! `stats --query` and `stats --by`: how many articles there are, by time or by site.

use crate::cli::filter::note_undated;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, bar, counted, grouped};
use crate::cli::{Global, chosen_format, open_reader};
use anyhow::Result;
use clap::ValueEnum;
use seedbank::internals::export::{RowFormat, RowWriter};
use seedbank::internals::store::{Grouping, Share};
use seedbank::{ArticleFilter, Cell, Error};
use serde_json::{Value, json};

const BAR_WIDTH: u64 = 30;

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

/// Counts the articles that a filter selects, and their share of those that it selects without its query.
pub fn run(
    filter: &ArticleFilter,
    by: By,
    format: Option<SharesFormat>,
    global: &Global,
) -> Result<Exit> {
    let format = chosen_format(format, SharesFormat::Table, SharesFormat::Json, global)?;
    let grouping = by.grouping();
    let reader = open_reader(global)?;
    let shares = reader.shares(filter, grouping)?;
    match format {
        SharesFormat::Table => output::print(&as_table(&shares, grouping, global))?,
        SharesFormat::Csv => write_csv(&shares, grouping)?,
        SharesFormat::Json => output::print_json(&as_json(&shares, grouping))?,
    }
    let [articles, of] = [total(&shares, |share| share.articles), total(&shares, |share| share.of)];
    let text = match &filter.query {
        Some(_) => format!("{} of {}", grouped(articles), counted(of, "article")),
        None => counted(articles, "article"),
    };
    render::note(&text, global);
    note_undated(&reader, filter, global)?;
    Ok(Exit::Done)
}

fn total(shares: &[Share], of: impl Fn(&Share) -> u64) -> u64 {
    shares.iter().map(of).sum()
}

/// A line for each group, with bars.
fn as_table(shares: &[Share], grouping: Grouping, global: &Global) -> String {
    if shares.is_empty() {
        return String::new();
    }
    let greatest = shares.iter().map(|share| share.articles).max().unwrap_or(0);
    let nameless = if grouping == Grouping::Site { "no address" } else { "undated" };
    let mut grid = Grid::plain(global);
    grid.header([grouping.as_str(), "articles", "share", ""]);
    for share in shares {
        let percent = share.share().map(|share| format!("{:.1} %", share * 100.0));
        grid.row([
            (share.name.as_deref().unwrap_or(nameless).into(), false),
            (grouped(share.articles).into(), true),
            (percent.unwrap_or_else(|| "-".into()).into(), true),
            (bar(share.articles, greatest, BAR_WIDTH).into(), false),
        ]);
    }
    grid.text()
}

fn write_csv(shares: &[Share], grouping: Grouping) -> Result<()> {
    let mut writer = RowWriter::new(output::data(), RowFormat::Csv);
    let names = [grouping.as_str(), "articles", "share"].map(str::to_owned);
    writer.columns(&names).map_err(Error::Output)?;
    for share in shares {
        let articles = i64::try_from(share.articles).unwrap_or(i64::MAX);
        let cells = [
            share.name.as_deref().into(),
            Cell::Integer(articles),
            rounded(share).map_or(Cell::Null, Cell::Real),
        ];
        writer.row(&cells).map_err(Error::Output)?;
    }
    writer.finish().map_err(Error::Output)?;
    Ok(())
}

fn as_json(shares: &[Share], grouping: Grouping) -> Value {
    let row = |share: &Share| {
        json!({
            grouping.as_str(): share.name,
            "articles": share.articles,
            "share": rounded(share),
        })
    };
    json!({
        "total": total(shares, |share| share.articles),
        "rows": shares.iter().map(row).collect::<Value>(),
    })
}

/// A share with as many digits as are worth reading.
fn rounded(share: &Share) -> Option<f64> {
    share.share().map(|share| (share * 1e6).round() / 1e6)
}
