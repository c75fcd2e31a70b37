use std::fmt;

/// A language: the primary subtag of BCP 47 in lower case, as ISO 639 has it (`zh`, `en`, `yue`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language([u8; 3]);

impl Language {
    /// Old names of ISO 639 that pages still use, and names of one written language.
    const OTHER_NAMES: [(&str, &str); 6] =
        [("iw", "he"), ("in", "id"), ("ji", "yi"), ("jw", "jv"), ("mo", "ro"), ("cmn", "zh")];

    /// From a tag (`zh-Hant-TW`, `en_US`); `None` of one that names no language (`und`, `x-none`).
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        let primary = primary.to_ascii_lowercase();
        let is_code =
            matches!(primary.len(), 2 | 3) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_code || matches!(&*primary, "und" | "mul" | "zxx" | "mis") {
            return None;
        }
        let current = Self::OTHER_NAMES.iter().find(|(old, _)| *old == primary);
        Some(Self::of_code(current.map_or(&primary, |(_, name)| name)))
    }

    /// From a code of two or three letters.
    pub(crate) const fn of_code(code: &str) -> Self {
        let code = code.as_bytes();
        Self([code[0], code[1], if code.len() > 2 { code[2] } else { 0 }])
    }

    pub fn is_chinese(self) -> bool {
        self == Self::of_code("zh")
    }

    /// Whether it is written from right to left.
    pub fn is_right_to_left(self) -> bool {
        ["ar", "fa", "he", "ur", "ug", "yi", "ps", "sd", "ckb", "ks", "dv"].contains(&self.as_str())
    }

    pub fn as_str(&self) -> &str {
        let length = if self.0[2] == 0 { 2 } else { 3 };
        // Only ever made of letters.
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        let read = |tag: &str| Language::of_tag(tag).map(|language| language.as_str().to_owned());
        for (tag, name) in [
            ("zh-Hant-TW", Some("zh")),
            ("EN_us", Some("en")),
            (" yue ", Some("yue")),
            ("cmn-Hans", Some("zh")),
            ("iw", Some("he")),
            ("und", None),
            ("x-default", None),
            ("", None),
            ("english", None),
            ("e1", None),
        ] {
            assert_eq!(read(tag).as_deref(), name, "{tag}");
        }
    }
}
