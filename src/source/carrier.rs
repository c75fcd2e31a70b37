//! Carriers of many: files that hold documents, each of which is a file of the run.
//!
//! [`members`] is the only door. What a file is shows in its bytes, never in its name.

use super::Found;
#[cfg(feature = "archives")]
use super::archive;
use super::read::{believable, file_state, is_settled, now_ns, read_at_most};
use super::walk::modified_ns;
use super::{lines, live};
use crate::files::{Placed, open_safely};
use crate::format::signature;
use crate::model::{Document, Origin, ReadCarrier, Reason, Rejection, StopFlag, Timestamp};
use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A place in a carrier, and the document or why there is none.
pub type Member = Result<Document, (Origin, Rejection)>;

/// As much as shows what most files are; where it may hold JSON objects, more is looked at.
pub(super) const HEAD: u64 = 1024;
/// What standard input is called: no absolute path, so no file's name.
const STREAM_LABEL: &str = "-";

/// What holds for every member.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes; larger members are rejected unread.
    pub max_bytes: u64,
    /// A container with more entries is not read further; a long path counts as several.
    pub most_entries: u64,
    /// Of more lines that are refused, only how many there are is said.
    pub most_refused: u64,
    /// The run's start: a time more than a day after it is not believed.
    pub started: Timestamp,
}

/// The members of one carrier, in its order, read one at a time.
pub struct Members {
    inner: Box<dyn Iterator<Item = Member>>,
    carrier: Origin,
    /// The file, with its state when it was looked at; `None` for a stream.
    looked: Option<(Arc<File>, Metadata)>,
    /// Of a stream, whether reading it was stopped before its end.
    cut_off: Arc<AtomicBool>,
    count: u64,
    /// Whether it holds others, and is not only one document that is packed.
    is_of_many: bool,
    is_whole: bool,
    is_over: bool,
}

/// Where members are read from, and what they may be.
#[derive(Debug, Clone)]
pub(super) struct Carrier {
    pub origin: Origin,
    pub limits: Limits,
    /// Whether it comes as it is made, and may give nothing for a long time.
    pub is_stream: bool,
}

/// Bytes that can be read in order only.
pub(super) type Stream = Box<dyn BufRead>;
pub(super) type Iter = Box<dyn Iterator<Item = Member>>;

/// The members of a file, if it is a carrier; `None` for any other, or where it cannot be opened:
/// reading it then says why.
pub fn members(found: &Found, limits: Limits) -> Option<Members> {
    let looked = found.metadata.as_ref().ok().filter(|looked| looked.is_file())?;
    let file = open_safely(&found.path).ok()?;
    file.metadata().ok().filter(Metadata::is_file)?;
    let file = Arc::new(file);
    let mut origin = found.origin();
    origin.observed_at = origin.modified_ns.and_then(|ns| believable(ns, limits.started));
    origin.is_settled = origin.modified_ns.is_some_and(is_settled);
    let carrier = Carrier { origin: origin.clone(), limits, is_stream: false };
    let placed = Placed::new(Arc::clone(&file));
    let stream = Box::new(BufReader::new(placed.clone()));
    let inner = opened(stream, Some(placed), carrier).ok()?;
    Some(Members::new(inner, origin, Some((file, looked.clone()))))
}

/// What a stream holds, standard input above all: the members of a carrier, or its one document,
/// known to have been there when the run began. A stream is in no state that it could be in again.
pub fn stream_members(stream: Arc<File>, limits: Limits, stop: StopFlag) -> Members {
    let origin = Origin {
        path: STREAM_LABEL.to_owned(),
        member: None,
        byte_length: 0,
        modified_ns: Some(now_ns()),
        observed_at: Some(limits.started),
        is_settled: false,
        object_id: None,
    };
    let carrier = Carrier { origin: origin.clone(), limits, is_stream: true };
    let stream = Stoppable::new(stream, stop);
    let cut_off = Arc::clone(&stream.cut_off);
    let inner = packed(Box::new(BufReader::new(stream)), &carrier)
        .or_else(|stream| live::as_they_come(stream, carrier.clone()))
        .or_else(|stream| opened(stream, None, carrier.clone()));
    let inner = inner.unwrap_or_else(|stream| carrier.whole_or_zip(stream));
    Members { cut_off, ..Members::new(inner, origin, None) }
}

