//! The result of the walk: cuts of text, and what is in and around them.

use crate::extract::marks::Marks;
use crate::extract::marks::look::Look;
use crate::extract::marks::parts::Parts;
use crate::extract::text::letters;
use crate::model::{Author, Language, MediaKind};

/// Maximum number of languages distinguished in one document; further ones count as unknown.
const MAX_LANGUAGES: usize = 32;

/// The kind of element that contains a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Flow,
    Heading(u8),
    /// With its depth, from 1.
    ListItem(u8),
    Quote(u8),
    Preformatted,
    TableRow,
}

/// What to keep of a page: cuts, and containers for elements outside of any cut.
#[derive(Debug)]
pub(super) struct Stay {
    pub cuts: Vec<bool>,
    pub containers: Vec<bool>,
}

/// Filters a list.
pub(super) fn only<T>(stays: &[bool], list: Vec<T>) -> Vec<T> {
    list.into_iter().zip(stays).filter_map(|(one, stays)| stays.then_some(one)).collect()
}

/// One stretch of text between block boundaries.
#[derive(Debug)]
pub(super) struct Cut {
    pub shape: Shape,
    pub text: String,
    /// The marker, if an item of an ordered list begins here.
    pub marker: Option<String>,
    /// Index into [`Walked::containers`].
    pub container: usize,
    /// Marks of inline elements that contain all of its letters.
    pub inline: Marks,
    pub letters: usize,
    pub bold: usize,
    pub italic: usize,
    pub linked: usize,
    /// The end of bold text at its beginning, in bytes; 0 without any.
    pub bold_until: usize,
    /// Whether there is a picture between it and the previous letters.
    pub follows_picture: bool,
    /// The parts named by the inline elements around its first letter; only for a whole page.
    pub parts: Parts,
}

/// A block element, or the whole document (index 0).
#[derive(Debug)]
pub(super) struct Container {
    pub parent: usize,
    pub marks: Marks,
    pub is_list: bool,
    pub is_centred: bool,
    pub pictures: usize,
    /// Only for a whole page.
    pub look: Look,
}

/// An `a` element with an `href`.
#[derive(Debug)]
pub(super) struct Anchor {
    pub cut: Option<usize>,
    /// Its start in the cut's text, in bytes.
    pub offset: usize,
    pub container: usize,
    pub href: String,
    pub rel: String,
    pub text: String,
    pub wraps_picture: bool,
    /// Whether it is an address written in the text, and not an element.
    pub is_bare: bool,
}

/// An image, video, audio or embed.
#[derive(Debug)]
pub(super) struct Medium {
    pub cut: Option<usize>,
    pub container: usize,
    pub kind: MediaKind,
    pub src: String,
    pub alt: Option<String>,
}

/// Everything that the walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub cuts: Vec<Cut>,
    pub containers: Vec<Container>,
    pub anchors: Vec<Anchor>,
    /// Addresses written in the text.
    pub bare: Vec<Anchor>,
    pub media: Vec<Medium>,
    /// The author in the first element that names one.
    pub author: Option<Author>,
    /// The same for another contributor.
    pub other: Option<Author>,
    /// The languages declared by elements, with the letters in each; the undeclared ones first.
    pub languages: Vec<(Option<Language>, usize)>,
    /// The base address of the document, as written.
    pub base: Option<String>,
    /// The container of a page's title.
    pub title: Option<usize>,
    /// Bytes in a page's `noscript` and `noframes` elements.
    pub without_scripts: usize,
    /// Whether the text is that for browsers without frames: the article is in another file.
    pub is_without_frames: bool,
}

impl Walked {
    /// The declared language of most letters.
    pub fn language(&self) -> Option<Language> {
        let letters: usize = self.languages.iter().map(|&(_, letters)| letters).sum();
        let most = self.languages.iter().find(|&&(_, of_it)| of_it * 2 > letters)?;
        most.0
    }

    /// The index of a tag's language in [`Walked::languages`].
    pub fn language_at(&mut self, tag: &str) -> usize {
        let language = Language::of_tag(tag);
        let known = self.languages.iter().position(|&(known, _)| known == language);
        known.unwrap_or_else(|| match self.languages.len() {
            ..MAX_LANGUAGES => {
                self.languages.push((language, 0));
                self.languages.len() - 1
            }
            _ => 0,
        })
    }

