//! Command lines for a person to copy, into any shell.

use crate::cli::{DB_VARIABLE, DEFAULT_DB, Global};
use seedbank::view::is_unsafe_to_show;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// How to call this program again on the same database.
pub fn seedbank_command(global: &Global) -> String {
    command_for(&global.db, std::env::var_os(DB_VARIABLE).as_deref())
}

/// The same, where `named` is what the environment names.
fn command_for(database: &Path, named: Option<&OsStr>) -> String {
    let of_itself = named.unwrap_or(OsStr::new(DEFAULT_DB));
    if database.as_os_str() == of_itself {
        return "seedbank".into();
    }
    // What begins with a dash would be an option.
    let sign = if database.as_os_str().as_bytes().starts_with(b"-") { '=' } else { ' ' };
    format!("seedbank --db{sign}{}", shell_word(database.as_os_str()))
}

/// A word as a shell takes it back, whatever is in it, and safe to look at. Words that would drive a
/// terminal, or are not UTF-8, are written `$'…'`, which bash, zsh and ksh know, and POSIX since 2024.
pub fn shell_word(word: &OsStr) -> String {
    let is_plain = |character: char| {
        character.is_alphanumeric() || matches!(character, '/' | '.' | '-' | '_' | '~')
    };
    match word.to_str() {
        // A shell would put a home in the place of the first ~.
        Some(text) if !text.is_empty() && !text.starts_with('~') && text.chars().all(is_plain) => {
            text.to_owned()
        }
        Some(text) if !text.contains(is_unsafe_to_show) => {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
        _ => ansi_c_word(word.as_bytes()),
    }
}

/// `$'…'`, with everything escaped that acts or is no text.
fn ansi_c_word(word: &[u8]) -> String {
    let mut quoted = String::from("$'");
    let push_byte = |quoted: &mut String, byte: u8| {
        // Three digits are all that such an escape has; of \x, some shells take more.
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
    fn a_shell_takes_words_back() {
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
