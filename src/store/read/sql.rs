//! SQL of the user: any read-only query, within limits.
//!
//! Opening the database read-only is not enough: VACUUM INTO and ATTACH write files through such a
//! connection, and `sqlite3_stmt_readonly` reports both as read-only. So all of these are combined:
//! read-only, `query_only`, defensive mode, no attached databases, limits of length, an allow-list, a
//! deadline.

mod percentile;
mod regexp;

use crate::error::{Error, Result, SqlRefusal};
use crate::model::{Cell, Codec, setters};
use crate::search::Query;
use crate::store::open::original::{read_known, unpack};
use crate::store::open::reader::{Reader, connect_for_reading};
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthAction, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Batch, Connection, ErrorCode, OptionalExtension, Statement, ToSql, ffi};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Maximum size of a value and of a row, in bytes: twice the default size limit of `import`.
const MAX_VALUE_BYTES: i32 = 128 << 20;
/// Memory limit of SQLite: a row of many large values can be within every other limit.
const MAX_HEAP_BYTES: i64 = 512 << 20;
const MAX_SQL_BYTES: i32 = 1 << 20;
/// Steps of SQLite's virtual machine between two checks of the clock: some 10 µs.
const STEPS_PER_LOOK: i32 = 1000;

/// Functions that reach beyond the database, or into SQLite itself.
const DENIED_FUNCTIONS: [&str; 6] =
    ["load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "sqlite_log"];

/// Pragmas whose argument only selects what to read.
const PRAGMAS_OF_SOMETHING: [&str; 9] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "integrity_check",
    "quick_check",
];

/// Pragmas that read without an argument; with one, some of them write.
const PLAIN_PRAGMAS: [&str; 12] = [
    // FTS5 itself uses it to notice changes of its index.
    "data_version",
    "user_version",
    "application_id",
    "page_count",
    "page_size",
    "freelist_count",
    "encoding",
    "schema_version",
    "compile_options",
    "function_list",
    "collation_list",
    "database_list",
];

/// Limits the memory of SQLite in this process to 512 MiB, from now on. A query can return rows of many large
/// values, each within every other limit. SQLite has no such limit per connection, so only a program that
/// does nothing else should set it.
pub fn limit_process_memory() -> Result<()> {
    // It only ever lowers the limit.
    let connection = Connection::open_in_memory()?;
    Ok(connection.pragma_update(None, "hard_heap_limit", MAX_HEAP_BYTES)?)
}

impl<'a> From<ValueRef<'a>> for Cell<'a> {
    fn from(value: ValueRef<'a>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text)),
            ValueRef::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// Limits on the cost of a query.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct QueryLimits {
    /// Time inside SQLite; the time of the receiver of the rows does not count. SQLite checks the clock
    /// between two steps, and a step takes as long as its values are large: `replace` on some megabytes can
    /// take hours, which only ending the process can stop.
    pub timeout: Option<Duration>,
    /// The maximum number of rows to return; `None` for all.
    pub max_rows: Option<u64>,
}

setters!(QueryLimits {
    with_timeout(timeout: Duration) => Some(timeout),
    with_max_rows(max_rows: u64) => Some(max_rows),
});

/// The result of a query: the columns once, then row after row.
#[derive(Debug)]
pub enum Answer<'a> {
    /// The names of the columns.
    Columns(&'a [String]),
    /// A row, in their order.
    Row(&'a [Cell<'a>]),
}

/// How a query ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryEnd {
    /// The number of rows returned.
    pub rows: u64,
    /// Whether [`QueryLimits::max_rows`] cut off further rows.
    pub has_more: bool,
}

