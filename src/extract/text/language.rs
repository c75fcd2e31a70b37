//! Detects the language of an article: by its letters, by the document's own declaration, or by a detector.

use super::script::{Counts, Letters, letters_of};
use crate::model::Language;
use whatlang::{Detector, Lang};

/// A shorter text is not sufficient.
const LEAST_LETTERS: usize = 20;
/// This many Chinese characters are sufficient.
const LEAST_HAN: usize = 4;
/// A Japanese text without kana (captions, tables, headlines) may have this many characters. Every sentence
/// has some kana.
const MOST_KANJI_ALONE: usize = 100;
/// A Chinese character counts as this many letters, by its information.
const HAN_WEIGHT: usize = 3;
/// More letters than this would not change the result of a detector.
const MOST_READ: usize = 1_000;
/// A text is Chinese from this share (a quarter) on: it contains names, addresses and commands in Latin
/// letters, and texts in other languages quote less Chinese. Of 1,146 saved articles, Chinese ones had 0.41
/// or more of their weight in Chinese characters, others 0.08 or less.
const HAN_SHARE: usize = 4;
/// Japanese has more kana among its characters than this share; Chinese that quotes it has less.
const KANA_SHARE: usize = 5;
/// From this length on, a detector that is certain overrules a document that declares English, as many
/// unchanged templates do.
const LEAST_AGAINST_ENGLISH: usize = 200;

const ENGLISH: Language = Language::of_code("en");

/// The language of some texts; `named` is the document's own declaration.
pub(in crate::extract) fn of<'a, T: Iterator<Item = &'a str>>(
    counts: &Counts,
    texts: impl Fn() -> T,
    named: Option<Language>,
) -> Option<Language> {
    let (mut letters, weight) = main_letters(counts);
    let han = counts.get(Letters::Han);
    // Commands and code may have most of the letters of a short text.
    let is_short = han >= LEAST_HAN && weight < LEAST_AGAINST_ENGLISH;
    if letters != Letters::Han && is_short && texts().any(ends_in_chinese) {
        letters = Letters::Han;
    }
    let least = if letters == Letters::Han { LEAST_HAN * HAN_WEIGHT } else { LEAST_LETTERS };
    if weight < least {
        return None;
    }
    if let Some(code) = only_language(letters) {
        let others = named.filter(|named| OTHER_LANGUAGES.contains(&(letters, named.as_str())));
        return Some(others.unwrap_or(Language::of_code(code)));
    }
    if letters == Letters::Han {
        let kana = counts.get(Letters::Kana);
        let is_japanese = kana * KANA_SHARE > kana + han
            || named == Some(Language::of_code("ja")) && (kana > 0 || han < MOST_KANJI_ALONE);
        if is_japanese {
            return Some(Language::of_code("ja"));
        }
        // The letters alone do not distinguish Cantonese from other Chinese languages.
        let chinese = named.filter(|named| named.is_chinese());
        return Some(chinese.unwrap_or(Language::of_code("zh")));
    }
    let named = named.filter(|named| is_written_in(*named, letters));
    if named.is_some_and(|named| named != ENGLISH)
        || (named.is_some() && counts.get(letters) < LEAST_AGAINST_ENGLISH)
    {
        return named;
    }
    detected(letters, texts()).or(named)
}

/// Whether a text ends as only Chinese and Japanese sentences do.
fn ends_in_chinese(text: &str) -> bool {
    text.trim_end_matches(['”', '」', '』', '）', ' ']).ends_with(['。', '！', '？', '：', '；'])
}

/// Languages that share their letters with the one that is assumed for them, if the document names them.
const OTHER_LANGUAGES: [(Letters, &str); 4] = [
    (Letters::Tibetan, "dz"),
    (Letters::Greek, "grc"),
    (Letters::Georgian, "xmf"),
    (Letters::Mongolian, "mnc"),
];

/// The letters with most of the text, and their number.
fn main_letters(counts: &Counts) -> (Letters, usize) {
    let weight = |letters| {
        counts.get(letters)
            * match letters {
                Letters::Han => HAN_WEIGHT,
                Letters::Kana | Letters::Hangul => 2,
                _ => 1,
            }
    };
    let east_asian = (Letters::Han, weight(Letters::Han) + weight(Letters::Kana));
    let others = Letters::ALL
        .into_iter()
        .filter(|letters| !matches!(letters, Letters::Other | Letters::Han | Letters::Kana));
    let others: Vec<_> = others.map(|letters| (letters, weight(letters))).collect();
    let all = east_asian.1 + others.iter().map(|(_, weight)| weight).sum::<usize>();
    if east_asian.1 * HAN_SHARE >= all {
        return east_asian;
    }
    others.into_iter().fold(east_asian, |most, one| if one.1 > most.1 { one } else { most })
}

