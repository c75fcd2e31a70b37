//! Carriers of many: files that hold documents, each of which is a file of the run.
//!
//! [`members`] is the only door. What a file is is told by its first bytes, never by its name.

use super::Found;
use super::jsonl::{JsonlMembers, is_jsonl};
use super::read::{file_state, is_settled, open_safely};
use super::walk::modified_ns;
use crate::model::{Document, Origin, Reason, Rejection, Timestamp};
use std::fs::{File, Metadata};
use std::io::{BufRead, BufReader};

/// A place in a carrier, and the document or why there is none.
pub type Member = Result<Document, (Origin, Rejection)>;

/// What holds for every member.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes; larger members are rejected unread.
    pub max_bytes: u64,
    /// The run's start: a time more than a day after it is not believed.
    pub started: Timestamp,
}

/// The members of one carrier, in its order, read one at a time.
pub struct Members {
    inner: Box<dyn Iterator<Item = Member>>,
    carrier: Origin,
    /// The file, with its state when it was looked at.
    looked: Option<(File, Metadata)>,
    count: u64,
    is_whole: bool,
    is_over: bool,
}

/// A carrier that was read to its end, with nothing in it refused: in this state it need not be
/// read again.
#[derive(Debug)]
pub struct ReadCarrier {
    pub origin: Origin,
    /// How many files it counted for.
    pub members: u64,
}

/// The members of a file, if it is a carrier; `None` for any other, or where it cannot be opened:
/// reading it then says why.
pub fn members(found: &Found, limits: Limits) -> Option<Members> {
    let looked = found.metadata.as_ref().ok().filter(|looked| looked.is_file())?;
    let file = open_safely(&found.path).ok()?;
    file.metadata().ok().filter(Metadata::is_file)?;
    let watched = file.try_clone().ok()?;
    let mut stream = BufReader::new(file);
    // A regular file gives a whole buffer at once, or all that it has.
    let head = stream.fill_buf().ok()?;
    if !is_jsonl(head) {
        return None;
    }
    let carrier = found.origin();
    let inner = JsonlMembers::new(stream, carrier.clone(), limits.started);
    Some(Members::new(Box::new(inner), carrier, Some((watched, looked.clone()))))
}

impl Members {
    fn new(
        inner: Box<dyn Iterator<Item = Member>>,
        carrier: Origin,
        looked: Option<(File, Metadata)>,
    ) -> Self {
        Self { inner, carrier, looked, count: 0, is_whole: true, is_over: false }
    }

    /// What to remember of the carrier, when the last member was handed out.
    pub fn finish(self) -> Option<ReadCarrier> {
        let (file, _) = self.looked.as_ref().filter(|_| self.is_over && self.is_whole)?;
        let modified_ns = modified_ns(&file.metadata().ok()?)?;
        let origin = Origin { is_settled: is_settled(modified_ns), ..self.carrier };
        Some(ReadCarrier { origin, members: self.count })
    }

    /// The last word on a file that did not stand still.
    fn changed(&self) -> Option<Member> {
        let (file, looked) = self.looked.as_ref()?;
        let is_same = file.metadata().is_ok_and(|now| file_state(&now) == file_state(looked));
        let changed = || (self.carrier.clone(), Rejection::new(Reason::ChangedWhileReading));
        (!is_same).then(|| Err(changed()))
    }
}

impl Iterator for Members {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        if self.is_over {
            return None;
        }
        let member = self.inner.next().or_else(|| {
            self.is_over = true;
            self.changed()
        })?;
        self.count += 1;
        // What is refused may be taken the next time; what is no article never is.
        self.is_whole &= !matches!(&member, Err((_, why)) if why.reason.is_refusal());
        Some(member)
    }
}
