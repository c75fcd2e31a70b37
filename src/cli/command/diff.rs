use crate::cli::command::history::{article_lines, format_name, revision_of, saver};
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Mark, counted, marked, marked_line};
use crate::cli::{Global, named_article, open_reader};
use anyhow::Result;
use clap::Args;
use seedbank::Error;
use seedbank::derive::derive;
use seedbank::model::Derivation;
use seedbank::model::{Block, Status};
use seedbank::store::{NamedArticle, Reader, RevisionRow};
use seedbank::view::diff::{Change, Piece, compare, compare_lines};
use serde_json::{Value, json};

/// Show what changed between two revisions of an article
///
/// Paragraph by paragraph, and inside a changed paragraph word by word (Chinese: character by
/// character). Without numbers, the last two revisions. What stayed is only counted.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank diff 12
  seedbank diff 12 1 3
  seedbank diff https://news.example/2024/02/05/a --all")]
pub struct DiffArgs {
    /// The article's id or address
    #[arg(value_name = "ID|URL")]
    article: String,
    /// The number of a revision, as `history` has it
    #[arg(value_name = "A", requires = "after")]
    before: Option<i64>,
    /// The number of another
    #[arg(value_name = "B")]
    after: Option<i64>,
    /// Show the paragraphs that stayed too
    #[arg(long)]
    all: bool,
}

/// A revision with its text, derived again from the stored bytes.
struct Side {
    revision: RevisionRow,
    blocks: Vec<Block>,
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
    let revisions = reader.revisions(article.id)?;
    let before = side(&reader, &article, &revisions, before)?;
    let after = side(&reader, &article, &revisions, after)?;
    if global.json {
        output::print_json(&as_json(&reader, &article, &before, &after))?;
    } else {
        let text = as_text(&reader, &article, (&before, &after), args, global);
        output::print(&text)?;
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

fn side(
    reader: &Reader,
    article: &NamedArticle,
    revisions: &[RevisionRow],
    sequence: i64,
) -> Result<Side> {
    let revision = revision_of(article, revisions, sequence)?.clone();
    let (bytes, sha256) = (reader.seed_bytes(&revision.seed_sha256)?, &revision.seed_sha256);
    let article_id = article.id;
    let article = match derive(&bytes, sha256) {
        Derivation::Article { article, .. } => *article,
        Derivation::Rejected(why) => {
            return Err(Error::NoArticleAnyMore { article_id, sequence, why }.into());
        }
    };
    // What is not known is no empty text: all of the other one would seem to be taken out or put in.
    if article.status == Status::Unparsed {
        return Err(Error::NoText { article_id, sequence }.into());
    }
    Ok(Side { blocks: article.blocks, revision })
}

fn as_json(reader: &Reader, article: &NamedArticle, before: &Side, after: &Side) -> Value {
    let piece = |piece: &Piece| match piece {
        Piece::Same(text) => json!({"same": text}),
        Piece::Removed(text) => json!({"removed": text}),
        Piece::Added(text) => json!({"added": text}),
    };
    let change = |change: Change<'_>| match change {
        Change::Same(text) => json!({"same": text}),
        Change::Removed(text) => json!({"removed": text}),
        Change::Added(text) => json!({"added": text}),
        Change::Changed(pieces) => json!({"changed": pieces.iter().map(piece).collect::<Vec<_>>()}),
    };
    let changes: Vec<_> = compare(&before.blocks, &after.blocks).into_iter().map(change).collect();
    let revision = |side: &Side| {
        json!({
            "sequence": side.revision.sequence,
            "title": side.revision.title,
            "published_at": side.revision.published_at,
            "published_precision": side.revision.published_precision,
            "observed_at": side.revision.observed_at,
            "format": side.revision.format,
            "saver": saver(reader, side.revision.format, &side.revision.seed_sha256),
        })
    };
    json!({
        "article_id": article.id,
        "before": revision(before),
        "after": revision(after),
        "changes": changes,
    })
}

fn as_text(
    reader: &Reader,
    article: &NamedArticle,
    (before, after): (&Side, &Side),
    args: &DiffArgs,
    global: &Global,
) -> String {
    let mut text = article_lines(article, global);
    for (mark, side) in [("-", before), ("+", after)] {
        let revision = &side.revision;
        text.push_str(&format!(
            "{mark} revision {}, published {}, observed {}, {}, format {}\n",
            revision.sequence,
            render::published(revision.published_at, revision.published_precision),
            render::time(revision.observed_at),
            revision.status,
            format_name(reader, revision.format, &revision.seed_sha256),
        ));
    }
    text.push('\n');
    if before.revision.title != after.revision.title {
        let pieces = compare_lines(&before.revision.title, &after.revision.title);
        text.push_str(&format!("Title: {}\n\n", line(&pieces, global)));
    }
    let mut same = 0;
    for change in compare(&before.blocks, &after.blocks) {
        if matches!(change, Change::Same(_)) && !args.all {
            same += 1;
            continue;
        }
        push_same(&mut text, &mut same);
        let shown = match change {
            Change::Same(paragraph) => format!("  {}", render::escaped(paragraph)),
            Change::Removed(paragraph) => marked_line(paragraph, Mark::Removed, global),
            Change::Added(paragraph) => marked_line(paragraph, Mark::Added, global),
            Change::Changed(pieces) => format!("~ {}", line(&pieces, global)),
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
