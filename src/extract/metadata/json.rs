//! Parses JSON as pages contain it: with extra commas, line breaks in strings, comments and wrappers around
//! it, entities for its quotes, or truncated.

use serde_json::Value;

/// Deeper values are skipped: the objects that describe an article are at most this deep.
const MAX_DEPTH: usize = 32;
/// Maximum number of values in one text; each ends when its brackets are closed.
const MAX_VALUES: usize = 16;

/// The values in a script, without those that cannot be parsed.
pub(super) fn values(script: &str) -> Vec<Value> {
    let text = script.trim();
    if let Some(value) = strict(text) {
        return vec![value];
    }
    let mut values = Vec::new();
    let mut text = text.replace("<![CDATA[", " ").replace("]]>", " ");
    if !text.contains('"') {
        text = text.replace("&quot;", "\"").replace("&amp;", "&");
    }
    let mut rest = text.as_str();
    while values.len() < MAX_VALUES
        && let Some(start) = rest.find(['{', '['])
    {
        let (mended, length) = mend(&rest[start..]);
        values.extend(serde_json::from_str(&mended).ok());
        rest = &rest[start + length..];
    }
    values
}

/// The value of valid JSON that is not too deep.
fn strict(text: &str) -> Option<Value> {
    let mut depth = 0_usize;
    let is_deep = text.bytes().any(|byte| {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > MAX_DEPTH
    });
    if is_deep { None } else { serde_json::from_str(text).ok() }
}

/// One value as valid JSON, and the number of bytes it took.
fn mend(text: &str) -> (String, usize) {
    let mut mender = Mender { out: String::with_capacity(text.len()), ..Mender::default() };
    let mut at = 0;
    while at < text.len() {
        at += mender.take(&text[at..]);
        if mender.open.is_empty() {
            break;
        }
    }
    mender.end();
    (mender.out, at)
}

#[derive(Default)]
struct Mender {
    out: String,
    /// The open brackets, and how many of them are braces.
    open: Vec<u8>,
    braces: usize,
    /// The position in `out` where a value that is too deep began.
    deep_from: Option<usize>,
    /// The length of `out` when it could last have ended, and the number of brackets open there.
    whole: (usize, usize),
}

impl Mender {
    /// Reads the token at the start of a text, and returns its length in bytes.
    fn take(&mut self, text: &str) -> usize {
        match text.as_bytes()[0] {
            b'"' => self.take_text(text),
            bracket @ (b'{' | b'[') => {
                if self.open.len() == MAX_DEPTH {
                    self.deep_from = Some(self.out.len());
                }
                self.open.push(bracket);
                self.braces += usize::from(bracket == b'{');
                self.out.push(char::from(bracket));
                self.note_whole();
                1
            }
            bracket @ (b'}' | b']') => {
                self.close(if bracket == b'}' { b'{' } else { b'[' });
                1
            }
            b',' => {
                if self.out.ends_with(':') {
                    self.out.push_str("null");
                }
                if !self.out.ends_with([',', '{', '[']) {
                    self.note_whole();
                    self.out.push(',');
                }
                1
            }
            b'/' if text.starts_with("//") => text.find('\n').unwrap_or(text.len()),
            b'/' if text.starts_with("/*") => text.find("*/").map_or(text.len(), |end| end + 2),
            _ => self.take_bare(text),
        }
    }

    /// Reads a number or a word; one that JSON does not have is null.
    fn take_bare(&mut self, text: &str) -> usize {
        let is_end = |c: char| {
            c.is_whitespace() || matches!(c, '"' | '{' | '[' | '}' | ']' | ',' | ':' | '/')
        };
        let c = text.chars().next().unwrap_or_default();
        let length = text.find(is_end).unwrap_or(text.len()).max(c.len_utf8());
        let word = &text[..length];
        if matches!(c, ':' | '/') {
            self.out.push(c);
        } else if !c.is_whitespace() {
            let is_known = serde_json::from_str::<Value>(word).is_ok();
            self.out.push_str(if is_known { word } else { "null" });
        }
        length
    }

    fn take_text(&mut self, text: &str) -> usize {
        self.out.push('"');
        let mut characters = text.char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            match c {
                '"' if ends_text(&text[at + 1..]) => {
                    self.out.push('"');
                    return at + 1;
                }
                '"' => self.out.push_str("\\\""),
                '\\' => match characters.next() {
                    Some((at, 'u')) => {
                        let length = self.take_escape(&text[at + 1..]);
                        characters.by_ref().take(length).for_each(drop);
                    }
                    Some((_, escaped @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't'))) => {
                        self.out.extend(['\\', escaped]);
                    }
                    Some((_, other)) if !other.is_control() => self.out.push(other),
                    _ => {}
                },
                c if c.is_control() => self.out.push(' '),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
        text.len()
    }

    /// Reads what follows `\u`, and returns how many characters that took. Half of a pair, as in a text that
    /// was cut in the middle of an emoji, is no character.
    fn take_escape(&mut self, behind: &str) -> usize {
        let unit = |digits: Option<&str>| {
            let digits = digits.filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            u16::from_str_radix(digits, 16).ok()
        };
        let Some(first) = unit(behind.get(..4)) else {
            self.out.push('\u{fffd}');
            return 0;
        };
        let second = behind[4..].strip_prefix("\\u").and_then(|rest| unit(rest.get(..4)));
        let pair = char::decode_utf16([first].into_iter().chain(second)).next();
        match pair {
            Some(Ok(c)) if c.len_utf16() == 2 => {
                self.out.push_str("\\u");
                self.out.push_str(&behind[..10]);
                10
            }
            Some(Ok(_)) => {
                self.out.push_str("\\u");
                self.out.push_str(&behind[..4]);
                4
            }
            _ => {
                self.out.push('\u{fffd}');
                4
            }
        }
    }

