use crate::cli::filter::{FilterArgs, note_undated};
use crate::cli::outcome::{Exit, UsageError};
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, counted, grouped};
use crate::cli::terminal::wrap::wrapped;
use crate::cli::{Global, chosen_format, open_reader};
use anyhow::Result;
use clap::{Args, ValueEnum};
use seedbank::internals::export::{RowFormat, RowWriter};
use seedbank::internals::search::highlights;
use seedbank::internals::store::Reader;
use seedbank::{ArticleFilter, Cell, Error, Hit, Order, Search, UtcOffset};
use serde_json::json;
use std::io::{BufWriter, StdoutLock, Write};
use std::ops::Range;

/// Search the full text, Chinese included
///
/// All words must occur in the title or the text. Use quotation marks for "a phrase", OR, NOT (or
/// -word) and parentheses to combine, word* for a prefix, title: and body: to search only the title or
/// only the text. site:, author:, tag:, language:, since: and until:
/// mean the same as the options of these names. Simplified and Traditional Chinese match each other; case and full-width forms are
/// ignored. Without words, the articles that match the filters are listed by date.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank search 人权 律师
  seedbank search '\"言论自由\" -香港' --since 2024
  seedbank search 'title:(台风 OR 暴雨)' --site rfi.fr --sort date
  seedbank search 香港 --since yesterday --utc-offset +08:00
  seedbank search 香港 --run last -q                 what an import brought, from cron
  seedbank search 香港 --site rfi.fr --site voachinese.com --count
  seedbank search '香港 site:rfi.fr since:7d author:\"王小明\"'
  seedbank search --removed 律师
  seedbank search 图书馆 --limit 1000 --format jsonl | jq -r .url")]
