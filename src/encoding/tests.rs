use super::*;
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, GB18030, IBM866, ISO_8859_2, ISO_8859_5, KOI8_U, SHIFT_JIS, WINDOWS_1250,
    WINDOWS_1251,
};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Invented texts, each with its kind.
const TEXTS: &str = include_str!("texts.tsv");
const LENGTHS: [usize; 4] = [10, 30, 100, 1000];
const UNICODE_FORMS: [Decoder; 5] = [
    Decoder::Web(UTF_8),
    Decoder::Web(UTF_16LE),
    Decoder::Web(UTF_16BE),
    Decoder::Utf32Le,
    Decoder::Utf32Be,
];

fn legacy(kind: &str) -> Vec<&'static Encoding> {
    match kind {
        "simplified" => vec![GB18030],
        "traditional" | "hongkong" => vec![BIG5, GB18030],
        "japanese" => vec![SHIFT_JIS, EUC_JP, ISO_2022_JP],
        "korean" => vec![EUC_KR],
        "russian" => vec![WINDOWS_1251, KOI8_U, ISO_8859_5, IBM866],
        "french" => vec![WINDOWS_1252],
        "central" => vec![WINDOWS_1250, ISO_8859_2],
        _ => panic!("{kind}"),
    }
}

/// Encodes the text, without characters that the encoding does not have.
fn encoded(text: &str, decoder: Decoder) -> Vec<u8> {
    let units = || text.encode_utf16();
    match decoder {
        Decoder::Web(encoding) if encoding == UTF_16LE => {
            units().flat_map(u16::to_le_bytes).collect()
        }
        Decoder::Web(encoding) if encoding == UTF_16BE => {
            units().flat_map(u16::to_be_bytes).collect()
        }
        Decoder::Web(encoding) => {
            let has = |c: &char| !encoding.encode(c.encode_utf8(&mut [0; 4])).2;
            encoding.encode(&text.chars().filter(has).collect::<String>()).0.into_owned()
        }
        Decoder::Utf32Le => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        Decoder::Utf32Be => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        Decoder::Late(encoding) => encoded(text, Decoder::Web(encoding)).split_off(1),
    }
}

/// Concatenates the texts of a kind from the given one on, up to `length`.
fn long(kind: &str, number: usize, length: usize) -> String {
    let texts: Vec<&str> = TEXTS
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(of, _)| *of == kind)
        .map(|(_, text)| text)
        .collect();
    texts.iter().cycle().skip(number).flat_map(|text| text.chars()).take(length).collect()
}

/// A seed as feeds write it, with a label of the page.
fn labelled(text: &str, label: &str) -> String {
    format!(
        "<!--1707090302000-->\n[{text}](https://news.example/a/1.html)\n------\n\n\
         <meta http-equiv=\"Content-Type\" content=\"text/html; charset={label}\">\n\
         <div class=\"article-body\"><p>{text}</p></div>\n"
    )
}

/// Variants of one text in one encoding: complete, cut at each of the last four bytes, with a wrong bit in
/// three places, with the right label and with wrong ones.
fn variants(text: &str, decoder: Decoder) -> Vec<Vec<u8>> {
    let whole = encoded(text, decoder);
    let mut variants = vec![whole.clone()];
    variants.extend((1..=4).map(|cut| whole[..whole.len() - cut].to_owned()));
    for place in 0..3 {
        let mut flipped = whole.clone();
        let at = (2 * place + 1) * whole.len() / 6;
        flipped[at] ^= 1 << ((place * 5 + whole.len()) % 8);
        variants.push(flipped);
    }
    let name = match decoder {
        Decoder::Web(encoding) => encoding.name(),
        _ => "utf-8",
    };
    for label in [name, "ISO-8859-1", "Big5"] {
        variants.push(encoded(&labelled(text, label), decoder));
    }
    variants
}

