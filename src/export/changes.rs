//! A feed of what publishers changed, with the differences as text.

use super::atom::{Feed, NEVER, feed_head, urn};
use super::html::escaped;
use crate::error::{Error, Result};
use crate::model::{Change, Timestamp};
use crate::store::{ChangeRow, NamedArticle, Reader};
use crate::view::content::safe_address;
use crate::view::diff::{DiffPart, Piece, compare, compare_lines};
use crate::view::revision;
use std::fmt::Write as _;
use std::io::Write;

/// Writes changes, each with a line that the caller writes about it, as a feed. Each is `timeless` whose new version
/// was seen at no known time, which an entry must have.
///
/// `selection` describes the changes, for the feed's identifier.
pub fn write_changes<W: Write>(
    reader: &Reader,
    changes: &[(ChangeRow, String)],
    title: &str,
    selection: &str,
    out: W,
) -> Result<Feed<W>> {
    let mut feed = Feed { out, entries: 0, timeless: 0 };
    let updated = changes.iter().filter_map(|(change, _)| change.after.observed_at).max();
    let mut text = feed_head(title, &format!("changes\n{selection}"), updated.unwrap_or(NEVER));
    for (change, about) in changes {
        let Some(updated) = change.after.observed_at else {
            feed.timeless += 1;
            continue;
        };
        feed.entries += 1;
        text.push_str(&entry(change, about, &differences(reader, change), updated));
        feed.out.write_all(text.as_bytes()).map_err(Error::Output)?;
        text.clear();
    }
    text.push_str("</feed>\n");
    feed.out.write_all(text.as_bytes()).map_err(Error::Output)?;
    feed.out.flush().map_err(Error::Output)?;
    Ok(feed)
}

fn entry(change: &ChangeRow, about: &str, differences: &str, updated: Timestamp) -> String {
    let (before, after) = (&change.before, &change.after);
    // The same in every archive that has these two versions one after the other.
    let id = urn(&format!(
        "change\n{}\n{}\n{}",
        change.canonical_url, before.seed_sha256, after.seed_sha256
    ));
    let mut out = format!("<entry>\n<title>{}</title>\n<id>{id}</id>\n", escaped(&after.title));
    if let Some(url) = change.url.as_deref().and_then(safe_address) {
        let _ = writeln!(out, "<link rel=\"alternate\" href=\"{}\"/>", escaped(url));
    }
    let site = change.site.as_deref().unwrap_or("unknown");
    let content = format!("<p>{}</p>\n{differences}", escaped(about));
    let _ = write!(
        out,
        "<updated>{updated}</updated>\n<author><name>{}</name></author>\n\
         <category term=\"{}\"/>\n<content type=\"html\">{}</content>\n</entry>\n",
        escaped(site),
        if change.is_emptied() { "emptied" } else { after.change.as_str() },
        escaped(&content),
    );
    out
}

/// The changed title and paragraphs in HTML; without the text, the reason.
fn differences(reader: &Reader, change: &ChangeRow) -> String {
    let (before, after) = (&change.before, &change.after);
    let mut html = String::new();
    if before.title != after.title {
        let pieces = compare_lines(&before.title, &after.title);
        let _ = writeln!(html, "<p>Title: {}</p>", marked(&pieces));
    }
    if after.change == Change::Title {
        return html;
    }
    let article = NamedArticle {
        id: change.article_id,
        merged_from: None,
        title: after.title.clone(),
        url: change.url.clone(),
        revision_count: after.sequence,
    };
    let text = |sequence| revision(reader, &article, sequence)?.into_text();
    match (text(before.sequence), text(after.sequence)) {
        (Ok(before), Ok(after)) => html.push_str(&paragraphs(compare(&before, &after))),
        (Err(error), _) | (_, Err(error)) => {
            let _ = writeln!(
                html,
                "<p>The texts cannot be compared: {}.</p>",
                escaped(&error.to_string())
            );
        }
    }
    html
}

fn paragraphs(parts: Vec<DiffPart<'_>>) -> String {
    let mut html = String::new();
    for part in parts {
        let paragraph = match part {
            DiffPart::Same(_) => continue,
            DiffPart::Removed(text) => marked(&[Piece::Removed(text.to_owned())]),
            DiffPart::Added(text) => marked(&[Piece::Added(text.to_owned())]),
            DiffPart::Changed(pieces) => marked(&pieces),
        };
        let _ = writeln!(html, "<p>{}</p>", paragraph.replace('\n', "<br>"));
    }
    html
}

fn marked(pieces: &[Piece]) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Same(text) => escaped(text),
        Piece::Removed(text) => format!("<del>{}</del>", escaped(text)),
        Piece::Added(text) => format!("<ins>{}</ins>", escaped(text)),
    };
    pieces.iter().map(piece).collect()
}
