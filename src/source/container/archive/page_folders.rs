//! The members of an archive, without those in the folder of a saved page.

use crate::model::{Document, Reason, Rejection};
use crate::source::container::{Iter, Member};
use crate::source::page_folder::{page_name, pages_of};
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// How many bytes may wait for their page. The files of an archive have any order, so the page can come
/// later.
const HELD_BYTES: usize = 16 << 20;
/// The same in files.
const HELD: usize = 4_096;

/// Passes on the members of an archive. A file in the folder of a page is a resource, whichever of the two
/// comes first.
pub(super) struct PageFolders {
    inner: Iter,
    hasher: RandomState,
    /// The names of all pages so far, without extension, hashed.
    pages: HashSet<u64>,
    /// Members that are resources if their page comes.
    held: VecDeque<Member>,
    held_bytes: usize,
    /// Members to be passed on before others.
    ready: VecDeque<Member>,
}

impl PageFolders {
    pub fn of(inner: impl Iterator<Item = Member> + 'static) -> Iter {
        Box::new(Self {
            inner: Box::new(inner),
            hasher: RandomState::new(),
            pages: HashSet::new(),
            held: VecDeque::new(),
            held_bytes: 0,
            ready: VecDeque::new(),
        })
    }

    fn is_resource(&self, member: &Member) -> bool {
        let is_page = |page: &[u8]| self.pages.contains(&self.hasher.hash_one(page));
        !self.pages.is_empty() && pages_of(name(member).as_bytes()).any(is_page)
    }

    /// Remembers a page; members that waited for it are resources.
    fn see_page(&mut self, page: &[u8]) {
        if self.pages.insert(self.hasher.hash_one(page)) && !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            self.held_bytes = 0;
            for member in held {
                if self.is_resource(&member) {
                    self.ready.push_back(resource(member));
                } else {
                    self.hold(member);
                }
            }
        }
    }

    fn hold(&mut self, member: Member) {
        self.held_bytes += length(&member);
        self.held.push_back(member);
        while self.held_bytes > HELD_BYTES || self.held.len() > HELD {
            let Some(first) = self.held.pop_front() else { return };
            self.held_bytes -= length(&first);
            self.ready.push_back(first);
        }
    }
}

impl Iterator for PageFolders {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            let Some(member) = self.inner.next() else {
                return self.held.pop_front();
            };
            if self.is_resource(&member) {
                return Some(resource(member));
            }
            if let Some(page) = page_name(name(&member).as_bytes()).map(<[u8]>::to_owned) {
                self.see_page(&page);
            }
            if pages_of(name(&member).as_bytes()).next().is_none() {
                return Some(member);
            }
            self.hold(member);
        }
    }
}

fn name(member: &Member) -> &str {
    let origin = match member {
        Ok(document) => &document.origin,
        Err((origin, _)) => origin,
    };
    origin.place.member.as_deref().unwrap_or_default()
}

fn length(member: &Member) -> usize {
    member.as_ref().map_or(0, |document| document.bytes.len())
}

/// Damage is reported for the archive, whatever member it damaged.
fn resource(member: Member) -> Member {
    match member {
        Err((_, ref rejection)) if rejection.reason == Reason::DamagedArchive => member,
        Ok(Document { origin, .. }) | Err((origin, _)) => {
            Err((origin, Rejection::new(Reason::Resource)))
        }
    }
}
