//! The page of one article.

use super::{escaped, fragment, lang, month_folder, month_name, page, shown_title, time};
use crate::model::{Change, Language, RevisionRecord, Script, Status, Timestamp};
use crate::view::content::{Asides, Content, safe_address};
use crate::view::{ArticleView, KnownTime};
use std::fmt::Write;

/// The page before or after another.
pub(super) struct Neighbour {
    /// Relative to the folder.
    pub address: String,
    pub title: String,
    pub script: Script,
    pub language: Option<Language>,
}

impl Neighbour {
    /// The neighbour of an article whose page has this address.
    pub fn of(article: &ArticleView, address: String) -> Self {
        Self {
            address,
            title: article.title.clone(),
            script: article.script,
            language: article.language,
        }
    }
}

/// The address of an article's page, relative to the folder.
pub(super) fn address(id: i64, published_at: Option<Timestamp>) -> String {
    let month = published_at.map(Timestamp::month);
    format!("{}/{id}.html", month_folder(month.as_deref()))
}

/// The complete page. `archive` is the name of the archive, `site` the address of the site's list.
pub(super) fn article_page(
    article: &ArticleView,
    archive: &str,
    site: &str,
    earlier: Option<&Neighbour>,
    later: Option<&Neighbour>,
) -> String {
    let month = article.published_at.map(Timestamp::month);
    let month = month_name(&month.unwrap_or_default());
    let host = article.site.as_deref().unwrap_or("no site");
    let site = format!("../{site}");
    let trail = [(archive, "../index.html"), (month.as_str(), "index.html"), (host, &site)];
    let content = Content::of(article, Asides::Captions);
    let text = match fragment(&content) {
        text if text.is_empty() => String::new(),
        text => format!(
            "<div class=\"text\"{}>\n{text}</div>\n",
            lang(article.language, article.script)
        ),
    };
    let main = format!(
        "<article>\n{}{text}{}{}</article>\n{}",
        head(article),
        history(article),
        record(article),
        neighbours(earlier, later),
    );
    page(shown_title(&article.title), "../", &trail, &main)
}

fn head(article: &ArticleView) -> String {
    let lang = lang(article.language, article.script);
    let mut out = format!("<header>\n<h1{lang}>{}</h1>\n", escaped(shown_title(&article.title)));
    let mut facts = Vec::new();
    facts.extend(article.published().map(time));
    if let Some(author) = &article.author {
        facts.push(format!("<span{lang}>{}</span>", escaped(author)));
    }
    if let Some(dateline) = &article.dateline {
        facts.push(format!("<span{lang}>{}</span>", escaped(dateline)));
    }
    if !facts.is_empty() {
        let _ = writeln!(out, "<p class=\"facts\">{}</p>", facts.join(" <b>·</b> "));
    }
    if let Some(url) = &article.url {
        let _ = writeln!(out, "<p class=\"source\">{}</p>", source_link(url));
    }
    let note = match article.status {
        Status::Ok => None,
        Status::Stub => {
            Some("Only the beginning of this article, or a notice instead of it, was saved.")
        }
        Status::Empty => Some("The saved page has no text."),
        Status::Unparsed => {
            Some("The saved page could not be read; its bytes are kept in the archive.")
        }
    };
    if let Some(note) = note {
        let _ = writeln!(out, "<p class=\"status\">{note}</p>");
    }
    out.push_str("</header>\n");
    out
}

/// An address as spelled, as a link if it is safe to follow.
fn source_link(url: &str) -> String {
    let shown = escaped(url);
    match safe_address(url) {
        Some(_) => format!("<a href=\"{shown}\" rel=\"external noreferrer\">{shown}</a>"),
        None => shown,
    }
}

/// Earlier versions of the article; empty if it has one revision.
fn history(article: &ArticleView) -> String {
    if article.revisions.len() < 2 {
        return String::new();
    }
    let mut out = String::from(
        "<section class=\"history\" aria-labelledby=\"history\">\n<h2 id=\"history\">History</h2>\n<ol>\n",
    );
    for revision in &article.revisions {
        out.push_str(&revision_item(article, revision));
    }
    out.push_str("</ol>\n</section>\n");
    out
}

