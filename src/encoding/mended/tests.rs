use crate::encoding::{Decoded, decode};
use crate::model::Reason;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS};

const SIMPLIFIED: &str = "图书馆今天重新开门，雨停了，门口排起了长队，孩子们坐在窗边看书。";
const TRADITIONAL: &str = "圖書館今天重新開門，雨停了，門口排起了長隊，孩子們坐在窗邊看書。";
const JAPANESE: &str = "図書館は今日また開きました。雨が上がって、入口には長い列ができた。";
const KOREAN: &str = "도서관이 오늘 다시 문을 열었다. 비가 그치고 입구에 긴 줄이 섰다.";

fn page(title: &str, text: &str) -> String {
    format!("<!--1-->\n[{title}](https://news.example/1)\n------\n\n<p>{text}</p>\n<p>{text}</p>\n")
}

fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    let (bytes, _, has_unknown) = encoding.encode(text);
    assert!(!has_unknown, "{text}");
    bytes.into_owned()
}

/// The number of characters of a text that were not read as written.
fn lost(read: &str, written: &str) -> usize {
    let same = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| {
        one.zip(other).take_while(|(one, other)| one == other).count()
    };
    let before = same(&mut read.chars(), &mut written.chars());
    let after = same(&mut read.chars().rev(), &mut written.chars().rev());
    written.chars().count().saturating_sub(before + after)
}

/// A copy lost one byte, at any position: a character or two are damaged, and the text after them is not.
#[test]
fn a_lost_byte_is_not_the_end_of_the_line() {
    let texts = [
        (GB18030, SIMPLIFIED),
        (GB18030, TRADITIONAL),
        (BIG5, TRADITIONAL),
        (EUC_JP, JAPANESE),
        (SHIFT_JIS, JAPANESE),
        (EUC_KR, KOREAN),
    ];
    for (encoding, text) in texts {
        let written = page("题", text).replace('题', &text.chars().take(4).collect::<String>());
        let bytes = encoded(&written, encoding);
        let (mut worst, mut sum, mut count) = (0, 0, 0);
        // In the title, the bracket may be lost with the last character. Then there is no header, and that is
        // reported.
        let body = memchr::memmem::find(&bytes, b"<p>").unwrap();
        // A character that ends in an ASCII letter leaves that letter.
        let leaves_a_letter = |at: usize| matches!(bytes[at + 1], b'@'..=b'~');
        let is_told = |at: &usize| !bytes[*at].is_ascii() && !leaves_a_letter(*at);
        for at in (body..bytes.len()).filter(is_told) {
            let without = [&bytes[..at], &bytes[at + 1..]].concat();
            let Decoded { text, encoding: name } = decode(&without).unwrap();
            // Before an ASCII letter, two halves can form a valid character; this cannot be detected.
            let lossy = if text.contains('\u{fffd}') { " (lossy)" } else { "" };
            let expected = format!("{}{lossy}", encoding.name().to_ascii_lowercase());
            assert_eq!(name, expected, "{at}: {text}");
            let lost = lost(&text, &written);
            (worst, sum, count) = (worst.max(lost), sum + lost, count + 1);
        }
        let name = encoding.name();
        assert!(worst <= 6 && sum <= 2 * count, "{name}: up to {worst}, {sum} of {count} in all");
    }
}

#[test]
fn a_short_text_may_have_lost_a_byte() {
    let (mut right, mut all) = (0, 0);
    for length in [10, 15, 20, 30] {
        let starts = SIMPLIFIED.char_indices().take(12).map(|(at, _)| at);
        for text in starts.map(|at| SIMPLIFIED[at..].chars().take(length).collect::<String>()) {
            let bytes = encoded(&text, GB18030);
            for at in 0..bytes.len() {
                let without = [&bytes[..at], &bytes[at + 1..]].concat();
                all += 1;
                right += usize::from(decode(&without).is_ok_and(|read| {
                    read.encoding == "gb18030 (lossy)" && lost(&read.text, &text) <= 3
                }));
            }
        }
    }
    println!("{right} of {all}");
    assert!(right * 100 >= all * 97, "{right} of {all}");
}

