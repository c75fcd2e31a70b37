//! The name that was meant by a mistyped one.

/// Maximum length of a name that is compared, in characters: the work grows with the square of it.
const LONGEST: usize = 64;

/// The candidate that fewest edits turn the name into: a letter inserted, left out or replaced, or two
/// neighbours exchanged. `None` if even that one needs more than an edit for
/// every three letters. Upper and lower
/// case are the same; the first of several is returned.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = letters(name);
    if name.len() > LONGEST {
        return None;
    }
    let most = name.len().div_ceil(3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = letters(candidate);
        // Names whose lengths differ by more need not be compared.
        if name.len().abs_diff(other.len()) > most {
            continue;
        }
        let edits = distance(&name, &other);
        if edits <= most && best.is_none_or(|(least, _)| edits < least) {
            best = Some((edits, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn letters(name: &str) -> Vec<char> {
    name.chars().flat_map(char::to_lowercase).collect()
}

/// The number of edits between two names.
fn distance(one: &[char], other: &[char]) -> usize {
    // Rows of the table of distances between their beginnings: the one before the last, the last, this one.
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut this = vec![row + 1];
        for (column, second) in other.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != second);
            let mut least = replaced.min(last[column + 1] + 1).min(this[column] + 1);
            let is_exchanged =
                row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *second;
            if is_exchanged {
                least = least.min(before[column - 1] + 1);
            }
            this.push(least);
        }
        before = std::mem::replace(&mut last, this);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        let check = |one: &str, other: &str, expected: usize| {
            assert_eq!(distance(&letters(one), &letters(other)), expected, "{one} {other}");
            assert_eq!(distance(&letters(other), &letters(one)), expected, "{other} {one}");
        };
        check("", "", 0);
        check("", "abc", 3);
        check("article", "artcle", 1);
        check("article", "ARTICEL", 1);
        check("site", "sites", 1);
        check("kitten", "sitting", 3);
        check("人权", "人权x", 1);
    }

    #[test]
    fn the_nearest_name() {
        let names = ["article", "article_url", "article_text", "author", "tag", "id", "rfi.fr"];
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(nearest(name, names), expected, "{name}");
        };
        check("artcle", Some("article"));
        check("articles", Some("article"));
        check("Articel", Some("article"));
        check("autor", Some("author"));
        check("tags", Some("tag"));
        check("article_txt", Some("article_text"));
        check("rfi.com", Some("rfi.fr"));
        check("ids", Some("id"));
        check("revision", None);
        check("zzz", None);
        check("", None);
        check(&"a".repeat(100_000), None);
    }
}
