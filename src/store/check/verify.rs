//! Finding damage: a connection that reads whatever is still readable, and SQLite's own checks.
//!
//! A failing statement is a finding here and never stops the check: the data after the damage may be intact.

use crate::error::{Error, Result};
use crate::extract::EXTRACTOR_VERSION;
use crate::model::{Check, Finding, NamedSeed, Sha256, StopFlag};
use crate::store::check::invariants::RULES;
use crate::store::open::header::Header;
use crate::store::open::meta::{read_extractor, read_tokenizer};
use crate::store::open::migrate;
use crate::store::open::migrate::SCHEMA_VERSION;
use crate::store::open::reader::{Reader, open, refuse_irregular, stop_by};
use crate::store::read::history::read_place;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Row};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An archive opened for checking, even if it is damaged. All checks see one state of it, also while an
/// import runs.
pub struct Inspector {
    pub(in crate::store) connection: Connection,
    path: PathBuf,
    /// The schema version that the file claims.
    version: i64,
}

impl Inspector {
    /// Opens an existing archive, of an older schema too, and reports what is wrong with its header. `None`
    /// if nothing after the header can be read.
    ///
    /// Fails if the file is not an archive, or of a newer schema.
    pub fn open(path: &Path, receive: &mut dyn FnMut(Finding)) -> Result<Option<Self>> {
        refuse_irregular(path)?;
        let opened = Reader::connect(path);
        if matches!(opened, Err(Error::NoDatabase(_))) && !path.exists() {
            return Err(Error::NoDatabase(path.to_owned()));
        }
        let Some(header) = Header::read(path)?.filter(|header| !header.is_strangers()) else {
            return Err(opened.err().unwrap_or_else(|| Error::NotOurs(path.to_owned())));
        };
        for fault in header.faults() {
            receive(Finding::new(Check::File, fault));
        }
        let (connection, version) = match opened {
            Ok(opened) => opened,
            Err(Error::NotOurs(_)) => (reluctantly(path)?, header.schema_version()),
            Err(Error::Database(error)) if is_damage(error.of_sqlite()) => {
                receive(Finding::new(Check::File, format!("it cannot be opened: {error}")));
                (reluctantly(path)?, header.schema_version())
            }
            Err(error) => return Err(error),
        };
        connection.set_prepared_statement_cache_capacity(96);
        let inspector = Self { connection, path: path.to_owned(), version };
        let begun =
            inspector.connection.execute_batch("BEGIN").map_err(Error::from).and_then(|()| {
                inspector.each("SELECT name FROM sqlite_schema", [], &mut |_| Ok(()))
            });
        let is_readable = begun.is_ok();
        inspector.note(Check::File, "the schema", begun, receive)?;
        Ok(is_readable.then_some(inspector))
    }

    /// The file that was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// From now on, setting the flag interrupts SQLite.
    pub fn stop_by(&mut self, stop: &StopFlag) -> Result<()> {
        stop_by(&mut self.connection, stop)
    }

    /// The archive's schema version if it is an older one: what later versions added cannot be checked then.
    pub fn older_schema(&self) -> Option<i64> {
        (self.version < SCHEMA_VERSION).then_some(self.version)
    }

    /// The version of the extractor that made the rows, if it is not this program's.
    pub fn other_extractor(&self) -> Option<i64> {
        let found = read_extractor(&self.connection).ok();
        found.filter(|&found| found != EXTRACTOR_VERSION)
    }

    /// The version of the full-text index's tokens; `None` while there is no complete index.
    pub fn tokenizer(&self) -> Option<i64> {
        read_tokenizer(&self.connection).ok().flatten()
    }

