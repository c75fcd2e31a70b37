//! Tokenises a text exactly like `unicode61 remove_diacritics 2`.

use super::term::ShortKey;
use crate::error::Result;
use rusqlite::{Connection, ffi};
use std::ffi::{c_char, c_int, c_void};
use std::ptr::{self, NonNull};

/// FTS5 truncates tokens to this many bytes.
const LONGEST_TOKEN: usize = 32_768;

/// Cuts texts into tokens exactly as FTS5 does. A run between two blanks that has only plain characters is a
/// token as it is. Every other run goes through SQLite's own tokenizer, one at a time: a blank separates
/// tokens, and the tokenizer keeps no state across one.
#[derive(Default)]
pub struct Tokens {
    sqlite: Option<SqliteTokenizer>,
}

impl Tokens {
    /// Calls `each` with the tokens of a text, in order.
    pub fn of(&mut self, text: &str, mut each: impl FnMut(&[u8])) -> Result<()> {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let plain = plain_length(rest);
            match rest.get(plain) {
                None | Some(b' ') if plain > 0 => {
                    each(&rest[..plain.min(LONGEST_TOKEN)]);
                    rest = &rest[plain..];
                }
                Some(b' ') => rest = &rest[1..],
                _ => {
                    let end = rest.iter().position(|&byte| byte == b' ').unwrap_or(rest.len());
                    let sqlite = match &mut self.sqlite {
                        Some(sqlite) => sqlite,
                        none => none.insert(SqliteTokenizer::new()?),
                    };
                    sqlite.tokens(&rest[..end], &mut each)?;
                    rest = &rest[end..];
                }
            }
        }
        Ok(())
    }
}

/// The length in bytes of the plain characters at the start of a text, which is UTF-8 from a character
/// boundary.
fn plain_length(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => at += 1,
            0xe3..=0xed => {
                let bits = |offset: usize| u32::from(text[at + offset] & 0x3f);
                let character = u32::from(byte & 0x0f) << 12 | bits(1) << 6 | bits(2);
                if !is_plain(character) {
                    break;
                }
                at += 3;
            }
            _ => break,
        }
    }
    at
}

/// Whether `unicode61` leaves a character of three UTF-8 bytes as it is: 々 and 〇, hiragana, katakana, Han,
/// Hangul. A test compares each of them with `unicode61`.
fn is_plain(character: u32) -> bool {
    // Nearly always one of these.
    matches!(character, 0x4e00..=0x9fcb)
        || matches!(
            character,
            0x3005..=0x3007
                | 0x3041..=0x3096
                | 0x30a1..=0x30fa
                | 0x30fc..=0x30fe
                | 0x3400..=0x4db5
                | 0xac00..=0xd7a3
        )
}

/// The key of a token of one or two characters, if they are plain.
#[inline]
pub(super) fn plain_key(one: char, other: Option<char>) -> Option<ShortKey> {
    let utf_8 = |character: char| {
        let code = u32::from(character);
        let utf_8 = 0xe0_8080 | (code & 0xf000) << 4 | (code & 0xfc0) << 2 | code & 0x3f;
        is_plain(code).then_some(ShortKey::from(utf_8))
    };
    let key = utf_8(one)? << 40;
    match other {
        Some(other) => Some(key | utf_8(other)? << 16),
        None => Some(key),
    }
}

/// SQLite's own tokenizer, on a connection of its own.
struct SqliteTokenizer {
    tokenizer: NonNull<ffi::Fts5Tokenizer>,
    methods: ffi::fts5_tokenizer,
    /// Owns the module that made the tokenizer.
    _connection: Connection,
}

// SAFETY: neither the tokenizer nor its module belongs to a thread, and only one thread at a time can have
// the value.
unsafe impl Send for SqliteTokenizer {}

