//! Labels of times: which are of publication, and which of a later change.

use crate::model::WrittenTime;

/// Words for publication, in lower case.
const PUBLISHED: [&str; 25] = [
    "发布时间",
    "发布日期",
    "发布于",
    "发表于",
    "发表时间",
    "發布",
    "發表",
    "刊登",
    "published",
    "posted on",
    "date:",
    "veröffentlicht",
    "erstellt",
    "publié",
    "publicado",
    "pubblicato",
    "gepubliceerd",
    "publicerad",
    "опубликовано",
    "掲載",
    "公開日",
    "게시",
    "등록",
    "입력",
    "时间：",
];
/// Words for a change, in lower case.
const CHANGED: [&str; 27] = [
    "updated",
    "last modified",
    "last edited",
    "last revised",
    "last reviewed",
    "aktualisiert",
    "zuletzt geändert",
    "letzte änderung",
    "mis à jour",
    "dernière mise à jour",
    "modifié le",
    "actualizado",
    "actualización",
    "aggiornato",
    "atualizado",
    "bijgewerkt",
    "uppdaterad",
    "opdateret",
    "oppdatert",
    "zaktualizowano",
    "обновлено",
    "оновлено",
    "güncelleme",
    "更新",
    "最后修改",
    "最後修改",
    "수정",
];
/// A line with more letters is not only a label.
const LABEL_LETTERS: usize = 24;

/// Whether a line has a word for publication.
pub(super) fn says_published(line: &str) -> bool {
    let lower = line.to_lowercase();
    PUBLISHED.iter().any(|word| lower.contains(word))
}

/// Whether a text before a time says that it is of a change: after its last word for publication, if any, and
/// without a time that this word could mean.
pub(super) fn is_of_change(before: &str) -> bool {
    let lower = before.to_lowercase();
    let Some(at) = CHANGED.iter().filter_map(|word| lower.rfind(word)).max() else { return false };
    published(&lower[at..]).is_none() && WrittenTime::find(&lower[at..]).is_none()
}

/// The first word for publication in a text that begins with one for a change, and is not part of that
/// (`更新时间：`).
fn published(text: &str) -> Option<usize> {
    let words = PUBLISHED.iter().flat_map(|word| text.match_indices(word));
    let is_own = |at: &usize| {
        let before = text[..*at].trim_end();
        !CHANGED.iter().any(|word| before.ends_with(word))
    };
    words.map(|(at, _)| at).filter(is_own).min()
}

/// Whether a line is only such a word, for a time below it.
pub(super) fn is_label_of_change(line: &str, letters: usize) -> bool {
    letters <= LABEL_LETTERS && is_of_change(line)
}

/// The times of a line, each with whether it is of a change. A word for a change is before its time, or
/// directly behind it.
pub(super) fn times(
    line: &str,
    is_after_label: bool,
) -> (Option<WrittenTime>, Option<WrittenTime>) {
    if is_after_label {
        return (None, WrittenTime::find(line));
    }
    let lower = line.to_lowercase();
    let changed = CHANGED.iter().filter_map(|word| lower.find(word)).min();
    let Some(changed) = changed else { return (WrittenTime::find(line), None) };
    let (before, behind) = lower.split_at(changed);
    let (of_change, rest) = behind.split_at(published(behind).unwrap_or(behind.len()));
    let first = WrittenTime::find(before);
    match WrittenTime::find(of_change) {
        None if first.is_some() && !says_published(before) => (WrittenTime::find(rest), first),
        change => (first.or_else(|| WrittenTime::find(rest)), change),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, published: &str, changed: &str) {
        let day = |time: Option<WrittenTime>| {
            time.map_or("-".to_owned(), |it| it.at.to_string()[5..10].to_owned())
        };
        let (first, second) = times(line, false);
        assert_eq!((day(first).as_str(), day(second).as_str()), (published, changed), "{line}");
    }

    #[test]
    fn the_times_of_a_line() {
        check("2 January 2024", "01-02", "-");
        check("Published: 2 January 2024", "01-02", "-");
        check("Last updated: 3 February 2024", "-", "02-03");
        check("Published 2 January 2024 | Updated 3 February 2024", "01-02", "02-03");
        check("UPDATED 3 February 2024, published 2 January 2024", "01-02", "02-03");
        check("2 January 2024 (updated 3 February 2024)", "01-02", "02-03");
        check("2024-01-02T10:00:00Z, updated 2024-02-03T10:00:00Z", "01-02", "02-03");
        check("更新时间：2024-02-03", "-", "02-03");
        check("2024年2月3日更新", "-", "02-03");
        check("2024年1月2日掲載 2024年2月3日更新", "01-02", "-");
        check("发布时间：2024-01-02 更新时间：2024-02-03", "01-02", "02-03");
        check("Aktualisiert: 3. Februar 2024", "-", "02-03");
        check("Mis à jour le 3 février 2024", "-", "02-03");
        check("Обновлено 03.02.2024", "-", "-");
        check("no time at all, updated", "-", "-");
    }

    #[test]
    fn a_label_before_a_time() {
        for before in ["Last updated:", "Published 2 January 2024, updated ", "更新时间："] {
            assert!(is_of_change(before), "{before}");
        }
        for before in ["", "Published", "Updated 3 February 2024 · ", "Updated 3 h ago, published"]
        {
            assert!(!is_of_change(before), "{before}");
        }
    }
}
