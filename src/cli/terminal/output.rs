//! Standard output, which nothing else writes to: text made safe for a terminal before, JSON, and data,
//! which is exact wherever it does not go to a terminal.

use crate::cli::terminal::escape::escaped;
use seedbank::{Error, Result};
use serde_json::Value;
use std::fs::{File, Metadata};
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::os::fd::AsFd;

// The one call: everything else goes through this module.
#[allow(clippy::disallowed_methods)]
fn stdout() -> StdoutLock<'static> {
    io::stdout().lock()
}

/// Whether somebody looks at it.
pub fn is_terminal() -> bool {
    stdout().is_terminal()
}

/// How many columns that terminal has.
pub fn terminal_columns() -> Option<usize> {
    terminal_size::terminal_size_of(stdout()).map(|(width, _)| width.0.into())
}

/// What standard output leads to. Not to be called where SQLite has it open: its locks would be
/// dropped.
pub fn metadata() -> io::Result<Metadata> {
    File::from(stdout().as_fd().try_clone_to_owned()?).metadata()
}

/// Prints a text in which everything from outside is escaped already; colours act.
pub fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

/// Prints bytes of our own making, such as a manual page.
pub fn print_bytes(bytes: &[u8]) -> Result<()> {
    let mut out = stdout();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Error::Output)
}

/// Prints a value as JSON, on a terminal or not: what drives one is escaped as JSON has it, so that
/// it says the same to whoever parses it.
pub fn print_json(value: &Value) -> Result<()> {
    print(&escaped(&format!("{value:#}\n")))
}

/// For data: exact into a file or a pipe, and safe to look at on a terminal. Another thread can end it.
#[allow(clippy::disallowed_methods)]
pub fn data() -> Box<dyn Write + Send> {
    let out = BufWriter::new(io::stdout());
    if is_terminal() {
        Box::new(TerminalSafe { inner: out, rest: Vec::new() })
    } else {
        Box::new(out)
    }
}

/// For lines that are escaped already, as they come.
pub fn lines() -> BufWriter<StdoutLock<'static>> {
    BufWriter::new(stdout())
}

/// Escapes what drives a terminal as `\u001b`: inside JSON that is the same text still.
struct TerminalSafe<W: Write> {
    inner: W,
    /// The beginning of a character whose end is still to come.
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

    /// Comes at the end, so a character that is not whole by then never will be.
    fn flush(&mut self) -> io::Result<()> {
        let rest = String::from_utf8_lossy(&self.rest).into_owned();
        self.rest.clear();
        self.inner.write_all(rest.as_bytes())?;
        self.inner.flush()
    }
}

/// How many bytes there are before a character that the text ends in the middle of.
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

    /// What a terminal gets of these writes.
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
        // Bytes that are no text, and a character that never ends.
        assert_eq!(
            shown(&[b"\xffa", b"\xe4\xba", b"\xba\xff\xe4\xba"]),
            "\u{fffd}a人\u{fffd}\u{fffd}"
        );
    }
}