impl SqliteTokenizer {
    fn new() -> Result<Self> {
        let connection = Connection::open_in_memory()?;
        let api = fts5_api(&connection)?;
        let no_method = || sqlite_error(ffi::SQLITE_MISUSE);
        let mut arguments = [c"remove_diacritics".as_ptr(), c"2".as_ptr()];
        let mut data = ptr::null_mut();
        let mut methods = ffi::fts5_tokenizer { xCreate: None, xDelete: None, xTokenize: None };
        let mut tokenizer = ptr::null_mut();
        // SAFETY: `api` belongs to `connection`, which lives as long as the tokenizer; all out parameters are
        // valid places of their types; the arguments are two C strings.
        unsafe {
            let find = (*api.as_ptr()).xFindTokenizer.ok_or_else(no_method)?;
            check(find(api.as_ptr(), c"unicode61".as_ptr(), &mut data, &mut methods))?;
            let create = methods.xCreate.ok_or_else(no_method)?;
            check(create(data, arguments.as_mut_ptr(), arguments.len() as c_int, &mut tokenizer))?;
        }
        let tokenizer = NonNull::new(tokenizer).ok_or_else(no_method)?;
        Ok(Self { tokenizer, methods, _connection: connection })
    }

    fn tokens(&mut self, text: &[u8], each: &mut impl FnMut(&[u8])) -> Result<()> {
        let length = c_int::try_from(text.len()).map_err(|_| sqlite_error(ffi::SQLITE_TOOBIG))?;
        let tokenize = self.methods.xTokenize.ok_or_else(|| sqlite_error(ffi::SQLITE_MISUSE))?;
        let mut found = Found::default();
        let context = (&raw mut found).cast::<c_void>();
        // SAFETY: the tokenizer was made by the same methods. It reads `length` bytes of `text`, and calls
        // `keep` with the context that `keep` expects, before it returns.
        let code = unsafe {
            let text = text.as_ptr().cast::<c_char>();
            let flags = ffi::FTS5_TOKENIZE_DOCUMENT as c_int;
            tokenize(self.tokenizer.as_ptr(), context, flags, text, length, Some(keep))
        };
        check(code)?;
        let mut start = 0;
        for end in found.ends {
            each(&found.bytes[start..end]);
            start = end;
        }
        Ok(())
    }
}

impl Drop for SqliteTokenizer {
    fn drop(&mut self) {
        if let Some(delete) = self.methods.xDelete {
            // SAFETY: made by the same methods, and not used any more.
            unsafe { delete(self.tokenizer.as_ptr()) };
        }
    }
}

/// Concatenated tokens, and where each ends.
#[derive(Default)]
struct Found {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// The callback for SQLite's tokenizer, called with each token.
unsafe extern "C" fn keep(
    context: *mut c_void,
    _flags: c_int,
    token: *const c_char,
    length: c_int,
    _start: c_int,
    _end: c_int,
) -> c_int {
    // SAFETY: `tokens` passes this function together with a `Found` that nothing else borrows; the tokenizer
    // guarantees `length` bytes at `token`.
    unsafe {
        let found = &mut *context.cast::<Found>();
        let token = std::slice::from_raw_parts(token.cast::<u8>(), length as usize);
        found.bytes.extend_from_slice(&token[..token.len().min(LONGEST_TOKEN)]);
        found.ends.push(found.bytes.len());
    }
    ffi::SQLITE_OK
}

/// The FTS5 interface of a connection, which SQLite returns through a bound pointer.
fn fts5_api(connection: &Connection) -> Result<NonNull<ffi::fts5_api>> {
    let mut api: *mut ffi::fts5_api = ptr::null_mut();
    let mut statement = ptr::null_mut();
    // SAFETY: the handle is open; the statement is finalized on every path; SQLite writes to `api` during the
    // step, under the type name that describes the pointer.
    unsafe {
        let database = connection.handle();
        let sql = c"SELECT fts5(?1)".as_ptr();
        check(ffi::sqlite3_prepare_v2(database, sql, -1, &mut statement, ptr::null_mut()))?;
        let place = (&raw mut api).cast::<c_void>();
        ffi::sqlite3_bind_pointer(statement, 1, place, c"fts5_api_ptr".as_ptr(), None);
        ffi::sqlite3_step(statement);
        check(ffi::sqlite3_finalize(statement))?;
    }
    NonNull::new(api).ok_or_else(|| sqlite_error(ffi::SQLITE_MISUSE).into())
}

fn check(code: c_int) -> Result<()> {
    match code {
        ffi::SQLITE_OK => Ok(()),
        code => Err(sqlite_error(code).into()),
    }
}

fn sqlite_error(code: c_int) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ours(text: &str) -> Vec<Vec<u8>> {
        let mut tokens = Vec::new();
        Tokens::default().of(text, |token| tokens.push(token.to_vec())).unwrap();
        tokens
    }

