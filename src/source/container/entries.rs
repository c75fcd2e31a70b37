//! Limits how much is read of one container, in the same way for archives, JSON lines and our interchange
//! file.

use crate::model::{Origin, Reason, Rejection};
use crate::source::container::{Container, Member};

/// Each entry leaves a row with its path, in bytes: every further multiple of this length counts as one more
/// entry.
const PATH_PER_ENTRY: usize = 256;

/// Counts the entries of a container.
#[derive(Debug, Clone, Copy)]
pub(in crate::source) struct Entries {
    count: u64,
    most: u64,
    /// Length of the container's own path in bytes.
    path: usize,
}

impl Entries {
    pub fn of(container: &Container) -> Self {
        let Container { origin, limits, .. } = container;
        Self { count: 0, most: limits.most_entries, path: origin.place.path.len() }
    }

    /// For a look that stores nothing.
    pub fn unlimited() -> Self {
        Self { count: 0, most: u64::MAX, path: 0 }
    }

    fn weight(path: usize) -> u64 {
        1 + (path / PATH_PER_ENTRY) as u64
    }

    /// Counts an entry whose name has this length in bytes. Fails beyond the limit.
    pub fn take(&mut self, name: usize) -> Result<(), Rejection> {
        self.add(Self::weight(self.path.saturating_add(name)))
    }

    /// Counts a member by its own place.
    fn take_member(&mut self, origin: &Origin) -> Result<(), Rejection> {
        let name = origin.place.member.as_ref().map_or(0, String::len);
        self.add(Self::weight(origin.place.path.len() + name))
    }

    /// Fails if the number of entries that a container declares is above the limit.
    pub fn check(&self, entries: u64) -> Result<(), Rejection> {
        let mut all = *self;
        all.add(entries.saturating_mul(Self::weight(self.path)))
    }

    fn add(&mut self, weight: u64) -> Result<(), Rejection> {
        self.count = self.count.saturating_add(weight);
        if self.count <= self.most {
            return Ok(());
        }
        Err(Rejection::because(Reason::TooLarge, format!("has more than {} entries", self.most)))
    }
}

/// Why a container was not read to its end, with the number of members read before.
pub(in crate::source) fn with_taken(
    why: Rejection,
    taken: u64,
    last_name: Option<&str>,
) -> Rejection {
    let before = match taken {
        0 => "nothing in it could be read".into(),
        1 => "the 1 file before it was read".into(),
        _ => format!("the {taken} files before it were read"),
    };
    let last = last_name.map(|name| format!(", the last entry \"{name}\"")).unwrap_or_default();
    let detail = why.detail.unwrap_or_default();
    Rejection::because(why.reason, format!("{detail}; {before}{last}"))
}

/// The members of a container that does not declare their number, within the limits.
pub(in crate::source) struct Counted<I> {
    members: I,
    container: Container,
    entries: Entries,
    taken: u64,
    last_name: Option<String>,
    /// The number of refused members, and the last one of those that were not yielded.
    refused: u64,
    unnamed: Option<(Origin, Rejection)>,
    /// Reported after the last member.
    ending: Vec<Member>,
    is_over: bool,
}

impl<I: Iterator<Item = Member>> Counted<I> {
    pub fn new(members: I, container: Container) -> Self {
        Self {
            members,
            entries: Entries::of(&container),
            container,
            taken: 0,
            last_name: None,
            refused: 0,
            unnamed: None,
            ending: Vec::new(),
            is_over: false,
        }
    }

    /// Counts a member; fails at the limits.
    fn count(&mut self, member: &Member) -> Result<(), Rejection> {
        let origin = match member {
            Ok(document) => &document.origin,
            Err((origin, _)) => origin,
        };
        self.entries.take_member(origin)?;
        self.taken += u64::from(member.is_ok());
        self.last_name.clone_from(&origin.place.member);
        Ok(())
    }

    fn end(&mut self, stopped: Option<Rejection>) {
        self.is_over = true;
        if let Some(why) = stopped {
            let why = with_taken(why, self.taken, self.last_name.as_deref());
            self.ending.push(self.container.refuse(None, why));
        }
        if let Some((origin, last)) = self.unnamed.take() {
            let more = self.refused - self.container.limits.most_refused;
            let name = origin.place.member.unwrap_or_default();
            let detail = format!("{more} more are refused, the last of them \"{name}\": {last}");
            self.ending.push(self.container.refuse(None, Rejection::because(last.reason, detail)));
        }
    }
}

impl<I: Iterator<Item = Member>> Iterator for Counted<I> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        while !self.is_over {
            let Some(member) = self.members.next() else {
                self.end(None);
                break;
            };
            if let Err((origin, why)) = &member
                && why.reason.is_refusal()
            {
                self.refused += 1;
                if self.refused > self.container.limits.most_refused {
                    self.unnamed = Some((origin.clone(), why.clone()));
                    continue;
                }
            }
            match self.count(&member) {
                Ok(()) => return Some(member),
                Err(why) => self.end(Some(why)),
            }
        }
        self.ending.pop()
    }
}
