//! The numbers of ordered lists, as HTML counts them.

use crate::extract::dom::{Element, NodeRef};
use crate::extract::marks::style_value;

/// An ordered list that is being walked.
#[derive(Debug)]
pub(in crate::extract) struct Ordered {
    next: i64,
    step: i64,
    style: Style,
    /// The numbers of the last items at each further depth, in a list that is flat in the source.
    inner: Vec<i64>,
}

/// Maximum depth of a flat list.
const MOST_INDENTS: usize = 9;
/// How the items at each of its depths are counted, in rotation.
const BY_INDENT: [Style; 3] = [Style::Decimal, Style::Letters(LATIN), Style::LowerRoman];

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
            inner: Vec::new(),
        }
    }

    /// From a `ul` whose style counts its items; `None` for any other.
    pub fn of_counted(node: NodeRef<'_>, element: &Element, style: &str) -> Option<Self> {
        let counts = Style::of(element, style).is_some_and(|style| style != Style::Nothing);
        counts.then(|| Self::of(node, element, style))
    }

    /// The marker of the next item, an `li` that is `indent` levels deeper than the list; `None` if none is
    /// shown.
    pub fn marker(&mut self, item: &Element, style: &str, indent: usize) -> Option<String> {
        self.inner.truncate(indent);
        if is_unnumbered(item) {
            return None;
        }
        if let Some(last) = indent.checked_sub(1) {
            self.inner.resize(indent, 0);
            self.inner[last] += 1;
            return BY_INDENT[indent % BY_INDENT.len()].marker(self.inner[last]);
        }
        let number = item.attr("value").and_then(integer).unwrap_or(self.next);
        self.next = number.saturating_add(self.step);
        Style::of(item, style).unwrap_or(self.style).marker(number)
    }
}

/// Whether an item has no number in a list that is an `ol` only for the editor Quill.
pub(in crate::extract) fn is_unnumbered(item: &Element) -> bool {
    matches!(item.attr("data-list"), Some("bullet" | "checked" | "unchecked"))
}

/// How much deeper than its list an item is by its class, as in Quill.
pub(in crate::extract) fn indent_of(class: &str) -> usize {
    let mut indents = class.split_ascii_whitespace().filter_map(|c| c.strip_prefix("ql-indent-"));
    indents.find_map(|indent| indent.parse().ok()).unwrap_or(0).min(MOST_INDENTS)
}