/// How much of a text was read as written, from both ends.
fn kept(read: &str, written: &str) -> usize {
    let same = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| {
        one.zip(other).take_while(|(one, other)| one == other).count()
    };
    same(&mut read.chars(), &mut written.chars())
        + same(&mut read.chars().rev(), &mut written.chars().rev())
}

/// A character that is cut off may be omitted or marked.
fn without_end(text: &str) -> &str {
    text.trim_end_matches(['\u{fffd}', '\0'])
}

/// How many variants were read as written.
#[derive(Default)]
struct Score {
    right: usize,
    all: usize,
}

impl Score {
    fn percent(&self) -> f64 {
        100.0 * self.right as f64 / self.all as f64
    }
}

#[derive(Default)]
struct Table {
    /// By kind, whether the encoding is a Unicode one, and length.
    scores: BTreeMap<(&'static str, usize), Score>,
    /// The encodings that were read, by the one that was written.
    confusion: BTreeMap<(String, String), usize>,
    /// Chinese texts that were read in a single-byte encoding.
    chinese_as_alphabetic: Vec<String>,
}

impl Table {
    /// A result is right if it equals that of its own decoder; where bytes are bad, also if it is as close to
    /// the complete text in the same encoding.
    fn add(
        &mut self,
        kind: &'static str,
        length: usize,
        written: Decoder,
        (bytes, whole): (&[u8], &[u8]),
    ) {
        let right = written.decode(bytes, bytes.len());
        let text = written.decode(whole, whole.len()).text;
        let read = decode(bytes);
        let (is_right, name) = match &read {
            Ok(read) => {
                let is_same = without_end(&read.text) == without_end(&right.text);
                let is_near =
                    read.encoding.starts_with(right.encoding.trim_end_matches(" (lossy)"))
                        && kept(&read.text, &text) >= kept(&right.text, &text);
                (is_same || is_near, read.encoding.as_str())
            }
            Err(_) => (false, "none"),
        };
        let name = name.trim_end_matches(" (lossy)");
        let is_single = Encoding::for_label(name.as_bytes()).is_some_and(Encoding::is_single_byte);
        if matches!(kind, "simplified" | "traditional" | "hongkong") && is_single {
            self.chinese_as_alphabetic.push(format!("{name}: {}", right.text));
        }
        let score = self.scores.entry((kind, length)).or_default();
        score.all += 1;
        score.right += usize::from(is_right);
        let written = right.encoding.trim_end_matches(" (lossy)").to_owned();
        let read = if is_right { written.clone() } else { name.to_owned() };
        *self.confusion.entry((written, read)).or_default() += 1;
    }

    fn percent(&self, kinds: &[&str], length: usize) -> f64 {
        let mut sum = Score::default();
        for ((kind, of_length), score) in &self.scores {
            if kinds.contains(kind) && *of_length == length {
                sum.right += score.right;
                sum.all += score.all;
            }
        }
        sum.percent()
    }

