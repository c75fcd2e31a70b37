//! Counts the links and letters of containers and blocks.

use super::links::Target;
use crate::extract::cut::{Anchor, Walked};
use crate::model::LinkKind;

/// Maximum letters beside links to follow: a label ("关注我们：").
pub(in crate::extract) const LABEL_LETTERS: usize = 8;

/// The links and letters of each container and cut.
pub(in crate::extract) struct Links {
    /// By container: letters; letters in links.
    pub letters: Vec<usize>,
    pub linked: Vec<usize>,
    pub count: Vec<Count>,
    /// By container: links to the article's own site.
    pub to_own_site: Vec<usize>,
    pub of_cut: Vec<Count>,
}

/// Links of a container or a block: all; those that share, follow or promote; those that share.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::extract) struct Count {
    pub all: usize,
    pub away: usize,
    pub shares: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.away += other.away;
        self.shares += other.shares;
    }

    /// Whether there is hardly any text beside such links. Share buttons may have words of their own, up to
    /// `label` letters; the name of an account is as often that of a quoted person.
    pub fn is_bar(self, letters: usize, linked: usize, label: usize) -> bool {
        let said = letters - linked;
        self.all > 0
            && self.all == self.away
            && match self.shares {
                0 => said <= LABEL_LETTERS && said <= linked,
                _ => said <= label,
            }
    }
}

impl Links {
    pub fn count(walked: &Walked, targets: &[Target]) -> Self {
        let containers = walked.containers.len();
        let mut found = Self {
            letters: vec![0; containers],
            linked: vec![0; containers],
            count: vec![Count::default(); containers],
            to_own_site: vec![0; containers],
            of_cut: vec![Count::default(); walked.cuts.len()],
        };
        for cut in &walked.cuts {
            found.letters[cut.container] += cut.letters;
            found.linked[cut.container] += cut.linked;
        }
        for (anchor, target) in walked.anchors.iter().zip(targets) {
            let one = Count {
                all: 1,
                away: usize::from(leads_away(anchor, target)),
                shares: usize::from(target.kind == Some(LinkKind::Share)),
            };
            found.count[anchor.container].add(one);
            found.to_own_site[anchor.container] += usize::from(target.is_internal);
            if let Some(cut) = anchor.cut {
                found.of_cut[cut].add(one);
            }
        }
        // A container comes after its parent, so going backwards sums up whole trees.
        for at in (1..containers).rev() {
            let parent = walked.containers[at].parent;
            found.letters[parent] += found.letters[at];
            found.linked[parent] += found.linked[at];
            let inside = found.count[at];
            found.count[parent].add(inside);
            found.to_own_site[parent] += found.to_own_site[at];
        }
        found
    }
}

fn leads_away(anchor: &Anchor, target: &Target) -> bool {
    match target.kind {
        Some(LinkKind::Share | LinkKind::Promo | LinkKind::Follow) => true,
        Some(LinkKind::Other) => anchor.text.is_empty(),
        _ => false,
    }
}
