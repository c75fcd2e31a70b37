use crate::cli::command::changes::{self, ChangesArgs};
use crate::cli::command::versions::{format_name, revision_as_json};
use crate::cli::filter::ZoneArgs;
use crate::cli::offered;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid, grouped};
use crate::cli::{Global, named_article, open_reader};
use anyhow::Result;
use clap::Args;
use seedbank::RevisionRow;
use seedbank::internals::store::{NamedArticle, Reader};
use serde_json::{Value, json};

/// Show the revisions of an article, or what publishers changed
///
/// One line per text and title it has had, oldest first; * marks the current one. A stub or an emptied
/// page can be the latest, but never hides a full text.
///
/// Without an article, lists the changes of all articles, the newest first: versions with another text or
/// title than the one before, and emptied articles, of which a stub or nothing is left. The formats of both
/// versions are shown, since the same page saved by another program may have another text. `diff` shows what
/// changed in an article.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank history 12
  seedbank history https://news.example/2024/02/05/a
  seedbank history 12 --json
  seedbank history --since 7d --site rfi.fr
  seedbank history --run last --format jsonl | jq 'select(.is_emptied).url'     from cron
  seedbank history --format atom > changes.xml")]
pub struct HistoryArgs {
    /// The article's id or address
    #[arg(value_name = "ID|URL", add = offered::articles())]
    article: Option<String>,
    #[command(flatten)]
    changes: ChangesArgs,
    #[command(flatten)]
    zone: ZoneArgs,
}

pub fn run(args: &HistoryArgs, global: &Global) -> Result<Exit> {
    let Some(name) = &args.article else {
        return changes::run(&args.changes, &args.zone, global);
    };
    let reader = open_reader(global)?;
    let article = named_article(name, &reader, global)?;
    let revisions = reader.revisions(article.id)?;
    if global.json {
        output::print_json(&as_json(&reader, &article, &revisions))?;
    } else {
        output::print(&as_text(&reader, &article, &revisions, &args.zone, global))?;
    }
    Ok(Exit::Done)
}

fn as_json(reader: &Reader, article: &NamedArticle, revisions: &[RevisionRow]) -> Value {
    let revision = |revision: &RevisionRow| revision_as_json(reader, revision);
    json!({
        "article_id": article.id,
        "merged_from": article.merged_from,
        "title": article.title,
        "url": article.url,
        "revisions": revisions.iter().map(revision).collect::<Vec<_>>(),
    })
}

fn as_text(
    reader: &Reader,
    article: &NamedArticle,
    revisions: &[RevisionRow],
    zone: &ZoneArgs,
    global: &Global,
) -> String {
    // A single title is already shown above.
    let has_titles = revisions.iter().any(|revision| revision.change.is_of_title());
    let mut grid = Grid::plain(global);
    let names = ["", "published", "observed", "change", "status", "format", "chars", "title"];
    grid.header(names.into_iter().take(if has_titles { 8 } else { 7 }));
    for revision in revisions {
        let mark = if revision.is_current { "*" } else { "" };
        let mut cells = vec![
            (format!("{}{mark}", revision.sequence).into(), false),
            (zone.published(revision.published_at, revision.published_precision).into(), false),
            (render::time(zone.clock(revision.observed_at)).into(), false),
            (revision.change.as_str().into(), false),
            (revision.status.as_str().into(), false),
            (format_name(reader, revision.format, &revision.seed_sha256).into(), false),
            (grouped(revision.char_count).into(), true),
        ];
        if has_titles {
            cells.push((render::one_line(&revision.title).into(), false));
        }
        grid.row(cells);
    }
    format!("{}{}", article_lines(article, global), grid.text())
}

/// The head of an article's output.
pub(in crate::cli) fn article_lines(article: &NamedArticle, global: &Global) -> String {
    let title = format!("Article {}: {}", article.id, render::one_line(&article.title));
    let url = article.url.as_deref().unwrap_or("no address");
    format!("{}\n{}\n", render::heading(&title, global), render::one_line(url))
}