    /// Removes the cuts that are not kept, with everything in them. `of_anchors` has a value for each anchor;
    /// the values of the remaining anchors are returned.
    pub fn retain<T>(&mut self, stay: &Stay, of_anchors: Vec<T>) -> Vec<T> {
        let mut count = 0;
        let mut place = |stays: &bool| {
            count += usize::from(*stays);
            stays.then(|| count - 1)
        };
        let now: Vec<Option<usize>> = stay.cuts.iter().map(&mut place).collect();
        let stays = |cut: Option<usize>, container: usize| match cut {
            Some(cut) => now[cut].is_some(),
            None => stay.containers[container],
        };
        let moved = |cut: &mut Option<usize>| *cut = cut.and_then(|cut| now[cut]);
        let anchors: Vec<bool> =
            self.anchors.iter().map(|anchor| stays(anchor.cut, anchor.container)).collect();
        self.cuts = only(&stay.cuts, std::mem::take(&mut self.cuts));
        self.anchors = only(&anchors, std::mem::take(&mut self.anchors));
        self.bare.retain(|address| stays(address.cut, address.container));
        self.media.retain(|medium| stays(medium.cut, medium.container));
        self.anchors.iter_mut().chain(&mut self.bare).for_each(|anchor| moved(&mut anchor.cut));
        self.media.iter_mut().for_each(|medium| moved(&mut medium.cut));
        only(&anchors, of_anchors)
    }

    /// A value for each container that depends on those around it: `own` combines the inherited value with
    /// the container at an index. The document itself has the value `document`.
    pub fn inherited<T: Copy>(&self, document: T, own: impl Fn(T, usize) -> T) -> Vec<T> {
        let mut inherited = vec![document; self.containers.len()];
        // A container comes after its parent.
        for (at, container) in self.containers.iter().enumerate().skip(1) {
            inherited[at] = own(inherited[container.parent], at);
        }
        inherited
    }

    /// Whether a container equals another, or is inside it.
    pub fn is_inside(&self, mut container: usize, around: usize) -> bool {
        // A container comes after its parent.
        while container > around {
            container = self.containers[container].parent;
        }
        container == around
    }

    /// Splits cuts at these places, given as an index of [`Walked::cuts`] and a byte offset into its text, in
    /// order. Anchors go with their text.
    pub fn split(&mut self, places: &[(usize, usize)]) {
        if places.is_empty() {
            return;
        }
        let mut cuts = Vec::with_capacity(self.cuts.len() + places.len());
        let mut rest = places;
        for (at, mut cut) in std::mem::take(&mut self.cuts).into_iter().enumerate() {
            let here = rest.iter().take_while(|&&(of, _)| of == at).count();
            let (offsets, others) = rest.split_at(here);
            rest = others;
            let mut parts: Vec<Cut> =
                offsets.iter().rev().map(|&(_, offset)| cut.split_off(offset)).collect();
            parts.push(cut);
            cuts.extend(parts.into_iter().rev());
        }
        self.cuts = cuts;
        let before =
            |cut: usize, offset: usize| places.partition_point(|&place| place <= (cut, offset));
        for anchor in self.anchors.iter_mut().chain(&mut self.bare) {
            anchor.cut = anchor.cut.map(|cut| cut + before(cut, anchor.offset));
        }
        for medium in &mut self.media {
            medium.cut = medium.cut.map(|cut| cut + before(cut, 0));
        }
    }
}

impl Cut {
    /// Splits the text from a byte offset on into a cut of its own.
    fn split_off(&mut self, offset: usize) -> Cut {
        let text = self.text.split_off(offset);
        self.text.truncate(self.text.trim_end().len());
        let letters = letters(&text);
        let rest = self.letters.saturating_sub(letters);
        // The numbers of letters in bold and in links are only known for the whole.
        let last = Cut {
            letters,
            bold: self.bold.saturating_sub(rest),
            italic: self.italic.saturating_sub(rest),
            linked: self.linked.saturating_sub(rest),
            bold_until: 0,
            follows_picture: false,
            text,
            marker: None,
            ..*self
        };
        self.letters = rest;
        self.bold = self.bold.min(rest);
        self.italic = self.italic.min(rest);
        self.linked = self.linked.min(rest);
        last
    }
}
