//! The authors that a page names.

mod byline;
mod names;
mod reporters;

use super::super::dom::{Node, NodeRef};
use super::super::rules::author;
use super::super::text::{letters, one_line};
use super::collect::{Line, Signals};
use super::marked::{Marked, Sign};
use super::objects::{self, Objects};
use super::sites::Sites;
use super::titles::Title;
use crate::model::{Author, AuthorRole, WrittenTime};
use byline::byline;
use names::{is_fuller, is_person, joined, tidy};
use serde_json::{Map, Value};

/// How many lines after the title a byline can be, and before it.
const LINES_BEHIND: usize = 16;
const LINES_BEFORE: usize = 8;
/// A line with more letters is not a byline.
const LINE_LETTERS: usize = 120;

/// Where a name was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// JSON-LD or microdata, of a person or without a type.
    Object,
    /// The same, but not of a person.
    Organization,
    Meta,
    /// An element that is marked as the author's name.
    Element,
    NearTitle,
    Reporter,
    /// An element with a class of bylines.
    Byline,
    Guess,
}

/// Finds the authors of a page.
pub(super) struct Reader<'a> {
    pub root: NodeRef<'a>,
    pub signals: &'a Signals<'a>,
    pub objects: &'a [&'a Objects<'a>],
    pub title: &'a Title,
    pub sites: &'a Sites,
}

