//! Bodies in Markdown: rendered to HTML, and processed like any other.

use super::header::is_epoch_comment;
use pulldown_cmark::{Event, Options, Parser, html};
use std::borrow::Cow;
use std::ops::Range;

/// The extensions that note and article programs have in common.
const EXTENSIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_MATH);

/// How often a text is parsed to find the prices in it; each pass finds at least half of the rest.
const PASSES: usize = 8;

/// Whether a body is Markdown: one that begins with a tag is HTML, and so is one that begins like a seed.
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

/// Renders Markdown to HTML. HTML inside it is kept, and so is TeX between `$`, which is not Markdown:
/// `a*b*c`.
pub(super) fn to_html(markdown: &str) -> String {
    let source = with_prices_escaped(markdown);
    let events = Parser::new_ext(&source, EXTENSIONS).into_offset_iter().map(|(event, range)| {
        if is_price(&event, &source, &range) {
            return Event::Text(source[range].into());
        }
        match event {
            Event::InlineMath(tex) => Event::InlineMath(tex.trim().to_owned().into()),
            Event::DisplayMath(tex) => Event::DisplayMath(tex.trim().to_owned().into()),
            other => other,
        }
    });
    let mut text = String::with_capacity(source.len() * 3 / 2);
    html::push_html(&mut text, events);
    text
}

/// The same text, with a backslash before each `$` that would begin a formula but means money. The text after
/// it is Markdown again, and may have formulas.
fn with_prices_escaped(markdown: &str) -> Cow<'_, str> {
    let mut source = Cow::Borrowed(markdown);
    if !markdown.contains('$') {
        return source;
    }
    for _ in 0..PASSES {
        let events = Parser::new_ext(&source, EXTENSIONS).into_offset_iter();
        let prices = events.filter(|(event, range)| is_price(event, &source, range));
        let prices: Vec<usize> = prices.map(|(_, range)| range.start).collect();
        if prices.is_empty() {
            break;
        }
        let mut escaped = String::with_capacity(source.len() + 2 * prices.len());
        let mut done = 0;
        for price in prices {
            escaped.push_str(&source[done..price]);
            done = price;
            while source[done..].starts_with('$') {
                escaped.push_str("\\$");
                done += 1;
            }
        }
        escaped.push_str(&source[done..]);
        source = escaped.into();
    }
    source
}

/// Whether a formula found by the parser is text between two dollar signs: `US$5`, `$5–$10`, `从$5到$10，`. A
/// real formula is between blanks, marks or Chinese characters, and contains Chinese characters only where
/// TeX marks them as text.
fn is_price(event: &Event<'_>, source: &str, range: &Range<usize>) -> bool {
    let (Event::InlineMath(tex) | Event::DisplayMath(tex)) = event else { return false };
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '$');
    let is_wide = |c: char| matches!(c, '\u{2e80}'..='\u{ffef}');
    joins(source[..range.start].chars().next_back())
        || joins(source[range.end..].chars().next())
        || (tex.contains(is_wide) && !tex.contains('\\'))
}

#[cfg(test)]
mod tests {
    use crate::derive::derive_article;

    /// The blocks of a note.
    fn stored(markdown: &str) -> Vec<String> {
        let note = format!("---\ntitle: 题\nurl: https://a.example/\n---\n\n{markdown}\n");
        let article = derive_article(note.as_bytes()).unwrap();
        article.blocks.into_iter().map(|block| block.text).collect()
    }

    #[test]
    fn a_formula_is_stored_as_its_tex() {
        for (markdown, text) in [
            ("积是 $a*b*c$ 。", "积是 a*b*c 。"),
            ("设$x_1$与$x_2$，*都*大于零。", "设x_1与x_2，都大于零。"),
            ("即 $v=\\text{路程}/t$ 。", "即 v=\\text{路程}/t 。"),
            ("若 $a<b$ 且 $b>c$ 。", "若 a<b 且 b>c 。"),
            ("其中 $$ E = mc^2 $$ 。", "其中 E = mc^2 。"),
            (
                "$$\n\\begin{matrix} a & b \\\\ c & d \\end{matrix}\n$$",
                "\\begin{matrix} a & b \\\\ c & d \\end{matrix}",
            ),
        ] {
            assert_eq!(stored(markdown), [text], "{markdown}");
        }
    }

    #[test]
    fn a_price_is_text() {
        for (markdown, text) in [
            ("It costs $5 and $10 here.", "It costs $5 and $10 here."),
            ("A range of $5-$10 or US$7/US$8.", "A range of $5-$10 or US$7/US$8."),
            ("从$5到$10，又从$7到 *$8* 。", "从$5到$10，又从$7到 $8 。"),
            ("票价$5，设$x*y*z$。", "票价$5，设x*y*z。"),
            ("人均$$，隔壁$$，再隔壁$$$。", "人均$$，隔壁$$，再隔壁$$$。"),
            ("人均$，*隔壁*$。", "人均$，隔壁$。"),
            ("运行 `$a*b*c$` 和 $HOME/bin:$PATH。", "运行 $a*b*c$ 和 $HOME/bin:$PATH。"),
            (r"写作 \$x\$ 。", "写作 $x$ 。"),
        ] {
            assert_eq!(stored(markdown), [text], "{markdown}");
        }
    }

    /// Converters escape brackets in this way.
    #[test]
    fn escaped_brackets_are_brackets() {
        assert_eq!(stored(r"见\[1\]，\(图\)。"), ["见[1]，(图)。"]);
    }
}