impl Reader {
    /// Runs one SQL statement and passes its rows on, one at a time. Parameters are named without their `:`,
    /// `@` or `$`; exactly those of the statement must be given.
    ///
    /// Fails with [`Error::RefusedSql`] if the statement is not read-only or exceeds a limit, and with
    /// [`Error::MalformedSql`] if SQLite cannot parse it.
    ///
    /// Memory is limited only if the program has set a limit; see [`limit_process_memory`].
    pub fn query(
        &self,
        sql: &str,
        parameters: &[(String, Cell<'_>)],
        limits: &QueryLimits,
        receive: &mut dyn FnMut(Answer<'_>) -> Result<()>,
    ) -> Result<QueryEnd> {
        // SQLite would stop reading there and silently ignore the rest.
        if sql.contains('\0') {
            return Err(Error::MalformedSql("there is a NUL character in it".into()));
        }
        let sandbox = Sandbox::open(self, limits.timeout)?;
        let end = sandbox.ask(sql, parameters, limits, receive);
        end.map_err(|error| match error {
            Error::MalformedSql(message) => self.with_nearest(message, sql),
            other => other,
        })
    }

    /// The same error, with the name that was probably meant if it is about an unknown one.
    fn with_nearest(&self, message: String, sql: &str) -> Error {
        let unknown =
            |what| message.strip_prefix("no such ")?.strip_prefix(what)?.strip_prefix(": ");
        let found = [("table", false), ("column", true)]
            .into_iter()
            .find_map(|(what, is_column)| Some((what, is_column, unknown(what)?.to_owned())));
        let Some((what, is_column, name)) = found else {
            return Error::MalformedSql(message);
        };
        // `a.title`, or `"title" - should this be a string literal in single-quotes?`
        let bare = name.split(" - ").next().unwrap_or_default();
        let bare = bare.rsplit('.').next().unwrap_or_default().trim_matches('"');
        Error::UnknownInSql { what, nearest: self.nearest_in_sql(is_column, bare, sql), name }
    }
}

impl Sandbox {
    /// Runs the only statement of the text.
    fn ask(
        &self,
        sql: &str,
        parameters: &[(String, Cell<'_>)],
        limits: &QueryLimits,
        receive: &mut dyn FnMut(Answer<'_>) -> Result<()>,
    ) -> Result<QueryEnd> {
        let mut batch = Batch::new(&self.connection, sql);
        let first = batch.next().map_err(|error| self.refine(error))?;
        let Some(mut statement) = first else {
            return Err(Error::MalformedSql("there is no statement in it".into()));
        };
        if !matches!(batch.next(), Ok(None)) {
            return Err(Error::MalformedSql("more than one statement".into()));
        }
        bind(&mut statement, parameters)?;
        self.run(&mut statement, limits.max_rows, receive)
    }
}

/// Binds each parameter under every spelling that the statement has of it.
fn bind(statement: &mut Statement<'_>, parameters: &[(String, Cell<'_>)]) -> Result<()> {
    let mut is_used = vec![false; parameters.len()];
    for index in 1..=statement.parameter_count() {
        let spelled = statement.parameter_name(index).unwrap_or("?").to_owned();
        let name = &spelled[1..];
        let given = parameters.iter().position(|(given, _)| given == name);
        let Some(given) = given else {
            return Err(Error::MissingParameter(spelled));
        };
        is_used[given] = true;
        statement.raw_bind_parameter(index, &parameters[given].1)?;
    }
    match is_used.iter().position(|is_used| !is_used) {
        Some(unused) => Err(Error::UnknownParameter(parameters[unused].0.clone())),
        None => Ok(()),
    }
}

/// A read-only connection that records why it stopped a statement.
struct Sandbox {
    connection: Connection,
    /// The last action that the allow-list denied. SQLite's own error codes do not always show this.
    denied: Arc<Mutex<Option<String>>>,
    started: Instant,
    timeout: Option<Duration>,
    /// The time spent in the receiver, in nanoseconds; the deadline is extended by it.
    outside: Arc<AtomicU64>,
}

impl Sandbox {
    /// Opens a separate connection, so that the limits affect no other query of the reader.
    fn open(reader: &Reader, timeout: Option<Duration>) -> Result<Self> {
        let mut connection = connect_for_reading(reader.path())?;
        connection.pragma_update(None, "query_only", true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        // An unknown column "x" is then an error and not a text.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        connection.set_limit(Limit::SQLITE_LIMIT_WORKER_THREADS, 0)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)?;
        connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_BYTES)?;
        define_seed_text(&connection, Reader::open(reader.path())?)?;
        define_match_query(&connection)?;
        regexp::define(&connection)?;
        percentile::define(&connection)?;

        let denied = Arc::new(Mutex::new(None));
        let noted = Arc::clone(&denied);
        connection.authorizer(Some(
            move |context: rusqlite::hooks::AuthContext<'_>| match denial(&context.action) {
                None => Authorization::Allow,
                Some(what) => {
                    if let Ok(mut noted) = noted.lock() {
                        noted.get_or_insert(what);
                    }
                    Authorization::Deny
                }
            },
        ))?;
        let started = Instant::now();
        let outside = Arc::new(AtomicU64::new(0));
        if let Some(timeout) = timeout {
            let outside = Arc::clone(&outside);
            let is_over = move || {
                let outside = Duration::from_nanos(outside.load(Ordering::Relaxed));
                started.elapsed().saturating_sub(outside) >= timeout
            };
            connection.progress_handler(STEPS_PER_LOOK, Some(is_over))?;
        }
        Ok(Self { connection, denied, started, timeout, outside })
    }

    fn run(
        &self,
        statement: &mut Statement<'_>,
        max_rows: Option<u64>,
        receive: &mut dyn FnMut(Answer<'_>) -> Result<()>,
    ) -> Result<QueryEnd> {
        let columns: Vec<String> = statement.column_names().map(|name| name.to_owned()).collect();
        self.hand_out(Answer::Columns(&columns), receive)?;
        let mut rows = statement.raw_query();
        let mut handed_out = 0;
        loop {
            let Some(row) = rows.next().map_err(|error| self.refine(error))? else {
                return Ok(QueryEnd { rows: handed_out, has_more: false });
            };
            if max_rows.is_some_and(|max| handed_out >= max) {
                return Ok(QueryEnd { rows: handed_out, has_more: true });
            }
            let cells: Vec<Cell<'_>> = (0..columns.len())
                .map(|index| row.get_ref(index).map(Cell::from))
                .collect::<Result<_, _>>()?;
            self.hand_out(Answer::Row(&cells), receive)?;
            handed_out += 1;
        }
    }

    fn hand_out(
        &self,
        answer: Answer<'_>,
        receive: &mut dyn FnMut(Answer<'_>) -> Result<()>,
    ) -> Result<()> {
        let before = self.started.elapsed();
        let received = receive(answer);
        let took = self.started.elapsed().saturating_sub(before);
        self.outside.fetch_add(took.as_nanos() as u64, Ordering::Relaxed);
        received
    }

    /// Separates refusals and syntax errors from other errors.
    fn refine(&self, error: rusqlite::Error) -> Error {
        if let Some(what) = self.denied.lock().ok().and_then(|mut what| what.take()) {
            return SqlRefusal::NotAllowed(what).into();
        }
        match code(&error) {
            Some(ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly) => {
                SqlRefusal::Writes.into()
            }
            Some(ErrorCode::OperationInterrupted) => {
                SqlRefusal::TooSlow(self.timeout.unwrap_or_default()).into()
            }
            Some(ErrorCode::TooBig) => {
                SqlRefusal::TooLong { most_mib: MAX_VALUE_BYTES as u64 >> 20 }.into()
            }
            Some(ErrorCode::OutOfMemory) => {
                SqlRefusal::TooMuchMemory { most_mib: MAX_HEAP_BYTES as u64 >> 20 }.into()
            }
            // The error code for everything wrong with the statement itself.
            Some(ErrorCode::Unknown) => match protected_table(&sentence(&error)) {
                // SQLite protects its own tables before it calls the allow-list.
                Some(table) => SqlRefusal::NotAllowed(format!("writing to \"{table}\"")).into(),
                None => Error::MalformedSql(sentence(&error)),
            },
            Some(ErrorCode::TypeMismatch) => Error::MalformedSql(sentence(&error)),
            _ => error.into(),
        }
    }
}

fn code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqlInputError { error, .. } => Some(error.code),
        other => other.sqlite_error_code(),
    }
}

/// SQLite's message without the statement, which rusqlite appends.
fn sentence(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}

/// The table that SQLite reports as its own.
fn protected_table(sentence: &str) -> Option<&str> {
    sentence.strip_prefix("table ")?.strip_suffix(" may not be modified")
}

/// The allow-list: everything not named here is denied. Returns a description of what was denied.
fn denial(action: &AuthAction<'_>) -> Option<String> {
    let is_in =
        |list: &[&str], name: &str| list.iter().any(|listed| listed.eq_ignore_ascii_case(name));
    match action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => None,
        AuthAction::Function { function_name } => is_in(&DENIED_FUNCTIONS, function_name)
            .then(|| format!("the function \"{function_name}\"")),
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let is_allowed = is_in(&PRAGMAS_OF_SOMETHING, pragma_name)
                || (pragma_value.is_none() && is_in(&PLAIN_PRAGMAS, pragma_name));
            let value = pragma_value.map_or(String::new(), |value| format!(" = {value}"));
            (!is_allowed).then(|| format!("PRAGMA {pragma_name}{value}"))
        }
        AuthAction::Attach { .. } => Some("ATTACH (or VACUUM)".into()),
        AuthAction::Detach { .. } => Some("DETACH".into()),
        AuthAction::Insert { table_name } => Some(format!("writing to \"{table_name}\"")),
        AuthAction::Update { table_name, .. } => Some(format!("changing \"{table_name}\"")),
        AuthAction::Delete { table_name } => Some(format!("deleting from \"{table_name}\"")),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            Some("a transaction".into())
        }
        _ => Some("changing the schema".into()),
    }
}