/// The language of these letters, if there is only one; some small languages that share them (Bodo, Assamese,
/// Konkani) are not considered.
fn only_language(letters: Letters) -> Option<&'static str> {
    Some(match letters {
        Letters::Greek => "el",
        Letters::Armenian => "hy",
        Letters::Gurmukhi => "pa",
        Letters::Gujarati => "gu",
        Letters::Oriya => "or",
        Letters::Tamil => "ta",
        Letters::Telugu => "te",
        Letters::Kannada => "kn",
        Letters::Malayalam => "ml",
        Letters::Sinhala => "si",
        Letters::Thai => "th",
        Letters::Lao => "lo",
        Letters::Tibetan => "bo",
        Letters::Georgian => "ka",
        Letters::Hangul => "ko",
        Letters::Khmer => "km",
        Letters::Mongolian => "mn",
        _ => return None,
    })
}

/// Whether a language can be written in these letters; languages not listed here always can.
fn is_written_in(language: Language, letters: Letters) -> bool {
    const ARABIC: [&str; 13] =
        ["ar", "fa", "ur", "ug", "ps", "sd", "ckb", "ku", "ks", "pa", "kk", "ky", "az"];
    const HEBREW: [&str; 2] = ["he", "yi"];
    const CYRILLIC: [&str; 15] =
        ["ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "uz", "tt", "ba", "cv", "ug"];
    const INDIC: [&str; 8] = ["hi", "mr", "ne", "sa", "bn", "as", "kok", "mai"];
    const ETHIOPIC: [&str; 2] = ["am", "ti"];
    const NEVER_LATIN: [&str; 8] = ["zh", "ja", "ko", "th", "lo", "km", "my", "bo"];
    let code = language.as_str();
    match letters {
        Letters::Latin => {
            let others = [&ARABIC[..3], &HEBREW, &CYRILLIC[..4], &INDIC, &ETHIOPIC, &NEVER_LATIN];
            !others.iter().any(|codes| codes.contains(&code))
        }
        Letters::Arabic => ARABIC.contains(&code),
        Letters::Hebrew => HEBREW.contains(&code),
        Letters::Cyrillic => CYRILLIC.contains(&code),
        Letters::Devanagari | Letters::Bengali => INDIC.contains(&code),
        Letters::Ethiopic => ETHIOPIC.contains(&code),
        _ => code == "my",
    }
}

/// The language that the detector finds; `None` if it is not certain.
fn detected<'a>(letters: Letters, texts: impl Iterator<Item = &'a str>) -> Option<Language> {
    let mut sample = String::with_capacity(2 * MOST_READ);
    let mut read = 0;
    for c in texts.flat_map(|text| text.chars().chain([' '])) {
        if letters_of(c) == letters {
            sample.push(c);
            read += 1;
        } else if !sample.ends_with(' ') {
            sample.push(' ');
        }
        if read == MOST_READ {
            break;
        }
    }
    let has = |letters: &str| sample.contains(|c| letters.contains(c));
    match letters {
        // A language that the detector does not know.
        Letters::Arabic if has("ۇۈ") => return Some(Language::of_code("ug")),
        Letters::Arabic if has("ێۆڵ") => return Some(Language::of_code("ckb")),
        Letters::Arabic if has("ټډړښځڅ") => return Some(Language::of_code("ps")),
        Letters::Cyrillic if has("әіңғүұқһ") && has("ұғә") => {
            return Some(Language::of_code("kk"));
        }
        Letters::Cyrillic if has("өүңҳҷқ") => return None,
        Letters::Burmese => return Some(Language::of_code("my")),
        Letters::Bengali => return Some(Language::of_code("bn")),
        Letters::Ethiopic => return Some(Language::of_code("am")),
        _ => {}
    }
    // So rare in saved articles that a short text is more likely in another language.
    let detector = Detector::with_denylist(vec![
        Lang::Epo,
        Lang::Lat,
        Lang::Aka,
        Lang::Zul,
        Lang::Sna,
        Lang::Jav,
        Lang::Tuk,
    ]);
    let found = detector.detect(&sample).filter(whatlang::Info::is_reliable)?;
    Language::of_tag(found.lang().code())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(text: &str, named: &str) -> Option<String> {
        let counts = Counts::of([text].into_iter());
        let found = of(&counts, || [text].into_iter(), Language::of_tag(named));
        found.map(|language| language.as_str().to_owned())
    }

    #[track_caller]
    fn check(language_of: Option<&str>, named: &str, text: &str) {
        assert_eq!(language(text, named).as_deref(), language_of, "{text}");
    }

    #[test]
    fn letters_of_one_language_say_it() {
        check(Some("zh"), "", "图书馆今天开门，孩子们来了。");
        // Whatever a template declares, and whatever is quoted.
        check(Some("zh"), "en", "圖書館今天開門，孩子們來了。");
        check(
            Some("zh"),
            "",
            "他在《Journal of Bridges and Rivers》上写过那座桥，后来又写了一本书。",
        );
        check(Some("zh"), "", "她唱的是「ひまわり」，台下有三百个人，一句话也没有说。");
        let commands = "curl https://files.example/a/b.tar.zst | tar --zstd -xvf - -C /srv/x && sha256sum -c x";
        check(Some("zh"), "", &format!("先取下来，再核对：{commands}"));
        check(Some("ja"), "", "図書館は今日開館しました。子どもたちが来ています。");
        check(Some("yue"), "yue-Hant", "圖書館今日開門，啲細路嚟咗。");
        check(Some("zh"), "zh-HK", "圖書館今日開門，啲細路嚟咗。");
        check(Some("zh"), "ko", "圖書館今天開門，孩子們來了。");
        check(Some("ja"), "ja", "東京都知事選挙、開票結果発表へ");
        check(Some("ja"), "ja", "東京都知事選挙開票結果");
        // A Japanese text of this length has kana.
        check(Some("zh"), "ja", &"圖書館今天開門，孩子們來了。".repeat(10));
        let command = "cargo build --release --target x86_64-unknown-linux-gnu";
        check(Some("zh"), "en", &format!("用 {command} 编译，再测。"));
        check(Some("en"), "en", &format!("Build it with {command} in “编译服务器” first."));
        check(Some("ko"), "", "도서관이 오늘 문을 열었습니다.");
        check(Some("bo"), "", "དེ་རིང་དཔེ་མཛོད་ཁང་སྒོ་ཕྱེས་པ་རེད།");
        check(Some("dz"), "dz", "དེ་རིང་དཔེ་མཛོད་ཁང་སྒོ་ཕྱེས་པ་རེད།");
        check(Some("bo"), "en", "དེ་རིང་དཔེ་མཛོད་ཁང་སྒོ་ཕྱེས་པ་རེད།");
        check(Some("ug"), "", "كۈتۈپخانا بۈگۈن ئېچىلدى، بالىلار كەلدى");
        check(Some("th"), "", "ห้องสมุดเปิดวันนี้ เด็กๆ มาแล้ว");
        check(Some("el"), "", "Η βιβλιοθήκη άνοιξε σήμερα και τα παιδιά ήρθαν.");
        check(Some("my"), "", "စာကြည့်တိုက် ဒီနေ့ဖွင့်တယ် ကလေးတွေလာတယ်");
    }

    #[test]
    fn the_document_says_it_of_letters_that_many_share() {
        check(Some("pt"), "pt-BR", "A biblioteca abriu hoje e as crianças vieram.");
        check(Some("ms"), "ms", "Perpustakaan dibuka hari ini dan kanak-kanak datang.");
        check(Some("kk"), "kk", "Кітапхана бүгін ашылды, балалар келді.");
        // Not in letters that the language is never written in.
        check(None, "zh-CN", "Biblio 2024 open day programme");
        check(Some("en"), "en", "The library opened today.");
    }

    #[test]
    fn a_detector_says_it_of_the_rest() {
        let english = "The library opened its doors again this morning, and by noon every chair in the \
            reading room was taken. Children who had waited for two years ran straight to the shelves \
            under the window, where the books about bridges and rivers are kept.";
        let french = "La bibliothèque a rouvert ses portes ce matin, et à midi toutes les chaises de la \
            salle de lecture étaient prises. Les enfants qui attendaient depuis deux ans ont couru vers \
            les rayons sous la fenêtre, où se trouvent les livres sur les ponts et les rivières.";
        let german = "Die Bibliothek hat heute Morgen wieder geöffnet, und schon am Mittag waren alle \
            Stühle im Lesesaal besetzt. Die Kinder, die zwei Jahre gewartet hatten, liefen sofort zu den \
            Regalen unter dem Fenster, wo die Bücher über Brücken und Flüsse stehen.";
        let russian = "Библиотека сегодня утром снова открыла свои двери, и к полудню все стулья в \
            читальном зале были заняты. Дети, которые ждали два года, сразу побежали к полкам под окном.";
        check(Some("en"), "", english);
        check(Some("fr"), "", french);
        check(Some("de"), "", german);
        check(Some("ru"), "", russian);
        // With an unchanged template.
        check(Some("fr"), "en-US", french);
        check(Some("en"), "en-US", english);
    }

    #[test]
    fn too_short_to_tell() {
        check(None, "", "");
        check(None, "", "2024-03-04 12:00");
        check(None, "", "更新：无");
        check(None, "", "OK");
        check(None, "", "Update on Monday");
        check(Some("zh"), "", "老街的书店今天关门了");
        check(Some("zh"), "", "桥修好了");
    }

    #[test]
    fn every_language_of_the_detector_has_a_name_here() {
        for lang in Lang::all() {
            let language = Language::of_tag(lang.code());
            let is_short = language.is_some_and(|language| language.as_str().len() == 2);
            assert!(is_short, "{lang:?}");
        }
    }
}
