//! The tree that html5ever builds, kept no larger than the walk needs it.

use html5ever::tendril::StrTendril;
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, QualName, expanded_name, local_name, ns};
use std::borrow::Cow;
use std::cell::{Ref, RefCell};

/// A node's place in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::normalize) struct NodeId(u32);

/// No node: the neighbour of a first or last one, the parent of one that stands nowhere.
const NONE: NodeId = NodeId(u32::MAX);

#[derive(Debug)]
pub(in crate::normalize) enum Node {
    Element(Element),
    Text(StrTendril),
    /// The document, a comment, what a `template` holds: entered by no walk, or only for its children.
    Other,
}

#[derive(Debug)]
pub(in crate::normalize) struct Element {
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

    /// Names and values, in the order of the document.
    pub fn attrs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().map(|attribute| (&*attribute.name.local, &*attribute.value))
    }

    pub fn classes(&self) -> impl Iterator<Item = &str> {
        self.attr("class").unwrap_or_default().split_ascii_whitespace()
    }
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

/// All nodes, in the order of their making; the document is the first.
#[derive(Debug)]
pub(in crate::normalize) struct Tree {
    entries: Vec<Entry>,
}

impl Tree {
    fn new() -> Self {
        let mut tree = Self { entries: Vec::with_capacity(512) };
        tree.add(Node::Other);
        tree
    }

    pub fn root(&self) -> NodeRef<'_> {
        NodeRef { tree: self, id: NodeId(0) }
    }

    /// How many nodes were made.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many nodes stand above the newest one, as far as `most`.
    pub fn depth_of_newest(&self, most: usize) -> usize {
        let newest = NodeRef { tree: self, id: NodeId(self.entries.len() as u32 - 1) };
        std::iter::successors(newest.parent(), NodeRef::parent).take(most).count()
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

    fn at(&self, id: NodeId) -> &Entry {
        &self.entries[id.0 as usize]
    }

    fn at_mut(&mut self, id: NodeId) -> &mut Entry {
        &mut self.entries[id.0 as usize]
    }

    fn detach(&mut self, id: NodeId) {
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

    /// Puts a node behind `previous` among the children of `parent`; before them all if it is `NONE`.
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

    /// Puts a node or text behind `previous`; text behind text is one.
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
pub(in crate::normalize) struct NodeRef<'a> {
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

    pub fn children(self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.first_child(), Self::next_sibling)
    }

    /// All below this node, in the order of the document.
    pub fn descendants(self) -> impl Iterator<Item = Self> {
        let behind = move |node: Self| {
            let above = std::iter::successors(Some(node), Self::parent);
            let mut inside = above.take_while(|above| above.id != self.id);
            inside.find_map(|above| above.next_sibling())
        };
        std::iter::successors(self.first_child(), move |node| {
            node.first_child().or_else(|| behind(*node))
        })
    }
}

/// What html5ever builds the tree through.
pub(super) struct Sink(RefCell<Tree>);

impl Sink {
    pub fn new() -> Self {
        Self(RefCell::new(Tree::new()))
    }

    pub fn tree(&self) -> Ref<'_, Tree> {
        self.0.borrow()
    }
}

impl TreeSink for Sink {
    type Output = Tree;
    type Handle = NodeId;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Tree {
        self.0.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn get_document(&self) -> NodeId {
        NodeId(0)
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn elem_name<'a>(&'a self, target: &NodeId) -> Ref<'a, QualName> {
        Ref::map(self.0.borrow(), |tree| match &tree.at(*target).node {
            Node::Element(element) => &element.name,
            // By the trait's contract it is asked of elements only.
            node => unreachable!("{node:?}"),
        })
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _: ElementFlags,
    ) -> NodeId {
        let mut tree = self.0.borrow_mut();
        let is_template = name.expanded() == expanded_name!(html "template");
        let id = tree.add(Node::Element(Element { name, attributes }));
        if is_template {
            let contents = tree.add(Node::Other);
            tree.insert(contents, id, NONE);
        }
        id
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.0.borrow_mut().add(Node::Other)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.0.borrow_mut().add(Node::Other)
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        let mut tree = self.0.borrow_mut();
        let last = tree.at(*parent).last;
        tree.insert_either(child, *parent, last);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let mut tree = self.0.borrow_mut();
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
        if let Node::Element(element) = &mut self.0.borrow_mut().at_mut(*target).node {
            for attribute in attributes {
                if element.attributes.iter().all(|known| known.name != attribute.name) {
                    element.attributes.push(attribute);
                }
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.0.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut tree = self.0.borrow_mut();
        while let first = tree.at(*node).first
            && first != NONE
        {
            let last = tree.at(*new_parent).last;
            tree.insert(first, *new_parent, last);
        }
    }
}
