//! The only entry to containers: files that contain documents, each of which counts as a file of the run.
//!
//! [`members`] decides by a file's bytes, never by its name, whether it is a container, and yields its
//! members.

use crate::files::{Placed, open_safely};
use crate::format::signature;
use crate::model::{Document, Origin, Place, ReadContainer, Reason, Rejection, StopFlag};
use crate::source::Found;
#[cfg(feature = "archives")]
use crate::source::container::archive;
use crate::source::container::json::lines;
use crate::source::container::json::live;
#[cfg(feature = "archives")]
use crate::source::container::kind::{Kind, kind_name};
use crate::source::container::stoppable::Stoppable;
use crate::source::container::{Container, HEAD, Iter, Limits, Member, Stream, one, peek};
use crate::source::file::read::{believable, file_state, is_settled, now_ns};
use crate::source::file::walk::modified_ns;
use crate::source::filter::Asked;
use std::fs::{File, Metadata};
use std::io::{BufReader, Cursor};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The name of standard input: not an absolute path, so it is no file's name.
const STREAM_LABEL: &str = "-";

/// The members of one container, in its order, read one at a time.
pub struct Members {
    inner: Box<dyn Iterator<Item = Member>>,
    container: Origin,
    /// The file, and its metadata when it was opened; `None` for a stream.
    looked: Option<(Arc<File>, Metadata)>,
    /// For a stream: whether reading was stopped before its end.
    cut_off: Arc<AtomicBool>,
    /// Which of them are asked for.
    asked: Asked,
    count: u64,
    /// Whether it is a container, and not only one compressed document.
    is_of_many: bool,
    is_whole: bool,
    is_over: bool,
}

/// The members of a file, if it is a container; `None` for other files, and if it cannot be opened: reading
/// it then gives the reason.
pub fn members(found: &Found, limits: Limits) -> Option<Members> {
    let looked = found.metadata.as_ref().ok().filter(|looked| looked.is_file())?;
    if found.is_resource() {
        return None;
    }
    let file = open_safely(&found.path).ok()?;
    file.metadata().ok().filter(Metadata::is_file)?;
    let file = Arc::new(file);
    let mut origin = found.origin();
    origin.observed_at = origin.modified_ns.and_then(|ns| believable(ns, limits.started));
    origin.is_settled = origin.modified_ns.is_some_and(is_settled);
    let only_entries = !found.asked.is_itself();
    let container = Container { origin: origin.clone(), limits, is_stream: false, only_entries };
    let placed = Placed::new(Arc::clone(&file));
    let stream = Box::new(BufReader::new(placed.clone()));
    let inner = opened(stream, Some(placed), container).ok()?;
    let members = Members::new(inner, origin, Some((file, looked.clone())));
    Some(Members { asked: found.asked.clone(), ..members })
}

/// The content of a stream, usually standard input: the members of a container, or its one document, observed
/// at the start of the run. A stream has no state by which it could be recognised later.
pub fn stream_members(stream: Arc<File>, limits: Limits, stop: StopFlag, asked: Asked) -> Members {
    let origin = Origin {
        modified_ns: Some(now_ns()),
        observed_at: Some(limits.started),
        ..Origin::at(Place::of_file(STREAM_LABEL))
    };
    let container =
        Container { origin: origin.clone(), limits, is_stream: true, only_entries: false };
    let stream = Stoppable::new(stream, stop);
    let cut_off = Arc::clone(&stream.cut_off);
    let inner = packed(Box::new(BufReader::new(stream)), &container)
        .or_else(|stream| live::as_they_come(stream, container.clone()))
        .or_else(|stream| opened(stream, None, container.clone()));
    let inner = inner.unwrap_or_else(|stream| whole_or_zip(&container, stream));
    Members { cut_off, asked, ..Members::new(inner, origin, None) }
}

/// The bytes of the only document in a file: those that it has compressed or archived, or its own. `None` if
/// it contains several.
pub fn only_document(bytes: Vec<u8>, limits: Limits) -> Result<Option<Vec<u8>>, Rejection> {
    let origin = Origin::at(Place::of_file(STREAM_LABEL));
    let container = Container { origin, limits, is_stream: false, only_entries: false };
    let mut members = opened(Box::new(Cursor::new(bytes)), None, container.clone())
        .unwrap_or_else(|stream| one(container.whole(stream)));
    let first = members.next().ok_or_else(|| Rejection::new(Reason::EmptyFile))?;
    if members.next().is_some() {
        return Ok(None);
    }
    first.map(|document| Some(document.bytes)).map_err(|(_, rejection)| rejection)
}

/// The members of a compressed stream, recognised by its first bytes: waiting for more would delay what can
/// already be unpacked.
#[cfg(feature = "archives")]
pub(in crate::source) fn packed(stream: Stream, container: &Container) -> Result<Iter, Stream> {
    const MARK: u64 = 4;
    let (head, stream) = peek(stream, MARK);
    match Kind::of(&head) {
        Some(kind @ (Kind::Gzip | Kind::Zstd)) => {
            archive::open(kind, stream, None, container.clone())
        }
        _ => Err(stream),
    }
}