pub struct SearchArgs {
    /// The words to search for
    #[arg(value_name = "WORDS")]
    words: Vec<String>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Search the paragraphs that were removed from articles instead
    #[arg(long)]
    removed: bool,
    /// Maximum number of results; 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Skip so many results
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    offset: usize,
    /// Print only how many results there are
    #[arg(long, conflicts_with_all = ["format", "limit", "offset", "sort"])]
    count: bool,
    /// Sort by relevance, by date or with the oldest first [default: rank; date without words]
    #[arg(long, value_name = "ORDER", value_enum, hide_possible_values = false)]
    sort: Option<Sort>,
    /// The output format [default: text]
    #[arg(long, value_enum)]
    format: Option<SearchFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    Rank,
    Date,
    DateAsc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SearchFormat {
    Text,
    Json,
    Jsonl,
    Csv,
    Tsv,
    Markdown,
}

pub fn run(args: &SearchArgs, global: &Global) -> Result<Exit> {
    let words = (!args.words.is_empty()).then(|| args.words.join(" "));
    if words.is_none() && (args.removed || args.filter.is_empty()) {
        return Err(UsageError::new(
            "no search words given",
            "name words, such as 人权; or list articles with --since, --site or another filter",
        )
        .into());
    }
    let format = chosen_format(args.format, SearchFormat::Text, SearchFormat::Json, global)?;
    let filter = args.filter.filter(words.as_deref())?;
    let reader = open_reader(global)?;
    if args.count {
        return count(&reader, &filter, args, global);
    }
    let order = match args.sort {
        Some(Sort::Date) => Order::Date,
        Some(Sort::DateAsc) => Order::OldestFirst,
        Some(Sort::Rank) | None => Order::Rank,
    };
    let mut search =
        Search::default().with_filter(filter).with_order(order).with_offset(args.offset);
    search.limit = (args.limit > 0).then_some(args.limit);
    let mut output = Output::new(format, args.removed)?;
    let receive = &mut |hit: Hit| output.write(&hit, &search.filter, global);
    let searched = if args.removed {
        reader.search_removed(&search, receive)
    } else {
        reader.search(&search, receive)
    };
    if let Err(error) = searched {
        output.give_up();
        return Err(error.into());
    }
    let by_date = output.by_date(args, search.filter.query.is_some());
    let found = output.finish()?;
    if let Some(reason) = by_date {
        render::note(&format!("the newest come first: {reason}"), global);
    }
    tell(found, &search, args, &reader, global)?;
    Ok(Exit::Done)
}

/// Prints only the number of results.
fn count(
    reader: &Reader,
    filter: &ArticleFilter,
    args: &SearchArgs,
    global: &Global,
) -> Result<Exit> {
    let total = total(reader, filter, args.removed)?;
    if global.json {
        output::print_json(&json!({"total": total}))?;
    } else {
        output::print(&format!("{total}\n"))?;
    }
    if !args.removed {
        note_undated(reader, filter, global)?;
    }
    Ok(Exit::Done)
}

fn total(reader: &Reader, filter: &ArticleFilter, is_removed: bool) -> seedbank::Result<u64> {
    if is_removed { reader.count_of_removed(filter) } else { reader.count_of_articles(filter) }
}

/// Prints the notes that accompany the hits.
fn tell(
    found: usize,
    search: &Search,
    args: &SearchArgs,
    reader: &Reader,
    global: &Global,
) -> Result<()> {
    if global.quiet {
        return Ok(());
    }
    if !args.removed {
        note_undated(reader, &search.filter, global)?;
    }
    let noun = if args.removed { "paragraph" } else { "article" };
    let (found, offset) = (found as u64, search.offset as u64);
    let is_cut = search.limit.is_some_and(|limit| limit as u64 == found);
    // Counting takes time, and is not needed where the last result was shown.
    let total = match (is_cut, found, offset) {
        (true, ..) | (false, 0, 1..) => total(reader, &search.filter, args.removed)?,
        (false, ..) => offset + found,
    };
    let all = counted(total, noun);
    let text = match (total, found) {
        (0, _) => format!("no {noun} found"),
        (_, 0) => format!("nothing after the first {all}"),
        _ if found == total => all,
        _ => {
            let shown = match offset {
                0 => grouped(found),
                _ => format!("{} to {}", grouped(offset + 1), grouped(offset + found)),
            };
            let next = offset + found;
            let more = if next < total {
                format!("; for more, -n N or --offset {next}")
            } else {
                String::new()
            };
            format!("{shown} of {all}{more}")
        }
    };
    render::note(&text, global);
    Ok(())
}

/// Writes hits as they arrive.
struct Output {
    sink: Sink,
    found: usize,
    is_ranked: bool,
}

enum Sink {
    Text(BufWriter<StdoutLock<'static>>),
    Rows { writer: RowWriter<Box<dyn Write + Send>>, is_removed: bool },
}

const COLUMNS: [&str; 8] = [
    "article_id",
    "title",
    "url",
    "site",
    "published_at",
    "score",
    "snippet",
    "paragraph_position",
];
/// Additional columns for removed paragraphs.
const REMOVED_COLUMNS: [&str; 3] = ["revision", "observed_at", "replaced_at"];

impl Output {
    fn new(format: SearchFormat, is_removed: bool) -> Result<Self> {
        let format = match format {
            SearchFormat::Text => {
                let sink = Sink::Text(output::lines());
                return Ok(Self { sink, found: 0, is_ranked: false });
            }
            SearchFormat::Json => RowFormat::Json,
            SearchFormat::Jsonl => RowFormat::Jsonl,
            SearchFormat::Csv => RowFormat::Csv,
            SearchFormat::Tsv => RowFormat::Tsv,
            SearchFormat::Markdown => RowFormat::Markdown,
        };
        let mut writer = RowWriter::new(output::data(), format);
        let behind = REMOVED_COLUMNS.iter().filter(|_| is_removed);
        let names = COLUMNS.iter().chain(behind).map(|&name| name.to_owned());
        writer.columns(&names.collect::<Vec<_>>()).map_err(Error::Output)?;
        Ok(Self { sink: Sink::Rows { writer, is_removed }, found: 0, is_ranked: false })
    }

    fn write(
        &mut self,
        hit: &Hit,
        filter: &ArticleFilter,
        global: &Global,
    ) -> seedbank::Result<()> {
        self.found += 1;
        self.is_ranked |= hit.score.is_some();
        match &mut self.sink {
            Sink::Text(out) => {
                let blank = if self.found > 1 { "\n" } else { "" };
                write!(out, "{blank}{}", as_text(hit, filter, global))
            }
            Sink::Rows { writer, is_removed } => writer.row(&cells(hit, *is_removed)),
        }
        .map_err(Error::Output)
    }

    /// Why the hits are sorted by date although ranking was requested.
    fn by_date(&self, args: &SearchArgs, has_words: bool) -> Option<&'static str> {
        if self.found == 0
            || self.is_ranked
            || matches!(args.sort, Some(Sort::Date | Sort::DateAsc))
        {
            return None;
        }
        let is_asked_for = args.sort == Some(Sort::Rank);
        match (args.removed, has_words) {
            (true, _) => is_asked_for.then_some("paragraphs are not ranked"),
            (_, false) => is_asked_for.then_some("there is no word to rank by"),
            _ => Some("most articles contain the searched words"),
        }
    }

    /// Ends the output after an error. The hits found before it are still printed; only the error is
    /// reported.
    fn give_up(self) {
        if let Sink::Rows { writer, .. } = self.sink {
            let _ = writer.give_up();
        }
    }

