//! The tree that html5ever builds, reduced to what the walk needs.

use crate::extract::budget::Budget;
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, LocalName, QualName, expanded_name, local_name, ns};
use std::borrow::Cow;
use std::cell::{Ref, RefCell};

/// The index of a node in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::extract) struct NodeId(u32);

/// No node: the neighbour of a first or last one, the parent of a detached one.
const NONE: NodeId = NodeId(u32::MAX);

#[derive(Debug, PartialEq)]
pub(in crate::extract) enum Node {
    Element(Element),
    Text(StrTendril),
    /// The document, a comment, the content of a `template`: not visited by a walk, or only for its children.
    Other,
}

#[derive(Debug, PartialEq)]
pub(in crate::extract) struct Element {
    name: QualName,
    attributes: Vec<Attribute>,
}

impl Element {
    pub fn name(&self) -> &str {
        &self.name.local
    }

    /// The value of an attribute.
    pub fn attr(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|attribute| &*attribute.name.local == name)?;
        Some(&found.value)
    }

    /// Names and values, in document order.
    pub fn attrs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|attribute| (&*attribute.name.local, &*attribute.value))
    }

    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.attr("class").unwrap_or_default().split_ascii_whitespace()
    }
}

/// Elements that html5ever copies, with all attributes, into each block in which they were left open.
pub(super) fn is_formatting(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("a")
            | local_name!("b")
            | local_name!("big")
            | local_name!("code")
            | local_name!("em")
            | local_name!("font")
            | local_name!("i")
            | local_name!("nobr")
            | local_name!("s")
            | local_name!("small")
            | local_name!("strike")
            | local_name!("strong")
            | local_name!("tt")
            | local_name!("u")
    )
}

#[derive(Debug)]
struct Entry {
    parent: NodeId,
    previous: NodeId,
    next: NodeId,
    first: NodeId,
    last: NodeId,
    node: Node,
}

/// All nodes, in the order of their creation; the document is the first.
#[derive(Debug)]
pub(in crate::extract) struct Tree {
    entries: Vec<Entry>,
    /// The templates of shadow roots.
    pub(super) shadows: Vec<NodeId>,
}

impl Tree {
    fn new() -> Self {
        let mut tree = Self { entries: Vec::with_capacity(512), shadows: Vec::new() };
        tree.add(Node::Other);
        tree
    }

    pub fn root(&self) -> NodeRef<'_> {
        NodeRef { tree: self, id: NodeId(0) }
    }

    /// The number of created nodes.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The number of nodes above the newest one, counted up to `most`.
    pub fn depth_of_newest(&self, most: usize) -> usize {
        let newest = NodeRef { tree: self, id: NodeId(self.entries.len() as u32 - 1) };
        std::iter::successors(newest.parent(), NodeRef::parent).take(most).count()
    }

    /// The cost for html5ever of comparing a tag with this node, if it is a formatting element, in steps.
    pub fn work_of(&self, id: NodeId) -> u64 {
        match &self.at(id).node {
            Node::Element(element) if is_formatting(&element.name.local) => {
                2 + work_of(&element.attributes)
            }
            _ => 0,
        }
    }

    fn add(&mut self, node: Node) -> NodeId {
        let id = NodeId(self.entries.len() as u32);
        self.entries.push(Entry {
            parent: NONE,
            previous: NONE,
            next: NONE,
            first: NONE,
            last: NONE,
            node,
        });
        id
    }

    #[inline]
    fn at(&self, id: NodeId) -> &Entry {
        &self.entries[id.0 as usize]
    }

    #[inline]
    fn at_mut(&mut self, id: NodeId) -> &mut Entry {
        &mut self.entries[id.0 as usize]
    }

    pub(super) fn detach(&mut self, id: NodeId) {
        let Entry { parent, previous, next, .. } = *self.at(id);
        if parent == NONE {
            return;
        }
        match previous {
            NONE => self.at_mut(parent).first = next,
            previous => self.at_mut(previous).next = next,
        }
        match next {
            NONE => self.at_mut(parent).last = previous,
            next => self.at_mut(next).previous = previous,
        }
        let entry = self.at_mut(id);
        (entry.parent, entry.previous, entry.next) = (NONE, NONE, NONE);
    }

    /// Makes a node the last child of another.
    pub(super) fn append(&mut self, id: NodeId, parent: NodeId) {
        let last = self.at(parent).last;
        self.insert(id, parent, last);
    }

    /// A node by its index.
    pub(super) fn node(&self, id: NodeId) -> NodeRef<'_> {
        NodeRef { tree: self, id }
    }

    /// Inserts a node after `previous` among the children of `parent`; before all of them if it is `NONE`.
    fn insert(&mut self, id: NodeId, parent: NodeId, previous: NodeId) {
        self.detach(id);
        let next = match previous {
            NONE => std::mem::replace(&mut self.at_mut(parent).first, id),
            previous => std::mem::replace(&mut self.at_mut(previous).next, id),
        };
        match next {
            NONE => self.at_mut(parent).last = id,
            next => self.at_mut(next).previous = id,
        }
        let entry = self.at_mut(id);
        (entry.parent, entry.previous, entry.next) = (parent, previous, next);
    }

    /// Inserts a node or text after `previous`; adjacent texts are merged.
    fn insert_either(&mut self, child: NodeOrText<NodeId>, parent: NodeId, previous: NodeId) {
        let id = match child {
            NodeOrText::AppendNode(id) => id,
            NodeOrText::AppendText(text) => {
                if previous != NONE
                    && let Node::Text(before) = &mut self.at_mut(previous).node
                {
                    return before.push_tendril(&text);
                }
                self.add(Node::Text(text))
            }
        };
        self.insert(id, parent, previous);
    }
}