fn revision_item(article: &ArticleView, revision: &RevisionRecord) -> String {
    let lang = lang(article.language, article.script);
    let mut facts = Vec::new();
    match revision.change {
        Change::First => {}
        Change::Text => facts.push("text changed".to_owned()),
        Change::Title => facts.push("title changed".to_owned()),
        Change::TextAndTitle => facts.push("text and title changed".to_owned()),
    }
    match revision.status {
        Status::Ok => {}
        Status::Stub => facts.push("only a stub".to_owned()),
        Status::Empty => facts.push("no text".to_owned()),
        Status::Unparsed => facts.push("page could not be read".to_owned()),
    }
    let published = revision.published_at;
    let published = published.map(|at| KnownTime::new(at, revision.published_precision));
    let observed = revision.observed_at.map(KnownTime::exact);
    facts.extend(published.map(|at| format!("published {}", time(at))));
    facts.extend(observed.map(|at| format!("seen {}", time(at))));
    if revision.sha256 == article.seed_sha256 {
        facts.push("<strong>shown above</strong>".to_owned());
    }
    let mut out = format!("<li>\n<p>{}</p>\n", facts.join(" <b>·</b> "));
    if revision.title != article.title {
        let title = escaped(shown_title(&revision.title));
        let _ = writeln!(out, "<p>Title: <span{lang}>{title}</span></p>");
    }
    if !revision.former_paragraphs.is_empty() {
        let _ = writeln!(out, "<p>Not in the current text:</p>\n<div class=\"former\"{lang}>");
        for paragraph in &revision.former_paragraphs {
            let text = escaped(&paragraph.text).replace('\n', "<br>");
            let _ = writeln!(out, "<p><del>{text}</del></p>");
        }
        out.push_str("</div>\n");
    }
    out.push_str("</li>\n");
    out
}

/// The origin of this copy.
fn record(article: &ArticleView) -> String {
    let mut rows = Vec::new();
    let tags: Vec<String> = article.tags.iter().map(|tag| escaped(&tag.name)).collect();
    if !tags.is_empty() {
        rows.push((
            "Tags",
            format!("<span{}>{}</span>", lang(article.language, article.script), tags.join(", ")),
        ));
    }
    if let Some(title) = article.title_raw.as_deref().filter(|raw| raw.trim() != article.title) {
        rows.push((
            "Title as saved",
            format!("<span{}>{}</span>", lang(article.language, article.script), escaped(title)),
        ));
    }
    let own = article.url.as_deref();
    let others = article.urls.iter().filter_map(|seen| seen.url.as_deref());
    for url in others.filter(|url| Some(*url) != own) {
        rows.push(("Also seen at", source_link(url)));
    }
    let updated = article.updated().filter(|_| article.updated_at != article.published_at);
    rows.extend(updated.map(|at| ("Updated", time(at))));
    let seen = |at: Option<Timestamp>| at.map(KnownTime::exact);
    match (seen(article.first_seen_at), seen(article.last_seen_at)) {
        (Some(first), Some(last)) if first != last => {
            rows.push(("First saved", time(first)));
            rows.push(("Last saved", time(last)));
        }
        (Some(first), _) => rows.push(("Saved", time(first))),
        _ => {}
    }
    rows.push(("Original", format!("<code>sha256:{}</code>", article.seed_sha256)));
    rows.extend(article.id.map(|id| ("In the archive", format!("article {id}"))));
    let rows: String = rows
        .iter()
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"))
        .collect();
    format!("<footer class=\"record\">\n<dl>\n{rows}</dl>\n</footer>\n")
}

fn neighbours(earlier: Option<&Neighbour>, later: Option<&Neighbour>) -> String {
    let link = |neighbour: Option<&Neighbour>, rel: &str, label: &str| {
        neighbour.map(|neighbour| {
            format!(
                "<a rel=\"{rel}\" href=\"../{}\"><span>{label}</span> <span{}>{}</span></a>\n",
                escaped(&neighbour.address),
                lang(neighbour.language, neighbour.script),
                escaped(shown_title(&neighbour.title)),
            )
        })
    };
    let links: String = [link(earlier, "prev", "Earlier"), link(later, "next", "Later")]
        .into_iter()
        .flatten()
        .collect();
    if links.is_empty() {
        links
    } else {
        format!("<nav class=\"neighbours\" aria-label=\"Neighbouring articles\">\n{links}</nav>\n")
    }
}
