//! Exports articles as Markdown files: YAML front matter, then the content, escaped so that CommonMark and
//! GitHub's dialect show exactly the original text.

mod blocks;
mod inline;
#[cfg(test)]
mod tests;

use super::FileNames;
use super::folder::{ExportFolder, Kind};
use crate::error::Result;
use crate::files::ArchiveFiles;
use crate::model::EXPORTED_BY;
use crate::store::{ArticleFilter, ArticleOrder, Bytes, Reader, Selection};
use crate::view::content::{Asides, Content, Piece};
use crate::view::{ArticleView, KnownTime, is_unsafe_to_show};
use blocks::part_text;
use inline::{Breaks, Inline};
use std::fmt::Write;
use std::path::Path;

/// Writes one file per article into a folder, named by day and title; returns the number of files and their
/// total size in bytes. See `ExportFolder::create` for a folder that is not empty.
pub fn write_markdown(
    reader: &Reader,
    filter: &ArticleFilter,
    folder: &Path,
    force: bool,
) -> Result<(u64, u64)> {
    let own = ArchiveFiles::of(reader.path());
    let mut pages = ExportFolder::create(folder, force, Kind::Markdown, own)?;
    let order = ArticleOrder::OldestFirst;
    let selection = Selection { filter: filter.clone(), order, limit: None };
    // Names start with the day and articles are in the order of days, so only the names of one day are
    // remembered.
    let mut day = String::new();
    let mut names = FileNames::default();
    reader.on_one_state(|reader| {
        reader.article_records(&selection, Bytes::LeftOut, &mut |record| {
            let article = record.article;
            if day != day_of(&article) {
                day = day_of(&article);
                names = FileNames::default();
            }
            pages.write_page(&names.take(&file_name(&article)), &markdown(&article))
        })
    })?;
    pages.finish()
}

fn day_of(article: &ArticleView) -> String {
    article.published_at.map_or_else(|| "undated".to_owned(), |time| time.day().to_string())
}

fn file_name(article: &ArticleView) -> String {
    let title = match article.title.as_str() {
        "" => "untitled".to_owned(),
        title => title.replace('/', "_"),
    };
    format!("{}-{title}.md", day_of(article))
}

/// The complete file.
pub fn markdown(article: &ArticleView) -> String {
    let mut text = front_matter(article);
    let content = Content::of(article, Asides::Captions);
    for part in &content.parts {
        let part = part_text(part);
        if !part.is_empty() {
            let _ = write!(text, "\n{part}\n");
        }
    }
    let other_links = content.other_links();
    if !other_links.is_empty() {
        text.push_str("\n* * *\n\n");
    }
    for link in other_links {
        let piece = Piece { text: &link.text, link: Some(link) };
        let _ = writeln!(text, "- {}", Inline::of_pieces(&[piece], Breaks::Hard));
    }
    text
}

fn front_matter(article: &ArticleView) -> String {
    let (field, value) = EXPORTED_BY;
    let mut text = format!("---\n{field}: {value}\ntitle: {}\n", yaml(&article.title));
    let published_at = article.published().map(KnownTime::iso);
    let updated_at = article.updated().map(KnownTime::iso);
    let fields = [
        ("url", article.url.as_deref()),
        ("site", article.site.as_deref()),
        ("author", article.author.as_deref()),
        ("published_at", published_at.as_deref()),
        ("updated_at", updated_at.as_deref()),
        ("dateline", article.dateline.as_deref()),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            let _ = writeln!(text, "{name}: {}", yaml(value));
        }
    }
    if !article.tags.is_empty() {
        text.push_str("tags:\n");
    }
    for tag in &article.tags {
        let _ = writeln!(text, "  - {}", yaml(&tag.name));
    }
    if let Some(language) = &article.language {
        let _ = writeln!(text, "language: {}", yaml(language.as_str()));
    }
    let (status, script) = (article.status.as_str(), article.script.as_str());
    let _ = writeln!(text, "status: {}\nscript: {}", yaml(status), yaml(script));
    if let Some(id) = article.id {
        let _ = writeln!(text, "revisions: {}\nid: {id}", article.revisions.len());
    }
    let _ = writeln!(text, "sha256: {}\n---", yaml(&article.seed_sha256.to_string()));
    text
}

/// A text as a YAML scalar in double quotes.
fn yaml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // YAML calls these not printable; a parser may drop a byte-order mark.
            '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            other if is_unsafe_to_show(other) => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
