//! What is between the walk, the parsers and the writer: bounded by bytes, and in the order of the walk.

use crate::error::Result;
use crate::model::{Document, Origin, ReadCarrier, Sha256};
use crate::source::{Found, Member};
use crate::store::NewSighting;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// How many bytes of input may be between walk and store: this, not the drop, bounds memory. Enough
/// to keep the parsers going while a batch is brought to the disk.
const BYTES_UNDER_WAY: u64 = 24 << 20;
/// What a small file counts for, so that their number is bounded too.
const LEAST_UNDER_WAY: u64 = 16 << 10;
/// More than can be under way.
const QUEUE_LENGTH: usize = (BYTES_UNDER_WAY / LEAST_UNDER_WAY) as usize + 1;
/// Inputs go on together until they are so large: waking a thread costs as much as a hundredth of an
/// article. Not larger, for at the end one parser has a group and the others wait.
const GROUP_BYTES: u64 = 64 << 10;
/// A walk that waits for room waits for so much of it, and not to be woken for each article.
const ROOM: u64 = 1 << 20;
/// So many unchanged files are sent at once: waking the writer for each would cost as much as finding
/// it.
const UNCHANGED_AT_ONCE: u64 = 500;
/// How many stored articles may wait for their parser to take their memory back; more are freed where
/// they are.
const SPENT: usize = 32;

/// The ends of all channels between the threads of an import.
pub(super) struct Channels {
    pub found: (Sender<FoundGroup>, Receiver<FoundGroup>),
    pub looked: (Sender<LookedGroup>, Receiver<LookedGroup>),
    pub spent: Vec<(Sender<Spent>, Receiver<Spent>)>,
}

impl Channels {
    pub fn new(parsers: usize) -> Self {
        Self {
            found: bounded(QUEUE_LENGTH),
            looked: bounded(QUEUE_LENGTH),
            spent: (0..parsers).map(|_| bounded(SPENT)).collect(),
        }
    }
}

/// Inputs that go on together, in the order of the walk.
pub(super) type FoundGroup = Vec<(Ticket, Work)>;

/// What came of them.
pub(super) type LookedGroup = Vec<(Ticket, Result<Looked>)>;

/// What the writer has of the channels.
pub(super) struct WriterEnd<'a> {
    pub looked: Receiver<LookedGroup>,
    /// By the parser's number.
    pub spent: Vec<Sender<Spent>>,
    pub budget: &'a Budget,
}

/// What was stored, on its way back to the parser that made it: to free memory that another thread
/// took, and goes on taking, costs several times as much.
pub(super) type Spent = Box<NewSighting>;

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
    /// Another place of bytes that were sent before, by their hash.
    Same(Box<Origin>, Sha256),
    Read {
        sighting: Box<NewSighting>,
        /// Who made it, and has it back when it is stored.
        parser: usize,
    },
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
    room: Mutex<Room>,
    changed: Condvar,
}

struct Room {
    /// `None` when the import has ended.
    free: Option<u64>,
    /// What the walk waits for.
    wanted: u64,
}

impl Room {
    fn has(&self, bytes: u64) -> bool {
        self.free.is_none_or(|free| free >= bytes)
    }
}

impl Default for Budget {
    fn default() -> Self {
        let room = Room { free: Some(BYTES_UNDER_WAY), wanted: 0 };
        Self { room: Mutex::new(room), changed: Condvar::new() }
    }
}

