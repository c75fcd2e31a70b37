//! Converts a stream in another encoding to UTF-8.

use encoding_rs::{CoderResult, Decoder, Encoding};
use std::io::{self, BufRead, Read};

/// Decodes as it is read, without the byte-order mark.
pub(in crate::source) struct Transcoded<R> {
    stream: R,
    decoder: Decoder,
    text: Box<[u8]>,
    at: usize,
    end: usize,
    is_over: bool,
}

impl<R: BufRead> Transcoded<R> {
    pub fn new(stream: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        let text = vec![0; 64 << 10].into_boxed_slice();
        Self { stream, decoder, text, at: 0, end: 0, is_over: false }
    }

    /// The original stream, which may have been read beyond the decoded part.
    pub fn into_inner(self) -> R {
        self.stream
    }
}

impl<R: BufRead> BufRead for Transcoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.end && !self.is_over {
            let bytes = self.stream.fill_buf()?;
            let is_last = bytes.is_empty();
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(bytes, &mut self.text, is_last);
            self.stream.consume(read);
            (self.at, self.end) = (0, written);
            self.is_over = is_last && result == CoderResult::InputEmpty;
        }
        Ok(&self.text[self.at..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl<R: BufRead> Read for Transcoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}
