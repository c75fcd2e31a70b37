//! Reporters in the text, as East Asian newspapers name them: `（记者 某甲 某乙）`, `本报记者 某甲`, `某甲 기자`, or only names
//! in brackets after the last sentence.

use super::super::collect::Line;

/// How many lines before the title are searched.
const LINES_BEFORE: usize = 5;
/// Names alone in brackets follow a text of at least this many bytes.
const LEAST_TEXT: usize = 60;

/// Words before the names, and in Korean after them.
const REPORTERS: [&str; 8] =
    ["记者", "記者", "执笔人", "执笔", "執筆", "实习生", "通讯员", "通訊員"];
const BEHIND_NAMES: &str = "기자";
/// Words in the place of a name.
const NO_NAMES: &str = " 通讯员 通訊員 实习生 實習生 特约 特約 摄影 攝影 采访 採訪 附图 附圖 图文 圖文 文图 新闻 新聞 ";
/// The ends of words for the place of a report.
const ENDS: [&str; 5] = ["报道", "報導", "报导", "電", "电"];

/// The names of reporters in the first line that has some, and in the lines directly after it.
pub(super) fn of_lines(lines: &[Line], title: Option<usize>) -> Option<String> {
    let from = title.map_or(0, |title| title.saturating_sub(LINES_BEFORE));
    let mut lines = lines[from..].iter().filter(|line| !line.is_aside);
    let mut names = lines.find_map(|line| of_line(&line.text))?;
    // One line for the newspaper's own, the next for others.
    names.extend(lines.map_while(|line| of_line(&line.text)).flatten());
    Some(names.join(" "))
}

fn of_line(line: &str) -> Option<Vec<&str>> {
    let behind = REPORTERS.iter().flat_map(|word| {
        line.match_indices(word).take(8).map(|(at, word)| &line[at + word.len()..])
    });
    let mut found = behind.map(names).filter(|names| !names.is_empty());
    found.next().or_else(|| in_brackets(line)).or_else(|| before_word(line))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}')
}

/// Names of two to four characters at the start of a text, followed only by a place.
fn names(text: &str) -> Vec<&str> {
    let opens = |c: char| c.is_whitespace() || matches!(c, '：' | ':' | '（' | '(');
    let divides = |c: char| c.is_whitespace() || matches!(c, '、' | ',' | '，' | '/');
    // Without a separator before it, a word of the sentence may follow.
    let is_divided = text.starts_with(opens);
    let mut names = Vec::new();
    let mut rest = text.trim_start_matches(opens);
    loop {
        let (run, behind) = rest.split_at(rest.find(|c| !is_han(c)).unwrap_or(rest.len()));
        let is_other = run.is_empty()
            || ENDS.iter().any(|end| run.ends_with(end))
            || NO_NAMES.contains(&format!(" {run} "));
        if is_other {
            return names;
        }
        let is_last = is_divided && behind.is_empty() || behind.starts_with(['）', ')', ']', '】']);
        if !(2..=4).contains(&run.chars().count()) || !(is_last || behind.starts_with(divides)) {
            return Vec::new();
        }
        names.push(run);
        if is_last {
            return names;
        }
        rest = behind.trim_start_matches(divides);
    }
}

/// Names alone in brackets at the end of a line.
fn in_brackets(line: &str) -> Option<Vec<&str>> {
    let inside = line.trim_end().strip_suffix(['）', ')'])?;
    let open = inside.rfind(['（', '(']).filter(|open| *open >= LEAST_TEXT)?;
    let names = names(&inside[open..]);
    (!names.is_empty()).then_some(names)
}

/// A name before the word for a reporter, as in Korean. With an ending, the word is part of a sentence: `기자들에게` is "to
/// reporters", `기자회견` a press conference.
fn before_word(line: &str) -> Option<Vec<&str>> {
    let is_hangul = |c: char| matches!(c, '\u{ac00}'..='\u{d7a3}');
    let (before, behind) = line.split_once(BEHIND_NAMES)?;
    if behind.starts_with(is_hangul) {
        return None;
    }
    let before = before.trim_end();
    let run = before.rsplit(|c| !is_hangul(c)).next().unwrap_or_default();
    matches!(run.chars().count(), 2..=4).then(|| vec![run])
}
