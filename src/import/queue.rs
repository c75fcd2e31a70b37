//! The queues between the walk, the parsers and the writer: bounded in bytes, and in the order of the walk.

use super::documents::NewDocument;
use crate::error::Result;
use crate::model::{Document, Origin, ReadContainer, Sha256};
use crate::source::{Found, Member};
use crate::store::NewSighting;
use crossbeam_channel::{Receiver, Sender, bounded};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How many bytes of input may be between walk and store. This bounds memory, whatever the size of the drop;
/// it is enough to keep the parsers busy while a batch is synced to disk.
const BYTES_UNDER_WAY: u64 = 24 << 20;
/// The minimum that a file counts for, so that the number of files is bounded too.
const LEAST_UNDER_WAY: u64 = 16 << 10;
/// More than the number of inputs that can be in the queues.
const QUEUE_LENGTH: usize = (BYTES_UNDER_WAY / LEAST_UNDER_WAY) as usize + 1;
/// Inputs are grouped up to this size: waking a thread costs as much as a hundredth of an article. Groups are
/// not larger, because at the end one parser would work on a group while the others wait.
const GROUP_BYTES: u64 = 64 << 10;
/// A walk that waits for room waits until this much is free, so that it is not woken for each article.
const ROOM: u64 = 1 << 20;
/// This many unchanged files are sent at once: waking the writer for each would cost as much as finding it.
const UNCHANGED_AT_ONCE: u64 = 500;
/// How many stored articles may wait for their parser to free them; further ones are freed by the writer.
const RECYCLED: usize = 32;

/// Both ends of all channels between the threads of an import.
pub(super) struct Channels {
    pub found: (Sender<FoundGroup>, Receiver<FoundGroup>),
    pub prepared: (Sender<PreparedGroup>, Receiver<PreparedGroup>),
    pub recycled: Vec<(Sender<Recycled>, Receiver<Recycled>)>,
}

impl Channels {
    pub fn new(parsers: usize) -> Self {
        Self {
            found: bounded(QUEUE_LENGTH),
            prepared: bounded(QUEUE_LENGTH),
            recycled: (0..parsers).map(|_| bounded(RECYCLED)).collect(),
        }
    }
}

/// A group of inputs, in the order of the walk.
pub(super) type FoundGroup = Vec<(Ticket, Input)>;

/// A group after parsing.
pub(super) type PreparedGroup = Vec<(Ticket, Result<Prepared>)>;

/// The writer's ends of the channels.
pub(super) struct WriterEnd {
    pub prepared: Receiver<PreparedGroup>,
    /// By the parser's number.
    pub recycled: Vec<Sender<Recycled>>,
    /// By the parser's number: what each has prepared and not sent.
    pub done: Vec<Done>,
    pub outgoing: Weak<Outgoing>,
    pub budget: Arc<Budget>,
}

/// The prepared part of a group whose next input may take the parser long.
pub(super) type Done = Arc<Mutex<PreparedGroup>>;

impl WriterEnd {
    /// Passes on unfinished groups, on either side of the parsers; called when nothing has come for a while.
    pub fn hurry(&self) -> PreparedGroup {
        if let Some(outgoing) = self.outgoing.upgrade() {
            // If no parser is left, nobody waits for it.
            let _ = outgoing.send();
        }
        self.done.iter().flat_map(|done| std::mem::take(&mut *locked(done))).collect()
    }

    /// The bytes of input still to come; `None` until the walk ends.
    pub fn left(&self) -> Option<u64> {
        self.budget.is_whole.load(Ordering::Relaxed).then(|| self.budget.taken())
    }

    /// Whether an input on its way was read from a stream, and cannot be read again.
    pub fn is_unrepeatable(&self) -> bool {
        self.budget.is_stream.load(Ordering::Relaxed)
    }
}

/// Locks a mutex even if it is poisoned, since its value cannot be half changed.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Inputs that the walk has found and not sent yet. The writer can send them too, if the walk is blocked
/// while reading.
pub(super) struct Outgoing {
    /// With their total cost.
    group: Mutex<(FoundGroup, u64)>,
    found: Sender<FoundGroup>,
}

impl Outgoing {
    pub fn new(found: Sender<FoundGroup>) -> Arc<Self> {
        Arc::new(Self { group: Mutex::default(), found })
    }

    /// Adds an input, and returns the total cost.
    fn add(&self, ticket: Ticket, work: Input) -> u64 {
        let (group, cost) = &mut *locked(&self.group);
        group.push((ticket, work));
        *cost += ticket.cost;
        *cost
    }