/// A stream that may give nothing for a long time, and must not hold up an import that is to end.
pub struct Stoppable {
    stream: Arc<File>,
    stop: StopFlag,
    cut_off: Arc<AtomicBool>,
}

impl Stoppable {
    /// Reading fails when the flag is set, at once and for good.
    pub fn new(stream: Arc<File>, stop: StopFlag) -> Self {
        Self { stream, stop, cut_off: Arc::default() }
    }
}

impl Read for Stoppable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const LOOK_MS: libc::c_int = 100;
        loop {
            let mut waiting =
                libc::pollfd { fd: self.stream.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one structure, which is ours. What fails here fails in reading too.
            let ready = unsafe { libc::poll(&mut waiting, 1, LOOK_MS) };
            if self.stop.is_requested() {
                self.cut_off.store(true, Ordering::Relaxed);
                return Err(io::Error::other("the import was stopped"));
            }
            if ready != 0 {
                return self.stream.read(buffer);
            }
        }
    }
}

/// Opens a file that may be a pipe which nobody writes: opening that takes for ever. Fails when the flag
/// is set.
pub fn open_stoppable(path: &Path, stop: StopFlag) -> io::Result<Stoppable> {
    let own = path.to_owned();
    let opening = std::thread::spawn(move || File::open(own));
    while !opening.is_finished() {
        if stop.is_requested() {
            return Err(io::Error::other("the import was stopped"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let file = opening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(Stoppable::new(Arc::new(file), stop))
}

/// The members of a stream that is packed, as its first bytes tell: waiting for more of it would keep back
/// what can be unpacked of these.
#[cfg(feature = "archives")]
pub(super) fn packed(stream: Stream, carrier: &Carrier) -> Result<Iter, Stream> {
    const MARK: u64 = 4;
    let (head, stream) = peek(stream, MARK);
    match archive::Kind::of(&head) {
        Some(kind @ (archive::Kind::Gzip | archive::Kind::Zstd)) => {
            archive::open(kind, stream, None, carrier.clone())
        }
        _ => Err(stream),
    }
}

#[cfg(not(feature = "archives"))]
pub(super) fn packed(stream: Stream, _: &Carrier) -> Result<Iter, Stream> {
    Err(stream)
}

/// The members of what a stream gives; where it is no carrier, the stream again, from its start.
fn opened(stream: Stream, in_place: Option<Placed>, carrier: Carrier) -> Result<Iter, Stream> {
    let (head, stream) = peek(stream, HEAD);
    #[cfg(feature = "archives")]
    if let Some(kind) = archive::Kind::of(&head) {
        return archive::open(kind, stream, in_place, carrier);
    }
    if let Some(known) = signature::container(&head) {
        return Ok(one(carrier.refuse(None, known.rejection())));
    }
    #[cfg(feature = "archives")]
    if in_place.as_ref().is_some_and(|file| archive::ends_as_zip(file, &head)) {
        return archive::open(archive::Kind::Zip, stream, in_place, carrier);
    }
    #[cfg(not(feature = "archives"))]
    drop(in_place);
    opened_text(&head, stream, carrier)
}

/// The same of what is no archive.
pub(super) fn opened_text(head: &[u8], stream: Stream, carrier: Carrier) -> Result<Iter, Stream> {
    lines::opened(head, stream, carrier)
}

/// What a stream begins with, and the stream, still from there. An error is met again, where
/// reading comes to it.
pub(super) fn peek(mut stream: Stream, most: u64) -> (Vec<u8>, Stream) {
    let mut head = Vec::new();
    let read = (&mut stream).take(most).read_to_end(&mut head);
    let rest: Stream = match read {
        Ok(_) => stream,
        Err(error) => Box::new(BufReader::new(Failed::new(error))),
    };
    (head.clone(), Box::new(Cursor::new(head).chain(rest)))
}

/// What kind of container a file is that begins so; `None` for any other, and for a zip, of which only
/// the whole file shows what it is.
pub(super) fn container_name(head: &[u8]) -> Option<&'static str> {
    #[cfg(feature = "archives")]
    if archive::Kind::of(head) == Some(archive::Kind::Tar) {
        return Some("tar");
    }
    signature::container(head).map(|known| known.name)
}

/// The same of all of a file's bytes.
pub(super) fn kind_name(bytes: &[u8]) -> Option<&'static str> {
    let whole = || signature::of(bytes).filter(|known| known.kind == signature::Kind::Container);
    container_name(bytes)
        .or_else(|| whole().map(|known| known.name))
        .or_else(|| lines::is_many(bytes).then_some("jsonl"))
}

pub(super) fn one(member: Member) -> Iter {
    Box::new(std::iter::once(member))
}

/// Why reading went no further: what a carrier itself gives is damage, what the machine says is
/// not.
pub(super) fn why(error: io::Error) -> Rejection {
    let reason = match (error.raw_os_error(), error.kind()) {
        (Some(_), _) => Reason::Unreadable,
        (None, io::ErrorKind::Unsupported) => Reason::Unreadable,
        (None, io::ErrorKind::FileTooLarge) => Reason::TooLarge,
        (None, _) => Reason::DamagedArchive,
    };
    Rejection::because(reason, error.to_string())
}

/// A stream that ended in an error.
pub(super) struct Failed(Option<io::Error>);

impl Failed {
    pub fn new(error: io::Error) -> Self {
        Self(Some(error))
    }
}

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl Carrier {
    /// An entry, in the state that the carrier says it has.
    pub fn entry(&self, name: String, byte_length: u64, modified_ns: Option<i64>) -> Origin {
        Origin {
            path: self.origin.path.clone(),
            member: Some(name),
            byte_length,
            modified_ns,
            observed_at: modified_ns.and_then(|ns| self.believed(ns)),
            is_settled: false,
            object_id: None,
        }
    }

    /// A time in nanoseconds since 1970, if it is evidence.
    pub fn believed(&self, ns: i64) -> Option<Timestamp> {
        believable(ns, self.limits.started)
    }

    /// What could not be read for the carrier's sake: that one's state is its own.
    pub fn refuse(&self, member: Option<String>, rejection: Rejection) -> Member {
        let origin = Origin { member, observed_at: None, is_settled: false, ..self.origin.clone() };
        Err((origin, rejection))
    }

    /// The one document that a stream is, in the place of the carrier.
    pub fn whole(&self, stream: Stream) -> Member {
        let max_bytes = self.limits.max_bytes;
        match read_at_most(stream, 0, max_bytes) {
            Ok(bytes) if bytes.len() as u64 > max_bytes => {
                let detail = format!("more than {max_bytes} bytes, which is the limit");
                self.refuse(None, Rejection::because(Reason::TooLarge, detail))
            }
            Ok(bytes) => {
                // A packed file has a length of its own, a stream none but this.
                let byte_length = match self.origin.byte_length {
                    0 => bytes.len() as u64,
                    of_the_file => of_the_file,
                };
                let origin = Origin { byte_length, ..self.origin.clone() };
                Ok(Document { origin, bytes, same_as: None })
            }
            Err(error) => self.refuse(None, why(error)),
        }
    }
}

#[cfg(feature = "archives")]
impl Carrier {
    /// The same of a stream that may be a zip after something else, which shows only at its end.
    fn whole_or_zip(self, stream: Stream) -> Iter {
        match self.whole(stream) {
            Ok(document) if kind_name(&document.bytes) == Some("zip") => {
                let stream = Box::new(Cursor::new(document.bytes));
                archive::open(archive::Kind::Zip, stream, None, self.clone())
                    .unwrap_or_else(|stream| one(self.whole(stream)))
            }
            member => one(member),
        }
    }
}

#[cfg(not(feature = "archives"))]
impl Carrier {
    fn whole_or_zip(self, stream: Stream) -> Iter {
        one(self.whole(stream))
    }
}

impl Members {
    fn new(inner: Iter, carrier: Origin, looked: Option<(Arc<File>, Metadata)>) -> Self {
        let cut_off = Arc::default();
        Self {
            inner,
            carrier,
            looked,
            cut_off,
            count: 0,
            is_of_many: false,
            is_whole: true,
            is_over: false,
        }
    }

    /// The next member that is one: what could not be read because reading was stopped is none.
    fn next_whole(&mut self) -> Option<Member> {
        let is_cut_off = |member: &Member| member.is_err() && self.cut_off.load(Ordering::Relaxed);
        self.inner.find(|member| !is_cut_off(member))
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
        let member = self.next_whole().or_else(|| {
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
