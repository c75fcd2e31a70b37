//! The roles of people, from the words before their names; and lines of several names.

use crate::model::{Author, AuthorRole};

/// Words before the name of a writer, with the separator.
pub(super) const AUTHORS: [&str; 22] = [
    "作者",
    "文",
    "撰文",
    "撰稿",
    "记者",
    "記者",
    "采写",
    "採寫",
    "采访",
    "採訪",
    "文字",
    "执笔",
    "執筆",
    "撰写",
    "撰寫",
    "author",
    "authors",
    "by",
    "written by",
    "words",
    "text",
    "story",
];
/// Words for other contributors, who count if nobody else is named.
pub(super) const OTHERS: [&str; 32] = [
    "翻译",
    "翻譯",
    "译者",
    "譯者",
    "译",
    "譯",
    "校对",
    "校對",
    "编辑",
    "編輯",
    "责编",
    "責編",
    "编译",
    "編譯",
    "整理",
    "监制",
    "審校",
    "审校",
    "摄影",
    "攝影",
    "图",
    "圖",
    "来源",
    "來源",
    "責任編輯",
    "责任编辑",
    "网编",
    "網編",
    "editor",
    "translator",
    "photos",
    "photo",
];

/// The role that lower-case words before a name express.
pub(super) fn role(words: &str) -> Option<AuthorRole> {
    const ROLES: [(AuthorRole, &[&str]); 4] = [
        (AuthorRole::Reporter, &["记者", "記者", "采写", "採寫", "采访", "採訪"]),
        (
            AuthorRole::Photographer,
            &["摄影", "攝影", "图", "圖", "photo", "photos", "photos by", "photographs by"],
        ),
        (
            AuthorRole::Translator,
            &[
                "译",
                "譯",
                "翻译",
                "翻譯",
                "译者",
                "譯者",
                "编译",
                "編譯",
                "translator",
                "translated by",
            ],
        ),
        (
            AuthorRole::Editor,
            &[
                "编辑",
                "編輯",
                "编",
                "編",
                "校对",
                "校對",
                "整理",
                "监制",
                "審校",
                "审校",
                "editor",
                "edited by",
            ],
        ),
    ];
    let words = words.trim();
    let is_it = |(_, names): &&(AuthorRole, &[&str])| names.iter().any(|it| words.ends_with(it));
    let known = ROLES.iter().find(is_it).map(|(role, _)| *role);
    let is_own = words.is_empty()
        || AUTHORS.iter().any(|own| words == *own || own.len() > 2 && words.ends_with(own));
    known.or(is_own.then_some(AuthorRole::Author))
}

/// The people in a line of names.
pub(in crate::extract) fn people(line: &Author) -> impl Iterator<Item = Author> {
    let names = split(&line.name).into_iter();
    names.map(|name| Author { name, role: line.role })
}

/// The separate names in a line.
fn split(line: &str) -> Vec<String> {
    /// A line with more is not a line of names.
    const FEW: usize = 40;
    let whole = || vec![line.to_owned()];
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}');
    let mut names: Vec<String> = Vec::new();
    let pieces =
        line.split([';', '；', '、', '，', '&', '/']).flat_map(|piece| piece.split(" and "));
    for piece in pieces.map(str::trim).filter(|piece| !piece.is_empty()) {
        let of_han = || piece.split(' ').all(|word| (2..=4).contains(&word.chars().count()));
        if piece.chars().all(|c| is_han(c) || c == ' ') && of_han() {
            names.extend(piece.split(' ').map(str::to_owned));
            continue;
        }
        for part in piece.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            match names.last_mut() {
                // `Anna Example, Ph.D.`
                Some(before) if is_degree(part) => {
                    before.push_str(", ");
                    before.push_str(part);
                }
                _ => names.push(part.trim_start_matches("and ").to_owned()),
            }
        }
    }
    // `Example, Anna`: one person.
    let is_split_name = line.contains(',')
        && names.iter().any(|name| !name.contains(' ') && !name.contains(is_han));
    if is_split_name || names.len() > FEW || names.is_empty() { whole() } else { names }
}

/// Whether a text after a name is a title: `MD`, `Ph.D.`, `Jr.`.
fn is_degree(text: &str) -> bool {
    let is_short = text.chars().count() <= 8 && !text.contains(' ');
    let large = text.chars().filter(|c| c.is_uppercase()).count();
    let small = text.chars().filter(|c| c.is_lowercase()).count();
    is_short && (large > small || text.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_names() {
        for (line, names) in [
            ("Anna Example", &["Anna Example"][..]),
            ("Anna Example and Bob Muster", &["Anna Example", "Bob Muster"]),
            (
                "Anna Example, Bob Muster, and Cara Beispiel",
                &["Anna Example", "Bob Muster", "Cara Beispiel"],
            ),
            ("Anna Example, MD, Ph.D.; Bob Muster", &["Anna Example, MD, Ph.D.", "Bob Muster"]),
            ("Example, Anna", &["Example, Anna"]),
            ("某甲、某乙", &["某甲", "某乙"]),
            ("某甲 某乙某", &["某甲", "某乙某"]),
            ("某甲/某乙", &["某甲", "某乙"]),
            ("雨声周刊编辑部", &["雨声周刊编辑部"]),
            ("阿列克谢·某甲", &["阿列克谢·某甲"]),
        ] {
            assert_eq!(split(line), names, "{line}");
        }
    }

    #[test]
    fn roles() {
        for (words, of) in [
            ("", Some(AuthorRole::Author)),
            ("written by", Some(AuthorRole::Author)),
            ("作者", Some(AuthorRole::Author)),
            ("本报记者", Some(AuthorRole::Reporter)),
            ("攝影", Some(AuthorRole::Photographer)),
            ("译", Some(AuthorRole::Translator)),
            ("责任编辑", Some(AuthorRole::Editor)),
            ("edited by", Some(AuthorRole::Editor)),
            ("来源", None),
            ("illustrated by", None),
        ] {
            assert_eq!(role(words), of, "{words}");
        }
    }
}