/// A node in its tree.
#[derive(Debug, Clone, Copy)]
pub(in crate::extract) struct NodeRef<'a> {
    tree: &'a Tree,
    id: NodeId,
}

impl<'a> NodeRef<'a> {
    fn entry(self) -> &'a Entry {
        self.tree.at(self.id)
    }

    fn other(self, id: NodeId) -> Option<Self> {
        (id != NONE).then_some(Self { tree: self.tree, id })
    }

    /// Another node of the same tree.
    pub fn at(self, id: NodeId) -> Self {
        Self { tree: self.tree, id }
    }

    pub fn id(self) -> NodeId {
        self.id
    }

    pub fn node(self) -> &'a Node {
        &self.entry().node
    }

    pub fn element(self) -> Option<&'a Element> {
        match self.node() {
            Node::Element(element) => Some(element),
            _ => None,
        }
    }

    pub fn parent(&self) -> Option<Self> {
        self.other(self.entry().parent)
    }

    pub fn first_child(self) -> Option<Self> {
        self.other(self.entry().first)
    }

    pub fn next_sibling(&self) -> Option<Self> {
        self.other(self.entry().next)
    }

    /// The text inside the node: at most this many bytes, of at most as many nodes.
    pub fn text(self, most: usize) -> String {
        let mut text = String::new();
        for inner in self.descendants().take(most) {
            if let Node::Text(piece) = inner.node() {
                text.push_str(&piece[..piece.floor_char_boundary(most - text.len())]);
            }
            if text.len() + 4 > most {
                break;
            }
        }
        text
    }

    pub fn children(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.first_child(), Self::next_sibling)
    }

    pub fn previous_sibling(&self) -> Option<Self> {
        self.other(self.entry().previous)
    }

    /// The next node inside a root in document order; skips the children of this node unless `enters`.
    pub fn following(self, root: Self, enters: bool) -> Option<Self> {
        if let Some(child) = self.first_child().filter(|_| enters) {
            return Some(child);
        }
        let around = std::iter::successors(Some(self), Self::parent);
        around.take_while(|at| at.id != root.id).find_map(|at| at.next_sibling())
    }

    /// All nodes below this one, in document order.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.first_child(), move |node| node.following(self, true))
    }

    /// Visits all nodes below this one, without recursion.
    pub fn visit(self, visitor: &mut impl Visitor<'a>) {
        let mut next = self.first_child();
        while let Some(node) = next {
            let enters = visitor.enter(node);
            if enters && let Some(child) = node.first_child() {
                next = Some(child);
                continue;
            }
            if enters {
                visitor.leave(node);
            }
            let mut at = node;
            next = loop {
                if let Some(sibling) = at.next_sibling() {
                    break Some(sibling);
                }
                match at.parent() {
                    Some(parent) if parent.id != self.id => {
                        visitor.leave(parent);
                        at = parent;
                    }
                    _ => break None,
                }
            };
        }
    }
}

