//! The names of exported pages, by which a later export recognises them.

/// The front page, which links to all others, and the style sheet of all pages.
pub(super) const FRONT: &str = "index.html";
pub(super) const STYLE_NAME: &str = "style.css";
/// The subfolder of articles without a known month.
pub(super) const UNDATED: &str = "undated";

/// Whether a file with this name can be an HTML page.
pub(super) fn is_html_page(name: &str) -> bool {
    let Some((folder, page)) = name.split_once('/') else {
        return name == FRONT || name == STYLE_NAME;
    };
    let Some(page) = page.strip_suffix(".html").filter(|page| !page.is_empty()) else {
        return false;
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_list = page == "index" || page.strip_prefix("index-").is_some_and(is_number);
    match folder {
        "sites" => true,
        "all-sites" => is_list,
        month => (month == UNDATED || has_shape(month, "0000-00")) && (is_list || is_number(page)),
    }
}

/// Whether a file with this name can be an article in Markdown: a day, a title, and `.md`.
pub(super) fn is_markdown_page(name: &str) -> bool {
    let Some(name) = name.strip_suffix(".md").filter(|name| !name.contains('/')) else {
        return false;
    };
    let day = |name: &str| {
        name.is_char_boundary(11) && has_shape(&name[..11.min(name.len())], "0000-00-00-")
    };
    name.starts_with("undated-") || (name.len() >= 11 && day(name))
}

/// Whether a text has this shape, with any digits in place of its zeros.
fn has_shape(text: &str, shape: &str) -> bool {
    let shaped = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shaped.eq(shape.bytes())
}
