//! Shadow roots: moves the children of a host into the slots of its shadow root.

use super::tree::{Node, NodeId, NodeRef, Tree};
use crate::extract::budget::Budget;
use std::collections::HashMap;

/// The slots of a shadow root by name; of equal names the first.
type Slots = HashMap<String, NodeId>;

impl Tree {
    /// Moves the children of each host into the slots of its shadow root, replacing the slots' default
    /// content. Children without a slot stay where they are; a browser does not show them.
    pub(super) fn fill_slots(&mut self, budget: &Budget) {
        for template in std::mem::take(&mut self.shadows) {
            if budget.broken().is_some() {
                return;
            }
            let template = self.node(template);
            let Some(host) = template.parent() else { continue };
            let slots = slots_of(template, budget);
            let placed: Vec<(NodeId, NodeId, bool)> = host
                .children()
                .filter(|child| child.id() != template.id())
                .filter_map(|child| {
                    budget.work(1);
                    let (name, is_visible) = slot_of(child)?;
                    Some((child.id(), *slots.get(name)?, is_visible))
                })
                .collect();
            for &(_, slot, _) in placed.iter().filter(|(_, _, is_visible)| *is_visible) {
                self.empty(slot);
            }
            for (child, slot, _) in placed {
                self.append(child, slot);
            }
        }
    }

    /// Removes the default content of a slot.
    fn empty(&mut self, slot: NodeId) {
        while let Some(first) = self.node(slot).first_child().map(NodeRef::id) {
            self.detach(first);
        }
    }
}

fn slots_of(template: NodeRef<'_>, budget: &Budget) -> Slots {
    let mut slots = Slots::new();
    let mut next = template.first_child();
    while let Some(node) = next {
        budget.work(1);
        let name = node.element().map_or("", |element| element.name());
        if let Some(slot) = node.element().filter(|_| name == "slot") {
            slots.entry(slot.attr("name").unwrap_or_default().to_owned()).or_insert(node.id());
        }
        // The slots of a nested host belong to that host.
        next = node.following(template, name != "template");
    }
    slots
}

/// The name of the slot that a child asks for, and whether the child is visible content.
fn slot_of<'a>(child: NodeRef<'a>) -> Option<(&'a str, bool)> {
    match child.node() {
        Node::Element(element) if element.name() == "template" => None,
        Node::Element(element) => Some((element.attr("slot").unwrap_or_default(), true)),
        Node::Text(text) => Some(("", !text.trim().is_empty())),
        Node::Other => None,
    }
}
