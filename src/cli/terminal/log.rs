//! Standard error: notes, warnings and errors, for a person or, with `--log-format json`, for a program.
//!
//! Written here and not with `tracing`: the library reports by return values and has nothing to trace, and a
//! collector of lines would add ten packages for one shape of JSON (`ARCHITECTURE.md` has what was tried).

use crate::cli::Global;
use crate::cli::terminal::escape::{escaped, one_line};
use crate::cli::terminal::paint::{Style, paint};
use clap::ValueEnum;
use seedbank::Timestamp;
use serde_json::{Map, Value, json};
use std::io::Write;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Info,
    Hint,
    Warning,
    Error,
}

/// One line to print. As text, its facts are left out, except `hint`, which gets a line of its own.
#[must_use]
pub struct Line {
    level: Level,
    message: String,
    facts: Map<String, Value>,
}

impl Line {
    pub fn info(message: impl Into<String>) -> Self {
        Self { level: Level::Info, message: message.into(), facts: Map::new() }
    }

    /// Only a suggestion, where nothing went wrong.
    pub fn hint(text: impl Into<String>) -> Self {
        Self { level: Level::Hint, ..Self::info(text) }
    }

    pub fn warning(message: impl Into<String>) -> Self {
        Self { level: Level::Warning, ..Self::info(message) }
    }

    pub fn error(message: impl Into<String>) -> Self {
        Self { level: Level::Error, ..Self::info(message) }
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }

    /// Writes the line; a failure is ignored.
    pub fn write(self, global: &Global) {
        match global.log_format {
            LogFormat::Text => {
                let _ = std::io::stderr().write_all(self.text(global).as_bytes());
            }
            LogFormat::Json => self.write_unpainted(true),
        }
    }

    /// Writes the line before the options are known, as JSON or as the single line of an error.
    pub fn write_unpainted(self, is_json: bool) {
        let line = if is_json {
            self.json(Timestamp::now())
        } else {
            format!("error: {}\n", one_line(&self.message))
        };
        let _ = std::io::stderr().write_all(line.as_bytes());
    }

    fn text(&self, global: &Global) -> String {
        let message = match self.level {
            Level::Info => format!("{}\n", one_line(&self.message)),
            Level::Hint => {
                let label = paint("hint:", Style::Hint, global);
                format!("{label} {}\n", one_line(&self.message))
            }
            Level::Warning => {
                let label = paint("warning:", Style::Warning, global);
                format!("{label} {}\n", one_line(&self.message))
            }
            Level::Error => {
                let label = paint("error:", Style::Bad, global);
                format!("{label} {}\n", one_line(&self.message))
            }
        };
        match self.facts.get("hint").and_then(Value::as_str) {
            Some(hint) => {
                let label = paint("hint:", Style::Hint, global);
                format!("{message}{label} {}\n", one_line(hint))
            }
            None => message,
        }
    }

    /// One line, with characters that control a terminal escaped, as JSON allows.
    fn json(mut self, at: Timestamp) -> String {
        let level = match self.level {
            Level::Info | Level::Hint => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        };
        let message = self.message.trim_start_matches("note: ");
        let mut line = json!({ "time": at.to_string(), "level": level, "message": message });
        if let Some(line) = line.as_object_mut() {
            line.append(&mut self.facts);
        }
        format!("{}\n", escaped(&line.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_json_line_is_one_line_and_safe_to_look_at() {
        let at = Timestamp::from_seconds(1_707_090_302).unwrap();
        let line = Line::warning("\"a\n\u{1b}[2J\u{202e}\": unreadable")
            .with("path", "a\n\u{1b}[2J\u{202e}")
            .with("run_id", 3);
        let line = line.json(at);
        assert_eq!(
            line,
            "{\"time\":\"2024-02-04T23:45:02Z\",\"level\":\"warning\",\
             \"message\":\"\\\"a\\n\\u001b[2J\\u202e\\\": unreadable\",\
             \"path\":\"a\\n\\u001b[2J\\u202e\",\"run_id\":3}\n"
        );
        let read: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["path"], "a\n\u{1b}[2J\u{202e}");
    }
}
