//! What an inline element adds to its letters, so that 10⁹ does not become 109.
//!
//! A single table, [`Role::of`], defines what each element adds. `walk` uses it for every element, `inline`
//! makes the text. `docs/text.md` shows each form.

use crate::extract::dom::{Element, NodeRef};
use crate::extract::marks::{Attributes, style_value};
use crate::extract::text::letters;
use crate::extract::text::script;
use crate::model::Script;

/// The form of the text inside an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Role {
    Plain,
    /// A raised or lowered run: an exponent, an index, the mark of a note.
    Raised,
    Lowered,
    /// Text that its author struck out.
    Struck,
    Quoted,
    /// A word with ruby readings, and one of these.
    Ruby,
    Reading,
}

impl Role {
    pub fn of(element: &Element, attributes: &Attributes<'_>) -> Self {
        match element.name() {
            "sup" => Self::Raised,
            "sub" => Self::Lowered,
            "del" | "s" | "strike" => Self::Struck,
            "q" => Self::Quoted,
            "ruby" => Self::Ruby,
            "rt" | "rtc" | "rp" => Self::Reading,
            _ if attributes.style.is_empty() => Self::Plain,
            _ => Self::of_style(&attributes.style),
        }
    }

    fn of_style(style: &str) -> Self {
        let line = style_value(style, "text-decoration")
            .or_else(|| style_value(style, "text-decoration-line"));
        match style_value(style, "vertical-align") {
            Some("super") => Self::Raised,
            Some("sub") => Self::Lowered,
            _ if line.is_some_and(|line| line.contains("line-through")) => Self::Struck,
            _ => Self::Plain,
        }
    }
}

/// Whether the fallback for readings is only the brackets around them.
pub(in crate::extract) fn has_no_letters(node: NodeRef<'_>) -> bool {
    node.children().take(4).all(|child| match child.node() {
        crate::extract::dom::Node::Text(text) => letters(text) == 0,
        crate::extract::dom::Node::Element(_) => false,
        crate::extract::dom::Node::Other => true,
    })
}

/// A raised or lowered run in Unicode's characters for it, or otherwise marked. The mark of a note is not a
/// number.
pub(in crate::extract) fn moved_or_marked(run: &str, role: Role, is_note: bool) -> String {
    let (forms, mark) = if role == Role::Raised { (RAISED, '^') } else { (LOWERED, '_') };
    let moved = if is_note { None } else { moved(run, forms) };
    moved.unwrap_or_else(|| format!("{mark}({run})"))
}

/// Struck text, in each cell that it covers.
pub(in crate::extract) fn struck(run: &str) -> String {
    let cell = |cell: &str| match cell.trim() {
        "" => cell.to_owned(),
        _ => format!("~~{cell}~~"),
    };
    run.split('\t').map(cell).collect::<Vec<_>>().join("\t")
}

/// Characters beside their raised forms in Unicode.
const RAISED: [&str; 2] = [
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
];
const LOWERED: [&str; 2] =
    ["0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"];

/// The text in other forms of its characters; `None` if one has no such form.
fn moved(text: &str, [plain, forms]: [&str; 2]) -> Option<String> {
    let form = |c: char| plain.chars().zip(forms.chars()).find(|&(from, _)| from == c);
    text.chars().map(|c| form(c).map(|(_, to)| to)).collect()
}

/// Quotation marks: the outer pair, and that of a quotation inside another.
pub(in crate::extract) type Quotes = &'static [&'static str; 4];

const CURLY: Quotes = &["“", "”", "‘", "’"];
const CORNERS: Quotes = &["「", "」", "『", "』"];

/// The quotation marks of a language, by its tag; `None` if it does not decide. After the main delimiters of
/// the Unicode CLDR.
pub(in crate::extract) fn quotes_of(tag: &str) -> Option<Quotes> {
    let tag = tag.trim().to_ascii_lowercase();
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().unwrap_or_default();
    let is_any = |names: &[&str]| parts.clone().any(|part| names.contains(&part));
    Some(match language {
        "" | "und" | "mul" | "zxx" => return None,
        "zh" | "cmn" if is_any(&["hans", "cn", "sg", "my"]) => CURLY,
        "zh" | "cmn" if is_any(&["hant", "tw", "hk", "mo"]) => CORNERS,
        // The text decides which of the two.
        "zh" | "cmn" => return None,
        "ja" | "yue" | "nan" | "hak" => CORNERS,
        "de" if is_any(&["ch", "li"]) => &["«", "»", "‹", "›"],
        "de" | "cs" | "sk" | "sl" | "bg" | "is" | "lt" | "et" | "ka" | "mk" => {
            &["„", "“", "‚", "‘"]
        }
        "fr" if is_any(&["ch"]) => &["«", "»", "‹", "›"],
        "fr" | "hy" | "br" => &["«", "»", "«", "»"],
        "ru" | "uk" | "be" | "kk" | "ky" => &["«", "»", "„", "“"],
        "es" | "it" | "el" | "ca" | "gl" | "eu" | "fa" | "sq" => &["«", "»", "“", "”"],
        "pt" if is_any(&["pt", "ao", "mz"]) => &["«", "»", "“", "”"],
        "no" | "nb" | "nn" => &["«", "»", "‘", "’"],
        "da" | "fi" | "sv" => &["”", "”", "’", "’"],
        "pl" | "ro" | "hu" => &["„", "”", "«", "»"],
        "hr" | "sr" | "bs" => &["„", "“", "‘", "’"],
        _ => CURLY,
    })
}

/// The quotation marks of a text without a declared language.
pub(in crate::extract) fn quotes_of_text<'a, I: Iterator<Item = &'a str>>(
    texts: impl Fn() -> I,
) -> Quotes {
    let is_kana = |c: char| ('\u{3041}'..='\u{30fa}').contains(&c);
    match script::of(texts()) {
        Script::Traditional => CORNERS,
        Script::Other if texts().flat_map(str::chars).any(is_kana) => CORNERS,
        _ => CURLY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_normalization::UnicodeNormalization;

    /// So that a search for 109, and the hash of the text, stay the same.
    #[test]
    fn forms_are_those_of_their_characters() {
        for [plain, forms] in [RAISED, LOWERED] {
            assert_eq!(plain.chars().count(), forms.chars().count());
            let nfkc: String = forms.nfkc().collect();
            assert_eq!(nfkc, plain.replace('-', "−"));
        }
    }

    #[test]
    fn quotation_marks_by_language() {
        #[track_caller]
        fn check(tag: &str, open: Option<&str>) {
            assert_eq!(quotes_of(tag).map(|quotes| quotes[0]), open, "{tag}");
        }
        check("zh-CN", Some("“"));
        check("zh_Hant", Some("「"));
        check("zh-TW", Some("「"));
        check("zh", None);
        check("", None);
        check("JA", Some("「"));
        check("de-AT", Some("„"));
        check("de-CH", Some("«"));
        check("pt-BR", Some("“"));
        check("en", Some("“"));
        let of_text = |text| quotes_of_text(|| [text].into_iter())[0];
        assert_eq!(of_text("图书馆开门"), "“");
        assert_eq!(of_text("圖書館開門"), "「");
        assert_eq!(of_text("図書館は今日"), "「");
    }
}
