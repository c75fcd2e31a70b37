//! Text in a drawing: how wide it is about, which of it fits, and how it is written.

/// Widths in pixels of the font of a drawing, about: no font is loaded to measure them.
const NARROW: f64 = 6.7;
const WIDE: f64 = 12.2;
/// The least blank between two names.
const BLANK: f64 = 14.0;
/// After so many groups a name is shown: what a reader counts in, of months and of other times.
const STEPS: [usize; 12] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400];

/// Weeks of a year, which has no more groups than this if it begins with a name like `2024-01`.
const WEEKS_OF_A_YEAR: usize = 53;

/// Han and Hangul letters, their signs and full-width forms.
fn is_wide(one: char) -> bool {
    matches!(one, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The width of a text in pixels, about.
pub(super) fn width_of(text: &str) -> f64 {
    text.chars().map(|one| if is_wide(one) { WIDE } else { NARROW }).sum()
}

/// A text of at most this width; a longer one ends in `…`.
pub(super) fn shortened(text: &str, most: f64) -> String {
    if width_of(text) <= most {
        return text.to_owned();
    }
    let mut width = NARROW;
    let fits = |one: &char| {
        width += if is_wide(*one) { WIDE } else { NARROW };
        width <= most
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// The first of the names that are shown where each has this width, and the distance to the next. Counting starts at
/// the beginning of a year or a month if there is one.
pub(super) fn fitting(names: &[String], size: f64) -> (usize, usize) {
    let widest = names.iter().map(|name| width_of(name)).fold(0.0, f64::max) + BLANK;
    let fits = |step: &&usize| **step as f64 * size >= widest;
    let step = STEPS.iter().find(fits).copied().unwrap_or(names.len().max(1));
    let begins = |name: &String| name.ends_with("-01") || name.ends_with("-W01");
    let first = names.iter().take(WEEKS_OF_A_YEAR).position(begins);
    (first.unwrap_or(0) % step, step)
}

/// A text in XML, without what XML cannot have and what turns the direction of the text around it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            other if other.is_control() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_fit() {
        let months: Vec<String> =
            (2020..2024).flat_map(|y| (1..=12).map(move |m| format!("{y}-{m:02}"))).collect();
        assert_eq!(fitting(&months, 70.0), (0, 1));
        assert_eq!(fitting(&months[3..], 12.0), (3, 6));
        assert_eq!(fitting(&months[3..], 6.0), (9, 12));
        assert_eq!(fitting(&months[..2], 12.0), (0, 6));
        assert_eq!(fitting(&[], 0.0), (0, 1));
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shortened("river.example", 200.0), "river.example");
        assert_eq!(shortened("一二三四五六", 50.0), "一二三…");
        assert_eq!(escaped("<a>&\"\u{202e}\u{7}雨"), "&lt;a&gt;&amp;&quot;\u{fffd}\u{fffd}雨");
    }
}
