//! When a page was published, and when it was last changed.

use super::super::dom::NodeRef;
use super::collect::{Line, Signals};
use super::labels;
use super::marked::{Marked, Sign};
use super::objects::{self, Object};
use super::titles::Title;
use crate::model::{Published, Timestamp, WrittenTime};

/// How many lines before the title are searched for a date.
const LINES_BEFORE: usize = 12;
const LINES_BEHIND: usize = 30;
/// How many lines apart two times of an article are, where both are named.
const FACT_LINES: usize = 3;
/// A line with more letters is not about its date.
const LINE_LETTERS: usize = 100;
/// For lines anywhere on the page.
const SHORT_LETTERS: usize = 40;
const SHORT_LINES: usize = 2_000;

/// Names of a publication time, letters alone, most specific first: the whole name, or its end.
const PUBLISHED: [&str; 20] = [
    "articlepublishedtime",
    "articlepublished",
    "datepublished",
    "publisheddate",
    "publishdate",
    "pubdate",
    "publicationdate",
    "publishedat",
    "publishtime",
    "pubtime",
    "publishedtime",
    "published",
    "dateissued",
    "issued",
    "ptime",
    "articlecreateat",
    "sailthrudate",
    "dccreated",
    "datecreated",
    "dcdate",
];
/// Names that count only if there is no other.
const DATES: [&str; 6] =
    ["date", "displaydate", "releasedate", "citationdate", "dctermsdate", "dctermscreated"];
const MODIFIED: [&str; 10] = [
    "modifiedtime",
    "datemodified",
    "updatedtime",
    "modified",
    "modifieddate",
    "updateddate",
    "lastmodified",
    "lastupdated",
    "updateat",
    "lastmod",
];

/// Both times.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub published: Published,
    pub modified: Option<WrittenTime>,
}

/// Finds the times of a page.
pub(super) struct Reader<'a> {
    pub root: NodeRef<'a>,
    pub signals: &'a Signals<'a>,
    pub title: &'a Title,
    /// The page's address.
    pub url: Option<&'a str>,
    pub observed: Option<Timestamp>,
}

