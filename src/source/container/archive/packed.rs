//! gz and zst: one compressed document, or a compressed archive.

use super::page_folders::PageFolders;
use super::tar::TarMembers;
use super::{Expansion, nested, zstd_decoder};
use crate::source::container::json::{lines, live};
use crate::source::container::kind::{Kind, container_name, kind_name};
use crate::source::container::{Container, HEAD, Iter, Stream, one, peek};
use flate2::bufread::GzDecoder;
use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// The members of a compressed file. A compressed document is the only member and has the place of the file
/// itself, which then contains no others.
pub(super) fn open(kind: Kind, stream: Stream, container: Container) -> Iter {
    let expansion = Rc::new(RefCell::new(Expansion::default()));
    let outer = if kind == Kind::Gzip { "gz" } else { "zst" };
    let mut packed = Metered { inner: stream, expansion: Rc::clone(&expansion) };
    let packed_at = match kind {
        Kind::Gzip => gzip_time(&mut packed),
        _ => None,
    };
    let unpacked = BufReader::new(Unpacked { part: Part::Between(packed), kind, expansion });
    let mut inside = container.clone();
    let observed_at = packed_at.and_then(|ns| container.believed(ns));
    inside.origin.observed_at = observed_at.or(container.origin.observed_at);
    let mut unpacked: Stream = Box::new(unpacked);
    if container.is_stream {
        unpacked = match live::as_they_come(unpacked, inside.clone()) {
            Ok(members) => return members,
            Err(stream) => stream,
        };
    }
    let (head, stream) = peek(unpacked, HEAD);
    if Kind::of(&head) == Some(Kind::Tar) {
        return PageFolders::of(TarMembers::new(stream, container));
    }
    if let Some(inner) = container_name(&head) {
        return one(container.refuse(None, nested(inner, outer)));
    }
    if container.only_entries {
        return Box::new(std::iter::empty());
    }
    lines::opened(&head, stream, inside.clone()).unwrap_or_else(|stream| {
        one(match inside.whole(stream) {
            // A zip after other data is recognised only at its end.
            Ok(document) => match kind_name(&document.bytes) {
                Some(inner) => inside.refuse(None, nested(inner, outer)),
                None => Ok(document),
            },
            refused => refused,
        })
    })
}

/// When the compressed file was last changed: seconds since 1970, 0 for unknown.
fn gzip_time(packed: &mut Metered) -> Option<i64> {
    let seconds = packed.fill_buf().ok()?.get(4..8)?;
    let seconds = u32::from_le_bytes(seconds.try_into().ok()?);
    (seconds > 0).then_some(i64::from(seconds) * 1_000_000_000)
}

/// Counts the compressed bytes that are read.
struct Metered {
    inner: Stream,
    expansion: Rc<RefCell<Expansion>>,
}

impl Read for Metered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Metered {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.expansion.borrow_mut().packed += count as u64;
        self.inner.consume(count);
    }
}

/// The position in a file that can have several compressed pieces, one after the other, padded with NUL
/// bytes.
enum Part {
    Between(Metered),
    Gzip(GzDecoder<Metered>),
    Zstd(zstd::stream::read::Decoder<'static, Metered>),
    /// At the end of the file.
    Over,
}

/// The unpacked bytes, within the limit on how far an archive may expand.
struct Unpacked {
    part: Part,
    kind: Kind,
    expansion: Rc<RefCell<Expansion>>,
}

impl Unpacked {
    /// Reads from the current piece; 0 at its end, or between two pieces.
    fn read_part(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.part {
            Part::Gzip(decoder) => decoder.read(into)?,
            Part::Zstd(decoder) => decoder.read(into)?,
            Part::Between(_) | Part::Over => 0,
        };
        if count == 0 {
            self.part = match std::mem::replace(&mut self.part, Part::Over) {
                Part::Gzip(decoder) => Part::Between(decoder.into_inner()),
                Part::Zstd(decoder) => Part::Between(decoder.finish()),
                Part::Between(packed) => self.next_part(packed)?,
                Part::Over => Part::Over,
            };
        }
        Ok(count)
    }

    /// Continues after padding: tape drives and pipes fill whole blocks.
    fn next_part(&self, mut packed: Metered) -> io::Result<Part> {
        loop {
            let buffer = packed.fill_buf()?;
            if buffer.is_empty() {
                return Ok(Part::Over);
            }
            let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
            if zeros == 0 {
                break;
            }
            packed.consume(zeros);
        }
        Ok(match self.kind {
            Kind::Gzip => Part::Gzip(GzDecoder::new(packed)),
            _ => Part::Zstd(zstd_decoder(packed)?.single_frame()),
        })
    }
}

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while count == 0 && !into.is_empty() && !matches!(self.part, Part::Over) {
            count = self.read_part(into).map_err(|error| match error.to_string() {
                // A frame may need gigabytes for its window.
                message if message.contains("too much memory") => {
                    let detail =
                        "compressed with too large a window (zstd --long): unpack it first";
                    io::Error::new(io::ErrorKind::Unsupported, detail)
                }
                _ => error,
            })?;
            // Empty pieces unpack to nothing, however many there are.
            let mut expansion = self.expansion.borrow_mut();
            expansion.unpacked += count as u64;
            expansion.check()?;
        }
        Ok(count)
    }
}