    /// Closes a bracket, and everything left open inside it.
    fn close(&mut self, opened: u8) {
        let braces = if opened == b'{' { self.braces } else { self.open.len() - self.braces };
        if braces == 0 {
            return;
        }
        while let Some(last) = self.open.pop() {
            self.end_value(last);
            if last == opened {
                break;
            }
        }
        self.note_whole();
    }

    /// Ends the value of a closed bracket.
    fn end_value(&mut self, bracket: u8) {
        self.braces -= usize::from(bracket == b'{');
        if self.open.len() > MAX_DEPTH {
            return;
        }
        if let Some(from) = self.deep_from.take() {
            self.out.truncate(from);
            // A name must be followed by a value.
            self.out.push_str("null");
            return;
        }
        if self.out.ends_with(',') {
            self.out.pop();
        } else if self.out.ends_with(':') {
            self.out.push_str("null");
        }
        self.out.push(if bracket == b'{' { '}' } else { ']' });
    }

    fn note_whole(&mut self) {
        if self.deep_from.is_none() {
            self.whole = (self.out.len(), self.open.len());
        }
    }

    /// Closes everything that is open at the end of the text, without unfinished values.
    fn end(&mut self) {
        let (length, open) = self.whole;
        if self.open.is_empty() {
            return;
        }
        self.deep_from = None;
        self.out.truncate(length);
        self.open.truncate(open);
        self.braces = self.open.iter().filter(|bracket| **bracket == b'{').count();
        while let Some(last) = self.open.pop() {
            self.end_value(last);
        }
    }
}

/// Whether a quotation mark ends a string: JSON syntax follows.
fn ends_text(rest: &str) -> bool {
    rest.trim_start().chars().next().is_none_or(|c| matches!(c, ',' | ':' | '}' | ']' | '/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(script: &str, expected: Value) {
        assert_eq!(values(script), [expected], "{script}");
    }

    #[test]
    fn what_is_broken_is_read() {
        let whole = json!({"a": "b", "c": [1, 2]});
        check(r#"{"a": "b", "c": [1, 2]}"#, whole.clone());
        check(r#"{"a": "b", "c": [1, 2,],}"#, whole.clone());
        check(r#"{,"a": "b",, "c": [1, 2]};"#, whole.clone());
        check("//<![CDATA[\n{\"a\": \"b\", \"c\": [1, 2]}\n//]]>", whole.clone());
        check("<!-- {\"a\": \"b\", /* {] */ \"c\": [1, 2]} -->", whole.clone());
        check("{&quot;a&quot;: &quot;b&quot;, &quot;c&quot;: [1, 2]}", whole.clone());
        // Unclosed brackets, and closing ones without an opening one.
        check(r#"{"a": "b", "c": [1, 2}"#, whole.clone());
        check(r#"{"a": "b", "c": [1, 2]"#, whole);
        check("{\"a\": \"b\nc\t\"}", json!({"a": "b c "}));
        check(r#"{"a": "b \'c\' \"d\""}"#, json!({"a": "b 'c' \"d\""}));
        check(
            r#"{"a": "he said "no" to it", "b": 1}"#,
            json!({"a": "he said \"no\" to it", "b": 1}),
        );
        check(r#"{"a": , "b": 1}"#, json!({"a": null, "b": 1}));
        // Half of an emoji, in a text that was cut there; both halves; no escape.
        check(r#"{"a": "cut \ud83d", "b": 1}"#, json!({"a": "cut \u{fffd}", "b": 1}));
        check(r#"{"a": "\ude00\ud83d\u0041", "b": 1}"#, json!({"a": "\u{fffd}\u{fffd}A", "b": 1}));
        check(r#"{"a": "\ud83d\ude00\u96e8",}"#, json!({"a": "😀雨"}));
        check(r#"{"a": "\u12 \uzzzz", "b": 1}"#, json!({"a": "\u{fffd}12 \u{fffd}zzzz", "b": 1}));
        // Numbers and words that JSON does not have.
        check(
            r#"{"a": 1e999, "b": undefined, "c": [NaN, -1.5, true]}"#,
            json!({"a": null, "b": null, "c": [null, -1.5, true]}),
        );
    }

    #[test]
    fn what_is_cut_off_is_read_as_far_as_it_is_whole() {
        check(r#"{"a": {"b": 1, "c": "d"#, json!({"a": {"b": 1}}));
        check(r#"{"a": 1, "b": ["c", "d"], "e"#, json!({"a": 1, "b": ["c", "d"]}));
        check(r#"[{"a": 1}, {"b"#, json!([{"a": 1}, {}]));
    }

    #[test]
    fn several_values_are_each_read() {
        assert_eq!(values(r#"{"a": 1} {"b": 2}"#), [json!({"a": 1}), json!({"b": 2})]);
        assert_eq!(values("no json"), [] as [Value; 0]);
        assert_eq!(values(r#"{"a" "b"} {"c": 1}"#), [json!({"c": 1})]);
    }

    #[test]
    fn what_is_too_deep_is_left_out() {
        let deep = |open: &str, close: &str, levels: usize| {
            format!("{}1{}", open.repeat(levels), close.repeat(levels))
        };
        check(&format!(r#"{{"a": {}, "b": 2}}"#, deep("[", "]", 10_000)), {
            let inner = (2..MAX_DEPTH).fold(json!([null]), |inner, _| json!([inner]));
            json!({"a": inner, "b": 2})
        });
        // Unclosed, or of different kinds.
        for script in [deep("{\"a\":", "]", 100_000), deep("[", "}", 100_000), "[".repeat(100_000)]
        {
            assert_eq!(values(&script).len(), 1);
        }
    }
}
