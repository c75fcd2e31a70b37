//! Variants of characters: Traditional and Simplified Chinese, the forms of Hong Kong, Taiwan and Japan,
//! older print.

use std::ops::Range;
use std::sync::LazyLock;

/// One class of characters per line, its representative first. Generated from OpenCC's tables and a list of
/// our own (`tests/fixtures/variants/`, licences included): two characters share a class if any table maps
/// one to the other, directly or through others. A test compares the classes with the tables.
const CLASSES: &str = include_str!("variants.txt");

/// The Han characters of extension A and of the main block: nearly all of any text.
const HAN: Range<u32> = 0x3400..0xa000;

/// Where the first characters with variants are: the CJK radicals.
const RADICALS: u32 = 0x2e80;

/// The folded form of each character.
pub(super) struct Variants {
    /// By offset from the start of [`HAN`], in two bytes, because the processor's caches are small.
    common: Vec<u16>,
    /// The characters outside that range, sorted.
    rare: Vec<(char, char)>,
}

pub(super) static VARIANTS: LazyLock<Variants> = LazyLock::new(|| {
    let mut common: Vec<u16> = HAN.map(|code| code as u16).collect();
    let mut rare = Vec::new();
    for class in CLASSES.lines().filter(|line| !line.starts_with('#')) {
        let mut members = class.chars();
        let Some(first) = members.next() else { continue };
        for member in members {
            let short = u16::try_from(u32::from(first)).ok();
            match (HAN.contains(&u32::from(member)), short) {
                (true, Some(short)) => common[(u32::from(member) - HAN.start) as usize] = short,
                _ => rare.push((member, first)),
            }
        }
    }
    rare.sort_unstable();
    Variants { common, rare }
});

impl Variants {
    /// The representative of this character's class; the character itself if it has no variants.
    pub fn of(&self, c: char) -> char {
        let code = u32::from(c);
        if code < RADICALS {
            return c;
        }
        match self.common.get(code.wrapping_sub(HAN.start) as usize) {
            // It holds characters of one UTF-16 unit.
            Some(&short) => char::from_u32(u32::from(short)).unwrap_or(c),
            None => self.rare_of(c),
        }
    }

