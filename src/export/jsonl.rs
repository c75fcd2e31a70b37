//! Exports the interchange file.

use crate::error::{Error, Result};
use crate::model::{ArticleRecord, JSONL_HEADER, RejectedSeedLine, RejectedSeedRecord};
use std::io::Write;

/// Writes the interchange file, one line at a time.
#[derive(Debug)]
pub struct JsonlWriter<W: Write> {
    out: W,
    lines: u64,
}

impl<W: Write> JsonlWriter<W> {
    /// Writes the first line, which names the format.
    pub fn new(mut out: W) -> Result<Self> {
        writeln!(out, "{JSONL_HEADER}").map_err(Error::Output)?;
        Ok(Self { out, lines: 0 })
    }

    /// Writes an article.
    pub fn article(&mut self, article: &ArticleRecord) -> Result<()> {
        self.line(article)
    }

    /// Writes a seed that gave no article.
    pub fn rejected_seed(&mut self, rejected_seed: RejectedSeedRecord) -> Result<()> {
        self.line(&RejectedSeedLine { rejected_seed })
    }

    fn line(&mut self, value: &impl serde::Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.lines += 1;
        self.out.write_all(&line).map_err(Error::Output)
    }

    /// The destination, and the number of lines after the first.
    pub fn finish(mut self) -> Result<(W, u64)> {
        self.out.flush().map_err(Error::Output)?;
        Ok((self.out, self.lines))
    }
}
