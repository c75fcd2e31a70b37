//! The title of a page, without the name of its site.

use super::super::rules::dates;
use super::super::text::one_line;
use super::collect::{Line, Signals};
use super::objects::{self, Object};
use super::sites::Sites;
use super::words::{agreement, key, parts, words, words_of_name};
use std::collections::HashSet;

/// Maximum letters of a title.
const TITLE_LETTERS: usize = 300;
/// How many headings are checked, from the first on.
pub(super) const MAX_HEADINGS: usize = 20;
/// A line with this many letters, hardly any of them in links, is text.
const PROSE: usize = 200;

/// A title, and its line on the page.
#[derive(Debug, Default)]
pub(super) struct Title {
    pub text: String,
    pub line: Option<usize>,
}

/// The names of a page in several places.
pub(super) struct Titles<'a> {
    signals: &'a Signals<'a>,
    sites: &'a Sites,
    /// In `meta` elements and objects, as written.
    named: Vec<String>,
    /// The words of all names, as a whole and in parts.
    words: Vec<HashSet<String>>,
}

impl<'a> Titles<'a> {
    /// `articles` are the objects that describe the page.
    pub fn of(signals: &'a Signals<'_>, articles: &[&Object], sites: &'a Sites) -> Self {
        let articles = articles.iter().take(8);
        let mut named: Vec<String> =
            articles.filter_map(|article| objects::text(article, "headline")).collect();
        let metas = ["og:title", "headline", "twitter:title", "dc.title", "dcterms.title"];
        named.extend(
            metas.iter().flat_map(|name| signals.metas_of(name)).take(16).map(objects::plain),
        );
        named.retain(|name| name.len() <= 4 * TITLE_LETTERS);
        let page: String = signals.title.chars().take(TITLE_LETTERS).collect();
        let whole = std::iter::once(page.as_str()).chain(named.iter().map(String::as_str));
        let words = whole.flat_map(|name| words_of_name(sites.cut_from(name))).collect();
        Self { signals, sites, named, words }
    }

    /// How many words a title with other wording shares with the names of the page.
    fn likeness(&self, title: &str) -> usize {
        let words = words(title);
        let common = self.words.iter().map(|others| words.intersection(others).count()).max();
        common.filter(|common| *common >= 2 && common * 5 >= words.len()).unwrap_or(0)
    }

    /// The title: a heading that the page's names agree with, or one of these names.
    pub fn choose(&self, articles: &[&Object]) -> Title {
        if let Some(at) = self.heading() {
            let text = self.of_heading(&self.signals.lines[at].text);
            return Title { text, line: Some(at) };
        }
        let headline = articles.iter().find_map(|article| objects::text(article, "headline"));
        let named = headline.into_iter().chain(self.named.iter().cloned());
        let named: Vec<String> = named
            .map(|name| main_part(self.sites.cut_from(&name)).to_owned())
            .filter(|name| !self.sites.has(name))
            .collect();
        let page = main_part(self.sites.cut_from(&self.signals.title)).to_owned();
        let mut text = named.first().cloned().unwrap_or_else(|| page.clone());
        // Some are truncated.
        for longer in named.iter().chain([&page]) {
            let begins = text.trim_end_matches(['…', '.', ' ']);
            if longer.len() > text.len() && !begins.is_empty() && longer.starts_with(begins) {
                text = longer.clone();
            }
        }
        let line = self.line_of(&text);
        if text.is_empty()
            && let Some(at) = line.or_else(|| self.first_heading())
        {
            return Title { text: self.signals.lines[at].text.clone(), line: Some(at) };
        }
        Title { text, line }
    }