    fn written(&self) -> String {
        let mut lines = String::new();
        for ((kind, length), score) in &self.scores {
            _ = writeln!(lines, "{kind:12} {length:5} {:6.2} % of {}", score.percent(), score.all);
        }
        for ((written, read), count) in &self.confusion {
            _ = writeln!(lines, "{written:14} read as {read:14} {count:6}");
        }
        lines
    }
}

const CHINESE: &[&str] = &["simplified", "traditional", "hongkong"];
const KOREAN_AND_JAPANESE: &[&str] = &["japanese", "korean"];
const ALL: &[&str] = &[
    "simplified",
    "traditional",
    "hongkong",
    "japanese",
    "korean",
    "russian",
    "french",
    "central",
];

#[test]
fn texts_are_read_as_they_were_written() {
    let mut table = Table::default();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for (kind, _) in TEXTS.lines().filter_map(|line| line.split_once('\t')) {
        let number = numbers.entry(kind).or_default();
        for length in LENGTHS {
            let text = long(kind, *number, length);
            let forms = if length < 100 { &UNICODE_FORMS[..] } else { &UNICODE_FORMS[..2] };
            let decoders = legacy(kind).into_iter().map(Decoder::Web);
            let decoders = decoders.chain(forms.iter().copied());
            for decoder in decoders {
                let whole = encoded(&text, decoder);
                for bytes in variants(&text, decoder) {
                    let whole = if bytes.len() > whole.len() { &bytes } else { &whole };
                    table.add(kind, length, decoder, (&bytes, whole));
                }
            }
        }
        *number += 1;
    }
    println!("{}", table.written());
    assert_eq!(table.chinese_as_alphabetic, [""; 0]);
    let goals: [(&[&str], [f64; 4]); 3] = [
        (CHINESE, [97.0, 99.5, 99.5, 99.5]),
        (KOREAN_AND_JAPANESE, [90.0, 92.0, 96.0, 98.0]),
        (ALL, [88.0, 92.0, 94.0, 94.0]),
    ];
    for (kinds, least) in goals {
        for (length, least) in LENGTHS.into_iter().zip(least) {
            let percent = table.percent(kinds, length);
            assert!(percent >= least, "{kinds:?} of {length}: {percent:.2} %\n{}", table.written());
        }
    }
}

#[track_caller]
fn check(bytes: &[u8], text: &str, encoding: &str) {
    let decoded = decode(bytes).unwrap_or_else(|rejection| panic!("{text:?}: {rejection:?}"));
    assert_eq!((decoded.text.as_str(), decoded.encoding.as_str()), (text, encoding));
}

#[test]
fn nul_bytes_are_no_part_of_a_text() {
    let text = "[图书馆](https://news.example/1)\n---\n\n<p>今天重新开门。</p>\n";
    check(&[text.as_bytes(), &[0; 4096]].concat(), text, "utf-8");
    check(&[&GB18030.encode(text).0[..], &[0; 512]].concat(), text, "gb18030");
    for decoder in UNICODE_FORMS {
        let name = decoder.decode(b"", 0).encoding;
        check(&[encoded(text, decoder), vec![0; 64]].concat(), text, &name);
    }
    let (head, tail) = text.split_at(text.len() / 2 / 3 * 3 - 1);
    let hole = [head.as_bytes(), &[0; 700], tail.as_bytes()].concat();
    check(&hole, text, "utf-8");
    check(b"one\0two\0three four five", "onetwothree four five", "utf-8");
}

#[test]
fn bytes_without_sense_are_undecodable_or_empty() {
    let reason = |bytes: &[u8]| decode(bytes).expect_err("a rejection").reason;
    assert_eq!(reason(&[0; 4096]), Reason::EmptyFile);
    assert_eq!(reason(b" \n\0\0"), Reason::EmptyFile);
    let mut state = 7u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    assert_eq!(reason(&noise.take(3000).collect::<Vec<u8>>()), Reason::Undecodable);
    let numbers: Vec<u8> = (0..900u32).flat_map(|n| (n * n % 977).to_le_bytes()).collect();
    assert_eq!(reason(&numbers), Reason::Undecodable);
}

#[test]
fn marks_are_believed_where_the_rest_agrees() {
    let text = "图书馆今天重新开门";
    for (mark, decoder) in [
        (&b"\xef\xbb\xbf"[..], UNICODE_FORMS[0]),
        (b"\xff\xfe", UNICODE_FORMS[1]),
        (b"\xfe\xff", UNICODE_FORMS[2]),
        (b"\xff\xfe\0\0", UNICODE_FORMS[3]),
        (b"\0\0\xfe\xff", UNICODE_FORMS[4]),
    ] {
        let name = decoder.decode(b"", 0).encoding;
        check(&[mark, &encoded(text, decoder)].concat(), text, &name);
    }
    let long = text.repeat(3);
    check(&[b"\xef\xbb\xbf", &GB18030.encode(&long).0[..]].concat(), &long, "gb18030");
}

/// Programs put marks before bytes that they did not check, and copies begin a byte too late.
#[test]
fn marks_are_not_believed_against_the_text() {
    let text =
        "---\ntitle: 图书馆重新开门\nfrom: https://news.example/1\n---\n雨停了，门口排起了长队。\n";
    let marks: [&[u8]; 5] =
        [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff"];
    let legacy = [GB18030, BIG5].map(Decoder::Web);
    for decoder in UNICODE_FORMS.into_iter().chain(legacy) {
        let name = decoder.decode(b"", 0).encoding;
        let bytes = encoded(text, decoder);
        let written = decoder.decode(&bytes, bytes.len()).text;
        // Two bytes before UTF-32 put it out of step.
        for mark in marks.into_iter().filter(|mark| mark.len() > 2 || decoder.unit() < 4) {
            check(&[mark, &bytes].concat(), &written, &name);
        }
    }
    // Scripts of which only the blanks are known.
    for text in ["आज सुबह पुस्तकालय फिर से खुल गया\n", "ቤተ መጻሕፍቱ ዛሬ እንደገና ተከፈተ።\n", "དེ་རིང་ དཔེ་མཛོད་ཁང་\n"]
    {
        for decoder in &UNICODE_FORMS[1..] {
            let name = decoder.decode(b"", 0).encoding;
            check(&encoded(&format!("\u{feff}{text}"), *decoder), text, &name);
        }
    }
}

#[test]
fn utf_16_is_read_without_its_first_byte() {
    let text = "<!--1-->\n[图书馆重新开门](https://news.example/1)\n------\n<p>雨停了。</p>\n";
    for (encoding, name, first) in
        [(UTF_16LE, "utf-16le (lossy)", "\u{fffd}"), (UTF_16BE, "utf-16be", "<")]
    {
        let late = Decoder::Late(encoding);
        check(&encoded(text, late), &format!("{first}{}", &text[1..]), name);
        // Then the first byte of the mark is lost.
        let name = name.trim_end_matches(" (lossy)");
        check(&encoded(&format!("\u{feff}{text}"), late), text, name);
        // An extra byte is just as bad.
        let bytes = [b"\n", &encoded(text, Decoder::Web(encoding))[..]].concat();
        let decoded = decode(&bytes).unwrap();
        assert!(decoded.text.ends_with(text), "{name}: {decoded:?}");
    }
}

/// UTF-8 characters do not occur by chance: beside them, other bytes are damage, however many.
#[test]
fn utf_8_with_many_bad_bytes_is_nothing_else() {
    let mut state = 5u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for kind in CHINESE.iter().chain(KOREAN_AND_JAPANESE).chain(&["russian"]) {
        for (length, bad) in [(30, 3), (30, 12), (30, 40), (200, 12), (200, 100)] {
            for lowest in [0x80, 0xa1, 0xe0] {
                let mut bytes = labelled(&long(kind, 0, length), "utf-8").into_bytes();
                for _ in 0..bad {
                    let place = 60 + next(bytes.len() - 60);
                    bytes.insert(place, (lowest + next(0x100 - lowest)) as u8);
                }
                match decode(&bytes) {
                    Ok(decoded) => assert_eq!(decoded.encoding, "utf-8 (lossy)", "{kind} {bad}"),
                    Err(rejection) => assert_eq!(rejection.reason, Reason::Undecodable),
                }
            }
        }
    }
}

#[test]
fn labels_are_heeded_where_browsers_do() {
    let named = |head: &str| label::of(head.as_bytes()).map(Encoding::name);
    assert_eq!(named("<?xml version='1.0' encoding='Big5'?><a>"), Some("Big5"));
    assert_eq!(named("[题](u)\n---\n<META CharSet = gb2312>"), Some("gb18030"));
    assert_eq!(
        named("<meta content='text/html; charset=\"euc-kr\"' http-equiv=Content-Type />"),
        Some("EUC-KR")
    );
    for none in [
        "charset=big5",
        "<p>charset=big5</p>",
        "<script>document.write('<meta charset=big5>')</script>",
        "<script src='a.js' charset='big5'></script>",
        "<!-- <meta charset=big5> -->",
        "<title>on <meta charset=big5></title>",
        "<p title='<meta charset=big5>'>",
        "<meta name=description content='what charset=big5 means'>",
        "<a href='/?charset=big5'>",
        "<meta charset=utf-16>",
        "<meta charset=x-user-defined>",
    ] {
        assert_eq!(named(none), None, "{none}");
    }
}

#[test]
fn names_are_weighed_together() {
    let of = |names: &[&str], encoding: &'static Encoding| {
        let names: Vec<Vec<u8>> =
            names.iter().map(|name| encoding.encode(name).0.into_owned()).collect();
        of_names(&names).name()
    };
    assert_eq!(of(&["新闻/图书馆.md"], GB18030), "gb18030");
    assert_eq!(of(&["新聞/圖書館.md", "新聞/颱風.md"], BIG5), "Big5");
    assert_eq!(of(&["ニュース/図書館.md"], SHIFT_JIS), "Shift_JIS");
    assert_eq!(of(&["소식/도서관.md"], EUC_KR), "EUC-KR");
}

/// Rules, rows of stars and indents can have as many bytes as the text, and do not indicate its encoding.
#[test]
fn rules_and_rows_of_signs_are_ignored() {
    let simplified = "桥修好了，先过去的是送菜的车。后来孩子们也来了，一路都有人站着看。";
    let traditional = "橋修好了，先過去的是送菜的車。後來孩子們也來了，一路都有人站著看。";
    for (encoding, text) in [(GB18030, simplified), (GB18030, traditional), (BIG5, traditional)] {
        for drawn in ["─", "★☆", "　", "■□■", "★ ☆ "] {
            for count in [40, 700] {
                let row = drawn.repeat(count);
                for page in [
                    format!("<p>{row}</p><p>{text}</p>"),
                    format!("<p>{row}</p><p>{}</p><p>{row}</p>", &text[..36]),
                    text.split_inclusive('，').map(|part| format!("{row}{part}\n")).collect(),
                ] {
                    let (bytes, _, has_unknown) = encoding.encode(&page);
                    if has_unknown {
                        continue;
                    }
                    let decoded = decode(&bytes).unwrap();
                    assert_eq!(decoded.text, page, "{} {drawn} × {count}", encoding.name());
                }
            }
        }
    }
}

/// In GB18030, its bytes are other characters, and not a text.
#[test]
fn an_unsupported_encoding_is_refused() {
    // A sentence in EUC-TW.
    let sentence =
        b"\xe8\xb7\xd5\xf3\xf3\xa8\xc4\xf4\xc5\xb2\xd3\xec\xe4\xbb\xe2\xe4\xcf\xdc\xa1\xa4\
          \xcf\xe4\xd8\xf4\xc4\xa7\xa1\xa2\xcf\xdc\xc4\xc7\xda\xea\xd8\xc4\xc4\xa7\xcf\xdb\
          \xe2\xe9\xa1\xa2\xd0\xe6\xc4\xcd\xd4\xaf\xc9\xe4\xc7\xe3\xe1\xa7\xf9\xb1\xd2\xe0\
          \xd5\xf3\xa1\xa2\xc8\xd2\xc4\xa9\xd4\xaf\xc7\xe3\xef\xe5\xfb\xaa\xd0\xe9\xe6\xd3\
          \xf7\xa9\xde\xde\xd7\xcb\xa1\xa4";
    for times in [1, 20] {
        let bytes = b"<!--1-->\n[a](https://news.example/1)\n---\n<p>";
        let bytes = [&bytes[..], &sentence.repeat(times), b"</p>\n"].concat();
        assert_eq!(decode(&bytes).unwrap_err().reason, Reason::Undecodable);
    }
}