    /// SQLite's `integrity_check`: pages, records, indexes, NOT NULL, CHECK and types, and the
    /// structure of a full-text index.
    pub fn check_structure(&self, receive: &mut dyn FnMut(Finding)) -> Result<()> {
        // At most this many faults: a torn file can have one per row.
        const CHECK: &str = "PRAGMA integrity_check(1000)";
        const ROOTS: &str =
            "SELECT rootpage, name FROM sqlite_schema WHERE rootpage > 0 ORDER BY rootpage";
        let mut roots: Vec<(i64, String)> = Vec::new();
        let listed = self.each(ROOTS, [], &mut |row| {
            roots.push((row.get("rootpage")?, row.get("name")?));
            Ok(())
        });
        self.note(Check::Structure, "sqlite_schema", listed, receive)?;
        let name_of = |fault: &str| {
            let number: i64 = fault.strip_prefix("Tree ")?.split(' ').next()?.parse().ok()?;
            let (_, name) = roots.iter().find(|(root, _)| *root == number)?;
            Some(name.as_str())
        };
        let checked = self.each(CHECK, [], &mut |row| {
            let faults: String = row.get("integrity_check")?;
            for fault in faults.lines() {
                if fault == "ok" || fault.starts_with("*** in database") {
                    continue;
                }
                let place = name_of(fault).map(|name| format!(" (of {name})"));
                let what = format!("{fault}{}", place.unwrap_or_default());
                receive(Finding::new(Check::Structure, what));
            }
            Ok(())
        });
        self.note(Check::Structure, "the whole", checked, receive)?;
        self.check_readable(receive)
    }