    /// The first heading of the page that is its title.
    fn heading(&self) -> Option<usize> {
        let lines = self.signals.lines.iter().enumerate();
        let headings = lines.filter(|(_, line)| line.heading == 1 && line.letters <= TITLE_LETTERS);
        let headings: Vec<(usize, &Line)> = headings.take(MAX_HEADINGS).collect();
        let own = || headings.iter().filter(|(_, line)| !self.sites.has(&line.text));
        let best = |rank: &dyn Fn(&str) -> usize, most: usize| {
            let ranked =
                own().filter(|(at, _)| *at <= most).map(|(at, line)| (rank(&line.text), *at));
            ranked
                .filter(|(rank, _)| *rank > 0)
                .min_by_key(|(rank, at)| (std::cmp::Reverse(*rank), *at))
        };
        // Inside the text, a heading that only resembles the title belongs to a section.
        let prose = self.signals.prose().unwrap_or(usize::MAX);
        let found = best(&|text| agreement(text, &self.words), usize::MAX).or_else(|| {
            best(&|text| if words(text).len() > 2 { self.likeness(text) } else { 0 }, prose)
        });
        let is_nameless = self.words.is_empty();
        found.map(|(_, at)| at).or_else(|| own().next().filter(|_| is_nameless).map(|(at, _)| *at))
    }

    /// The title in a heading, without its other content.
    fn of_heading(&self, text: &str) -> String {
        let text = self.sites.cut_from(text);
        for name in &self.named {
            let name = one_line(self.sites.cut_from(name));
            let rest = text.strip_suffix(&*name).or_else(|| text.strip_prefix(&*name));
            if rest.is_some_and(dates::is_date_line) {
                return name;
            }
        }
        longest_between_bars(text).to_owned()
    }

    fn first_heading(&self) -> Option<usize> {
        let lines = self.signals.lines.iter();
        lines.clone().position(|line| line.heading == 1 && !line.is_aside)
    }

    /// The line with a title.
    fn line_of(&self, title: &str) -> Option<usize> {
        let (key, words) = (key(title), words(title));
        let mut best = None;
        for (at, line) in self.signals.lines.iter().enumerate() {
            if line.letters > TITLE_LETTERS || key.is_empty() {
                continue;
            }
            if !line.is_aside
                && line.letters == title.chars().filter(|c| c.is_alphanumeric()).count()
                && self::key(&line.text) == key
            {
                return Some(at);
            }
            let others = self::words(&line.text);
            let common = words.intersection(&others).count();
            let rank = (common, line.heading > 0, !line.is_aside);
            if common * 10 >= words.len().max(others.len()) * 6
                && best.is_none_or(|(least, _)| rank > least)
            {
                best = Some((rank, at));
            }
        }
        best.map(|(_, at)| at)
    }
}

impl Signals<'_> {
    /// The first line of text, as opposed to its surroundings.
    pub fn prose(&self) -> Option<usize> {
        self.lines.iter().position(|line| {
            weight(&line.text, line.letters) >= PROSE
                && line.linked * 3 < line.letters
                && !line.is_aside
        })
    }
}

/// Letters, with those of dense scripts counted as three.
fn weight(text: &str, letters: usize) -> usize {
    if text.len() > 2 * letters { letters * 3 } else { letters }
}

/// The longest part of a title between bars, which separate it from sections of a site.
fn longest_between_bars(title: &str) -> &str {
    let pieces = title.split(['|', '｜']).map(str::trim);
    let longest =
        pieces.max_by_key(|piece| (words(piece).len(), std::cmp::Reverse(piece.as_ptr())));
    longest.filter(|piece| words(piece).len() > 1).unwrap_or(title)
}

/// A title without a shorter part separated from it: the name of a site or of its section.
fn main_part(title: &str) -> &str {
    let mut title = longest_between_bars(title);
    if let Some((first, _)) = parts(title).into_iter().rfind(|(before, behind)| {
        title.as_bytes().get(before.len()) == Some(&b'_')
            && !behind.is_empty()
            && words(before).len() > 1
    }) {
        title = first;
    }
    for _ in 0..3 {
        let cut = parts(title).into_iter().find_map(|(before, behind)| {
            let (one, other) = (words(before).len(), words(behind).len());
            if other <= 4 && other * 2 <= one {
                Some(before)
            } else {
                (one <= 4 && one * 2 <= other).then_some(behind)
            }
        });
        match cut {
            Some(rest) => title = rest.trim(),
            None => break,
        }
    }
    title.trim()
}