    fn send(&self) -> Result<(), ImportEnded> {
        let (group, _) = std::mem::take(&mut *locked(&self.group));
        if group.is_empty() { Ok(()) } else { self.found.send(group).map_err(|_| ImportEnded) }
    }
}

/// The threads of an import, which end by themselves when the writer is gone.
pub(super) struct Threads<T> {
    pub walk: JoinHandle<T>,
    pub parsers: Vec<JoinHandle<()>>,
}

impl<T> Threads<T> {
    /// Waits for all of them, and returns the result of the walk.
    pub fn join(self) -> T {
        for parser in self.parsers {
            parser.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
        self.walk.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Does not wait for threads that do not end soon: one may be reading an endless file, and nobody needs
    /// its result.
    pub fn leave(self) {
        const SOON: Duration = Duration::from_secs(1);
        let started = Instant::now();
        let are_done =
            || self.walk.is_finished() && self.parsers.iter().all(JoinHandle::is_finished);
        while !are_done() && started.elapsed() < SOON {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A stored article on its way back to the parser that made it. Freeing memory that another thread allocated,
/// and keeps allocating, costs several times as much.
pub(super) type Recycled = Box<NewSighting>;

/// An input for the parsers.
pub(super) enum Input {
    File(Box<Found>),
    /// A member of a container, which the walk has already read.
    Member(Box<Member>),
    /// Documents from memory.
    Document(Box<NewDocument>),
}

/// A parsed input, before it is stored.
pub(super) enum Prepared {
    /// With the number of files it counts for: more than one for a container.
    Unchanged(u64),
    /// A git blob whose bytes the archive has.
    Known(Box<Origin>),
    /// Another place of bytes that were sent before, by their hash.
    Same(Box<Origin>, Sha256),
    Read {
        sighting: Box<NewSighting>,
        /// The parser that made it, and gets it back after storing.
        parser: usize,
    },
    /// A container; all its members came before it.
    ReadContainer(Box<ReadContainer>),
}

/// The turn of an input, and its share of the [`Budget`].
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    pub index: u64,
    pub cost: u64,
}

/// The bytes that may still enter the queues.
pub(super) struct Budget {
    room: Mutex<Room>,
    changed: Condvar,
    /// Whether the current inputs come from a stream.
    is_stream: AtomicBool,
    /// Whether the walk has ended, so that nothing more will be taken.
    is_whole: AtomicBool,
}

struct Room {
    /// `None` after the import has ended.
    free: Option<u64>,
    /// How much room the walk waits for.
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
        Self {
            room: Mutex::new(room),
            changed: Condvar::new(),
            is_stream: AtomicBool::new(false),
            is_whole: AtomicBool::new(false),
        }
    }
}

impl Budget {
    fn lock(&self) -> MutexGuard<'_, Room> {
        locked(&self.room)
    }

    /// The cost of an input; one larger than the whole budget goes alone.
    fn cost(bytes: u64) -> u64 {
        bytes.clamp(LEAST_UNDER_WAY, BYTES_UNDER_WAY)
    }

    fn has(&self, cost: u64) -> bool {
        self.lock().has(cost)
    }

    /// The bytes that are taken and not yet given back.
    pub fn taken(&self) -> u64 {
        self.lock().free.map_or(0, |free| BYTES_UNDER_WAY.saturating_sub(free))
    }

    /// Waits for room.
    fn take(&self, cost: u64) -> Result<(), ImportEnded> {
        let mut room = self.lock();
        if !room.has(cost) {
            room.wanted = cost.max(ROOM);
            let lacks = |room: &mut Room| !room.has(room.wanted);
            let waited = self.changed.wait_while(room, lacks);
            room = waited.unwrap_or_else(PoisonError::into_inner);
        }
        room.free = Some(room.free.ok_or(ImportEnded)? - cost);
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

/// Closes the budget however storing ends: the walk may be waiting for room that nobody will free.
pub(super) struct CloseOnDrop(pub Arc<Budget>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.lock().free = None;
        self.0.changed.notify_all();
    }
}

/// The import has ended, with an error of its own.
pub(super) struct ImportEnded;

/// The walk's ends of the channels; each send fails after the import has ended.
pub(super) struct Senders {
    budget: Arc<Budget>,
    outgoing: Arc<Outgoing>,
    prepared: Sender<PreparedGroup>,
    next: u64,
    /// Unchanged files that are not sent yet.
    unchanged: u64,
}

impl Senders {
    pub fn new(
        budget: Arc<Budget>,
        outgoing: Arc<Outgoing>,
        prepared: Sender<PreparedGroup>,
    ) -> Self {
        Self { budget, outgoing, prepared, next: 0, unchanged: 0 }
    }

    /// Sets whether the following inputs come from a stream.
    pub fn set_stream(&self, is_stream: bool) {
        self.budget.is_stream.store(is_stream, Ordering::Relaxed);
    }

    fn ticket(&mut self, bytes: u64) -> Result<Ticket, ImportEnded> {
        let cost = Budget::cost(bytes);
        // The group itself may have the room that is waited for.
        if !self.budget.has(cost) {
            self.outgoing.send()?;
        }
        self.budget.take(cost)?;
        let ticket = Ticket { index: self.next, cost };
        self.next += 1;
        Ok(ticket)
    }

    fn send_unchanged(&mut self) -> Result<(), ImportEnded> {
        match std::mem::take(&mut self.unchanged) {
            0 => Ok(()),
            files => self.prepared(Ok(Prepared::Unchanged(files))),
        }
    }

    pub fn unchanged(&mut self, files: u64) -> Result<(), ImportEnded> {
        self.unchanged += files;
        if self.unchanged >= UNCHANGED_AT_ONCE { self.send_unchanged() } else { Ok(()) }
    }

    /// Sends what was collected.
    pub fn flush(&mut self) -> Result<(), ImportEnded> {
        self.send_unchanged()?;
        self.outgoing.send()
    }

    /// Sends the unfinished group at the end of the walk.
    pub fn finish(mut self) -> Result<(), ImportEnded> {
        self.flush()?;
        self.budget.is_whole.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub fn work(&mut self, bytes: u64, work: Input) -> Result<(), ImportEnded> {
        self.send_unchanged()?;
        let ticket = self.ticket(bytes)?;
        if self.outgoing.add(ticket, work) >= GROUP_BYTES { self.outgoing.send() } else { Ok(()) }
    }

    pub fn member(&mut self, member: Member) -> Result<(), ImportEnded> {
        if let Ok(Document { origin, same_as: Some(sha256), .. }) = member {
            return self.prepared(Ok(Prepared::Same(Box::new(origin), sha256)));
        }
        let bytes = member.as_ref().map_or(0, |document| document.bytes.len());
        self.work(bytes as u64, Input::Member(Box::new(member)))
    }

    pub fn prepared(&mut self, prepared: Result<Prepared>) -> Result<(), ImportEnded> {
        self.send_unchanged()?;
        let ticket = self.ticket(0)?;
        self.prepared.send(vec![(ticket, prepared)]).map_err(|_| ImportEnded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Place, Reason, Rejection};

    /// The ends of a walk and of a writer, with one parser's queue between them.
    fn queues() -> (Senders, WriterEnd, Receiver<FoundGroup>) {
        let Channels { found, prepared, .. } = Channels::new(1);
        let budget = Arc::new(Budget::default());
        let outgoing = Outgoing::new(found.0);
        let end = WriterEnd {
            prepared: prepared.1,
            recycled: Vec::new(),
            done: vec![Done::default()],
            outgoing: Arc::downgrade(&outgoing),
            budget: Arc::clone(&budget),
        };
        (Senders::new(budget, outgoing, prepared.0), end, found.1)
    }

    /// An unfinished group is passed on, on both sides of the parsers.
    #[test]
    fn unfinished_groups_are_passed_on() {
        let (mut senders, end, found) = queues();
        let origin = Origin::at(Place::of_file("a.md"));
        assert!(senders.member(Err((origin, Rejection::new(Reason::List)))).is_ok());
        assert!(found.try_recv().is_err());
        assert!(end.hurry().is_empty());
        assert_eq!(found.try_recv().unwrap().len(), 1);
        locked(&end.done[0]).push((Ticket { index: 0, cost: 0 }, Ok(Prepared::Unchanged(1))));
        assert_eq!(end.hurry().len(), 1);
        assert!(end.hurry().is_empty());
        // The walk is over, and the parsers must notice that.
        drop(senders);
        assert!(end.hurry().is_empty());
        let is_over = found.try_recv().is_err_and(|error| error.is_disconnected());
        assert!(is_over);
    }

    #[test]
    fn what_is_left_is_known_when_the_walk_is_over() {
        let (mut senders, end, _found) = queues();
        assert!(senders.prepared(Ok(Prepared::Unchanged(1))).is_ok());
        assert_eq!(end.left(), None);
        assert!(senders.finish().is_ok());
        assert_eq!(end.left(), Some(LEAST_UNDER_WAY));
        end.budget.give(LEAST_UNDER_WAY);
        assert_eq!(end.left(), Some(0));
    }
}
