//! The title for readers: without the name of the site after it.

use crate::extract::address::registrable_domain;
use crate::extract::text::{folded_text, one_line};
use std::collections::HashSet;

/// Separators between a title and the name of a site.
const SEPARATORS: [&str; 7] = [" - ", " – ", " — ", " | ", " ｜ ", "_", "|"];

/// How many separators, from the end, can separate a title from names: each costs as much as the title is
/// long.
const MAX_SEPARATORS: usize = 16;

/// The title without a site's name after it, if that is certain: the name is the host's own, or a heading
/// that can be the page's own repeats the title without it.
pub(in crate::extract) fn display_title(
    raw: &str,
    host: Option<&str>,
    headings: &[&str],
) -> String {
    let title = one_line(raw);
    let keys: HashSet<String> = headings.iter().map(|heading| folded_text(heading)).collect();
    let repeated = cuts(&title).find(|(before, _)| keys.contains(&folded_text(before)));
    if let Some((before, _)) = repeated {
        return before.trim_end().to_owned();
    }
    let Some(name) = host.map(site_name) else {
        return title;
    };
    let named = cuts(&title).find(|(_, suffix)| folded_text(suffix).to_lowercase() == name);
    let before = named.map(|(before, _)| without_outlet(before).trim_end().to_owned());
    before.unwrap_or(title)
}

/// The ways to cut a title at a separator, from the end; never before its first character.
fn cuts(title: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut ends: Vec<(usize, usize)> = SEPARATORS
        .iter()
        .flat_map(|separator| title.match_indices(separator).map(|(at, s)| (at, s.len())))
        .filter(|&(at, _)| at > 0)
        .collect();
    ends.sort_unstable_by(|one, other| other.cmp(one));
    ends.into_iter().take(MAX_SEPARATORS).map(|(at, length)| (&title[..at], &title[at + length..]))
}

/// `rfi` of `rfi.fr`.
fn site_name(host: &str) -> String {
    registrable_domain(host).split('.').next().unwrap_or_default().to_lowercase()
}

/// The name of the outlet may be before that of the host ("– 法国国际广播电台 - RFI").
fn without_outlet(title: &str) -> &str {
    const ENDINGS: [&str; 8] =
        ["电台", "電台", "电视台", "電視台", "新闻网", "新聞網", "中文网", "通讯社"];
    match cuts(title).next() {
        Some((before, outlet))
            if ENDINGS.iter().any(|ending| outlet.trim_end().ends_with(ending)) =>
        {
            before
        }
        _ => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(raw: &str, host: &str, headings: &[&str], title: &str) {
        assert_eq!(display_title(raw, Some(host), headings), title);
    }

    #[test]
    fn names_of_sites() {
        check("雨后 - Radio", "radio.example", &[], "雨后");
        check("雨后  – 某某广播电台 - Radio", "radio.example", &[], "雨后");
        check("雨后 – 一座城 - Radio", "radio.example", &[], "雨后 – 一座城");
        check("雨后 | 某博客", "radio.example", &[], "雨后 | 某博客");
        check("雨后 | 某博客", "radio.example", &["雨 后"], "雨后");
        check(" - Radio", "radio.example", &[], "- Radio");
        check("Radio", "radio.example", &[], "Radio");
        check("甲_乙", "radio.example", &[], "甲_乙");
    }
}