    fn finish(self) -> Result<usize> {
        match self.sink {
            Sink::Text(mut out) => out.flush().map_err(Error::Output)?,
            Sink::Rows { writer, .. } => drop(writer.finish().map_err(Error::Output)?),
        }
        Ok(self.found)
    }
}

/// The cells of a hit, in the order of the columns.
fn cells(hit: &Hit, is_removed: bool) -> Vec<Cell<'_>> {
    let snippet = hit.snippet.as_ref();
    let mut cells = vec![
        Cell::Integer(hit.article_id),
        hit.title.as_str().into(),
        hit.url.as_deref().into(),
        hit.site.as_deref().into(),
        hit.published_at.into(),
        hit.score.map_or(Cell::Null, Cell::Real),
        snippet.map_or(Cell::Null, |snippet| snippet.text.as_str().into()),
        snippet.map_or(Cell::Null, |snippet| Cell::Integer(snippet.position)),
    ];
    if is_removed {
        let removal = hit.removal.as_ref();
        cells.extend([
            removal.map_or(Cell::Null, |removal| Cell::Integer(removal.revision)),
            removal.and_then(|removal| removal.observed_at).into(),
            removal.and_then(|removal| removal.replaced_at).into(),
        ]);
    }
    cells
}

/// A hit for a person: its title, its site and date, its address, and a snippet.
fn as_text(hit: &Hit, filter: &ArticleFilter, global: &Global) -> String {
    let query = filter.query.as_ref();
    let places = query.map(|query| highlights(query, &hit.title)).unwrap_or_default();
    let title = render::highlighted(&hit.title, &places, true, global);
    let mut text =
        format!("{title}\n  {}\n", render::quiet(&origin(hit, filter.utc_offset), global));
    if let Some(url) = &hit.url {
        text.push_str(&format!("  {}\n", render::quiet(&render::readable_url(url), global)));
    }
    if let Some(snippet) = &hit.snippet {
        let width = render::terminal_width().unwrap_or(usize::MAX);
        for line in lines(&snippet.text, width) {
            let places = inside(&snippet.highlights, &line);
            let shown = render::highlighted(&snippet.text[line], &places, false, global);
            text.push_str(&format!("  {shown}\n"));
        }
    }
    text
}

/// Splits a text into lines that fit a width after an indent of two.
fn lines(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in wrapped(text, width.saturating_sub(2).max(2), "", "") {
        // A wrapped line has lost the blanks at its end.
        let start = at + text[at..].find(&line).unwrap_or(0);
        at = (start + line.len()).min(text.len());
        lines.push(start..at);
    }
    lines
}

/// The parts of these ranges that are in a line, counted from its start.
fn inside(places: &[Range<usize>], line: &Range<usize>) -> Vec<Range<usize>> {
    let cut = |place: &Range<usize>| place.start.max(line.start)..place.end.min(line.end);
    let shifted = |place: Range<usize>| place.start - line.start..place.end - line.start;
    places.iter().map(cut).filter(|place| place.start < place.end).map(shifted).collect()
}

fn origin(hit: &Hit, offset: UtcOffset) -> String {
    let published = |at| offset.shifted(at, hit.published_precision);
    let day = hit.published_at.map(|at| published(at).day().to_string());
    let removal = hit.removal.as_ref().map(|removal| {
        let clock = |at| render::time(Some(offset.shifted(at, None)));
        let seen = removal.observed_at.map(|at| format!(" of {}", clock(at)));
        let gone = removal.replaced_at.map(|at| format!(", gone by {}", clock(at)));
        let (seen, gone) = (seen.unwrap_or_default(), gone.unwrap_or_default());
        format!("was in version {}{seen}{gone}", removal.revision)
    });
    let parts = [Some(hit.article_id.to_string()), hit.site.clone(), day, removal];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_highlighted_across_lines() {
        let text = "一二三四五六七 word 八";
        let found = lines(text, 12);
        let shown: Vec<&str> = found.iter().map(|line| &text[line.clone()]).collect();
        assert_eq!(shown, ["一二三四五", "六七 word", "八"]);
        // 四五六七
        let places = std::slice::from_ref(&(9..21));
        let marked: Vec<Vec<&str>> = found
            .iter()
            .map(|line| {
                inside(places, line).into_iter().map(|at| &text[line.clone()][at]).collect()
            })
            .collect();
        assert_eq!(marked, [vec!["四五"], vec!["六七"], vec![]]);
        assert_eq!(lines(text, usize::MAX).len(), 1);
        assert_eq!(lines("", 80).len(), 1);
    }
}
