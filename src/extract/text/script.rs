//! The scripts of a text, and which of the two Chinese ones.

use crate::model::Script;
use std::sync::LazyLock;

/// Common characters that only one of the two scripts has, in pairs.
const SIMPLIFIED: &str = "国这来个们时为会说对发过还没开关东车门问间见觉亲让请认识话语读写学习书报网电视听买卖钱银从众体总统选举战争军队员党议政权义务经济业产厂广场华汉农医药卫生动运办处实现历史战线级红绿黄头条长张马鸟鱼龙岁边达远进连运选还难题类风飞热爱应该当录归灵点无与专";
const TRADITIONAL: &str = "國這來個們時為會說對發過還沒開關東車門問間見覺親讓請認識話語讀寫學習書報網電視聽買賣錢銀從眾體總統選舉戰爭軍隊員黨議政權義務經濟業產廠廣場華漢農醫藥衛生動運辦處實現歷史戰線級紅綠黃頭條長張馬鳥魚龍歲邊達遠進連運選還難題類風飛熱愛應該當錄歸靈點無與專";

const SIMPLIFIED_ONLY: u8 = 1;
const TRADITIONAL_ONLY: u8 = 2;

/// By code point from U+4E00: the script that a character indicates. A character in both lists indicates
/// none.
static TELLING: LazyLock<[u8; 0x5200]> = LazyLock::new(|| {
    let mut table = [0; 0x5200];
    for (text, mark) in [(SIMPLIFIED, SIMPLIFIED_ONLY), (TRADITIONAL, TRADITIONAL_ONLY)] {
        for c in text.chars() {
            table[c as usize - 0x4e00] |= mark;
        }
    }
    table
});

/// The letters of one or several scripts that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract) enum Letters {
    /// Signs, digits, and scripts without a language of their own.
    Other,
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Devanagari,
    Bengali,
    Gurmukhi,
    Gujarati,
    Oriya,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Thai,
    Lao,
    Tibetan,
    Burmese,
    Georgian,
    Hangul,
    Ethiopic,
    Khmer,
    Mongolian,
    Kana,
    Han,
}

impl Letters {
    const COUNT: usize = Self::Han as usize + 1;

    pub const ALL: [Self; Self::COUNT] = [
        Self::Other,
        Self::Latin,
        Self::Greek,
        Self::Cyrillic,
        Self::Armenian,
        Self::Hebrew,
        Self::Arabic,
        Self::Devanagari,
        Self::Bengali,
        Self::Gurmukhi,
        Self::Gujarati,
        Self::Oriya,
        Self::Tamil,
        Self::Telugu,
        Self::Kannada,
        Self::Malayalam,
        Self::Sinhala,
        Self::Thai,
        Self::Lao,
        Self::Tibetan,
        Self::Burmese,
        Self::Georgian,
        Self::Hangul,
        Self::Ethiopic,
        Self::Khmer,
        Self::Mongolian,
        Self::Kana,
        Self::Han,
    ];

    /// By sixty-fourths of the Basic Multilingual Plane, which is sufficient for these scripts: of ASCII,
    /// U+0040 to U+007F are letters except for ten signs.
    const RANGES: [(u32, u32, Self); 39] = [
        (0x0040, 0x007f, Self::Latin),
        (0x00c0, 0x02bf, Self::Latin),
        (0x0380, 0x03ff, Self::Greek),
        (0x0400, 0x053f, Self::Cyrillic),
        (0x0540, 0x057f, Self::Armenian),
        (0x0580, 0x05ff, Self::Hebrew),
        (0x0600, 0x06ff, Self::Arabic),
        (0x0740, 0x077f, Self::Arabic),
        (0x0880, 0x08ff, Self::Arabic),
        (0x0900, 0x097f, Self::Devanagari),
        (0x0980, 0x09ff, Self::Bengali),
        (0x0a00, 0x0a7f, Self::Gurmukhi),
        (0x0a80, 0x0aff, Self::Gujarati),
        (0x0b00, 0x0b7f, Self::Oriya),
        (0x0b80, 0x0bff, Self::Tamil),
        (0x0c00, 0x0c7f, Self::Telugu),
        (0x0c80, 0x0cff, Self::Kannada),
        (0x0d00, 0x0d7f, Self::Malayalam),
        (0x0d80, 0x0dff, Self::Sinhala),
        (0x0e00, 0x0e7f, Self::Thai),
        (0x0e80, 0x0eff, Self::Lao),
        (0x0f00, 0x0fff, Self::Tibetan),
        (0x1000, 0x107f, Self::Burmese),
        (0x1080, 0x10ff, Self::Georgian),
        (0x1100, 0x11ff, Self::Hangul),
        (0x1200, 0x137f, Self::Ethiopic),
        (0x1780, 0x17ff, Self::Khmer),
        (0x1800, 0x18bf, Self::Mongolian),
        (0x1c80, 0x1cbf, Self::Georgian),
        (0x1e00, 0x1eff, Self::Latin),
        (0x1f00, 0x1fff, Self::Greek),
        (0x2d80, 0x2dff, Self::Ethiopic),
        (0x3040, 0x30ff, Self::Kana),
        (0x3140, 0x317f, Self::Hangul),
        (0x3400, 0x4dbf, Self::Han),
        (0x4e00, 0x9fff, Self::Han),
        (0xac00, 0xd7bf, Self::Hangul),
        (0xf900, 0xfaff, Self::Han),
        (0xfb40, 0xfeff, Self::Arabic),
    ];
}

