//! The cost of the full-text index per 1,000 documents: FTS5's own INSERT compared with loading segments.
//!
//! `cargo bench --bench fts5 [FOLDER] [COPIES]`; without a folder, the corpus beside the checkout. With
//! COPIES, its documents are used that many times, with other rowids. Every round runs every way, on prepared
//! token strings, and commits every 1,000 documents (500 where FTS5 inserts).

mod support;

use rusqlite::{Connection, ffi};
use seedbank::Timestamp;
use seedbank::internals::derive::derive;
use seedbank::internals::model::Derivation;
use seedbank::internals::search::Tokens;
use seedbank::internals::source::{Walk, read};
use seedbank::internals::store::fts5::{Inverted, Inverter, load};
use std::ffi::{c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use support::median;

const ROUNDS: usize = 5;
const THREADS: usize = 2;
const LOADED_AT_ONCE: usize = 1_000;
const INSERTED_AT_ONCE: usize = 500;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let folder = arguments.next().map_or(corpus, PathBuf::from);
    let copies = arguments.next().and_then(|copies| copies.parse().ok()).unwrap_or(1);
    if !folder.is_dir() {
        println!("SKIPPED: there is no folder {}", folder.display());
        return;
    }
    let once = documents(&folder);
    let documents: Vec<&Tokens> = std::iter::repeat_n(&once, copies).flatten().collect();
    let bytes: usize = documents.iter().map(|one| one.title.len() + one.body.len()).sum();
    println!(
        "{} documents, {} KB of tokens each",
        documents.len(),
        bytes / documents.len() / 1_000
    );
    let ways: [(&str, &dyn Fn() -> Cost); 6] = [
        ("INSERT", &|| insert(&documents, "")),
        ("INSERT, automerge=0", &|| insert(&documents, NO_MERGE)),
        ("the same with a tokenizer of ours", &|| insert_split(&documents)),
        ("invert, 1 thread", &|| invert(&documents).0),
        ("load of inverted documents", &|| load_all(&invert(&documents).1)),
        ("invert and load, 2 threads", &|| invert_and_load(&documents)),
    ];
    let rounds: Vec<Vec<Cost>> =
        (0..ROUNDS).map(|_| ways.iter().map(|(_, way)| way()).collect()).collect();
    println!("seconds per 1,000 documents, medians of {ROUNDS} rounds; ratios within a round");
    for (at, (name, _)) in ways.iter().enumerate() {
        let of = |cost: &dyn Fn(&Cost) -> Duration, least: bool| {
            let values = rounds.iter().map(|round| {
                if least {
                    cost(&round[0]).as_secs_f64() / cost(&round[at]).as_secs_f64()
                } else {
                    cost(&round[at]).as_secs_f64() * 1_000.0 / documents.len() as f64
                }
            });
            median(values)
        };
        let (cpu, wall) = (|cost: &Cost| cost.cpu, |cost: &Cost| cost.wall);
        println!(
            "{name:34} CPU {:.3} ({:.2} x)  wall {:.3} ({:.2} x)",
            of(&cpu, false),
            of(&cpu, true),
            of(&wall, false),
            of(&wall, true),
        );
    }
}

struct Cost {
    wall: Duration,
    /// Of all threads.
    cpu: Duration,
}

fn timed<T>(work: impl FnOnce() -> T) -> (Cost, T) {
    let (started, before) = (Instant::now(), cpu_time());
    let result = work();
    (Cost { wall: started.elapsed(), cpu: cpu_time() - before }, result)
}

fn cpu_time() -> Duration {
    // SAFETY: getrusage only fills the struct that is passed.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    [usage.ru_utime, usage.ru_stime]
        .map(|time| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1_000))
        .iter()
        .sum()
}

fn documents(folder: &Path) -> Vec<Tokens> {
    let walk = Walk::new(&[folder.to_owned()], Path::new("bench.db")).unwrap();
    let now = Timestamp::now();
    walk.files()
        .filter_map(|found| read(&found, u64::MAX >> 1, now).ok())
        .filter_map(|document| {
            let sha256 = seedbank::Sha256::of(&document.bytes);
            match derive(&document.bytes, &sha256) {
                Derivation::Article { article, .. } => Some(Tokens::of(&article)),
                Derivation::Rejected(_) => None,
            }
        })
        .collect()
}

const NO_MERGE: &str = "INSERT INTO article_fts (article_fts, rank) VALUES ('automerge', 0)";

/// An empty index in a file, with the settings of an archive.
fn index(folder: &Path, prepare: impl FnOnce(&Connection)) -> Connection {
    let connection = Connection::open(folder.join("bench.db")).unwrap();
    prepare(&connection);
    let create = "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        PRAGMA cache_size = -32768;
        CREATE VIRTUAL TABLE article_fts USING fts5(body, title, content = '',
            tokenize = 'unicode61 remove_diacritics 2')";
    connection.execute_batch(create).unwrap();
    connection
}

fn insert(documents: &[&Tokens], setting: &str) -> Cost {
    insert_into(documents, setting, |_| {})
}

fn insert_split(documents: &[&Tokens]) -> Cost {
    insert_into(documents, NO_MERGE, replace_tokenizer)
}