impl Reader<'_> {
    /// The line for readers, and the role of the people in it.
    pub fn author(&self, articles: &[&Map<String, Value>]) -> Option<Author> {
        let candidates = self.candidates(articles);
        // Sites name themselves if nobody else is named.
        let is_person = |(source, name): &&(Source, String)| {
            *source != Source::Organization && !self.sites.has(name)
        };
        let (source, first) = candidates.iter().find(is_person).or(candidates.first())?;
        // The line below the title may name more people than the metadata.
        let near = candidates
            .iter()
            .filter(|(source, _)| matches!(source, Source::NearTitle | Source::Byline));
        let fuller = near.map(|(_, name)| name).find(|name| is_fuller(name, first));
        let role =
            if *source == Source::Reporter { AuthorRole::Reporter } else { AuthorRole::Author };
        Some(Author { name: fuller.unwrap_or(first).clone(), role: Some(role) })
    }

    /// All candidates, most reliable first.
    pub fn candidates(&self, articles: &[&Map<String, Value>]) -> Vec<(Source, String)> {
        let mut found = Vec::new();
        let mut add = |source, name: Option<String>| found.extend(name.map(|name| (source, name)));
        for article in articles {
            add(self.source_of(article), self.of_object(article, "author"));
        }
        add(Source::Meta, self.metas());
        add(Source::Meta, self.label());
        add(Source::Element, self.marked(|marked| marked.sign == Sign::Author));
        add(Source::NearTitle, self.near_title());
        add(Source::Reporter, reporters::of_lines(&self.signals.lines, self.title.line));
        let is_byline = |marked: &Marked| marked.sign == Sign::Byline;
        add(Source::Byline, self.marked(|marked| is_byline(marked) && !marked.is_aside));
        add(Source::Guess, self.beside_date());
        add(Source::Guess, self.anywhere());
        add(Source::Guess, self.marked(|marked| is_byline(marked) && marked.is_aside));
        let creator = articles.iter().find_map(|article| self.of_object(article, "creator"));
        add(Source::Object, creator);
        found
    }

    /// The names of all authors of an object.
    fn of_object(&self, article: &Map<String, Value>, property: &str) -> Option<String> {
        let mut names: Vec<String> = Vec::new();
        for value in objects::values(article, property) {
            let name = match value {
                Value::Object(person) => self.name_of(person),
                Value::String(text) => Some(objects::plain(text)),
                _ => None,
            };
            let name = name.and_then(|name| tidy(&name));
            names.extend(name.filter(|name| !names.contains(name)));
        }
        (!names.is_empty()).then(|| joined(&names))
    }

    fn name_of(&self, person: &Map<String, Value>) -> Option<String> {
        let person = self.whole(person);
        objects::text(person, "name").or_else(|| {
            let parts = ["givenName", "familyName"].map(|name| objects::text(person, name));
            Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
        })
    }

    /// The complete object for one that only refers to it.
    fn whole<'b>(&'b self, object: &'b Map<String, Value>) -> &'b Map<String, Value> {
        self.objects.iter().find_map(|objects| objects.by_id(object)).unwrap_or(object)
    }

    fn source_of(&self, article: &Map<String, Value>) -> Source {
        let mut authors = objects::values(article, "author").iter().filter_map(Value::as_object);
        let is_group = authors.any(|author| {
            objects::types(self.whole(author)).any(|kind| kind.ends_with("Organization"))
        });
        if is_group { Source::Organization } else { Source::Object }
    }

    fn metas(&self) -> Option<String> {
        const NAMES: [&str; 6] = ["author", "authors", "byl", "byline", "creator", "writer"];
        let is_meant = |name: &str| {
            let last = name.rsplit([':', '.', '-', '_']).next().unwrap_or_default();
            NAMES.contains(&last) && !name.starts_with("twitter:")
        };
        let metas = self.signals.metas.iter().filter(|(name, _)| is_meant(name));
        let mut names: Vec<String> = Vec::new();
        let mut of = "";
        for (name, said) in metas {
            if let Some(person) = tidy(&objects::plain(said))
                && (of.is_empty() || of == name && !names.contains(&person))
                && (!self.sites.has(&person) || names.is_empty())
            {
                of = name;
                names.push(person);
            }
        }
        (!names.is_empty()).then(|| joined(&names))
    }

    /// The author in the label of a preview card.
    fn label(&self) -> Option<String> {
        const LABELS: &str = " written author by autor verfasst geschrieben escrito por écrit scritto \
            door skrevet skriven автор yazar 作者 执笔 执笔者 執筆者 글쓴이 ";
        ["1", "2"].iter().find_map(|number| {
            let label = self.signals.meta(&[&format!("twitter:label{number}")])?.to_lowercase();
            let is_author =
                label.split_whitespace().any(|word| LABELS.contains(&format!(" {word} ")));
            let said = self.signals.meta(&[&format!("twitter:data{number}")])?;
            tidy(&objects::plain(said)).filter(|_| is_author)
        })
    }

    /// The name in an element marked as the author's: after the title, before it, anywhere.
    fn marked(&self, is_meant: impl Fn(&Marked) -> bool) -> Option<String> {
        let title = self.title.line.or_else(|| self.signals.prose()).unwrap_or(0);
        let mut marked: Vec<&Marked> =
            self.signals.marked.iter().filter(|marked| is_meant(marked)).collect();
        marked.sort_by_key(|marked| {
            let is_behind = marked.line >= title;
            let distance = marked.line.abs_diff(title);
            (
                marked.is_aside && distance > LINES_BEHIND,
                !is_behind && distance > LINES_BEFORE,
                !is_behind,
                distance,
            )
        });
        marked.into_iter().find_map(|marked| self.in_element(marked))
    }

    /// The name in an element: after a word that introduces it, or the first part that is a name.
    fn in_element(&self, marked: &Marked) -> Option<String> {
        let pieces = pieces(self.root.at(marked.node))?;
        let whole = pieces.join(" ");
        if letters(&whole) > LINE_LETTERS {
            return None;
        }
        if let Some(name) = behind_by(&pieces) {
            return Some(name);
        }
        if let Some(name) = pieces.iter().find_map(|piece| byline(piece)).or_else(|| byline(&whole))
        {
            return Some(name);
        }
        let is_one = |piece: &&String| is_person(piece) || self.sites.has(piece);
        match &pieces[..] {
            [one] => author::name(one).and_then(|name| tidy(&name)),
            several => several.iter().find(is_one).and_then(|piece| tidy(piece)),
        }
    }

    /// A name in the line of a date after the title, or in a line beside it.
    fn beside_date(&self) -> Option<String> {
        let title = self.title.line.or_else(|| self.signals.prose())?;
        let lines = &self.signals.lines[title + 1..];
        let near = &lines[..lines.len().min(8)];
        let is_short = |line: &&Line| line.letters <= 60;
        near.iter().enumerate().filter(|(_, line)| is_short(line)).find_map(|(at, line)| {
            let pieces: Vec<&str> =
                line.text.split(['|', '·', '•', '●', '⋅', '—', '–']).map(str::trim).collect();
            let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
            let mut beside = beside.filter_map(|at| near.get(at)).filter(is_short);
            let has_date = if let [one] = pieces[..] {
                is_person(one) && beside.any(|line| WrittenTime::find(&line.text).is_some())
            } else {
                WrittenTime::find(&line.text).is_some()
            };
            let name = pieces.into_iter().find(|piece| is_person(piece)).filter(|_| has_date);
            name.and_then(tidy)
        })
    }

    /// A byline anywhere on the page.
    fn anywhere(&self) -> Option<String> {
        const STARTS: [&str; 7] =
            ["written by", "by ", "by:", "author:", "authors:", "作者：", "作者:"];
        let lines = self.signals.lines.iter().filter(|line| line.letters <= 80 && !line.is_aside);
        lines.take(3_000).find_map(|line| {
            let start: String = line.text.chars().take(12).collect::<String>().to_lowercase();
            let is_said = STARTS.iter().any(|it| start.starts_with(it));
            let is_short = start.starts_with("by");
            byline(&line.text).filter(|name| is_said && (!is_short || is_person(name)))
        })
    }

    fn near_title(&self) -> Option<String> {
        let title = self.title.line.or_else(|| self.signals.prose())?;
        let lines = &self.signals.lines;
        let behind = title + 1..lines.len().min(title + LINES_BEHIND);
        let before = title.saturating_sub(LINES_BEFORE)..title;
        behind.chain(before.rev()).find_map(|at| {
            let line = &lines[at];
            if line.letters > LINE_LETTERS {
                return None;
            }
            let name = byline(&line.text)?;
            let pieces = pieces(self.root.at(line.node)).filter(|pieces| {
                pieces.iter().map(|piece| letters(piece)).sum::<usize>() == line.letters
            });
            pieces.and_then(|pieces| behind_by(&pieces)).or(Some(name))
        })
    }
}

/// The name in an element of its own, as usual, after one that only introduces it.
fn behind_by(pieces: &[String]) -> Option<String> {
    const WORDS: [&str; 6] = ["by", "written by", "posted by", "words by", "author", "作者"];
    let is_by = |piece: &String| {
        let lower = piece.to_lowercase();
        WORDS.contains(&lower.trim_end_matches([':', '：', ' ']))
    };
    let at = pieces.iter().position(is_by)?;
    pieces.get(at + 1).and_then(|piece| tidy(piece))
}

/// The short texts in an element, one by one; `None` if it contains more than a byline.
fn pieces(node: NodeRef<'_>) -> Option<Vec<String>> {
    const NAME_PIECES: usize = 24;
    let mut pieces = Vec::new();
    for (seen, inner) in node.descendants().enumerate() {
        if let Node::Text(text) = inner.node()
            && letters(text) > 0
        {
            pieces.push(one_line(text));
        }
        if pieces.len() > NAME_PIECES || seen > 400 {
            return None;
        }
    }
    Some(pieces)
}
