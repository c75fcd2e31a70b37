//! Starts the threads of an import besides the writer: one walks, several read and parse.

use super::ImportOptions;
use super::PageAddress;
use super::addresses::Enveloper;
use super::prepare::Preparer;
use super::queue::{
    Budget, Channels, CloseOnDrop, Done, FoundGroup, ImportEnded, Input, Outgoing, Prepared,
    PreparedGroup, Recycled, Senders, Threads, WriterEnd, locked,
};
use super::walk::{Inputs, WalkEnd, walk_all};
use crate::model::{Derivation, Timestamp, threads};
use crate::source;
use crate::store::{IndexWriting, KnownFiles, NewSighting};
use crossbeam_channel::{Receiver, Sender};
use std::sync::Arc;

/// The running threads that prepare a drop, and the writer's end of their channels. Dropping it ends the threads
/// without waiting for them.
pub(super) struct Pipeline {
    pub threads: Threads<Result<WalkEnd, ImportEnded>>,
    pub writer_end: WriterEnd,
    pub close: CloseOnDrop,
}

impl Pipeline {
    /// Starts the threads. At most a [`Budget`] of input is prepared before something is received.
    pub fn start(
        inputs: Inputs,
        places: Option<KnownFiles>,
        options: &ImportOptions,
        started: Timestamp,
    ) -> Self {
        let jobs = threads(options.jobs);
        let Channels { found, prepared, recycled } = Channels::new(jobs);
        let (back, recycled): (Vec<_>, Vec<_>) = recycled.into_iter().unzip();
        let budget = Arc::new(Budget::default());
        let outgoing = Outgoing::new(found.0);
        let options = Arc::new(options.clone());
        let (mut done, mut parsers) = (Vec::new(), Vec::new());
        for (number, recycled) in recycled.into_iter().enumerate() {
            done.push(Done::default());
            let done = Done::clone(&done[number]);
            let (found, prepared) = (found.1.clone(), prepared.0.clone());
            let parser = Parser { number, found, prepared, done, recycled };
            let options = Arc::clone(&options);
            parsers.push(std::thread::spawn(move || parser.run(&options, started)));
        }
        let close = CloseOnDrop(Arc::clone(&budget));
        let writer_end = WriterEnd {
            prepared: prepared.1,
            recycled: back,
            done,
            outgoing: Arc::downgrade(&outgoing),
            budget: Arc::clone(&budget),
        };
        let senders = Senders::new(budget, outgoing, prepared.0);
        let walk = std::thread::spawn(move || walk_all(inputs, places, &options, started, senders));
        Self { threads: Threads { walk, parsers }, writer_end, close }
    }
}

/// Lets the only writer run whenever it can: beside as many parsers as cores it would get only its share, and
/// all would wait for it at the end. On two cores, this reduces the time of an import to 0.93.
fn make_way_for_the_writer() {
    // On Linux this affects the calling thread only; elsewhere it would affect the whole process.
    #[cfg(target_os = "linux")]
    // SAFETY: changes nothing but the thread's priority; a failure does not matter.
    unsafe {
        libc::setpriority(libc::PRIO_PROCESS, 0, 10);
    }
}

/// A thread that reads and parses.
struct Parser {
    number: usize,
    found: Receiver<FoundGroup>,
    prepared: Sender<PreparedGroup>,
    done: Done,
    recycled: Receiver<Recycled>,
}

impl Parser {
    fn run(self, options: &ImportOptions, started: Timestamp) {
        make_way_for_the_writer();
        let keep_rejected = options.git.as_ref().is_some_and(|git| git.keep_rejected);
        let mut preparer = Preparer::new(options.index == IndexWriting::Bulk)
            .keep_rejected(keep_rejected)
            .started(started);
        if options.address != PageAddress::Unknown {
            let address = options.address.clone();
            preparer = preparer.enveloper(Enveloper::new(address, &options.paths, started));
        }
        for group in self.found {
            self.recycled.try_iter().for_each(drop);
            for (ticket, work) in group {
                let sighting = Box::new(sighting(work, &mut preparer, options, started));
                let prepared = Prepared::Read { sighting, parser: self.number };
                locked(&self.done).push((ticket, Ok(prepared)));
            }
            let done = std::mem::take(&mut *locked(&self.done));
            if self.prepared.send(done).is_err() {
                return;
            }
        }
    }
}

fn sighting(
    work: Input,
    preparer: &mut Preparer,
    options: &ImportOptions,
    started: Timestamp,
) -> NewSighting {
    let read = match work {
        Input::File(found) => source::read(&found, options.max_file_size, started)
            .map_err(|rejection| (found.origin(), rejection)),
        Input::Member(member) => *member,
        Input::Document(document) => document.read(options.max_file_size, started),
    };
    match read {
        Ok(document) => preparer.sighting(document),
        Err((origin, rejection)) => {
            let derivation = Derivation::Rejected(rejection);
            NewSighting { origin, original: None, derivation, inverted: None }
        }
    }
}
