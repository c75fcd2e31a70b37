//! Exports articles as a folder of pages that open from the disk: no script, nothing loaded from elsewhere,
//! everything escaped.

mod article;
mod fragment;
mod lists;
mod site;
#[cfg(test)]
mod tests;

use super::page_names::{STYLE_NAME, UNDATED};
use crate::model::{Language, MONTHS, Script};
use crate::view::KnownTime;
use crate::view::content::{direction, language_tag};
use std::fmt::Write;

pub(super) use fragment::{escaped, fragment};
pub(super) use site::filter_for_id;
pub use site::write_html;

/// The one style of all pages.
const STYLE: &str = include_str!("style.css");

/// What a browser may do with a page: use the style sheet beside it, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";

/// The navigation above a page: its place in the archive, from the top down, with addresses.
type Trail<'a> = [(&'a str, &'a str)];

/// A complete page. `root` leads from it to the folder (`../`), `main` is its content, already escaped.
fn page(title: &str, root: &str, trail: &Trail<'_>, main: &str) -> String {
    let mut nav = String::new();
    for (name, address) in trail {
        let _ = write!(nav, "<li><a href=\"{}\">{}</a></li>", escaped(address), escaped(name));
    }
    if !nav.is_empty() {
        nav = format!("<nav class=\"trail\" aria-label=\"Place\"><ul>{nav}</ul></nav>\n");
    }
    let title = escaped(title);
    format!(
        "<!DOCTYPE html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"{root}{STYLE_NAME}\">\n\
         </head>\n\
         <body>\n\
         {nav}<main>\n{main}</main>\n\
         </body>\n\
         </html>\n"
    )
}

/// A title for a person: an empty one would leave no text to click on.
fn shown_title(title: &str) -> &str {
    match title.trim() {
        "" => "(untitled)",
        _ => title,
    }
}

/// The attributes ` lang="…"` and ` dir="…"` of a text, where they differ from those of the pages, which are
/// in English.
fn lang(language: Option<Language>, script: Script) -> String {
    let language = language.as_ref();
    let tag = escaped(language_tag(language, script));
    let direction = direction(language).map(|direction| format!(" dir=\"{direction}\""));
    format!(" lang=\"{tag}\"{}", direction.unwrap_or_default())
}

/// The subfolder of a month's articles.
fn month_folder(month: Option<&str>) -> &str {
    let is_month = |month: &&str| month.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    month.filter(is_month).unwrap_or(UNDATED)
}

/// `2024-03` as `March 2024`.
fn month_name(month: &str) -> String {
    let parts = month.split_once('-').and_then(|(year, month)| {
        let name = month.parse::<usize>().ok()?.checked_sub(1)?;
        Some((year, MONTHS.get(name)?))
    });
    match parts {
        Some((year, name)) => format!("{name} {year}"),
        None => "Undated".to_owned(),
    }
}

/// A time for a person, in UTC and to the minute, if that is known.
fn time(time: KnownTime) -> String {
    let day = time.day();
    let shown = time.minute().map_or(day.clone(), |minute| format!("{day}, {minute} UTC"));
    format!("<time datetime=\"{}\">{shown}</time>", time.iso())
}
