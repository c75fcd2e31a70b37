//! Carriers of many: files that hold documents, each of which is a file of the run.
//!
//! [`members`] is the only door. What a file is is told by its first bytes, never by its name.

use super::Found;
use super::jsonl::{JsonlMembers, is_jsonl};
use super::read::{file_state, is_settled, open_safely};
use super::walk::modified_ns;
use crate::model::{Document, Origin, ReadCarrier, Reason, Rejection, Timestamp};
use std::fs::{File, Metadata};
use std::io::{BufRead, BufReader};
use std::sync::Arc;

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
    looked: Option<(Arc<File>, Metadata)>,
    count: u64,
    /// Whether it holds others, and is not only one document that is packed.
    is_of_many: bool,
    is_whole: bool,
    is_over: bool,
}

/// The members of a file, if it is a carrier; `None` for any other, or where it cannot be opened:
/// reading it then says why.
pub fn members(found: &Found, limits: Limits) -> Option<Members> {
    let looked = found.metadata.as_ref().ok().filter(|looked| looked.is_file())?;
    let file = open_safely(&found.path).ok()?;
    file.metadata().ok().filter(Metadata::is_file)?;
    let file = Arc::new(file);
    let mut stream = BufReader::new(Arc::clone(&file));
    // A regular file gives a whole buffer at once, or all that it has.
    let head = stream.fill_buf().ok()?;
    if !is_jsonl(head) {
        return None;
    }
    let carrier = found.origin();
    let inner = JsonlMembers::new(stream, carrier.clone(), limits.started);
    Some(Members::new(Box::new(inner), carrier, Some((file, looked.clone()))))
}

impl Members {
    fn new(
        inner: Box<dyn Iterator<Item = Member>>,
        carrier: Origin,
        looked: Option<(Arc<File>, Metadata)>,
    ) -> Self {
        Self { inner, carrier, looked, count: 0, is_of_many: false, is_whole: true, is_over: false }
    }

    /// What to remember of the carrier, when the last member was handed out.
    pub fn finish(self) -> Option<ReadCarrier> {
        let is_seen = self.is_over && self.is_whole && self.is_of_many;
        let (file, _) = self.looked.as_ref().filter(|_| is_seen)?;
        let modified_ns = modified_ns(&file.metadata().ok()?)?;
        let origin = Origin { is_settled: is_settled(modified_ns), ..self.carrier };
        Some(ReadCarrier { origin, members: self.count })
    }

    /// The last word on a file that did not stand still.
    fn changed(&self) -> Option<Member> {
        let (file, looked) = self.looked.as_ref()?;
        let is_same = file.metadata().is_ok_and(|now| file_state(&now) == file_state(looked));
        let origin = || Origin { observed_at: None, is_settled: false, ..self.carrier.clone() };
        (!is_same).then(|| Err((origin(), Rejection::new(Reason::ChangedWhileReading))))
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
        let origin = match &member {
            Ok(document) => &document.origin,
            Err((origin, rejection)) => {
                // What is refused may be taken the next time; what is no article never is.
                self.is_whole &= !rejection.reason.is_refusal();
                origin
            }
        };
        self.is_of_many |= origin.member.is_some() || origin.path != self.carrier.path;
        Some(member)
    }
}