    /// Whether every table and index can be read from end to end: `integrity_check` takes a page without rows
    /// for an empty one, whatever its type. (So does `count(*)`.)
    fn check_readable(&self, receive: &mut dyn FnMut(Finding)) -> Result<()> {
        /// What the migrations made: no text of the damaged file gets into a statement.
        const OWN: &str = "SELECT tbl_name, name, type,
                iif(type = 'index' AND instr(sql, ' WHERE '), substr(sql, instr(sql, ' WHERE ')), '')
                    AS condition
            FROM sqlite_schema
            WHERE type IN ('table', 'index') AND sql IS NOT NULL AND sql NOT LIKE 'CREATE VIRTUAL%'
                OR name LIKE 'sqlite_autoindex%'";
        let own = migrate::schema_of(self.version)?;
        let mut statement = own.prepare(OWN)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (table, name): (String, String) = (row.get("tbl_name")?, row.get("name")?);
            let kind: String = row.get("type")?;
            let scan = match kind.as_str() {
                "table" => format!("SELECT 1 FROM \"{table}\" NOT INDEXED"),
                _ => {
                    // The condition of a partial index, to select the rows it has.
                    let condition: String = row.get("condition")?;
                    format!("SELECT 1 FROM \"{table}\" INDEXED BY \"{name}\"{condition}")
                }
            };
            let scanned = self.each(&scan, [], &mut |_| Ok(()));
            self.note(Check::Structure, &format!("the {kind} {name}"), scanned, receive)?;
            if kind == "table" {
                self.check_texts(&own, &name, receive)?;
            }
        }
        Ok(())
    }

    /// Whether the texts of a table are UTF-8: SQLite does not check, and readers of such texts fail.
    fn check_texts(
        &self,
        own: &Connection,
        table: &str,
        receive: &mut dyn FnMut(Finding),
    ) -> Result<()> {
        const COLUMNS: &str = "SELECT name FROM pragma_table_info(?1) WHERE type = 'TEXT'";
        let mut statement = own.prepare_cached(COLUMNS)?;
        let columns = statement.query_map([table], |row| row.get("name"))?;
        let columns: Vec<String> = columns.collect::<Result<_, _>>()?;
        if columns.is_empty() {
            return Ok(());
        }
        let scan = format!("SELECT \"{}\" FROM \"{table}\" NOT INDEXED", columns.join("\", \""));
        let mut wrong = BTreeSet::new();
        let scanned = self.each(&scan, [], &mut |row| {
            for (at, column) in columns.iter().enumerate() {
                if let ValueRef::Text(bytes) = row.get_ref(at)?
                    && std::str::from_utf8(bytes).is_err()
                {
                    wrong.insert(column);
                }
            }
            Ok(())
        });
        self.note(Check::Structure, &format!("the table {table}"), scanned, receive)?;
        for column in wrong {
            let what = format!("a text in {table}.{column} is not UTF-8");
            receive(Finding::new(Check::Structure, what));
        }
        Ok(())
    }

    /// Whether everything that the migrations made is still there unchanged. Additions of the user are not
    /// checked.
    pub fn check_schema(&self, receive: &mut dyn FnMut(Finding)) -> Result<()> {
        const READ: &str = "SELECT type, name, tbl_name, sql FROM sqlite_schema";
        let read = |connection: &Connection| -> Result<BTreeSet<[Option<String>; 4]>> {
            let mut statement = connection.prepare(READ)?;
            let entries = statement.query_map([], |row| {
                Ok([row.get("type")?, row.get("name")?, row.get("tbl_name")?, row.get("sql")?])
            })?;
            Ok(entries.collect::<Result<_, _>>()?)
        };
        let expected = read(&migrate::schema_of(self.version)?)?;
        let found = read(&self.connection);
        let mut lacking = BTreeSet::new();
        let compared = found.map(|found| lacking = &expected - &found);
        self.note(Check::Schema, "sqlite_schema", compared, receive)?;
        for [kind, name, ..] in lacking {
            let (kind, name) = (kind.unwrap_or_default(), name.unwrap_or_default());
            let what = format!("the {kind} \"{name}\" is not as it was made");
            receive(Finding::new(Check::Schema, what));
        }
        self.check_index_settings(receive)
    }

    /// Whether the full-text index has the settings of the migrations.
    fn check_index_settings(&self, receive: &mut dyn FnMut(Finding)) -> Result<()> {
        const READ: &str = "SELECT k, v FROM article_fts_config ORDER BY k";
        let own = migrate::schema_of(self.version)?;
        // Older schemas have no index.
        let Ok(mut statement) = own.prepare(READ) else { return Ok(()) };
        let setting = |row: &Row<'_>| -> rusqlite::Result<(Value, Value)> {
            Ok((row.get("k")?, row.get("v")?))
        };
        let expected: Vec<_> = statement.query_map([], setting)?.collect::<Result<_, _>>()?;
        let mut found = Vec::new();
        let read = self.each(READ, [], &mut |row| {
            found.push(setting(row)?);
            Ok(())
        });
        let is_read = read.is_ok();
        self.note(Check::Schema, "article_fts_config", read, receive)?;
        if is_read && found != expected {
            let what = "the settings of the full-text index have changed";
            receive(Finding::new(Check::Schema, what));
        }
        Ok(())
    }

    /// Whether every row that is referred to exists.
    pub fn check_references(&self, receive: &mut dyn FnMut(Finding)) -> Result<()> {
        const CHECK: &str =
            "SELECT \"table\" AS child, rowid AS id, parent FROM pragma_foreign_key_check()";
        let checked = self.each(CHECK, [], &mut |row| {
            let (child, parent): (String, String) = (row.get("child")?, row.get("parent")?);
            let id: Option<i64> = row.get("id")?;
            let what = format!("it refers to a missing row of {parent}");
            receive(Finding::of_row(Check::References, &child, id.unwrap_or(0), what));
            Ok(())
        });
        self.note(Check::References, "foreign keys", checked, receive)
    }

    /// Checks the `RULES` between rows. Rows that await a rebuild may be between two of its steps.
    pub fn check_rows(&self, receive: &mut dyn FnMut(Finding)) -> Result<()> {
        self.check_versions(receive)?;
        let is_rebuilding = self.other_extractor().is_some();
        for rule in RULES.iter().filter(|rule| !(is_rebuilding && rule.is_derived)) {
            let checked = self.each(rule.sql, [], &mut |row| {
                let (id, what): (Option<i64>, String) = (row.get("id")?, row.get("what")?);
                receive(match id {
                    Some(id) => Finding::of_row(Check::Rows, rule.table, id, what),
                    None => Finding::new(Check::Rows, format!("{}: {what}", rule.table)),
                });
                Ok(())
            });
            self.note(Check::Rows, rule.table, checked, receive)?;
        }
        Ok(())
    }

    /// Whether every row is of the archive's extractor. If that is another version than this program's, a
    /// rebuild to a later one may have started, but no row may be older.
    fn check_versions(&self, receive: &mut dyn FnMut(Finding)) -> Result<()> {
        const OTHER: &str = "
            SELECT 'article' AS name, id, extractor_version AS version FROM article
            WHERE extractor_version <> ?1 AND (?2 OR extractor_version < ?1)
            UNION ALL SELECT 'seed', id, extractor_version FROM seed
            WHERE extractor_version <> ?1 AND (?2 OR extractor_version < ?1)";
        let other = self.other_extractor();
        let version = other.unwrap_or(EXTRACTOR_VERSION);
        let checked = self.each(OTHER, (version, other.is_none()), &mut |row| {
            let (table, id): (String, i64) = (row.get("name")?, row.get("id")?);
            let found: i64 = row.get("version")?;
            let what = format!("extractor_version is {found}, and the archive's is {version}");
            receive(Finding::of_row(Check::Rows, &table, id, what));
            Ok(())
        });
        self.note(Check::Rows, "extractor_version", checked, receive)
    }

    /// What is known of a seed without its row: its SHA-256 from an index, its places from the sightings.
    pub fn name_seed(&self, id: i64) -> NamedSeed {
        const BY_INDEX: &str = "SELECT sha256 FROM seed INDEXED BY sqlite_autoindex_seed_1
            WHERE sha256 >= x'' AND id = ?1";
        const PLACES: &str = "SELECT path, member FROM sighting WHERE seed_id = ?1 ORDER BY id";
        let mut seed = NamedSeed { id, sha256: None, places: Vec::new() };
        // Unreadable rows are reported by the checks themselves.
        let _ = self.each(BY_INDEX, [id], &mut |row| {
            seed.sha256 = Some(row.get::<_, Sha256>("sha256")?);
            Ok(())
        });
        let _ = self.each(PLACES, [id], &mut |row| {
            seed.places.push(read_place(row)?);
            Ok(())
        });
        seed
    }

    /// Runs a statement and passes its rows on.
    pub(in crate::store) fn each(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        receive: &mut dyn FnMut(&Row<'_>) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        while let Some(row) = rows.next()? {
            receive(row)?;
        }
        Ok(())
    }

    /// Turns an error that damage causes into a finding, and returns every other error.
    fn note(
        &self,
        check: Check,
        subject: &str,
        checked: Result<()>,
        receive: &mut dyn FnMut(Finding),
    ) -> Result<()> {
        self.as_damage(checked, &mut |error| {
            let what = format!("{subject} cannot be read to the end: {error}");
            receive(Finding::new(check, what));
        })
    }

    /// Passes the description of an error that damage causes to `receive`, and returns every other error.
    pub fn as_damage(&self, read: Result<()>, receive: &mut dyn FnMut(String)) -> Result<()> {
        match read {
            Err(Error::Database(error)) if is_damage(error.of_sqlite()) => {
                receive(error.to_string());
                Ok(())
            }
            other => other,
        }
    }
}

/// Opens a file that no longer looks like an archive. SQLite then ignores schema entries that it cannot
/// parse.
fn reluctantly(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags)?;
    // If even this fails, so does the first statement.
    let _ = connection.pragma_update(None, "writable_schema", true);
    Ok(connection)
}

/// Whether an error is caused by the file, and not by its reader or the machine.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_IOERR_CORRUPTFS, SQLITE_IOERR_DATA};
    use rusqlite::ffi::{SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ};
    let in_file =
        [SQLITE_IOERR_READ, SQLITE_IOERR_SHORT_READ, SQLITE_IOERR_CORRUPTFS, SQLITE_IOERR_DATA];
    if let Some(error) = error.sqlite_error()
        && error.code == ErrorCode::SystemIoFailure
    {
        // All other codes are about writing, locking and mapping: a full disk, or a limit.
        return in_file.contains(&error.extended_code);
    }
    !matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::DiskFull
        )
    )
}