    /// The same for a common Han character, by its code point.
    #[inline]
    pub fn of_han(&self, code: u16) -> char {
        let short = self.common[usize::from(code) - HAN.start as usize];
        // Neither is half of a UTF-16 pair.
        char::from_u32(u32::from(short)).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn rare_of(&self, c: char) -> char {
        match self.rare.binary_search_by_key(&c, |&(from, _)| from) {
            Ok(at) => self.rare[at].1,
            Err(_) => c,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    macro_rules! table {
        ($name:literal) => {
            include_str!(concat!("../../tests/fixtures/variants/", $name, ".txt"))
        };
    }

    const SIMPLIFIED: &str = table!("TSCharacters");

    /// Lines of OpenCC have a character, a tab, and its possible mappings separated by blanks; lines of our
    /// list have two characters.
    const TABLES: [&str; 8] = [
        SIMPLIFIED,
        table!("TSCharactersExt"),
        table!("STCharacters"),
        table!("HKVariants"),
        table!("HKVariantsRev"),
        table!("TWVariants"),
        table!("TWVariantsRev"),
        table!("more"),
    ];

    /// Japan's simplified characters, except those that are other words in Chinese.
    const JAPANESE: &str = table!("JPShinjitaiCharacters");
    const OTHER_WORDS: &str = "予弁欠沪浜糸缶芸連";

    fn pairs(table: &str) -> impl Iterator<Item = (char, char)> {
        table.lines().filter(|line| !line.starts_with('#')).flat_map(|line| {
            let mut characters = line.chars().filter(|c| !c.is_whitespace());
            let first = characters.next();
            characters.map(move |other| (first.unwrap(), other))
        })
    }

    /// All characters of each class, its representative first.
    fn classes() -> BTreeSet<Vec<char>> {
        let japanese = pairs(JAPANESE).filter(|&(new, _)| !OTHER_WORDS.contains(new));
        let mut class_of: BTreeMap<char, BTreeSet<char>> = BTreeMap::new();
        for (one, other) in TABLES.into_iter().flat_map(pairs).chain(japanese) {
            let class_with = |c| class_of.get(&c).cloned().unwrap_or_else(|| [c].into());
            let joined: BTreeSet<_> = &class_with(one) | &class_with(other);
            for &member in &joined {
                class_of.insert(member, joined.clone());
            }
        }
        let classes: BTreeSet<_> = class_of.into_values().filter(|class| class.len() > 1).collect();
        let mut votes = BTreeMap::new();
        for line in SIMPLIFIED.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            *votes.entry(pairs(line).next().unwrap().1).or_insert(0) += 1;
        }
        let bits = simplified_bits();
        let with_first = |class: BTreeSet<char>| {
            // The representative is the most common form in Simplified Chinese, because shown queries contain
            // it.
            let mut members: Vec<_> = class.into_iter().collect();
            members.sort_by_key(|c| {
                let bits = bits.get(c).copied().unwrap_or(u32::MAX);
                let votes = votes.get(c).copied().unwrap_or(0);
                (gb2312_level(*c), bits, std::cmp::Reverse(votes), *c)
            });
            members
        };
        classes.into_iter().map(with_first).collect()
    }

    /// How rare a character is in saved news in Simplified Chinese, in bits.
    fn simplified_bits() -> BTreeMap<char, u32> {
        let counted = include_str!("../encoding/characters.txt");
        let (_, simplified) = counted.split_once("# simplified\n").unwrap();
        let lines = simplified.lines().take_while(|line| !line.starts_with('#'));
        let of_line = |line: &'static str| {
            let (bits, characters) = line.split_once(' ').unwrap();
            characters.chars().map(move |c| (c, bits.parse().unwrap()))
        };
        lines.flat_map(of_line).collect()
    }

    /// The level of GB 2312 that has a character: the common characters of Simplified Chinese, the others, or
    /// none.
    fn gb2312_level(c: char) -> u8 {
        match *encoding_rs::GBK.encode(c.encode_utf8(&mut [0; 4])).0 {
            [0xb0..=0xd7, 0xa1..=0xfe] => 1,
            [0xd8..=0xf7, 0xa1..=0xfe] => 2,
            _ if HAN.contains(&u32::from(c)) => 3,
            // Four bytes in UTF-8.
            _ => 4,
        }
    }

    /// `SEEDBANK_WRITE_VARIANTS=1 cargo test variants` writes the classes again.
    #[test]
    fn the_classes_are_those_of_the_tables() {
        let mut expected = String::from(
            "# Made from the tables in tests/fixtures/variants, most of them from OpenCC\n\
             # (https://github.com/BYVoid/OpenCC, Apache-2.0; the licence is beside them).\n",
        );
        for class in classes() {
            expected.extend(class);
            expected.push('\n');
        }
        if std::env::var_os("SEEDBANK_WRITE_VARIANTS").is_some() {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/search/variants.txt");
            std::fs::write(path, &expected).unwrap();
        }
        assert_eq!(CLASSES, expected);
    }

    #[test]
    fn every_member_is_folded_to_the_first() {
        let classes = classes();
        assert!(classes.len() > 3500, "{}", classes.len());
        for class in classes {
            for &member in &class {
                assert_eq!(VARIANTS.of(member), class[0], "{member}");
            }
        }
        for c in ['人', 'a', '。', '\u{2e80}', '\u{30000}', '\u{10ffff}'] {
            let first = VARIANTS.of(c);
            assert_eq!(VARIANTS.of(first), first, "{c}");
        }
    }

    #[test]
    fn variants_are_folded_together() {
        for class in [
            "着著",
            "了瞭",
            "借藉",
            "沈沉瀋",
            "苏甦蘇囌",
            "卫衛衞",
            "叙敘敍",
            "面麵麪",
            "青靑⻘",
            "龙龍竜⻰",
            "发發髮発髪",
            "里裡裏",
            "台臺檯颱",
            "汇匯彙滙",
            "迹跡蹟",
            "并並併",
            "够夠",
            "炮砲礮",
            "你妳",
            "窑窰窯",
            "砖磚甎",
            "床牀",
            "群羣",
            "秘祕",
        ] {
            let folded: BTreeSet<_> = class.chars().map(|c| VARIANTS.of(c)).collect();
            assert_eq!(folded.len(), 1, "{class} {folded:?}");
        }
        for apart in ["艺芸", "沪濾", "丝糸", "网罔", "人入", "己已巳"] {
            let folded: BTreeSet<_> = apart.chars().map(|c| VARIANTS.of(c)).collect();
            assert_eq!(folded.len(), apart.chars().count(), "{apart} {folded:?}");
        }
    }
}