#[test]
fn wide_units_get_in_step_again() {
    // In a row of equal characters, the position of the lost byte cannot be known.
    let written = page("图书馆", SIMPLIFIED).replace("------", "- -");
    let le: Vec<u8> = written.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let be: Vec<u8> = written.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let wide_le: Vec<u8> = written.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let wide_be: Vec<u8> = written.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    for (name, bytes) in
        [("utf-16le", le), ("utf-16be", be), ("utf-32le", wide_le), ("utf-32be", wide_be)]
    {
        for at in (8..bytes.len() - 8).step_by(7) {
            let gap = [&bytes[..at], &bytes[at + 1..]].concat();
            let more = [&bytes[..at], b"\xe4", &bytes[at..]].concat();
            for bytes in [gap, more] {
                let Decoded { text, encoding } = decode(&bytes).unwrap();
                assert_eq!(encoding, format!("{name} (lossy)"), "{at}: {text}");
                assert!(lost(&text, &written) <= 3, "{name} {at}: {text}");
            }
        }
    }
}

/// Scripts in no table are read in step, and so are rows of signs.
#[test]
fn unknown_scripts_stay_in_step() {
    let hindi = "आज सुबह पुस्तकालय फिर से खुल गया और बच्चे खिड़की के पास बैठकर पढ़ रहे थे। ".repeat(20);
    let tibetan = "དེ་རིང་ དཔེ་མཛོད་ཁང་ ".repeat(20);
    let faces = "雨停了\u{1f600}\u{1f327}，門開了。".repeat(20);
    let rows = format!("雨停了{}，门开了{}。", "─".repeat(90), "■□".repeat(90));
    for text in [hindi, tibetan, faces, rows] {
        let marked = format!("\u{feff}{text}");
        let le: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, name) in [(le, "utf-16le"), (be, "utf-16be")] {
            let expected = Decoded { text: text.clone(), encoding: name.into() };
            assert_eq!(decode(&bytes).unwrap(), expected);
        }
    }
}

/// A title by one program before the text of another, or a line added later.
#[test]
fn two_encodings_in_one_file_are_both_read() {
    let written = page("图书馆重新开门", SIMPLIFIED);
    let (head, body) = written.split_at(written.find("\n---").unwrap());
    let of = |text: &str| encoded(text, GB18030);
    for (bytes, name) in [
        ([of(head), body.into()].concat(), "utf-8 + gb18030"),
        ([head.into(), of(body)].concat(), "gb18030 + utf-8"),
    ] {
        let expected = Decoded { text: written.clone(), encoding: name.into() };
        assert_eq!(decode(&bytes).unwrap(), expected);
    }
    let traditional = page("圖書館重新開門", TRADITIONAL);
    let (head, body) = traditional.split_at(traditional.find("\n---").unwrap());
    let bytes = [encoded(head, BIG5), body.into()].concat();
    assert_eq!(decode(&bytes).unwrap().text, traditional);
    let units: Vec<u8> = written.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let line = "<p>后来又有人来了。</p>\n";
    let read = decode(&[&units[..], line.as_bytes()].concat()).unwrap();
    assert_eq!((read.text, read.encoding), (written + line, "utf-16le + utf-8".into()));
}

/// Bytes in no supported encoding are not read as another encoding's text.
#[test]
fn an_unsupported_part_is_lost_or_refused() {
    let written = page("图书馆重新开门", SIMPLIFIED);
    let bad: Vec<u8> = (0..24u8).map(|n| 0x80 | n.wrapping_mul(37)).collect();
    let bytes = [written.as_bytes(), b"<p>", &bad, b"</p>\n"].concat();
    match decode(&bytes) {
        Ok(read) => assert_eq!(read.encoding, "utf-8 (lossy)"),
        Err(rejection) => assert_eq!(rejection.reason, Reason::Undecodable),
    }
}
