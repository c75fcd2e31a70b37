//! The content of an article as HTML; feeds use it too.

use crate::model::{Media, MediaKind};
use crate::view::content::{self, Content, Linked, Nested, Part, Piece, safe_address};
use std::fmt::Write;

/// A text as HTML, in an element or in an attribute with double quotes. Characters that HTML does not allow
/// become U+FFFD.
pub(in crate::export) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(character),
            '\r' => out.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// The parts of an article, one after the other.
pub(in crate::export) fn fragment(content: &Content<'_>) -> String {
    let mut out = String::new();
    for part in &content.parts {
        push_part(&mut out, part);
    }
    let other_links = content.other_links();
    if !other_links.is_empty() {
        out.push_str("<ul class=\"links\">");
        for link in other_links {
            let _ =
                write!(out, "<li>{}</li>", piece(&Piece { text: &link.text, link: Some(link) }));
        }
        out.push_str("</ul>\n");
    }
    out
}

fn push_part(out: &mut String, part: &Part<'_>) {
    let _ = match part {
        Part::Heading { rank, text, .. } => {
            let level = (rank + 2).min(6);
            writeln!(out, "<h{level}>{}</h{level}>", linked(text))
        }
        Part::Lead(text) => writeln!(out, "<p class=\"lead\">{}</p>", linked(text)),
        Part::Paragraph(text) => writeln!(out, "<p>{}</p>", linked(text)),
        Part::Aside(text) => writeln!(out, "<p class=\"note\">{}</p>", linked(text)),
        Part::Preformatted { marker, text, .. } => {
            if let Some(marker) = marker {
                let _ = writeln!(out, "<p>{}</p>", escaped(marker));
            }
            // The parser drops a line break after `<pre>`.
            writeln!(out, "<pre>\n{}</pre>", escaped(text))
        }
        Part::List(items) => writeln!(out, "{}", list(items)),
        Part::Quote(lines) => writeln!(out, "{}", quote(lines)),
        Part::Table(rows) => writeln!(out, "{}", table(rows)),
        Part::Media(media) => writeln!(out, "{}", figure(media)),
    };
}

fn linked(text: &Linked<'_>) -> String {
    text.pieces.iter().map(piece).collect()
}

fn piece(piece: &Piece<'_>) -> String {
    let text = escaped(piece.text).replace('\n', "<br>");
    match piece.url() {
        Some(url) => format!("<a href=\"{}\" rel=\"external noreferrer\">{text}</a>", escaped(url)),
        None => text,
    }
}

fn list(items: &[Nested<'_>]) -> String {
    let mut out = String::new();
    // The last number of each open list; `None` for an unordered one.
    let mut open: Vec<Option<u32>> = Vec::new();
    let end_of = |number: Option<u32>| if number.is_some() { "</li></ol>" } else { "</li></ul>" };
    for item in items {
        while open.len() > item.depth {
            out.push_str(end_of(open.pop().flatten()));
        }
        if item.goes_on {
            let _ = write!(out, "<p>{}</p>", linked(&item.text));
            continue;
        }
        let number = item.number();
        let before = if open.len() == item.depth { open.pop() } else { None };
        match (before, number) {
            (Some(Some(last)), Some(number)) if number == last + 1 => out.push_str("</li><li>"),
            (Some(Some(_)), Some(number)) => {
                let _ = write!(out, "</li><li value=\"{number}\">");
            }
            (Some(None), None) => out.push_str("</li><li>"),
            (before, number) => {
                out.push_str(before.map_or("", end_of));
                match number {
                    Some(1) => out.push_str("<ol><li>"),
                    Some(number) => {
                        let _ = write!(out, "<ol start=\"{number}\"><li>");
                    }
                    None => out.push_str("<ul><li>"),
                }
            }
        }
        open.push(number);
        if let Some(marker) = item.marker.filter(|_| number.is_none()) {
            let _ = write!(out, "{} ", escaped(marker));
        }
        out.push_str(&linked(&item.text));
    }
    while let Some(number) = open.pop() {
        out.push_str(end_of(number));
    }
    out
}

fn quote(lines: &[Nested<'_>]) -> String {
    let mut out = String::new();
    let mut depth = 0;
    for run in content::runs(lines) {
        let own = run[0].depth;
        out.push_str(&"<blockquote>".repeat(own.saturating_sub(depth)));
        out.push_str(&"</blockquote>".repeat(depth.saturating_sub(own)));
        depth = own;
        let _ = match content::as_list(run) {
            Some(items) => write!(out, "{}", list(&items)),
            None => write!(out, "<p>{}</p>", linked(&run[0].text)),
        };
    }
    out.push_str(&"</blockquote>".repeat(depth));
    out
}

fn table(rows: &[Vec<Linked<'_>>]) -> String {
    let mut out = String::from("<div class=\"table\"><table><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{}</td>", linked(cell));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// A picture is a link with its caption: nothing is loaded from its original address.
fn figure(media: &Media) -> String {
    let alt = media.alt.as_deref().map(str::trim).unwrap_or_default();
    let label = match media.kind {
        MediaKind::Image => "Image",
        MediaKind::Video => "Video",
        MediaKind::Audio => "Audio",
        MediaKind::Embed => "Embedded",
    };
    // A name that repeats the caption is omitted.
    let name = match alt {
        "" => file_name(&media.url),
        alt if media.caption.as_deref() == Some(alt) => file_name(&media.url),
        alt => alt,
    };
    let mut shown = format!("<span lang=\"en\">{label}</span>");
    if !name.is_empty() {
        let _ = write!(shown, " {}", escaped(name));
    }
    if let Some(url) = safe_address(&media.url) {
        shown = format!("<a href=\"{}\" rel=\"external noreferrer\">{shown}</a>", escaped(url));
    }
    let caption = media.caption.as_deref().map(|caption| {
        format!("<figcaption>{}</figcaption>", escaped(caption).replace('\n', "<br>"))
    });
    format!("<figure><p>{shown}</p>{}</figure>", caption.unwrap_or_default())
}

/// The last part of an address's path, if it can be recognised.
fn file_name(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.split_once("://").and_then(|(_, rest)| rest.rsplit_once('/'));
    name.map(|(_, name)| name).filter(|name| name.chars().count() <= 60).unwrap_or_default()
}
