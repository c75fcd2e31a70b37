//! What the walk hands to the rules: stretches of text, and what stands in and around them.

use super::marks::Marks;
use super::text::letters;
use crate::model::MediaKind;

/// What kind of element a text stands in.
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

/// One stretch of text between block boundaries.
#[derive(Debug)]
pub(super) struct Cut {
    pub shape: Shape,
    pub text: String,
    /// Index into [`Walked::containers`].
    pub container: usize,
    /// Marks of inline elements that hold all of its letters.
    pub inline: Marks,
    pub letters: usize,
    pub bold: usize,
    pub italic: usize,
    pub linked: usize,
    /// Where in the text a bold beginning ends, in bytes; 0 without one.
    pub bold_until: usize,
    /// Whether a picture stands between it and the letters before it.
    pub follows_picture: bool,
}

/// A block element, or the whole document (index 0).
#[derive(Debug)]
pub(super) struct Container {
    pub parent: usize,
    pub marks: Marks,
    pub is_list: bool,
    pub is_centred: bool,
    pub pictures: usize,
}

/// An `a` element with an `href`.
#[derive(Debug)]
pub(super) struct Anchor {
    pub cut: Option<usize>,
    /// Where in the cut's text it starts, in bytes.
    pub offset: usize,
    pub container: usize,
    pub href: String,
    pub rel: String,
    pub text: String,
    pub wraps_picture: bool,
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

/// All that the walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub cuts: Vec<Cut>,
    pub containers: Vec<Container>,
    pub anchors: Vec<Anchor>,
    pub media: Vec<Medium>,
    /// The text of the first element that names an author.
    pub author: Option<String>,
}

impl Walked {
    /// The containers of a place, innermost first, the document left out.
    pub fn around(&self, container: usize) -> impl Iterator<Item = &Container> + '_ {
        self.containers_around(container).map(|at| &self.containers[at])
    }

    /// Indexes of [`Walked::around`].
    pub fn containers_around(&self, container: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors((container != 0).then_some(container), |&at| {
            let parent = self.containers[at].parent;
            (parent != 0).then_some(parent)
        })
    }

    /// Makes the text from a byte offset on a cut of its own, with the anchors that stand in it.
    pub fn split(&mut self, at: usize, offset: usize) {
        let cut = &mut self.cuts[at];
        let text = cut.text.split_off(offset);
        cut.text.truncate(cut.text.trim_end().len());
        let letters = letters(&text);
        let rest = cut.letters.saturating_sub(letters);
        // How many of the letters stood in bold or in links is only known of the whole.
        let last = Cut {
            letters,
            bold: cut.bold.saturating_sub(rest),
            italic: cut.italic.saturating_sub(rest),
            linked: cut.linked.saturating_sub(rest),
            bold_until: 0,
            follows_picture: false,
            text,
            ..*cut
        };
        cut.letters = rest;
        cut.bold = cut.bold.min(rest);
        cut.italic = cut.italic.min(rest);
        cut.linked = cut.linked.min(rest);
        self.cuts.insert(at + 1, last);
        for anchor in &mut self.anchors {
            let moves = |cut: usize| cut > at || (cut == at && anchor.offset >= offset);
            anchor.cut = anchor.cut.map(|cut| cut + usize::from(moves(cut)));
        }
        for medium in &mut self.media {
            medium.cut = medium.cut.map(|cut| cut + usize::from(cut > at));
        }
    }
}
