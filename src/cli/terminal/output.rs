//! Standard output; only this module writes to it. Text is made safe for a terminal before; JSON is always
//! safe; data is exact except on a terminal.

use crate::cli::terminal::escape::escaped;
use seedbank::{Error, Result};
use serde_json::Value;
use std::fs::{File, Metadata};
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::os::fd::AsFd;

// The only call; everything else uses this module.
#[allow(clippy::disallowed_methods)]
fn stdout() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// Whether standard output is a terminal.
pub fn is_terminal() -> bool {
    stdout().is_terminal()
}

/// The width of that terminal in columns, if there is one. `COLUMNS` overrides what it says itself.
pub fn terminal_width() -> Option<usize> {
    if !is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || terminal_size::terminal_size_of(stdout()).map(|(width, _)| width.0.into());
    said.filter(|&columns| columns > 0).or_else(measured)
}

/// The metadata of standard output. Must not be called if SQLite has the same file open: its locks would be
/// dropped.
pub fn metadata() -> io::Result<Metadata> {
    File::from(stdout().as_fd().try_clone_to_owned()?).metadata()
}

/// Prints a text in which all external content is already escaped; colours take effect.
pub fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

/// Prints bytes that we made ourselves, such as a manual page.
pub fn print_bytes(bytes: &[u8]) -> Result<()> {
    let mut out = stdout();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Error::Output)
}

/// Prints a value as JSON, on a terminal or not. Characters that control a terminal are escaped as JSON
/// allows, so that the value stays the same for a parser.
pub fn print_json(value: &Value) -> Result<()> {
    print(&escaped(&format!("{value:#}\n")))
}

/// For data: exact into a file or a pipe, and made safe on a terminal. Can be used from another thread.
#[allow(clippy::disallowed_methods)]
pub fn data() -> Box<dyn Write + Send> {
    let out = BufWriter::new(io::stdout());
    if is_terminal() {
        Box::new(TerminalSafe { inner: out, rest: Vec::new() })
    } else {
        Box::new(out)
    }
}

/// For lines that are already escaped, as they arrive.
pub fn lines() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(stdout())
}

/// Escapes characters that control a terminal as `\u001b`; inside JSON that is still the same text.
struct TerminalSafe<W: Write> {
    inner: W,
    /// The beginning of a character whose rest has not arrived.
    rest: Vec<u8>,
}

impl<W: Write> Write for TerminalSafe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let whole = whole_characters(&self.rest);
        let text = String::from_utf8_lossy(&self.rest[..whole]).into_owned();
        self.rest.drain(..whole);
        self.inner.write_all(escaped(&text).as_bytes())?;
        Ok(bytes.len())
    }

    /// Called at the end, when an incomplete character will never be completed.
    fn flush(&mut self) -> io::Result<()> {
        let rest = String::from_utf8_lossy(&self.rest).into_owned();
        self.rest.clear();
        self.inner.write_all(rest.as_bytes())?;
        self.inner.flush()
    }
}

/// The number of bytes before an incomplete character at the end of a text.
fn whole_characters(text: &[u8]) -> usize {
    let last = text.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
    match std::str::from_utf8(last) {
        Err(error) if error.error_len().is_none() => text.len() - last.len(),
        _ => text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a terminal receives for these writes.
    fn shown(writes: &[&[u8]]) -> String {
        let mut safe = TerminalSafe { inner: Vec::new(), rest: Vec::new() };
        writes.iter().for_each(|bytes| safe.write_all(bytes).unwrap());
        safe.flush().unwrap();
        String::from_utf8(safe.inner).unwrap()
    }

    #[test]
    fn data_is_safe_however_it_is_cut() {
        let text = "a\u{1b}[2J\u{9b}人\u{202e}權\u{fffd}";
        let expected = "a\\u001b[2J\\u009b人\\u202e權\u{fffd}";
        for at in 0..=text.len() {
            let (before, after) = text.as_bytes().split_at(at);
            assert_eq!(shown(&[before, after]), expected, "{at}");
        }
        // Bytes that are not text, and a character that never ends.
        assert_eq!(
            shown(&[b"\xffa", b"\xe4\xba", b"\xba\xff\xe4\xba"]),
            "\u{fffd}a人\u{fffd}\u{fffd}"
        );
    }
}