fn insert_into(documents: &[&Tokens], setting: &str, prepare: impl Fn(&Connection)) -> Cost {
    const INSERT: &str = "INSERT INTO article_fts (rowid, title, body) VALUES (?1, ?2, ?3)";
    let folder = tempfile::tempdir().unwrap();
    let connection = index(folder.path(), prepare);
    connection.execute_batch(setting).unwrap();
    let mut rowids = 1_i64..;
    let (cost, ()) = timed(|| {
        for batch in documents.chunks(INSERTED_AT_ONCE) {
            connection.execute_batch("BEGIN IMMEDIATE").unwrap();
            let mut insert = connection.prepare_cached(INSERT).unwrap();
            for (rowid, tokens) in rowids.by_ref().zip(batch) {
                insert.execute((rowid, &tokens.title, &tokens.body)).unwrap();
            }
            connection.execute_batch("COMMIT").unwrap();
        }
    });
    cost
}

fn invert(documents: &[&Tokens]) -> (Cost, Vec<(i64, Inverted)>) {
    timed(|| invert_some(documents, 1))
}

fn invert_some(documents: &[&Tokens], first: i64) -> Vec<(i64, Inverted)> {
    let mut inverter = Inverter::default();
    (first..)
        .zip(documents)
        .map(|(rowid, tokens)| (rowid, inverter.invert([&tokens.body, &tokens.title]).unwrap()))
        .collect()
}

fn load_batch(connection: &Connection, batch: &[(i64, Inverted)]) {
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    load(connection, batch).unwrap().unwrap();
    connection.execute_batch("COMMIT").unwrap();
}

fn load_all(inverted: &[(i64, Inverted)]) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    let connection = index(folder.path(), |_| {});
    timed(|| inverted.chunks(LOADED_AT_ONCE).for_each(|batch| load_batch(&connection, batch))).0
}

/// Inverts every batch on several threads, and loads it.
fn invert_and_load(documents: &[&Tokens]) -> Cost {
    let folder = tempfile::tempdir().unwrap();
    let connection = index(folder.path(), |_| {});
    let mut first = 1;
    timed(|| {
        for batch in documents.chunks(LOADED_AT_ONCE) {
            let share = batch.len().div_ceil(THREADS);
            let inverted: Vec<_> = std::thread::scope(|scope| {
                let starts = (first..).step_by(share);
                let parts: Vec<_> = starts
                    .zip(batch.chunks(share))
                    .map(|(first, part)| scope.spawn(move || invert_some(part, first)))
                    .collect();
                parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
            });
            first += batch.len() as i64;
            load_batch(&connection, &inverted);
        }
    })
    .0
}

/// Gives a connection a tokenizer named `unicode61` that only cuts at blanks. Its results are wrong for
/// unusual characters; it shows the most that a faster tokenizer could save.
fn replace_tokenizer(connection: &Connection) {
    let mut methods = ffi::fts5_tokenizer {
        xCreate: Some(create_splitter),
        xDelete: Some(delete_splitter),
        xTokenize: Some(split),
    };
    // SAFETY: as SQLite's manual requires: the statement is finalized, the interface belongs to the
    // connection, and the methods are copied.
    unsafe {
        let mut api: *mut ffi::fts5_api = std::ptr::null_mut();
        let mut statement = std::ptr::null_mut();
        let (sql, nothing) = (c"SELECT fts5(?1)".as_ptr(), std::ptr::null_mut());
        ffi::sqlite3_prepare_v2(connection.handle(), sql, -1, &mut statement, nothing);
        let place = (&raw mut api).cast::<c_void>();
        ffi::sqlite3_bind_pointer(statement, 1, place, c"fts5_api_ptr".as_ptr(), None);
        ffi::sqlite3_step(statement);
        ffi::sqlite3_finalize(statement);
        let register = (*api).xCreateTokenizer.unwrap();
        let name = c"unicode61".as_ptr();
        assert_eq!(register(api, name, std::ptr::null_mut(), &mut methods, None), ffi::SQLITE_OK);
    }
}

unsafe extern "C" fn create_splitter(
    _data: *mut c_void,
    _arguments: *mut *const c_char,
    _count: c_int,
    out: *mut *mut ffi::Fts5Tokenizer,
) -> c_int {
    // SAFETY: SQLite provides the place for the tokenizer, which is never dereferenced.
    unsafe { *out = std::ptr::dangling_mut() };
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete_splitter(_tokenizer: *mut ffi::Fts5Tokenizer) {}

type OnToken =
    unsafe extern "C" fn(*mut c_void, c_int, *const c_char, c_int, c_int, c_int) -> c_int;

unsafe extern "C" fn split(
    _tokenizer: *mut ffi::Fts5Tokenizer,
    context: *mut c_void,
    _flags: c_int,
    text: *const c_char,
    length: c_int,
    on_token: Option<OnToken>,
) -> c_int {
    let Some(on_token) = on_token else { return ffi::SQLITE_MISUSE };
    // SAFETY: SQLite guarantees this many bytes at `text`; tokens are within.
    unsafe {
        let text = std::slice::from_raw_parts(text.cast::<u8>(), length as usize);
        let mut start = 0;
        for piece in text.split(|&byte| byte == b' ') {
            let end = start + piece.len();
            if !piece.is_empty() {
                let token = piece.as_ptr().cast::<c_char>();
                let (length, from, to) = (piece.len() as c_int, start as c_int, end as c_int);
                let code = on_token(context, 0, token, length, from, to);
                if code != ffi::SQLITE_OK {
                    return code;
                }
            }
            start = end + 1;
        }
    }
    ffi::SQLITE_OK
}