impl Reader<'_> {
    pub fn times(&self, articles: &[&Object]) -> Times {
        let said = |name: &str| {
            let texts = articles.iter().flat_map(|article| objects::texts(article, name));
            texts.into_iter().find_map(|text| self.read(&text))
        };
        let modified = said("dateModified")
            .or_else(|| self.meta(&MODIFIED))
            .or_else(|| self.changed_near_title().map(|(_, time)| time))
            .or_else(|| self.changed());
        let published = said("datePublished")
            .or_else(|| self.meta(&PUBLISHED))
            .or_else(|| self.marked(|sign| sign == Sign::Published))
            .or_else(|| self.near_title())
            .or_else(|| self.meta(&DATES))
            .or_else(|| self.url.and_then(in_address).filter(|time| self.is_past(time)))
            .or_else(|| self.marked(|sign| matches!(sign, Sign::Time | Sign::Date)))
            .or_else(|| said("dateCreated").or_else(|| said("uploadDate")))
            .or_else(|| self.labelled())
            .or_else(|| self.changed_near_title().map(|(_, time)| time))
            .or_else(|| self.short_line())
            .or_else(|| self.month())
            // It existed by then.
            .or(modified);
        Times { published: published.map_or(Published::Absent, Published::Known), modified }
    }

    fn read(&self, text: &str) -> Option<WrittenTime> {
        let Published::Known(time) = Published::from_epoch(text) else { return self.find(text) };
        self.is_past(&time).then_some(time)
    }

    /// Nothing is seen before it exists; a time without a zone may be a day ahead.
    fn is_past(&self, time: &WrittenTime) -> bool {
        const DAY: i64 = 86_400;
        self.observed.is_none_or(|seen| time.at.seconds() <= seen.seconds() + DAY)
    }

    fn find(&self, text: &str) -> Option<WrittenTime> {
        let (published, _) = labels::times(text, false);
        published.filter(|time| self.is_past(time))
    }

    /// The first line near the title that has the time of a change, and that.
    fn changed_near_title(&self) -> Option<(usize, WrittenTime)> {
        let title = self.title.line.or_else(|| self.signals.prose())?;
        let near = self.signals.lines.iter().enumerate().skip(title.saturating_sub(LINES_BEFORE));
        let mut near = near.take(LINES_BEFORE + LINES_BEHIND);
        near.find_map(|(at, line)| Some((at, self.changed_in(line, LINE_LETTERS)?)))
    }

    /// The time of a change in an element or a short line anywhere.
    fn changed(&self) -> Option<WrittenTime> {
        let is_it = |marked: &&Marked| self.is_of_change(marked) && !marked.is_of_others;
        let mut marked = self.signals.marked.iter().filter(is_it);
        let lines = self.signals.lines.iter().take(SHORT_LINES);
        marked
            .find_map(|marked| self.in_element(marked, true))
            .or_else(|| lines.clone().find_map(|line| self.changed_in(line, SHORT_LETTERS)))
    }

    fn changed_in(&self, line: &Line, most: usize) -> Option<WrittenTime> {
        if line.letters > most || line.is_aside {
            return None;
        }
        let (_, changed) = labels::times(&line.text, line.is_change);
        changed.filter(|time| self.is_past(time))
    }

    fn meta(&self, names: &[&str]) -> Option<WrittenTime> {
        let metas = self.signals.metas.iter().map(|(name, said)| {
            let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
            (letters, *said)
        });
        let metas: Vec<(String, &str)> = metas.collect();
        let of = |wanted: &str| {
            let mut metas = metas
                .iter()
                .filter(|(name, _)| name == wanted || wanted.len() > 6 && name.ends_with(wanted));
            metas.find_map(|(_, said)| self.read(said))
        };
        names.iter().find_map(|name| of(name))
    }

    fn near_title(&self) -> Option<WrittenTime> {
        let title = self.title.line.or_else(|| self.signals.prose())?;
        let lines = &self.signals.lines;
        let behind = title + 1..lines.len().min(title + LINES_BEHIND);
        let before = title.saturating_sub(LINES_BEFORE)..title;
        let near = before.start..behind.end;
        let is_near = |marked: &&Marked| near.contains(&marked.line) && self.is_meant(marked);
        let signs: Vec<&Marked> = self.signals.marked.iter().filter(is_near).collect();
        let of_sign = |sign: Sign| {
            let behind = signs.iter().filter(|marked| marked.sign == sign && marked.line > title);
            let before =
                signs.iter().rev().filter(|marked| marked.sign == sign && marked.line <= title);
            behind.chain(before).find_map(|marked| self.in_element(marked, false))
        };
        let is_aside = self.title.line.is_some_and(|at| lines[at].is_aside);
        let in_line = |at: usize| {
            let line = &lines[at];
            let is_near = is_aside || at.abs_diff(title) <= LINES_BEFORE;
            let is_meant = !line.is_change && (!line.is_of_others || self.is_in_others());
            if is_near && is_meant && line.is_aside && line.letters <= SHORT_LETTERS {
                self.find(&line.text)
            } else {
                self.in_line(line)
            }
        };
        of_sign(Sign::Time)
            .or_else(|| of_sign(Sign::Date))
            .or_else(|| {
                let found = behind.clone().find_map(|at| Some((at, in_line(at)?)));
                // One further below is in the text.
                match (found, self.changed_near_title()) {
                    (Some((at, _)), Some((above, changed)))
                        if above > title && at > above + FACT_LINES =>
                    {
                        Some(changed)
                    }
                    (found, _) => found.map(|(_, time)| time),
                }
            })
            .or_else(|| before.clone().rev().find_map(in_line))
            .or_else(|| self.title.line.and_then(|at| self.find(&lines[at].text)))
    }

    fn in_line(&self, line: &Line) -> Option<WrittenTime> {
        let is_other = line.letters > LINE_LETTERS || line.is_aside || line.is_change;
        if is_other { None } else { self.find(&line.text) }
    }

    /// The time in an element marked as a date's, from its attribute or its text.
    fn in_element(&self, marked: &Marked, is_change: bool) -> Option<WrittenTime> {
        const DATE_BYTES: usize = 120;
        let node = self.root.at(marked.node);
        let element = node.element()?;
        let attributes =
            ["datetime", "content", "title"].iter().filter_map(|name| element.attr(name));
        attributes.into_iter().find_map(|text| self.read(text)).or_else(|| {
            let (published, changed) = labels::times(&node.text(DATE_BYTES), is_change);
            let time = if is_change { changed } else { published };
            time.filter(|time| self.is_past(time))
        })
    }

    /// Whether an element can have the time of publication: not in a comment or a teaser, and not labelled as
    /// the time of a change.
    fn is_meant(&self, marked: &Marked) -> bool {
        !self.is_of_change(marked) && (!marked.is_of_others || self.is_in_others())
    }

    /// Whether the title itself is in an element that is called so.
    fn is_in_others(&self) -> bool {
        self.title.line.is_some_and(|at| self.signals.lines[at].is_of_others)
    }

    /// Whether an element has the time of a change.
    fn is_of_change(&self, marked: &Marked) -> bool {
        if marked.is_change {
            return true;
        }
        let element = self.root.at(marked.node).element();
        let names = ["class", "itemprop", "property"];
        let names = names.iter().filter_map(|name| element?.attr(name));
        let is_change = |word: &str| word.contains("updated") || word.contains("modified");
        names.flat_map(str::split_whitespace).any(|word| is_change(&word.to_ascii_lowercase()))
    }

    /// The time in a marked element, the nearest to the title first.
    fn marked(&self, is_meant: impl Fn(Sign) -> bool) -> Option<WrittenTime> {
        let title = self.title.line.or_else(|| self.signals.prose()).unwrap_or(0);
        let marked = self.signals.marked.iter().filter(|marked| is_meant(marked.sign));
        let mut marked: Vec<&Marked> = marked.filter(|marked| self.is_meant(marked)).collect();
        let distance = |marked: &&Marked| {
            let before = if marked.line < title { LINES_BEFORE } else { 0 };
            let aside = if marked.is_aside { LINES_BEHIND } else { 0 };
            marked.line.abs_diff(title) + before + aside
        };
        marked.sort_by_key(distance);
        marked.into_iter().find_map(|marked| self.in_element(marked, false))
    }

    /// The time in a line, after a word for publication.
    fn labelled(&self) -> Option<WrittenTime> {
        let lines =
            self.signals.lines.iter().filter(|line| line.letters <= LINE_LETTERS).take(SHORT_LINES);
        let is_label = |line: &&Line| !line.is_of_others && labels::says_published(&line.text);
        lines.filter(is_label).find_map(|line| self.find(&line.text))
    }

    /// The month of an issue, without a day: in a short line near the title or at the end.
    fn month(&self) -> Option<WrittenTime> {
        let lines = &self.signals.lines;
        let title = self.title.line.unwrap_or(0);
        let near = lines.iter().skip(title).take(LINES_BEHIND);
        let mut lines = near.chain(lines.iter().rev().take(LINES_BEHIND));
        lines.find_map(|line| {
            if line.letters > 24 || line.is_aside {
                return None;
            }
            WrittenTime::find_month(&line.text).filter(|time| self.is_past(time))
        })
    }

    fn short_line(&self) -> Option<WrittenTime> {
        let lines = self.signals.lines.iter().take(SHORT_LINES);
        lines.filter(|line| line.letters <= SHORT_LETTERS).find_map(|line| self.in_line(line))
    }
}

/// The day in the path of an address: `/2024/03/05/`, `/2024-03-05/`, `/t20240305_12.htm`.
fn in_address(url: &str) -> Option<WrittenTime> {
    let path = url.split(['?', '#']).next()?.splitn(4, '/').nth(3)?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = path.split(['/', '-', '_', '.']).collect();
    let read = |year: &str, month: &str, day: &str| {
        let is_date =
            year.len() == 4 && digits(year) && digits(month) && digits(day) && !month.is_empty();
        is_date.then(|| WrittenTime::read(&format!("{year}-{month}-{day}"))).flatten()
    };
    for at in 0..parts.len() {
        let part = parts[at].trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let next = parts.get(at + 1).copied().unwrap_or_default();
        let found = match (part.len(), next.len()) {
            (4, 1 | 2) => parts.get(at + 2).and_then(|day| read(part, next, day)),
            (4, 4) => next.split_at_checked(2).and_then(|(month, day)| read(part, month, day)),
            (6, 1 | 2) if digits(part) => read(&part[..4], &part[4..], next),
            (8, _) if digits(part) => read(&part[..4], &part[4..6], &part[6..]),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}
