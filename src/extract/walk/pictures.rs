//! Pictures, including those for browsers without scripts.

use super::formulas;
use super::{FRAME_WORK, Reads, Walker};
use crate::extract::dom::{self, Element, Node, NodeRef};
use crate::extract::media::{self, Picture};
use crate::model::MediaKind;

/// How many elements around a picture are left when looking for the node after it.
const BESIDE_DEPTH: usize = 4;
/// How many nodes are searched for a picture.
const BESIDE_NODES: usize = 16;

impl Walker<'_> {
    pub(super) fn push_image(&mut self, node: NodeRef<'_>, element: &Element) {
        let beside = || {
            let picture = node.parent().filter(|parent| is_picture(*parent))?;
            let found =
                self.sources.entry(picture.id()).or_insert_with(|| media::source_of(picture));
            found.clone().filter(|src| self.budget.put_out(src.len()))
        };
        if let Some(tex) = formulas::of_picture(element) {
            return self.push_text(&tex);
        }
        // The content of a picture is shown in its place.
        let is_inside = node.parent().is_some_and(|around| Some(around.id()) == self.image);
        match media::picture(element, beside) {
            Picture::Real { .. } if is_inside => {}
            Picture::Glyph(alt) => self.push_text(&alt),
            Picture::Nothing => {}
            Picture::Real { src, alt, is_last_resort } => {
                let holders = std::iter::successors(Some(node), NodeRef::parent);
                let behind = holders.take(BESIDE_DEPTH).find_map(following);
                let has_real =
                    || behind.is_some_and(|behind| image_without_scripts(behind).is_some());
                if is_last_resort && (self.behind_noscript == Some(node.id()) || has_real()) {
                    return;
                }
                self.add_image(src, alt);
                self.image = Some(node.id());
                self.behind_image = behind.map(NodeRef::id);
            }
        }
    }

    /// Reads a `noscript` or a `noframes`: its pictures, or everything in it if the page has hardly any other
    /// text, since scripts or frames would have shown that.
    pub(super) fn open_noscript(&mut self, node: NodeRef<'_>, name: &str) {
        let html = raw(node).unwrap_or_default();
        self.walked.without_scripts += html.len();
        if self.reads == Reads::WithoutScripts && self.frames == 0 {
            self.walked.is_without_frames |= name == "noframes";
            self.walk_frame(html);
        } else if name == "noscript" {
            self.push_without_scripts(node);
        }
    }

    /// Reads the pictures of a `noscript`, unless the same picture is beside it.
    fn push_without_scripts(&mut self, node: NodeRef<'_>) {
        let has_image = image_without_scripts(node).is_some() && !self.has_image_beside(node);
        let is_frame = |html: &&str| html.contains("<iframe");
        let Some(html) = raw(node).filter(|html| has_image || is_frame(html)) else {
            return;
        };
        self.budget.work(FRAME_WORK);
        let tree = match dom::parse(html, self.budget) {
            Ok(tree) => tree,
            Err(limit) => {
                self.broken = Some(limit);
                return;
            }
        };
        for inner in tree.root().descendants() {
            if let Some((kind, src)) = media::frame_without_scripts(inner) {
                self.add_medium(kind, src, None);
            }
            let image = inner.element().filter(|inner| has_image && media::is_image(inner.name()));
            if let Some(image) = image
                && let Picture::Real { src, alt, .. } = media::picture_without_scripts(image)
            {
                self.add_image(src, alt);
            }
        }
        self.behind_noscript = following(node).map(NodeRef::id);
    }

    /// Whether a picture was read directly before a node or around it, or follows it.
    fn has_image_beside(&self, node: NodeRef<'_>) -> bool {
        let around = node.parent().map(|around| around.id());
        if self.behind_image == Some(node.id()) || (self.image.is_some() && self.image == around) {
            return true;
        }
        let behind = following(node).filter(|behind| behind.element().is_some());
        behind.is_some_and(|behind| {
            let inside = std::iter::once(behind).chain(behind.descendants()).take(BESIDE_NODES);
            let mut images = inside.filter_map(|inner| inner.element());
            let image = images.find(|inner| media::is_image(inner.name()));
            image
                .is_some_and(|image| matches!(media::picture(image, || None), Picture::Real { .. }))
        })
    }

    /// Another document begins or ends, whose nodes have the same ids.
    pub(super) fn forget_images(&mut self) {
        (self.image, self.behind_image, self.behind_noscript) = (None, None, None);
    }

    fn add_image(&mut self, src: String, alt: Option<String>) {
        if let Some(anchor) = self.context().anchor {
            self.walked.anchors[anchor].wraps_picture = true;
        }
        self.add_medium(MediaKind::Image, src, alt);
    }
}

fn is_picture(node: NodeRef<'_>) -> bool {
    node.element().is_some_and(|element| element.name() == "picture")
}

/// The node after a node, ignoring white space.
fn following(node: NodeRef<'_>) -> Option<NodeRef<'_>> {
    let behind = std::iter::successors(node.next_sibling(), NodeRef::next_sibling);
    behind.take(4).find(|other| match other.node() {
        Node::Text(text) => !text.trim().is_empty(),
        Node::Element(element) => element.name() != "br",
        Node::Other => false,
    })
}

/// The text of a `noscript` or a `noframes`, as the parser has it.
fn raw(node: NodeRef<'_>) -> Option<&str> {
    match node.first_child()?.node() {
        Node::Text(text) if matches!(node.element()?.name(), "noscript" | "noframes") => {
            Some(&**text)
        }
        _ => None,
    }
}

/// The content of a `noscript` with a picture: the parser takes it for text.
fn image_without_scripts(node: NodeRef<'_>) -> Option<&str> {
    let html = raw(node)?;
    ["<img", "<IMG", "<amp-img"].iter().any(|start| html.contains(start)).then_some(html)
}
