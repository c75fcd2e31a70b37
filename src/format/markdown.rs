//! Bodies that are Markdown: rendered to HTML, and cut like all else.

use super::header::is_epoch_comment;
use pulldown_cmark::{Options, Parser, html};

/// The extensions that programs which keep notes and articles agree on.
const EXTENSIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_FOOTNOTES).union(Options::ENABLE_STRIKETHROUGH);

/// Whether a body is Markdown: one that begins with a tag is HTML, and so is one that begins as a seed.
pub(super) fn is_markdown(body: &str) -> bool {
    let mut rest = body.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        let Some((inside, after)) = comment.split_once("-->") else { return false };
        if is_epoch_comment(&format!("<!--{inside}-->")) {
            return false;
        }
        rest = after.trim_start();
    }
    !rest.is_empty() && !begins_with_tag(rest)
}

/// `<p>`, `<p class=…`, `</p>`, `<!doctype`; not `<https://…>`, which is a link in Markdown.
fn begins_with_tag(text: &str) -> bool {
    let Some(name) = text.strip_prefix('<') else { return false };
    let name = name.strip_prefix(['/', '!', '?']).unwrap_or(name);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(name.len());
    let after = name[end..].chars().next();
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && after.is_none_or(|c| c == '>' || c == '/' || c.is_whitespace())
}

/// The HTML that Markdown stands for. What is HTML in it stays as it is.
pub(super) fn to_html(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut text, Parser::new_ext(markdown, EXTENSIONS));
    text
}