#[cfg(not(feature = "archives"))]
pub(in crate::source) fn packed(stream: Stream, _: &Container) -> Result<Iter, Stream> {
    Err(stream)
}

/// The members of a stream; if it is not a container, the stream again, from its start.
fn opened(stream: Stream, in_place: Option<Placed>, container: Container) -> Result<Iter, Stream> {
    let (head, stream) = peek(stream, HEAD);
    #[cfg(feature = "archives")]
    if let Some(kind) = Kind::of(&head) {
        return archive::open(kind, stream, in_place, container);
    }
    if let Some(known) = signature::container(&head) {
        return Ok(one(container.refuse(None, known.rejection())));
    }
    #[cfg(feature = "archives")]
    if in_place.as_ref().is_some_and(|file| archive::ends_as_zip(file, &head)) {
        return archive::open(Kind::Zip, stream, in_place, container);
    }
    #[cfg(not(feature = "archives"))]
    drop(in_place);
    if container.only_entries {
        return Err(stream);
    }
    lines::opened(&head, stream, container)
}

/// The one document in a stream; a zip after other data is recognised only at its end.
#[cfg(feature = "archives")]
fn whole_or_zip(container: &Container, stream: Stream) -> Iter {
    match container.whole(stream) {
        Ok(document) if kind_name(&document.bytes) == Some("zip") => {
            let stream = Box::new(Cursor::new(document.bytes));
            archive::open(Kind::Zip, stream, None, container.clone())
                .unwrap_or_else(|stream| one(container.whole(stream)))
        }
        member => one(member),
    }
}

#[cfg(not(feature = "archives"))]
fn whole_or_zip(container: &Container, stream: Stream) -> Iter {
    one(container.whole(stream))
}

impl Members {
    fn new(inner: Iter, container: Origin, looked: Option<(Arc<File>, Metadata)>) -> Self {
        let cut_off = Arc::default();
        Self {
            inner,
            container,
            looked,
            cut_off,
            asked: Asked::default(),
            count: 0,
            is_of_many: false,
            is_whole: true,
            is_over: false,
        }
    }

    /// The next member that is asked for, ignoring those that could not be read because reading was stopped.
    fn next_whole(&mut self) -> Option<Member> {
        loop {
            let member = self.inner.next()?;
            if member.is_err() && self.cut_off.load(Ordering::Relaxed) {
                continue;
            }
            let (Ok(Document { origin, .. }) | Err((origin, _))) = &member;
            let (place, container) = (&origin.place, &self.container.place);
            self.is_of_many |= place.member.is_some() || place.path != container.path;
            if self.is_asked(&member) {
                return Some(member);
            }
        }
    }

    /// Whether a member is asked for by its name, or is what ended the reading: that has the state of the
    /// container itself.
    fn is_asked(&self, member: &Member) -> bool {
        let (Ok(Document { origin, .. }) | Err((origin, _))) = member;
        let state = |of: &Origin| (of.byte_length, of.modified_ns);
        let is_of_container = || member.is_err() && state(origin) == state(&self.container);
        match &origin.place.member {
            Some(name) if origin.place.path == self.container.place.path => {
                self.asked.has(name) || is_of_container()
            }
            // Those of an export keep the names that they had.
            _ => true,
        }
    }

    /// What to remember of the container, after its last member was yielded.
    pub fn finish(self) -> Option<ReadContainer> {
        let is_seen = self.is_over && self.is_whole && self.is_of_many;
        let (file, _) = self.looked.as_ref().filter(|_| is_seen)?;
        let modified_ns = modified_ns(&file.metadata().ok()?)?;
        let origin = Origin { is_settled: is_settled(modified_ns), ..self.container };
        Some(ReadContainer { origin, members: self.count, filter: self.asked.remembered() })
    }

    /// A final rejection if the file changed while it was read.
    fn changed(&self) -> Option<Member> {
        let (file, looked) = self.looked.as_ref()?;
        let is_same = file.metadata().is_ok_and(|now| file_state(&now) == file_state(looked));
        let origin = || Origin { observed_at: None, is_settled: false, ..self.container.clone() };
        (!is_same).then(|| Err((origin(), Rejection::new(Reason::ChangedWhileReading))))
    }
}

impl Iterator for Members {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        if self.is_over {
            return None;
        }
        let member = self.next_whole().or_else(|| {
            self.is_over = true;
            self.changed()
        })?;
        self.count += 1;
        if let Err((_, rejection)) = &member {
            // A refused member may be accepted the next time; one that is not an article never is.
            self.is_whole &= !rejection.reason.is_refusal();
        }
        Some(member)
    }
}
