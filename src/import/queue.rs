//! What is between the walk, the parsers and the writer: bounded by bytes, and in the order of the walk.

use crate::error::Result;
use crate::model::{Origin, ReadCarrier};
use crate::source::{Found, Member};
use crate::store::NewSighting;
use crossbeam_channel::Sender;
use std::sync::{Condvar, Mutex, PoisonError};

/// How many bytes of input may be between walk and store: this, not the drop, bounds memory. Enough
/// to keep the parsers going while a batch is brought to the disk.
const BYTES_UNDER_WAY: u64 = 24 << 20;
/// What a small file counts for, so that their number is bounded too.
const LEAST_UNDER_WAY: u64 = 16 << 10;
/// More than can be under way.
pub(super) const QUEUE_LENGTH: usize = (BYTES_UNDER_WAY / LEAST_UNDER_WAY) as usize + 1;
/// What the walk found for the parsers.
pub(super) enum Work {
    File(Box<Found>),
    /// A member of a carrier of many, which the walk reads itself.
    Member(Box<Member>),
}

/// What a file came to before it is stored.
pub(super) enum Looked {
    /// With how many files it counts for: more than one for a carrier of many.
    Unchanged(u64),
    /// A git blob whose bytes the archive has.
    Known(Box<Origin>),
    Read(Box<NewSighting>),
    /// A carrier whose members were all before it.
    ReadCarrier(Box<ReadCarrier>),
}

/// What an input stands for on its way: its turn, and its part of the [`Budget`].
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    pub index: u64,
    pub cost: u64,
}

/// The bytes that may still be taken on the way.
pub(super) struct Budget {
    /// `None` when the import has ended.
    free: Mutex<Option<u64>>,
    changed: Condvar,
}

impl Default for Budget {
    fn default() -> Self {
        Self { free: Mutex::new(Some(BYTES_UNDER_WAY)), changed: Condvar::new() }
    }
}

impl Budget {
    /// Waits for room; an input larger than all of it goes alone. Returns what it takes.
    fn take(&self, bytes: u64) -> Result<u64, Gone> {
        let cost = bytes.clamp(LEAST_UNDER_WAY, BYTES_UNDER_WAY);
        let lacks = |free: &mut Option<u64>| free.is_some_and(|free| free < cost);
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.changed.wait_while(free, lacks).unwrap_or_else(PoisonError::into_inner);
        let rest = free.ok_or(Gone)? - cost;
        *free = Some(rest);
        Ok(cost)
    }

    pub fn give(&self, cost: u64) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        *free = free.map(|free| free + cost);
        self.changed.notify_one();
    }
}

/// Lets nothing more in, however the storing ends: the walk may be waiting for room that nobody
/// makes any more.
pub(super) struct EndOf<'a>(pub &'a Budget);

impl Drop for EndOf<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.0.changed.notify_all();
    }
}

/// Where the walk sends what it finds; each send fails when the import has ended.
pub(super) struct Senders<'a> {
    budget: &'a Budget,
    files: Sender<(Ticket, Work)>,
    looked: Sender<(Ticket, Result<Looked>)>,
    next: u64,
    /// Unchanged files that are not sent yet.
    unchanged: u64,
}

/// So many unchanged files are sent at once: waking the writer for each would cost as much as finding
/// it.
const UNCHANGED_AT_ONCE: u64 = 500;

/// The import has ended, with an error of its own.
pub(super) struct Gone;

impl<'a> Senders<'a> {
    pub fn new(
        budget: &'a Budget,
        files: Sender<(Ticket, Work)>,
        looked: Sender<(Ticket, Result<Looked>)>,
    ) -> Self {
        Self { budget, files, looked, next: 0, unchanged: 0 }
    }

    fn ticket(&mut self, bytes: u64) -> Result<Ticket, Gone> {
        let ticket = Ticket { index: self.next, cost: self.budget.take(bytes)? };
        self.next += 1;
        Ok(ticket)
    }

    pub fn unchanged(&mut self, files: u64) -> Result<(), Gone> {
        self.unchanged += files;
        if self.unchanged >= UNCHANGED_AT_ONCE { self.flush() } else { Ok(()) }
    }

    /// Sends what waits to be sent, in front of what comes next.
    pub fn flush(&mut self) -> Result<(), Gone> {
        match std::mem::take(&mut self.unchanged) {
            0 => Ok(()),
            files => self.looked(Ok(Looked::Unchanged(files))),
        }
    }

    pub fn work(&mut self, bytes: u64, work: Work) -> Result<(), Gone> {
        self.flush()?;
        let ticket = self.ticket(bytes)?;
        self.files.send((ticket, work)).map_err(|_| Gone)
    }

    pub fn member(&mut self, member: Member) -> Result<(), Gone> {
        let bytes = member.as_ref().map_or(0, |document| document.bytes.len());
        self.work(bytes as u64, Work::Member(Box::new(member)))
    }

    pub fn looked(&mut self, looked: Result<Looked>) -> Result<(), Gone> {
        self.flush()?;
        let ticket = self.ticket(0)?;
        self.looked.send((ticket, looked)).map_err(|_| Gone)
    }
}
