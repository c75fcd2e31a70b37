//! The types that all containers share: a member, the limits, the stream that is read.

#[cfg(feature = "archives")]
mod archive;
pub(super) mod door;
mod entries;
mod json;
pub(super) mod kind;
mod recorder;
pub(super) mod stoppable;
#[cfg(feature = "archives")]
mod tar_header;
mod transcode;

use crate::model::{Document, Origin, Place, Reason, Rejection, Timestamp};
use crate::source::file::read::{believable, read_at_most};
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// A document in a container, or its place and why it was rejected.
pub type Member = Result<Document, (Origin, Rejection)>;

/// Enough bytes to recognise most files; more are read if the file may contain JSON objects.
pub(in crate::source) const HEAD: u64 = 1024;

/// Limits of a container and of each member.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// In bytes; larger members are rejected unread.
    pub max_bytes: u64,
    /// A container with more entries is not read further; a long path counts as several.
    pub most_entries: u64,
    /// Beyond this number, refused lines are only counted.
    pub most_refused: u64,
    /// The start of the run: times more than a day later are not believed.
    pub started: Timestamp,
}

/// The container that is being read, and the limits of its members.
#[derive(Debug, Clone)]
pub(in crate::source) struct Container {
    pub origin: Origin,
    pub limits: Limits,
    /// Whether it is a live stream, which may pause for a long time.
    pub is_stream: bool,
    /// Whether only files in it are asked for: it is nothing if it is no archive.
    pub only_entries: bool,
}

/// Bytes that can only be read in order.
pub(in crate::source) type Stream = Box<dyn BufRead>;
pub(in crate::source) type Iter = Box<dyn Iterator<Item = Member>>;

/// The first bytes of a stream, and the stream, still from its start. An error occurs again when reading
/// reaches it.
pub(in crate::source) fn peek(mut stream: Stream, most: u64) -> (Vec<u8>, Stream) {
    let mut head = Vec::new();
    let read = (&mut stream).take(most).read_to_end(&mut head);
    let rest: Stream = match read {
        Ok(_) => stream,
        Err(error) => Box::new(BufReader::new(Failed::new(error))),
    };
    (head.clone(), Box::new(Cursor::new(head).chain(rest)))
}

pub(in crate::source) fn one(member: Member) -> Iter {
    Box::new(std::iter::once(member))
}

/// Why reading stopped: errors in the container's data are damage, errors of the machine are not.
pub(in crate::source) fn why(error: io::Error) -> Rejection {
    let reason = match (error.raw_os_error(), error.kind()) {
        (Some(_), _) => Reason::Unreadable,
        (None, io::ErrorKind::Unsupported) => Reason::Unreadable,
        (None, io::ErrorKind::FileTooLarge) => Reason::TooLarge,
        (None, _) => Reason::DamagedArchive,
    };
    Rejection::because(reason, error.to_string())
}

/// A stream that ended in an error.
pub(in crate::source) struct Failed(Option<io::Error>);

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

impl Container {
    /// An entry, with the state that the container declares for it.
    pub fn entry(&self, name: String, byte_length: u64, modified_ns: Option<i64>) -> Origin {
        Origin {
            byte_length,
            modified_ns,
            observed_at: modified_ns.and_then(|ns| self.believed(ns)),
            ..Origin::at(self.origin.place.entry(name))
        }
    }

    /// A time in nanoseconds since 1970, if it is believable.
    pub fn believed(&self, ns: i64) -> Option<Timestamp> {
        believable(ns, self.limits.started)
    }

    /// Rejects a member because of the container, with the container's state.
    pub fn refuse(&self, member: Option<String>, rejection: Rejection) -> Member {
        let place = Place { member, ..self.origin.place.clone() };
        let origin = Origin { place, observed_at: None, is_settled: false, ..self.origin.clone() };
        Err((origin, rejection))
    }

    /// The one document of a stream, at the place of the container.
    pub fn whole(&self, stream: Stream) -> Member {
        let max_bytes = self.limits.max_bytes;
        match read_at_most(stream, 0, max_bytes) {
            Ok(bytes) if bytes.len() as u64 > max_bytes => {
                let detail = format!("more than {max_bytes} bytes, which is the limit");
                self.refuse(None, Rejection::because(Reason::TooLarge, detail))
            }
            Ok(bytes) => {
                // A compressed file has its own length, a stream only this one.
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