impl Budget {
    fn lock(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What an input takes; one larger than all there is goes alone.
    fn cost(bytes: u64) -> u64 {
        bytes.clamp(LEAST_UNDER_WAY, BYTES_UNDER_WAY)
    }

    fn has(&self, cost: u64) -> bool {
        self.lock().has(cost)
    }

    /// Waits for room.
    fn take(&self, cost: u64) -> Result<(), Gone> {
        let mut room = self.lock();
        if !room.has(cost) {
            room.wanted = cost.max(ROOM);
            let lacks = |room: &mut Room| !room.has(room.wanted);
            let waited = self.changed.wait_while(room, lacks);
            room = waited.unwrap_or_else(PoisonError::into_inner);
        }
        room.free = Some(room.free.ok_or(Gone)? - cost);
        Ok(())
    }

    pub fn give(&self, cost: u64) {
        let mut room = self.lock();
        room.free = room.free.map(|free| free + cost);
        if room.wanted > 0 && room.has(room.wanted) {
            room.wanted = 0;
            self.changed.notify_one();
        }
    }
}

/// Lets nothing more in, however the storing ends: the walk may be waiting for room that nobody
/// makes any more.
pub(super) struct EndOf<'a>(pub &'a Budget);

impl Drop for EndOf<'_> {
    fn drop(&mut self) {
        self.0.lock().free = None;
        self.0.changed.notify_all();
    }
}

/// The import has ended, with an error of its own.
pub(super) struct Gone;

/// Where the walk sends what it finds; each send fails when the import has ended.
pub(super) struct Senders<'a> {
    budget: &'a Budget,
    found: Sender<FoundGroup>,
    looked: Sender<LookedGroup>,
    next: u64,
    /// What is not sent yet, and how large it is.
    group: FoundGroup,
    group_bytes: u64,
    /// Unchanged files that are not sent yet.
    unchanged: u64,
}

impl<'a> Senders<'a> {
    pub fn new(budget: &'a Budget, found: Sender<FoundGroup>, looked: Sender<LookedGroup>) -> Self {
        let group = FoundGroup::new();
        Self { budget, found, looked, next: 0, group, group_bytes: 0, unchanged: 0 }
    }

    fn ticket(&mut self, bytes: u64) -> Result<Ticket, Gone> {
        let cost = Budget::cost(bytes);
        // Room that is waited for may be what the group has.
        if !self.budget.has(cost) {
            self.send_group()?;
        }
        self.budget.take(cost)?;
        let ticket = Ticket { index: self.next, cost };
        self.next += 1;
        Ok(ticket)
    }

    fn send_group(&mut self) -> Result<(), Gone> {
        self.group_bytes = 0;
        match std::mem::take(&mut self.group) {
            group if group.is_empty() => Ok(()),
            group => self.found.send(group).map_err(|_| Gone),
        }
    }

    fn send_unchanged(&mut self) -> Result<(), Gone> {
        match std::mem::take(&mut self.unchanged) {
            0 => Ok(()),
            files => self.looked(Ok(Looked::Unchanged(files))),
        }
    }

    pub fn unchanged(&mut self, files: u64) -> Result<(), Gone> {
        self.unchanged += files;
        if self.unchanged >= UNCHANGED_AT_ONCE { self.send_unchanged() } else { Ok(()) }
    }

    /// Sends what waits to be sent.
    pub fn flush(&mut self) -> Result<(), Gone> {
        self.send_unchanged()?;
        self.send_group()
    }

    pub fn work(&mut self, bytes: u64, work: Work) -> Result<(), Gone> {
        self.send_unchanged()?;
        let ticket = self.ticket(bytes)?;
        self.group.push((ticket, work));
        self.group_bytes += ticket.cost;
        if self.group_bytes >= GROUP_BYTES { self.send_group() } else { Ok(()) }
    }

    pub fn member(&mut self, member: Member) -> Result<(), Gone> {
        if let Ok(Document { origin, same_as: Some(sha256), .. }) = member {
            return self.looked(Ok(Looked::Same(Box::new(origin), sha256)));
        }
        let bytes = member.as_ref().map_or(0, |document| document.bytes.len());
        self.work(bytes as u64, Work::Member(Box::new(member)))
    }

    pub fn looked(&mut self, looked: Result<Looked>) -> Result<(), Gone> {
        self.send_unchanged()?;
        let ticket = self.ticket(0)?;
        self.looked.send(vec![(ticket, looked)]).map_err(|_| Gone)
    }
}