    fn theirs(text: &str) -> Vec<Vec<u8>> {
        let mut tokens = Vec::new();
        let mut sqlite = SqliteTokenizer::new().unwrap();
        sqlite.tokens(text.as_bytes(), &mut |token| tokens.push(token.to_vec())).unwrap();
        tokens
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let expected: Vec<Vec<u8>> =
            expected.iter().map(|token| token.as_bytes().to_vec()).collect();
        assert_eq!(ours(text), expected);
        assert_eq!(theirs(text), expected);
    }

    #[test]
    fn plain_tokens() {
        check("", &[]);
        check("   ", &[]);
        check("中国 国人 人", &["中国", "国人", "人"]);
        check(" iphone  15 ", &["iphone", "15"]);
        check("東京 きょ ハン 한국", &["東京", "きょ", "ハン", "한국"]);
    }

    #[test]
    fn unusual_characters_are_left_to_sqlite() {
        check("Café ÀÉ 中。国", &["cafe", "ae", "中", "国"]);
        check("a\u{0}b\tc-d", &["a", "b", "c", "d"]);
        check("ị \u{301} e\u{301}x", &["i", "ex"]);
        check("𠀀𠀁 x", &["𠀀𠀁", "x"]);
    }

    #[test]
    fn a_long_token_is_cut_off() {
        let text = "中".repeat(20_000);
        assert_eq!(ours(&text), [text.as_bytes()[..LONGEST_TOKEN].to_vec()]);
        assert_eq!(ours(&format!("é{text}"))[0].len(), LONGEST_TOKEN);
    }

    /// Each character alone and between letters: `unicode61` reads one at a time.
    #[test]
    fn every_character_is_cut_as_sqlite_cuts_it() {
        let mut text = String::new();
        for character in '\0'..=char::MAX {
            if plain_length(character.to_string().as_bytes()) > 0 {
                assert_eq!(theirs_of(character), character.to_string(), "{character:?}");
            }
            text.extend([character, ' ', 'a', character, 'b', ' ']);
        }
        assert_eq!(ours(&text), theirs(&text));
    }

    fn theirs_of(character: char) -> String {
        thread_local! {
            static SQLITE: std::cell::RefCell<SqliteTokenizer> = SqliteTokenizer::new().unwrap().into();
        }
        SQLITE.with_borrow_mut(|sqlite| {
            let mut token = Vec::new();
            let mut buffer = [0; 4];
            let text = character.encode_utf8(&mut buffer).as_bytes();
            sqlite.tokens(text, &mut |found| token.extend_from_slice(found)).unwrap();
            String::from_utf8(token).unwrap()
        })
    }

    proptest! {
        #[test]
        fn any_text_is_cut_as_sqlite_cuts_it(text in "[a-z0-9 A-Zé\u{301}中国\u{0}\u{3000}한ー々𠀀-]{0,40}|\\PC{0,40}") {
            prop_assert_eq!(ours(&text), theirs(&text));
        }
    }
}
