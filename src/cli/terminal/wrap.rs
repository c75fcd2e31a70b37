//! Wraps lines to a width in terminal columns.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_linebreak::linebreaks;

/// Prevents a line break at its place; takes no column, and occurs in no stored text.
pub const JOINER: char = '\u{2060}';

const SOFT_HYPHEN: char = '\u{ad}';

/// The width of a text in columns: two for a Chinese character.
pub fn columns(text: &str) -> usize {
    textwrap::core::display_width(text)
}

/// Wraps a text into lines of at most `width` columns, with `first` before the first line and `rest` before
/// the others. The text's own line breaks are kept. No line starts with 。 or ends with 「, and words are not
/// split, unless they cannot fit otherwise.
pub fn wrapped(text: &str, width: usize, first: &str, rest: &str) -> Vec<String> {
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    let lines = textwrap::wrap(text, options);
    lines.into_iter().map(|line| line.trim_end().replace(JOINER, "")).collect()
}

/// The unbreakable parts of a line, by Unicode's line-breaking rules. A hyphen does not end a part.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut start = 0;
    let ends = linebreaks(line).map(|(end, _)| end);
    let ends = ends.filter(|&end| end == line.len() || !line[..end].ends_with(['-', SOFT_HYPHEN]));
    Box::new(ends.map(move |end| Word::from(&line[std::mem::replace(&mut start, end)..end])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, width: usize, expected: &[&str]) {
        assert_eq!(wrapped(text, width, "", ""), expected, "{text}");
    }

    #[test]
    fn chinese() {
        check("一二三四五", 6, &["一二三", "四五"]);
        check("一二三四五", 7, &["一二三", "四五"]);
        // Closing marks do not start a line, opening marks do not end it.
        for mark in "。，、；：？！）》」』】”’…％".chars() {
            check(&format!("一二三{mark}四五"), 6, &["一二", &format!("三{mark}四"), "五"]);
        }
        for mark in "（《「『【".chars() {
            check(&format!("一二{mark}三四五"), 6, &["一二", &format!("{mark}三四"), "五"]);
        }
        // A quotation mark can be either, so it sticks to both sides.
        for mark in "“‘".chars() {
            check(&format!("一二{mark}三四五"), 6, &["一", &format!("二{mark}三"), "四五"]);
        }
        check("她说：“走了。”他没说话。", 10, &["她说：“走", "了。”他没", "说话。"]);
        check("是的——不是……好", 8, &["是的——不", "是……好"]);
        check("一二三 word 四", 8, &["一二三", "word 四"]);
    }

    #[test]
    fn hyphens_keep_a_word_together() {
        check("one well-kept word", 8, &["one", "well-kep", "t word"]);
        check("one two-way word", 9, &["one", "two-way", "word"]);
    }
}