/// Visits each node of a tree at its start and its end.
pub(in crate::extract) trait Visitor<'a> {
    /// Returns whether to visit the node's contents too, and then its end.
    fn enter(&mut self, node: NodeRef<'a>) -> bool;

    fn leave(&mut self, node: NodeRef<'a>);
}

/// Whether an attribute of a `template` makes it a shadow root, by its current name in HTML or by the first
/// one.
fn is_shadow_mode(attribute: &Attribute) -> bool {
    matches!(&*attribute.name.local, "shadowrootmode" | "shadowroot")
}

/// The cost of the attributes of one more element, in steps, until its marks are read: a class is read byte
/// by byte, an address is copied.
pub(super) fn work_of(attributes: &[Attribute]) -> u64 {
    attributes.iter().map(|attribute| 2 + attribute.value.len() as u64 / 4).sum()
}

/// The sink through which html5ever builds the tree. html5ever asks it for every open element that it
/// inspects, and creates every element here, including copies of formatting elements; so its work is counted
/// here.
pub(super) struct Sink<'a> {
    tree: RefCell<Tree>,
    pub budget: &'a Budget,
}

impl<'a> Sink<'a> {
    pub fn new(budget: &'a Budget) -> Self {
        Self { tree: RefCell::new(Tree::new()), budget }
    }

    pub fn tree(&self) -> Ref<'_, Tree> {
        self.tree.borrow()
    }
}

impl TreeSink for Sink<'_> {
    type Output = Tree;
    type Handle = NodeId;
    type ElemName<'b>
        = Ref<'b, QualName>
    where
        Self: 'b;

    fn finish(self) -> Tree {
        let mut tree = self.tree.into_inner();
        if !tree.shadows.is_empty() {
            tree.fill_slots(self.budget);
        }
        tree
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn get_document(&self) -> NodeId {
        NodeId(0)
    }

    #[inline]
    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        self.budget.work(1);
        one == other
    }

    #[inline]
    fn elem_name<'b>(&'b self, target: &NodeId) -> Ref<'b, QualName> {
        self.budget.work(1);
        Ref::map(self.tree.borrow(), |tree| match &tree.at(*target).node {
            Node::Element(element) => &element.name,
            // By the trait's contract, it is called for elements only.
            node => unreachable!("{node:?}"),
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _: ElementFlags,
    ) -> NodeId {
        self.budget.work(work_of(&attributes));
        let mut tree = self.tree.borrow_mut();
        let is_template = name.expanded() == expanded_name!(html "template");
        let is_of_shadow = is_template && attributes.iter().any(is_shadow_mode);
        let id = tree.add(Node::Element(Element { name, attributes }));
        if is_template {
            let contents = tree.add(Node::Other);
            tree.insert(contents, id, NONE);
        }
        if is_of_shadow {
            tree.shadows.push(id);
        }
        id
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.tree.borrow_mut().add(Node::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.tree.borrow_mut().add(Node::Other)
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        let mut tree = self.tree.borrow_mut();
        let last = tree.at(*parent).last;
        tree.insert_either(child, *parent, last);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let mut tree = self.tree.borrow_mut();
        if let NodeOrText::AppendNode(id) = child {
            tree.detach(id);
        }
        let Entry { parent, previous, .. } = *tree.at(*sibling);
        if parent != NONE {
            tree.insert_either(child, parent, previous);
        }
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        let parent = self.tree().at(*element).parent;
        match parent {
            NONE => self.append(previous, child),
            _ => self.append_before_sibling(element, child),
        }
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.tree().at(*target).first
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        if let Node::Element(element) = &mut self.tree.borrow_mut().at_mut(*target).node {
            self.budget.work((attributes.len() * element.attributes.len()) as u64);
            for attribute in attributes {
                if element.attributes.iter().all(|known| known.name != attribute.name) {
                    element.attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.tree.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut tree = self.tree.borrow_mut();
        while let first = tree.at(*node).first
            && first != NONE
        {
            let last = tree.at(*new_parent).last;
            tree.insert(first, *new_parent, last);
            self.budget.work(1);
        }
    }
}
