//! The numbers of ordered lists, as HTML counts them.

use super::dom::{Element, NodeRef};
use super::marks::style_value;

/// An ordered list while it is walked.
#[derive(Debug)]
pub(super) struct Ordered {
    next: i64,
    step: i64,
    style: Style,
}

/// How a list's items are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Not shown.
    Nothing,
    Decimal,
    LowerLetter,
    UpperLetter,
    LowerRoman,
    UpperRoman,
    Han,
}

impl Ordered {
    /// From an `ol`, with its style without white space in lower case.
    pub fn of(node: NodeRef<'_>, element: &Element, style: &str) -> Self {
        let is_reversed = element.attr("reversed").is_some();
        let start = element.attr("start").and_then(integer);
        let items = || {
            let is_item = |child: &NodeRef<'_>| child.element().is_some_and(|e| e.name() == "li");
            node.children().filter(is_item).count() as i64
        };
        Self {
            next: start.unwrap_or_else(|| if is_reversed { items() } else { 1 }),
            step: if is_reversed { -1 } else { 1 },
            style: Style::of(element, style).unwrap_or(Style::Decimal),
        }
    }

    /// The marker of the next item, an `li`; `None` where none is shown.
    pub fn marker(&mut self, item: &Element, style: &str) -> Option<String> {
        let number = item.attr("value").and_then(integer).unwrap_or(self.next);
        self.next = number.saturating_add(self.step);
        Style::of(item, style).unwrap_or(self.style).marker(number)
    }
}

impl Style {
    /// What an element says of it itself.
    fn of(element: &Element, style: &str) -> Option<Self> {
        let of_type = || {
            Some(match element.attr("type")?.trim() {
                "1" => Self::Decimal,
                "a" => Self::LowerLetter,
                "A" => Self::UpperLetter,
                "i" => Self::LowerRoman,
                "I" => Self::UpperRoman,
                _ => return None,
            })
        };
        let named = style_value(style, "list-style-type");
        let named = named.or_else(|| style_value(style, "list-style"));
        named.and_then(Self::of_name).or_else(of_type)
    }

    /// By the names of CSS, which `list-style` has among others: blanks are gone there.
    fn of_name(value: &str) -> Option<Self> {
        const NAMES: [(&str, Style); 11] = [
            ("lower-roman", Style::LowerRoman),
            ("upper-roman", Style::UpperRoman),
            ("lower-alpha", Style::LowerLetter),
            ("lower-latin", Style::LowerLetter),
            ("upper-alpha", Style::UpperLetter),
            ("upper-latin", Style::UpperLetter),
            ("cjk-ideographic", Style::Han),
            ("chinese", Style::Han),
            ("japanese", Style::Han),
            ("decimal", Style::Decimal),
            ("none", Style::Nothing),
        ];
        NAMES.iter().find(|(name, _)| value.contains(name)).map(|&(_, style)| style)
    }

    fn marker(self, number: i64) -> Option<String> {
        let in_style = match self {
            Self::Nothing => return None,
            Self::Decimal => None,
            Self::LowerLetter => letters(number).map(|letters| format!("{letters})")),
            Self::UpperLetter => {
                letters(number).map(|letters| format!("{})", letters.to_ascii_uppercase()))
            }
            Self::LowerRoman => roman(number).map(|roman| format!("{roman})")),
            Self::UpperRoman => {
                roman(number).map(|roman| format!("{})", roman.to_ascii_uppercase()))
            }
            Self::Han => han(number).map(|han| format!("{han}、")),
        };
        // As in browsers, what a style cannot count is counted in digits.
        Some(in_style.unwrap_or_else(|| format!("{number}.")))
    }
}

/// An integer as attributes have it: digits after an optional sign, whatever comes after.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..sign + digits].trim_start_matches('+').parse::<i32>().ok()?;
    Some(number.into())
}

/// 1 is a, 27 is aa.
fn letters(number: i64) -> Option<String> {
    let mut rest = u32::try_from(number).ok().filter(|&number| number > 0)?;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'a' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    Some(letters.into_iter().rev().collect())
}

fn roman(number: i64) -> Option<String> {
    const PARTS: [(u16, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    let mut rest = u16::try_from(number).ok().filter(|number| (1..4_000).contains(number))?;
    let mut roman = String::new();
    for (value, letters) in PARTS {
        while rest >= value {
            roman.push_str(letters);
            rest -= value;
        }
    }
    Some(roman)
}

/// Up to 99; lists that are numbered so are short.
fn han(number: i64) -> Option<String> {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let number = usize::try_from(number).ok().filter(|number| (1..100).contains(number))?;
    let (tens, ones) = (number / 10, DIGITS[number % 10]);
    Some(match tens {
        0 => ones.to_owned(),
        1 => format!("十{ones}"),
        tens => format!("{}十{ones}", DIGITS[tens]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_every_style() {
        let of = |style: Style, number| style.marker(number).unwrap();
        assert_eq!(of(Style::Decimal, -3), "-3.");
        assert_eq!(
            ["a)", "z)", "aa)", "zz)", "aaa)"],
            [1, 26, 27, 702, 703].map(|n| of(Style::LowerLetter, n)).each_ref().map(String::as_str)
        );
        assert_eq!(of(Style::UpperLetter, 0), "0.");
        assert_eq!(of(Style::LowerRoman, 1994), "mcmxciv)");
        assert_eq!(of(Style::UpperRoman, 4_000), "4000.");
        assert_eq!(
            ["一、", "十、", "十一、", "二十、", "九十九、"],
            [1, 10, 11, 20, 99].map(|n| of(Style::Han, n)).each_ref().map(String::as_str)
        );
        assert_eq!(Style::Nothing.marker(1), None);
    }

    #[test]
    fn integers_of_attributes() {
        let written = [" 3", "+4", "-5x", "6.9", "", "x", "99999999999", "-"];
        let read = [Some(3), Some(4), Some(-5), Some(6), None, None, None, None];
        assert_eq!(written.map(integer), read);
    }
}