static LETTERS: LazyLock<[Letters; 0x400]> = LazyLock::new(|| {
    let mut table = [Letters::Other; 0x400];
    for (first, last, letters) in Letters::RANGES {
        table[first as usize / 64..=last as usize / 64].fill(letters);
    }
    table
});

/// The group of letters that a character belongs to.
pub(in crate::extract) fn letters_of(c: char) -> Letters {
    match c as u32 {
        code @ ..=0xffff => LETTERS[code as usize / 64],
        0x2_0000..=0x3_23af => Letters::Han,
        _ => Letters::Other,
    }
}

/// The number of letters of each script in a text.
#[derive(Debug, Clone, Copy)]
pub(in crate::extract) struct Counts {
    letters: [usize; Letters::COUNT],
    /// Han characters that only one of the two Chinese scripts has.
    simplified: usize,
    traditional: usize,
}

impl Counts {
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts = Self { letters: [0; Letters::COUNT], simplified: 0, traditional: 0 };
        // Looked up once, not for every character.
        let (telling_of, letters_of) = (&*TELLING, &*LETTERS);
        let mut han = 0;
        for c in texts.flat_map(str::chars) {
            let code = c as usize;
            match c {
                // Without a branch, which would be mispredicted every few characters.
                '\u{4e00}'..='\u{9fff}' => {
                    let tells = telling_of[code - 0x4e00];
                    han += 1;
                    counts.simplified += usize::from(tells == SIMPLIFIED_ONLY);
                    counts.traditional += usize::from(tells == TRADITIONAL_ONLY);
                }
                '\0'..='\u{ffff}' => counts.letters[letters_of[code / 64] as usize] += 1,
                _ => counts.letters[self::letters_of(c) as usize] += 1,
            }
        }
        counts.letters[Letters::Han as usize] += han;
        counts
    }

    pub fn get(&self, letters: Letters) -> usize {
        self.letters[letters as usize]
    }

    /// The Chinese script indicated by the characters that only one of the two has.
    pub fn script(&self) -> Script {
        let &Self { simplified, traditional, .. } = self;
        let telling = simplified + traditional;
        match () {
            // Japanese shares half of its characters with either.
            () if telling == 0 || self.get(Letters::Kana) > telling => Script::Other,
            () if traditional * 10 < telling => Script::Simplified,
            () if simplified * 10 < telling => Script::Traditional,
            () => Script::Mixed,
        }
    }
}

/// The Chinese script of a text.
pub(in crate::extract) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Script {
    Counts::of(texts).script()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts() {
        let of = |text: &str| of([text].into_iter());
        assert_eq!(of("图书馆今天开门，孩子们来了。"), Script::Simplified);
        assert_eq!(of("圖書館今天開門，孩子們來了。"), Script::Traditional);
        assert_eq!(of("他说：「開門！」这时來了人。"), Script::Mixed);
        assert_eq!(of("図書館は今日開館しました。"), Script::Other);
        assert_eq!(of("Open today"), Script::Other);
        assert_eq!(of(""), Script::Other);
    }

    #[test]
    fn letters_by_script() {
        for (text, letters) in [
            ("Aöźđ", Letters::Latin),
            ("Жяқ", Letters::Cyrillic),
            ("ئۇيغۇر", Letters::Arabic),
            ("བོད", Letters::Tibetan),
            ("書鿿𠀀", Letters::Han),
            ("かナ", Letters::Kana),
            ("글ㅋ", Letters::Hangul),
            ("12 ，。—「🌧", Letters::Other),
        ] {
            let counts = Counts::of([text].into_iter());
            let all: usize = Letters::ALL.iter().map(|&letters| counts.get(letters)).sum();
            assert_eq!((counts.get(letters), all), (text.chars().count(), all), "{text}");
            assert!(text.chars().all(|c| letters_of(c) == letters), "{text}");
        }
    }
}
