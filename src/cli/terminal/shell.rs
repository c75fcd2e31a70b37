//! Command lines that a person can copy into any shell.

use crate::cli::{DB_VARIABLE, DEFAULT_DB, Global};
use seedbank::internals::view::is_unsafe_to_show;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The command that calls this program on the same database.
pub fn seedbank_command(global: &Global) -> String {
    command_for(&global.db, std::env::var_os(DB_VARIABLE).as_deref())
}

/// The same; `named` is the database that the environment names.
fn command_for(database: &Path, named: Option<&OsStr>) -> String {
    let of_itself = named.unwrap_or(OsStr::new(DEFAULT_DB));
    if database.as_os_str() == of_itself {
        return "seedbank".into();
    }
    // After a blank, a name with a leading dash would be an option.
    let sign = if database.as_os_str().as_bytes().starts_with(b"-") { '=' } else { ' ' };
    format!("seedbank --db{sign}{}", shell_word(database.as_os_str()))
}

/// Quotes a word for a shell, whatever it contains, and makes it safe to show. Words that would control a
/// terminal, or are not UTF-8, are written as `$'…'`, which bash, zsh and ksh support, and POSIX since 2024.
pub fn shell_word(word: &OsStr) -> String {
    let is_plain = |character: char| {
        character.is_alphanumeric() || matches!(character, '/' | '.' | '-' | '_' | '~')
    };
    match word.to_str() {
        // A shell would replace a leading ~ by a home directory.
        Some(text) if !text.is_empty() && !text.starts_with('~') && text.chars().all(is_plain) => {
            text.to_owned()
        }
        Some(text) if !text.contains(is_unsafe_to_show) => {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
        _ => ansi_c_word(word.as_bytes()),
    }
}

/// `$'…'`, with control characters and bytes that are not text escaped.
fn ansi_c_word(word: &[u8]) -> String {
    let mut quoted = String::from("$'");
    let push_byte = |quoted: &mut String, byte: u8| {
        // This escape has at most three digits; for \x, some shells read more.
        let _ = write!(quoted, "\\{byte:03o}");
    };
    for chunk in word.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\'' | '\\' => quoted.extend(['\\', character]),
                other if is_unsafe_to_show(other) => {
                    let mut bytes = [0; 4];
                    let bytes = other.encode_utf8(&mut bytes).bytes();
                    bytes.for_each(|byte| push_byte(&mut quoted, byte));
                }
                other => quoted.push(other),
            }
        }
        chunk.invalid().iter().for_each(|&byte| push_byte(&mut quoted, byte));
    }
    quoted.push('\'');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_name_the_database_that_is_meant() {
        let check = |database: &str, named: Option<&str>, expected: &str| {
            assert_eq!(command_for(Path::new(database), named.map(OsStr::new)), expected);
        };
        check("./seedbank.db", None, "seedbank");
        check("a.db", None, "seedbank --db a.db");
        check("a.db", Some("a.db"), "seedbank");
        check("b.db", Some("a.db"), "seedbank --db b.db");
        check("./seedbank.db", Some("a.db"), "seedbank --db ./seedbank.db");
        check("-a b.db", None, "seedbank --db='-a b.db'");
    }

    #[test]
    fn a_shell_reads_quoted_words() {
        let words: [&[u8]; 12] = [
            b"a.db",
            b"",
            b"~/a",
            b"a b",
            b"it's",
            br"a\b",
            b"$(a)`b`!\"",
            "人权".as_bytes(),
            "a\u{1b}[2J\n'\\\u{202e}\u{9b}".as_bytes(),
            b"\xff\x41\xe4\xb8 a",
            b"\xff'",
            b"\x01\x32",
        ];
        for word in words {
            let word = OsStr::from_bytes(word);
            let shown = shell_word(word);
            assert_eq!(crate::cli::terminal::render::one_line(&shown), shown);
            let script = format!("printf %s {shown}");
            let output = std::process::Command::new("bash").args(["-c", &script]).output();
            let Ok(output) = output else {
                eprintln!("SKIPPED: no bash here");
                return;
            };
            assert_eq!(output.stdout, word.as_bytes(), "{shown}");
        }
    }
}
