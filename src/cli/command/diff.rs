use crate::cli::command::history::article_lines;
use crate::cli::command::versions::{format_name, saver};
use crate::cli::filter::ZoneArgs;
use crate::cli::offered;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Mark, counted, marked, marked_line};
use crate::cli::{Global, named_article, open_reader};
use anyhow::Result;
use clap::Args;
use seedbank::internals::store::{NamedArticle, Reader};
use seedbank::internals::view::diff::{DiffPart, Piece, compare, compare_lines};
use seedbank::internals::view::{RevisionView, revision};
use serde_json::{Value, json};

/// Show what changed between two revisions of an article
///
/// Compares paragraph by paragraph, and changed paragraphs word by word (Chinese: character by
/// character). Without numbers, compares the last two revisions. Unchanged paragraphs are only counted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank diff 12
  seedbank diff 12 1 3
  seedbank diff https://news.example/2024/02/05/a --all")]
pub struct DiffArgs {
    /// The article's id or address
    #[arg(value_name = "ID|URL", add = offered::articles())]
    article: String,
    /// The number of a revision in `history`
    #[arg(value_name = "A", requires = "after")]
    before: Option<i64>,
    /// The number of another revision
    #[arg(value_name = "B")]
    after: Option<i64>,
    /// Also show unchanged paragraphs
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    zone: ZoneArgs,
}

pub fn run(args: &DiffArgs, global: &Global) -> Result<Exit> {
    let reader = open_reader(global)?;
    let article = named_article(&args.article, &reader, global)?;
    let last = article.revision_count;
    let (before, after) = match (args.before, args.after) {
        (Some(before), Some(after)) => (before, after),
        _ if last < 2 => {
            let text = format!("article {} has only one revision", article.id);
            return alone(&article, &text, global);
        }
        _ => (last - 1, last),
    };
    let before = revision(&reader, &article, before)?;
    let after = revision(&reader, &article, after)?;
    let changes = compare(before.text()?, after.text()?);
    if global.json {
        output::print_json(&as_json(&reader, &article, (&before, &after), changes))?;
    } else {
        let heads = heads(&reader, &article, (&before, &after), &args.zone, global);
        output::print(&format!("{heads}{}", as_text(changes, args, global)))?;
    }
    Ok(Exit::Done)
}

fn alone(article: &NamedArticle, text: &str, global: &Global) -> Result<Exit> {
    if global.json {
        output::print_json(&json!({"article_id": article.id, "changes": []}))?;
    } else {
        render::note(text, global);
    }
    Ok(Exit::Done)
}

fn as_json(
    reader: &Reader,
    article: &NamedArticle,
    (before, after): (&RevisionView, &RevisionView),
    changes: Vec<DiffPart<'_>>,
) -> Value {
    let piece = |piece: &Piece| match piece {
        Piece::Same(text) => json!({"same": text}),
        Piece::Removed(text) => json!({"removed": text}),
        Piece::Added(text) => json!({"added": text}),
    };
    let change = |change: DiffPart<'_>| match change {
        DiffPart::Same(text) => json!({"same": text}),
        DiffPart::Removed(text) => json!({"removed": text}),
        DiffPart::Added(text) => json!({"added": text}),
        DiffPart::Changed(pieces) => {
            json!({"changed": pieces.iter().map(piece).collect::<Vec<_>>()})
        }
    };
    let changes: Vec<_> = changes.into_iter().map(change).collect();
    let revision = |side: &RevisionView| {
        json!({
            "sequence": side.row.sequence,
            "title": side.row.title,
            "published_at": side.row.published_at,
            "published_precision": side.row.published_precision,
            "observed_at": side.row.observed_at,
            "format": side.row.format,
            "saver": saver(reader, side.row.format, &side.row.seed_sha256),
        })
    };
    json!({
        "article_id": article.id,
        "before": revision(before),
        "after": revision(after),
        "changes": changes,
    })
}

/// Chooses the two revisions to compare.
fn heads(
    reader: &Reader,
    article: &NamedArticle,
    (before, after): (&RevisionView, &RevisionView),
    zone: &ZoneArgs,
    global: &Global,
) -> String {
    let mut text = article_lines(article, global);
    for (mark, side) in [("-", before), ("+", after)] {
        let revision = &side.row;
        text.push_str(&format!(
            "{mark} revision {}, published {}, observed {}, {}, format {}\n",
            revision.sequence,
            zone.published(revision.published_at, revision.published_precision),
            render::time(zone.clock(revision.observed_at)),
            revision.status,
            format_name(reader, revision.format, &revision.seed_sha256),
        ));
    }
    text.push('\n');
    if before.row.title != after.row.title {
        let pieces = compare_lines(&before.row.title, &after.row.title);
        text.push_str(&format!("Title: {}\n\n", line(&pieces, global)));
    }
    text
}

fn as_text(changes: Vec<DiffPart<'_>>, args: &DiffArgs, global: &Global) -> String {
    let (mut text, mut same) = (String::new(), 0);
    for change in changes {
        if matches!(change, DiffPart::Same(_)) && !args.all {
            same += 1;
            continue;
        }
        push_same(&mut text, &mut same);
        let shown = match change {
            DiffPart::Same(paragraph) => format!("  {}", render::escaped(paragraph)),
            DiffPart::Removed(paragraph) => marked_line(paragraph, Mark::Removed, global),
            DiffPart::Added(paragraph) => marked_line(paragraph, Mark::Added, global),
            DiffPart::Changed(pieces) => format!("~ {}", line(&pieces, global)),
        };
        // A paragraph's own line breaks stay inside it.
        text.push_str(&format!("{}\n", shown.replace('\n', "\n  ")));
    }
    push_same(&mut text, &mut same);
    text
}

fn push_same(text: &mut String, same: &mut u64) {
    if *same > 0 {
        text.push_str(&format!("  … {} unchanged\n", counted(*same, "paragraph")));
    }
    *same = 0;
}

fn line(pieces: &[Piece], global: &Global) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Same(text) => render::escaped(text),
        Piece::Removed(text) => marked(text, Mark::Removed, global),
        Piece::Added(text) => marked(text, Mark::Added, global),
    };
    pieces.iter().map(piece).collect()
}
