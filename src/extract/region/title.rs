//! The block with the title of a page.

use crate::extract::cut::Walked;
use crate::extract::text::folded_text;

/// The block in the title's container with the title's text; otherwise the first block there.
pub(super) fn place(walked: &Walked, title: &str) -> Option<usize> {
    let container = walked.title?;
    let title = key(title);
    let inside = || {
        let cuts = walked.cuts.iter().enumerate();
        cuts.filter(|(_, cut)| cut.container == container && cut.letters > 0)
    };
    let says_it = |text: &str| {
        let text = key(text);
        !text.is_empty() && (text.contains(&title) || title.contains(&text))
    };
    let found = inside().find(|(_, cut)| says_it(&cut.text)).or_else(|| inside().next());
    found.map(|(at, _)| at)
}

/// Only the letters and digits of a text.
fn key(text: &str) -> String {
    folded_text(text).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}
