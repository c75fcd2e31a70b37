//! Titles are plain text in which some scrapers left HTML entities.

use scraper::Html;

/// Decodes entities once and trims the ends; what lies between stays as written.
pub(super) fn clean(raw: &str) -> String {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}');
    decode_entities(raw).trim_matches(is_edge).to_owned()
}

fn decode_entities(raw: &str) -> String {
    if !raw.contains('&') {
        return raw.to_owned();
    }
    // A title has no tags: every `<` is itself, and the HTML parser is left with entities only.
    let fragment = Html::parse_fragment(&raw.replace('<', "&lt;"));
    fragment.root_element().text().collect()
}
