//! What a container is to those who read one, and what they have in common.

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

use crate::model::{Document, Origin, Reason, Rejection, Timestamp};
use crate::source::file::read::{believable, read_at_most};
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// A place in a container, and the document or why there is none.
pub type Member = Result<Document, (Origin, Rejection)>;

/// As much as shows what most files are; where it may hold JSON objects, more is looked at.
pub(in crate::source) const HEAD: u64 = 1024;

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

/// Where members are read from, and what they may be.
#[derive(Debug, Clone)]
pub(in crate::source) struct Container {
    pub origin: Origin,
    pub limits: Limits,
    /// Whether it comes as it is made, and may give nothing for a long time.
    pub is_stream: bool,
}

/// Bytes that can be read in order only.
pub(in crate::source) type Stream = Box<dyn BufRead>;
pub(in crate::source) type Iter = Box<dyn Iterator<Item = Member>>;

/// What a stream begins with, and the stream, still from there. An error is met again, where
/// reading comes to it.
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

/// Why reading went no further: what a container itself gives is damage, what the machine says is
/// not.
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
    /// An entry, in the state that the container says it has.
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

    /// What could not be read for the container's sake: that one's state is its own.
    pub fn refuse(&self, member: Option<String>, rejection: Rejection) -> Member {
        let origin = Origin { member, observed_at: None, is_settled: false, ..self.origin.clone() };
        Err((origin, rejection))
    }

    /// The one document that a stream is, in the place of the container.
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
