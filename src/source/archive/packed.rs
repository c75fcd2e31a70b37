//! gz and zst: one document that is packed, or an archive that is.

use super::tar::TarMembers;
use super::{Allowance, Kind, nested};
use crate::source::carrier::{Carrier, HEAD, Iter, Stream, one, opened_text, peek, why};
use flate2::bufread::MultiGzDecoder;
use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// The members of what is packed; a document of its own is the only one, and has the place of the
/// packed file, which then holds no others.
pub(super) fn open(kind: Kind, stream: Stream, mut carrier: Carrier) -> Iter {
    let allowance = Rc::new(RefCell::new(Allowance::default()));
    let mut packed = Metered { inner: stream, allowance: Rc::clone(&allowance) };
    let packed_at = match kind {
        Kind::Gzip => gzip_time(&mut packed),
        _ => None,
    };
    let inner: Box<dyn Read> = match kind {
        Kind::Gzip => Box::new(MultiGzDecoder::new(packed)),
        _ => match zstd::stream::read::Decoder::with_buffer(packed) {
            Ok(decoder) => Box::new(decoder),
            Err(error) => return one(carrier.refuse(None, why(error))),
        },
    };
    let unpacked = BufReader::new(Unpacked { inner, allowance });
    let (head, stream) = peek(Box::new(unpacked), HEAD);
    match Kind::of(&head) {
        None => {}
        Some(Kind::Tar) => return Box::new(TarMembers::new(stream, carrier)),
        Some(inner) => return one(carrier.refuse(None, nested(inner, kind.name()))),
    }
    let observed_at = packed_at.and_then(|ns| carrier.believed(ns));
    carrier.origin.observed_at = observed_at.or(carrier.origin.observed_at);
    opened_text(&head, stream, carrier.clone()).unwrap_or_else(|stream| one(carrier.whole(stream)))
}

/// When the file was last changed that was packed: seconds since 1970, 0 for unknown.
fn gzip_time(packed: &mut Metered) -> Option<i64> {
    let seconds = packed.fill_buf().ok()?.get(4..8)?;
    let seconds = u32::from_le_bytes(seconds.try_into().ok()?);
    (seconds > 0).then_some(i64::from(seconds) * 1_000_000_000)
}

/// Counts what is read of the packed bytes.
struct Metered {
    inner: Stream,
    allowance: Rc<RefCell<Allowance>>,
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
        self.allowance.borrow_mut().packed += count as u64;
        self.inner.consume(count);
    }
}

/// Unpacked bytes, as far as the allowance goes.
struct Unpacked {
    inner: Box<dyn Read>,
    allowance: Rc<RefCell<Allowance>>,
}

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into).map_err(|error| match error.to_string() {
            // A frame may ask for gigabytes to look back on.
            message if message.contains("too much memory") => {
                let detail = "packed with too large a window (zstd --long): unpack it first";
                io::Error::new(io::ErrorKind::Unsupported, detail)
            }
            _ => error,
        })?;
        let mut allowance = self.allowance.borrow_mut();
        allowance.unpacked += count as u64;
        allowance.check()?;
        Ok(count)
    }
}