/// How the items of a list are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Not counted: without a mark, or all with the same mark.
    Nothing,
    Decimal,
    LeadingZero,
    /// In the digits of another script, starting with this zero.
    Digits(char),
    /// By these letters, then by two of them.
    Letters(&'static str),
    LowerRoman,
    UpperRoman,
    /// In Chinese digits, one by one.
    HanDigits,
    /// By these Chinese numerals from one to ten.
    Han(&'static str),
    /// By letters and names of East Asian lists; there are no more of them than these.
    Names(&'static str),
}

const LATIN: &str = "abcdefghijklmnopqrstuvwxyz";
const INFORMAL: &str = "一二三四五六七八九十";

impl Style {
    /// The style that an element itself declares.
    fn of(element: &Element, style: &str) -> Option<Self> {
        let of_type = || {
            Some(match element.attr("type")?.trim() {
                "1" => Self::Decimal,
                "a" => Self::Letters(LATIN),
                "A" => Self::Letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
                "i" => Self::LowerRoman,
                "I" => Self::UpperRoman,
                _ => return None,
            })
        };
        let named = style_value(style, "list-style-type");
        let named = named.or_else(|| style_value(style, "list-style"));
        named.and_then(Self::of_name).or_else(of_type)
    }

    /// By the names of CSS, which `list-style` contains among others: the blanks are already removed.
    fn of_name(value: &str) -> Option<Self> {
        // A text before each item.
        if value.starts_with(['"', '\'']) {
            return Some(Self::Nothing);
        }
        NAMES.iter().find(|(name, _)| value.contains(name)).map(|&(_, style)| style)
    }

    fn marker(self, number: i64) -> Option<String> {
        let in_style = match self {
            Self::Nothing => return None,
            Self::Decimal => None,
            Self::LeadingZero => (-9..10).contains(&number).then(|| {
                let sign = if number < 0 { "-" } else { "" };
                format!("{sign}0{}.", number.abs())
            }),
            Self::Digits(zero) => Some(format!("{}.", digits(number, zero))),
            Self::Letters(alphabet) => {
                letters(number, alphabet).map(|letters| format!("{letters})"))
            }
            Self::LowerRoman => roman(number).map(|roman| format!("{roman})")),
            Self::UpperRoman => {
                roman(number).map(|roman| format!("{})", roman.to_ascii_uppercase()))
            }
            Self::HanDigits => han_digits(number),
            Self::Han(names) => han(number, names).map(|han| format!("{han}、")),
            Self::Names(names) => match usize::try_from(number).ok().and_then(|n| n.checked_sub(1))
            {
                Some(at) => names.chars().nth(at).map(|name| format!("{name}、")),
                None => None,
            },
        };
        // As in browsers, numbers beyond a style are written in digits.
        Some(in_style.unwrap_or_else(|| format!("{number}.")))
    }
}

/// The names of CSS, each before those that are part of it.
const NAMES: [(&str, Style); 48] = [
    ("decimal-leading-zero", Style::LeadingZero),
    ("cjk-decimal", Style::HanDigits),
    ("cjk-earthly-branch", Style::Names("子丑寅卯辰巳午未申酉戌亥")),
    ("cjk-heavenly-stem", Style::Names("甲乙丙丁戊己庚辛壬癸")),
    ("simp-chinese-formal", Style::Han("壹贰叁肆伍陆柒捌玖拾")),
    ("trad-chinese-formal", Style::Han("壹貳參肆伍陸柒捌玖拾")),
    ("japanese-formal", Style::Han("壱弐参四伍六七八九拾")),
    ("korean-hanja-formal", Style::Han("壹貳參四五六七八九拾")),
    ("cjk-ideographic", Style::Han(INFORMAL)),
    ("chinese", Style::Han(INFORMAL)),
    ("japanese", Style::Han(INFORMAL)),
    ("korean-hanja", Style::Han(INFORMAL)),
    ("hiragana-iroha", Style::Names(IROHA[0])),
    ("katakana-iroha", Style::Names(IROHA[1])),
    ("hiragana", Style::Names(KANA[0])),
    ("katakana", Style::Names(KANA[1])),
    ("hangul-consonant", Style::Names("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ")),
    ("hangul", Style::Names("가나다라마바사아자차카타파하")),
    ("lower-greek", Style::Letters("αβγδεζηθικλμνξοπρστυφχψω")),
    ("lower-roman", Style::LowerRoman),
    ("upper-roman", Style::UpperRoman),
    ("lower-alpha", Style::Letters(LATIN)),
    ("lower-latin", Style::Letters(LATIN)),
    ("upper-alpha", Style::Letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
    ("upper-latin", Style::Letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ")),
    ("arabic-indic", Style::Digits('٠')),
    ("persian", Style::Digits('۰')),
    ("urdu", Style::Digits('۰')),
    ("devanagari", Style::Digits('०')),
    ("bengali", Style::Digits('০')),
    ("gurmukhi", Style::Digits('੦')),
    ("gujarati", Style::Digits('૦')),
    ("oriya", Style::Digits('୦')),
    ("tamil", Style::Digits('௦')),
    ("telugu", Style::Digits('౦')),
    ("kannada", Style::Digits('೦')),
    ("malayalam", Style::Digits('൦')),
    ("thai", Style::Digits('๐')),
    ("lao", Style::Digits('໐')),
    ("tibetan", Style::Digits('༠')),
    ("myanmar", Style::Digits('၀')),
    ("khmer", Style::Digits('០')),
    ("mongolian", Style::Digits('᠐')),
    ("decimal", Style::Decimal),
    ("none", Style::Nothing),
    ("disc", Style::Nothing),
    ("circle", Style::Nothing),
    ("square", Style::Nothing),
];

const KANA: [&str; 2] = [
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわゐゑをん",
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン",
];
const IROHA: [&str; 2] = [
    "いろはにほへとちりぬるをわかよたれそつねならむうゐのおくやまけふこえてあさきゆめみしゑひもせす",
    "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス",
];

/// An integer in an attribute: digits after an optional sign, whatever follows.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..sign + digits].trim_start_matches('+').parse::<i32>().ok()?;
    Some(number.into())
}

/// 1 is a, 27 is aa.
fn letters(number: i64, alphabet: &str) -> Option<String> {
    let mut rest = usize::try_from(number).ok().filter(|&number| number > 0)?;
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(alphabet[(rest - 1) % alphabet.len()]);
        rest = (rest - 1) / alphabet.len();
    }
    Some(letters.into_iter().rev().collect())
}

fn digits(number: i64, zero: char) -> String {
    let digit = |c: char| {
        let value = c.to_digit(10)?;
        char::from_u32(u32::from(zero) + value)
    };
    number.to_string().chars().map(|c| digit(c).unwrap_or(c)).collect()
}

fn han_digits(number: i64) -> Option<String> {
    let digit = |c: char| "〇一二三四五六七八九".chars().nth(c.to_digit(10)? as usize);
    let digits: Option<String> = number.to_string().chars().map(digit).collect();
    digits.map(|digits| format!("{digits}、"))
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

/// Up to 99, since lists in this style are short. In the forms for contracts, ten has a one before it.
fn han(number: i64, names: &str) -> Option<String> {
    let number = usize::try_from(number).ok().filter(|number| (1..100).contains(number))?;
    let name = |at: usize| names.chars().nth(at.checked_sub(1)?);
    let (tens, ones) = (number / 10, number % 10);
    let ten = name(10).filter(|_| tens > 0);
    let many = name(tens).filter(|_| tens > 1 || ten == Some('拾'));
    Some([many, ten, name(ones)].into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_every_style() {
        #[track_caller]
        fn check(name: &str, numbers: &[i64], markers: &str) {
            let style = Style::of_name(name).unwrap();
            let found: Vec<String> = numbers.iter().map(|&n| style.marker(n).unwrap()).collect();
            assert_eq!(found.join(" "), markers, "{name}");
        }
        check("decimal", &[-3, 0, 12], "-3. 0. 12.");
        check("decimal-leading-zero", &[-3, 0, 9, 10], "-03. 00. 09. 10.");
        check("lower-alpha", &[1, 26, 27, 702, 703], "a) z) aa) zz) aaa)");
        check("upper-latin", &[0, 2], "0. B)");
        check("lower-greek", &[1, 24, 25], "α) ω) αα)");
        check("lower-roman", &[1994], "mcmxciv)");
        check("upper-roman", &[4, 4_000], "IV) 4000.");
        check(
            "cjk-ideographic",
            &[1, 10, 11, 20, 99, 100],
            "一、 十、 十一、 二十、 九十九、 100.",
        );
        check("simp-chinese-formal", &[2, 10, 21], "贰、 壹拾、 贰拾壹、");
        check("trad-chinese-informal", &[3], "三、");
        check("cjk-decimal", &[10, 203, -1], "一〇、 二〇三、 -1.");
        check("cjk-earthly-branch", &[1, 12, 13], "子、 亥、 13.");
        check("hiragana", &[2, 48, 49], "い、 ん、 49.");
        check("katakana-iroha", &[2, 0], "ロ、 0.");
        check("arabic-indic", &[15], "١٥.");
        check("inside url(a.png) thai", &[7], "๗.");
        for uncounted in ["none", "disc", "square", "'→'"] {
            assert_eq!(Style::of_name(uncounted).and_then(|style| style.marker(1)), None);
        }
        assert_eq!(Style::of_name("inherit"), None);
    }

    #[test]
    fn integers_of_attributes() {
        let written = [" 3", "+4", "-5x", "6.9", "", "x", "99999999999", "-"];
        let read = [Some(3), Some(4), Some(-5), Some(6), None, None, None, None];
        assert_eq!(written.map(integer), read);
    }
}
