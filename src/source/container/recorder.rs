//! A stream that can be read again from its start.

use crate::source::container::{Failed, Stream};
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// Keeps the bytes that were read, up to a limit at which it ends.
pub(in crate::source) struct Recorder<R> {
    pub stream: R,
    pub seen: Vec<u8>,
    most: u64,
}

impl<R> Recorder<R> {
    pub fn new(stream: R, most: u64) -> Self {
        Self { stream, seen: Vec::new(), most }
    }
}

impl Recorder<Stream> {
    /// The stream from its start, followed by the error in which it ended, if any.
    pub fn whole(self, error: Option<io::Error>) -> Stream {
        let rest: Stream = match error {
            Some(error) => Box::new(BufReader::new(Failed::new(error))),
            None => self.stream,
        };
        Box::new(Cursor::new(self.seen).chain(rest))
    }
}

impl<R: BufRead> Read for Recorder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Recorder<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.seen.len() as u64 >= self.most { Ok(&[]) } else { self.stream.fill_buf() }
    }

    fn consume(&mut self, count: usize) {
        // The buffer is already filled, so this does not read.
        if let Ok(buffer) = self.stream.fill_buf() {
            self.seen.extend_from_slice(&buffer[..count]);
        }
        self.stream.consume(count);
    }
}