/// Defines `seed_text(seed_id)`: the original of a seed as text, NULL if there is none.
fn define_seed_text(connection: &Connection, reader: Reader) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("seed_text", 1, flags, move |context| {
        let Some(seed_id) = context.get::<Option<i64>>(0)? else {
            return Ok(None);
        };
        seed_text(&reader.connection, seed_id)
    })?;
    Ok(())
}

/// Defines `match_query(words)`: a query of `search` as an expression for MATCH.
fn define_match_query(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("match_query", 1, flags, |context| {
        let Some(words) = context.get::<Option<String>>(0)? else {
            return Ok(None);
        };
        let query = Query::parse(&words)
            .map_err(|error| rusqlite::Error::UserFunctionError(error.into()))?;
        Ok(Some(query.match_expression()))
    })?;
    Ok(())
}

fn seed_text(connection: &Connection, seed_id: i64) -> rusqlite::Result<Option<String>> {
    const READ: &str =
        "SELECT byte_length, codec, body FROM seed WHERE id = ?1 AND body IS NOT NULL";
    let mut statement = connection.prepare_cached(READ)?;
    let found = statement
        .query_row([seed_id], |row| {
            let length: usize = row.get("byte_length")?;
            let codec: Option<Codec> = read_known(row, "codec")?;
            let body = row.get_ref("body")?.as_blob()?;
            Ok(codec.and_then(|codec| unpack(codec, body, length)))
        })
        .optional()?;
    match found {
        None => Ok(None),
        Some(Some(bytes)) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Some(None) => Err(rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_CORRUPT),
            Some(Error::DamagedSeed(seed_id).to_string()),
        )),
    }
}
