//! Which script a Chinese text is written in.

use crate::model::Script;
use std::sync::LazyLock;

/// Common characters that only one of the two scripts has, in pairs.
const SIMPLIFIED: &str = "国这来个们时为会说对发过还没开关东车门问间见觉亲让请认识话语读写学习书报网电视听买卖钱银从众体总统选举战争军队员党议政权义务经济业产厂广场华汉农医药卫生动运办处实现历史战线级红绿黄头条长张马鸟鱼龙岁边达远进连运选还难题类风飞热爱应该当录归灵点无与专";
const TRADITIONAL: &str = "國這來個們時為會說對發過還沒開關東車門問間見覺親讓請認識話語讀寫學習書報網電視聽買賣錢銀從眾體總統選舉戰爭軍隊員黨議政權義務經濟業產廠廣場華漢農醫藥衛生動運辦處實現歷史戰線級紅綠黃頭條長張馬鳥魚龍歲邊達遠進連運選還難題類風飛熱愛應該當錄歸靈點無與專";

const SIMPLIFIED_ONLY: u8 = 1;
const TRADITIONAL_ONLY: u8 = 2;

/// By code point from U+4E00: what a character tells. One that stands in both lists tells nothing.
static TELLING: LazyLock<[u8; 0x5200]> = LazyLock::new(|| {
    let mut table = [0; 0x5200];
    for (text, mark) in [(SIMPLIFIED, SIMPLIFIED_ONLY), (TRADITIONAL, TRADITIONAL_ONLY)] {
        for c in text.chars() {
            table[c as usize - 0x4e00] |= mark;
        }
    }
    table
});

/// The script of a text.
pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Script {
    // Once, not for every character.
    let telling_of = &*TELLING;
    // Counted by what they tell, without a branch that would be guessed wrong every few characters.
    let (mut told, mut kana) = ([0usize; 4], 0usize);
    for c in texts.flat_map(str::chars) {
        match c {
            '\u{4e00}'..='\u{9fff}' => {
                told[usize::from(telling_of[c as usize - 0x4e00] & 3)] += 1;
            }
            '\u{3041}'..='\u{30fa}' => kana += 1,
            _ => {}
        }
    }
    let simplified = told[usize::from(SIMPLIFIED_ONLY)];
    let traditional = told[usize::from(TRADITIONAL_ONLY)];
    let telling = simplified + traditional;
    match () {
        // Japanese shares half of its characters with either.
        () if telling == 0 || kana > telling => Script::Other,
        () if traditional * 10 < telling => Script::Simplified,
        () if simplified * 10 < telling => Script::Traditional,
        () => Script::Mixed,
    }
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
}
