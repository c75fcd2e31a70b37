//! The public interface of the library: [`Archive`], whose methods are the operations on an archive.

use crate::backup::{BackupOptions, BackupReport, backup};
use crate::error::{Error, Result};
use crate::export::{ExportOptions, ExportReport, export, export_to};
use crate::import::{ImportOptions, NewDocument, import, import_documents};
use crate::model::{Block, Cell, Finding, ImportReport, Progress, Rejection, Sha256};
use crate::reextract::{ReextractOptions, ReextractReport, reextract};
use crate::store::{
    Answer, Bytes, Hit, NamedArticle, QueryEnd, QueryLimits, Reader, RevisionRow, Search,
};
use crate::verify::{VerifyOptions, VerifyProgress, VerifyReport, verify};
use crate::view::{ArticleView, revision};
use std::cell::OnceCell;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

/// An archive: saved articles in one SQLite file, with every byte that was imported.
///
/// Several readers, in this process and others, can use it while one writer changes it; readers see only what is
/// committed. Methods that write take `&mut self`. An `Archive` can be sent to another thread; threads that read
/// in parallel need one each.
///
/// ```
/// use seedbank::{Archive, ImportOptions, Search};
///
/// let folder = tempfile::tempdir()?;
/// let mut archive = Archive::at(folder.path().join("news.db"));
/// archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
/// let hits = archive.search(&Search::of("图书馆 -猫")?)?;
/// assert_eq!(hits[0].title, "图书馆整修两个月后重新开门");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Archive {
    path: PathBuf,
    /// Opened at its first use.
    reader: OnceCell<Reader>,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Archive {
    /// Opens an existing archive, without changing anything.
    ///
    /// ```
    /// # use seedbank::{Archive, Error};
    /// let missing = Archive::open("no/such.db");
    /// assert!(matches!(missing, Err(Error::NoDatabase(_))));
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoDatabase`] if there is none, [`Error::NotOurs`] if the file is another program's,
    /// [`Error::NewerDatabase`] if a later version wrote it, [`Error::OlderDatabase`] if an earlier one did:
    /// [`Archive::at`] with [`Archive::import`] or [`Archive::reextract`] migrates it.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let archive = Self::at(path);
        archive.reader()?;
        Ok(archive)
    }

    /// The archive at a path. It need not exist yet: the first import creates it. Does not access the file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), reader: OnceCell::new() }
    }

    /// The path of the file, as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Imports files, folders, containers and git histories. Each file is counted exactly once, as new,
    /// revised, duplicate, unchanged or rejected; importing the same again changes nothing.
    ///
    /// ```
    /// # use seedbank::{Archive, ImportOptions, Progress};
    /// # let folder = tempfile::tempdir()?;
    /// let mut archive = Archive::at(folder.path().join("news.db"));
    /// let options = ImportOptions::new(["seeds"]).with_note("first drop");
    /// let mut last = 0;
    /// let report = archive.import(&options, &mut |progress| {
    ///     if let Progress::Reading { files_seen, .. } = progress {
    ///         last = files_seen;
    ///     }
    /// })?;
    /// assert_eq!(report.files_seen, last);
    /// assert_eq!(archive.import(&options, &mut |_| {})?.unchanged, last);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A rejected document is not an error: [`ImportReport::reasons`] counts it. Before anything is read:
    /// [`Error::NoSuchPath`] for a missing path, [`Error::Locked`] if another writer has the archive, and the errors
    /// of [`Archive::open`] except those for a missing or older archive. Later, [`Error::RunFailed`] if the archive
    /// cannot be written; everything committed until then is kept.
    pub fn import(
        &mut self,
        options: &ImportOptions,
        on_progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<ImportReport, Error> {
        self.reader.take();
        import(&self.path, options, on_progress)
    }

    /// Imports documents from memory, in order, after the inputs that the options name. Each counts as a file of the
    /// run, at the place that it names; a document with the same bytes as at the last import from its place is a
    /// duplicate.
    ///
    /// The iterator, for example a channel's receiver, runs on its own thread, so that a crawler can continue while
    /// documents are read and stored. At most 24 MiB wait to be stored.
    ///
    /// ```
    /// # use seedbank::{Archive, ImportOptions, NewDocument};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// let page = "<title>Rain</title><h1>Rain</h1><p>It rained all night, and the river rose.</p>";
    /// let document = NewDocument::new("crawl/1", page).with_url("https://news.example/rain");
    /// let report = archive.import_documents([document], &ImportOptions::default(), &mut |_| {})?;
    /// assert_eq!(report.new, 1);
    /// assert_eq!(archive.article("https://news.example/rain")?.title, "Rain");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::import`].
    pub fn import_documents<D>(
        &mut self,
        documents: D,
        options: &ImportOptions,
        on_progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<ImportReport>
    where
        D: IntoIterator<Item = NewDocument>,
        D::IntoIter: Send + 'static,
    {
        self.reader.take();
        let documents = Box::new(documents.into_iter());
        import_documents(&self.path, documents, options, on_progress)
    }

    /// Searches the full text: the best answers first, or the newest.
    ///
    /// ```
    /// # use seedbank::{Archive, ImportOptions, Order, Search};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let search = Search::of("圖書館 OR 书市")?.with_order(Order::Date).with_limit(10);
    /// for hit in archive.search(&search)? {
    ///     println!("{} {}", hit.article_id, hit.title);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::open`]; [`Error::OtherIndex`] if the index is of another version.
    pub fn search(&self, search: &Search) -> Result<Vec<Hit>, Error> {
        let mut hits = Vec::new();
        self.reader()?.search(search, &mut |hit| {
            hits.push(hit);
            Ok(())
        })?;
        Ok(hits)
    }

    /// The article with this id, an id that was joined into it, or an address of it in any spelling: its current
    /// text, and the properties that all its versions share.
    ///
    /// ```
    /// # use seedbank::{Archive, ImportOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let article = archive.article("http://news.example/cn/20240304-library#top")?;
    /// assert_eq!(article.site.as_deref(), Some("news.example"));
    /// assert!(article.revisions.len() > 1);
    /// for block in article.paragraphs.iter().filter(|block| block.kind.is_content()) {
    ///     println!("{}", block.text);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::open`]; [`Error::NoSuchArticle`] if there is none.
    pub fn article(&self, name: &str) -> Result<ArticleView, Error> {
        let (reader, article) = self.named(name)?;
        Ok(reader.article_record(article.id, Bytes::LeftOut)?.article)
    }

    /// The revisions of an article, named as for [`Archive::article`], oldest first: all its texts and titles so far.
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::article`].
    pub fn revisions(&self, name: &str) -> Result<Vec<RevisionRow>, Error> {
        let (reader, article) = self.named(name)?;
        reader.revisions(article.id)
    }

    /// The text of one revision of an article, derived from its original: the archive has rows only for the current
    /// text.
    ///
    /// ```
    /// # use seedbank::{Archive, ImportOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let library = "https://news.example/cn/20240304-library";
    /// for revision in archive.revisions(library)? {
    ///     let text = archive.revision_text(library, revision.sequence)?;
    ///     println!("{} {}: {} blocks", revision.sequence, revision.title, text.len());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::article`] and [`Archive::original`]; [`Error::NoSuchRevision`];
    /// [`Error::NoArticleAnyMore`] if this version finds no article in the bytes, and [`Error::NoText`] if their page
    /// exceeds a limit.
    pub fn revision_text(&self, name: &str, sequence: i64) -> Result<Vec<Block>, Error> {
        let (reader, article) = self.named(name)?;
        revision(reader, &article, sequence)?.into_text()
    }

    /// The bytes of an imported file, as they were read. [`ArticleView::seed_sha256`] and
    /// [`RevisionRow::seed_sha256`] identify them.
    ///
    /// ```
    /// # use seedbank::{Archive, ImportOptions, Sha256};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let article = archive.article("2")?;
    /// let bytes = archive.original(&article.seed_sha256)?;
    /// assert_eq!(Sha256::of(&bytes), article.seed_sha256);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::open`]; [`Error::NoSuchSeed`] if no file with this SHA-256 is stored;
    /// [`Error::DamagedSeed`] if the stored bytes no longer match it.
    pub fn original(&self, sha256: &Sha256) -> Result<Vec<u8>, Error> {
        self.reader()?.seed_bytes(sha256)
    }

    /// Runs one SQL statement that only reads, and passes its rows to `receive`. Parameters are named without their
    /// `:`, `@` or `$`; all parameters of the statement must be given. `docs/schema.md` describes the tables.
    ///
    /// ```
    /// # use seedbank::{Answer, Archive, Cell, ImportOptions, QueryLimits};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let sql = "SELECT count(*) FROM article WHERE status = :status";
    /// let parameters = [("status".to_owned(), Cell::from("ok"))];
    /// let limits = QueryLimits::default();
    /// archive.sql(sql, &parameters, &limits, &mut |answer| {
    ///     if let Answer::Row([Cell::Integer(articles)]) = answer {
    ///         assert!(*articles > 10);
    ///     }
    ///     Ok(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::open`] and of `receive`; [`Error::RefusedSql`] if the statement does more than read,
    /// or reaches a limit; [`Error::MalformedSql`], [`Error::MissingParameter`], [`Error::UnknownParameter`].
    pub fn sql(
        &self,
        sql: &str,
        parameters: &[(String, Cell<'_>)],
        limits: &QueryLimits,
        receive: &mut dyn FnMut(Answer<'_>) -> Result<()>,
    ) -> Result<QueryEnd, Error> {
        self.reader()?.query(sql, parameters, limits, receive)
    }

    /// Exports articles, originals or tables into a file or a folder, which appears under its name only when it is
    /// complete.
    ///
    /// ```
    /// # use seedbank::{Archive, ExportFormat, ExportOptions, ImportOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let notes = folder.path().join("notes");
    /// let report = archive.export(&notes, &ExportOptions::new(ExportFormat::Markdown))?;
    /// assert!(report.items > 10);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::open`]. [`Error::AlreadyExists`] and [`Error::FolderNotEmpty`], unless
    /// [`ExportOptions::force`] is set; [`Error::OntoItself`]; [`Error::ForeignManifest`] if the folder has an export
    /// of another format. [`Error::Io`] if it cannot be written: then nothing of it remains, and earlier files are
    /// unchanged.
    pub fn export(
        &self,
        destination: &Path,
        options: &ExportOptions,
    ) -> Result<ExportReport, Error> {
        export(&self.path, destination, options)
    }

    /// Exports to a stream, in a format of one file. Makes many small writes: use a buffer before a file or a socket.
    ///
    /// ```
    /// # use seedbank::{Archive, ExportFormat, ExportOptions, ImportOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let mut csv = Vec::new();
    /// archive.export_to(&mut csv, &ExportOptions::new(ExportFormat::Csv))?;
    /// assert!(csv.starts_with(b"id,"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::open`]; [`Error::Output`] if `out` fails, or if the format needs a file or a folder.
    pub fn export_to(
        &self,
        out: &mut dyn Write,
        options: &ExportOptions,
    ) -> Result<ExportReport, Error> {
        export_to(&self.path, out, options)
    }

    /// Checks the archive for damage: every page and index, every original against its SHA-256, every row against its
    /// original. Changes nothing, and continues after a finding.
    ///
    /// ```
    /// # use seedbank::{Archive, ImportOptions, VerifyOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let quick = VerifyOptions::default().with_quick(true);
    /// let report = archive.verify(&quick, &mut |_| {}, &mut |finding| {
    ///     eprintln!("{}: {}", finding.check, finding.what);
    ///     Ok(())
    /// })?;
    /// assert_eq!(report.damage(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Damage is not an error. [`Error::NoDatabase`], [`Error::NotOurs`], [`Error::NewerDatabase`], failures of the
    /// machine, and the errors of `receive`; an error with [`is_interruption`](Error::is_interruption) if it was
    /// stopped.
    pub fn verify(
        &self,
        options: &VerifyOptions,
        on_progress: &mut dyn FnMut(VerifyProgress),
        receive: &mut dyn FnMut(&Finding) -> Result<()>,
    ) -> Result<VerifyReport, Error> {
        verify(&self.path, options, on_progress, receive)
    }

    /// Copies the archive into one file, or into an existing folder under a name with the time, even while an import
    /// runs. `on_progress` receives the number of copied pages and of all pages.
    ///
    /// ```
    /// # use seedbank::{Archive, BackupOptions, ImportOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let copy = folder.path().join("copy.db");
    /// let report = archive.backup(&copy, &BackupOptions::default(), &mut |_, _| {})?;
    /// assert_eq!(Archive::open(copy)?.article("2")?, archive.article("2")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::open`], except for an older archive, which is copied too; [`Error::AlreadyExists`],
    /// unless [`BackupOptions::force`] is set; [`Error::NoSuchFolder`]; [`Error::DamagedCopy`] if the archive is
    /// damaged, and [`Error::NotCopied`] if the copy cannot be written. Then nothing of it remains.
    pub fn backup(
        &self,
        destination: &Path,
        options: &BackupOptions,
        on_progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BackupReport, Error> {
        backup(&self.path, destination, options, on_progress)
    }

    /// Brings an archive to this version: migrates an older schema, derives again from the originals the rows that
    /// another version's extractor made, and rebuilds a full-text index of another version. An import does the same
    /// before it begins.
    ///
    /// ```
    /// # use seedbank::{Archive, ImportOptions, ReextractOptions};
    /// # let folder = tempfile::tempdir()?;
    /// # let mut archive = Archive::at(folder.path().join("news.db"));
    /// # archive.import(&ImportOptions::new(["seeds"]), &mut |_| {})?;
    /// let report = archive.reextract(&ReextractOptions::default(), &mut |_| {})?;
    /// assert_eq!(report.seeds, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Archive::import`], except [`Error::RunFailed`]; [`Error::NoDatabase`] if there is none. An
    /// interrupted run continues at the next call.
    pub fn reextract(
        &mut self,
        options: &ReextractOptions,
        on_progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<ReextractReport, Error> {
        self.reader.take();
        reextract(&self.path, options, on_progress)
    }

    fn reader(&self) -> Result<&Reader, Error> {
        if let Some(reader) = self.reader.get() {
            return Ok(reader);
        }
        let reader = Reader::open(&self.path)?;
        Ok(self.reader.get_or_init(|| reader))
    }

    fn named(&self, name: &str) -> Result<(&Reader, NamedArticle)> {
        let reader = self.reader()?;
        Ok((reader, reader.article(name)?))
    }
}

/// The article that an import would read in the bytes of one document. Needs no archive.
///
/// ```
/// let page = "<title>Rain</title><h1>Rain</h1><p>It rained all night, and the river rose.</p>";
/// let article = seedbank::extract_document(page.as_bytes())?;
/// assert_eq!(article.title, "Rain");
/// # Ok::<(), seedbank::Rejection>(())
/// ```
///
/// # Errors
///
/// The reason, if there is no article in them. `docs/drops.md` lists all formats.
pub fn extract_document(bytes: &[u8]) -> Result<ArticleView, Rejection> {
    ArticleView::of_bytes(bytes)
}

#[cfg(test)]
mod tests;
