//! The walk of a repository's history: each version of each file counts as a file of the run.

use super::MOST_ENTRIES;
use super::queue::{ImportEnded, Prepared, Senders};
use crate::error::{Error, Result};
use crate::model::{
    Document, ObjectId, Origin, Place, Reason, Rejection, StopFlag, bytes_label, path_label,
    setters,
};
use crate::source::git::{
    Allowance, ChangedFile, Changes, Commit, CommitPages, EntryKind, Found, Objects, Repository,
    Step,
};
use crate::source::{Asked, Limits, believable};
use crate::store::{KnownFiles, KnownHistory};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A blob that was sent is in the archive at the latest after this many others followed.
const RECENT_BLOBS: usize = 1 << 16;

/// A commit with more parents is not compared with all of them; the most famous one has 66.
const MOST_PARENTS: usize = 1000;
/// How many changes the history of a small repository may have in any case.
const MOST_CHANGES: u64 = 2_000_000;
/// Each version beyond those must take more than this many bytes of a repository's objects on average; even
/// renamed folders take more.
const BYTES_A_CHANGE: u64 = 16;
/// The total size of all versions in a history, in bytes: 16 GiB, plus this many times the size of its
/// objects. Ten thousand versions of one list are compressed to a thousandth.
const MOST_UNPACKED: u64 = 16 << 30;
const UNPACKED_RATIO: u64 = 10_000;

/// Which history to import.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GitSource {
    /// The folder of the repository, with or without a work tree.
    pub repository: PathBuf,
    /// A branch, a tag, or any other name of a commit; without one, the commit that is checked out.
    pub reference: Option<String>,
    /// Only paths that match this glob, as git's `:(glob)` has it: `*` within a folder, `**` across folders.
    pub pattern: Option<OsString>,
    /// Other folders that the repository may read in.
    pub also: Vec<PathBuf>,
    /// Store the bytes of files that are not articles.
    pub keep_rejected: bool,
}

impl GitSource {
    /// The complete history of the checked-out commit.
    pub fn new(repository: impl Into<PathBuf>) -> Self {
        Self {
            repository: repository.into(),
            reference: None,
            pattern: None,
            also: Vec::new(),
            keep_rejected: false,
        }
    }
}

setters!(GitSource {
    with_reference(reference: impl Into<String>) => Some(reference.into()),
    with_pattern(pattern: impl Into<OsString>) => Some(pattern.into()),
    with_also(also: Vec<PathBuf>) => also,
    with_keep_rejected(keep_rejected: bool) => keep_rejected,
});

/// A history that was found and can be walked.
pub(super) struct History {
    repository: Repository,
    pattern: Option<OsString>,
    asked: Asked,
    keep_rejected: bool,
    /// `None` if there are no commits yet.
    tip: Option<(ObjectId, Changes)>,
}

/// The result of a walk.
pub(super) struct Walked {
    /// Commits that were not walked before.
    pub commits: u64,
    /// What to remember; `None` if commits could not be read.
    pub history: Option<KnownHistory>,
}

impl History {
    /// Fails, before anything is imported, if there is no such repository, commit or pattern, or if it is
    /// stopped.
    pub fn find(source: &GitSource, asked: Asked, stop: StopFlag) -> Result<Self> {
        let repository = Repository::open(&source.repository, &source.also, stop)?;
        let pattern = source.pattern.clone();
        let by_size = repository.object_bytes() / BYTES_A_CHANGE;
        let allowance = Allowance { commit: MOST_ENTRIES, history: MOST_CHANGES + by_size };
        let tip = match repository.tip(source.reference.as_deref())? {
            Some(tip) => {
                let changes = repository.changes(&tip, pattern.as_deref(), allowance)?;
                Some((tip, changes))
            }
            None => None,
        };
        Ok(Self { repository, pattern, asked, keep_rejected: source.keep_rejected, tip })
    }

    /// Whether the repository has only the end of its history.
    pub fn is_shallow(&self) -> bool {
        self.repository.is_shallow()
    }

    /// Sends every version in the history, oldest commit first. In the part that an earlier import covered,
    /// only what could not be read then is tried again.
    pub fn walk(
        self,
        places: Option<&KnownFiles>,
        limits: Limits,
        senders: &mut Senders,
    ) -> Result<Option<Walked>, ImportEnded> {
        let Self { repository, pattern, asked, keep_rejected, tip } = self;
        let Some((tip, changes)) = tip else { return Ok(None) };
        let mut places = places;
        if let Some(known) = places.filter(|_| keep_rejected) {
            match known.lacks_bytes(repository.label()) {
                Ok(false) => {}
                // An earlier import did not store them: everything is read once more.
                Ok(true) => places = None,
                Err(error) => {
                    senders.prepared(Err(error))?;
                    return Ok(None);
                }
            }
        }
        let mut walk = HistoryWalk {
            objects: repository.objects(),
            pages: CommitPages::default(),
            changes,
            places,
            limits,
            recent: RecentBlobs::default(),
            commits: 0,
            members: 0,
            is_whole: true,
            unpacked: MOST_UNPACKED + UNPACKED_RATIO.saturating_mul(repository.object_bytes()),
            pattern: pattern.map_or(String::new(), |pattern| path_label(Path::new(&pattern))),
            asked,
            repository,
            senders,
        };
        match walk.run(&tip) {
            Ok(walked) => Ok(Some(walked)),
            Err(Stop::ImportEnded) => Err(ImportEnded),
            Err(Stop::Failed(error)) => {
                walk.senders.prepared(Err(error))?;
                Ok(None)
            }
        }
    }
}

/// Why a walk ends early.
enum Stop {
    ImportEnded,
    Failed(Error),
}

impl From<ImportEnded> for Stop {
    fn from(_: ImportEnded) -> Self {
        Self::ImportEnded
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The state of a walk.
struct HistoryWalk<'a> {
    repository: Repository,
    /// Empty for all paths.
    pattern: String,
    asked: Asked,
    objects: Objects,
    pages: CommitPages,
    changes: Changes,
    places: Option<&'a KnownFiles>,
    limits: Limits,
    recent: RecentBlobs,
    commits: u64,
    /// Versions with a seed, and files of a page's folder: they need not be read again.
    members: u64,
    /// Whether all commits could be read.
    is_whole: bool,
    /// How many more bytes may be read.
    unpacked: u64,
    senders: &'a mut Senders,
}

impl HistoryWalk<'_> {
    fn run(&mut self, tip: &ObjectId) -> Result<Walked, Stop> {
        let base = self.known_base(tip)?;
        if let Some(base) = &base {
            self.members = base.members;
            self.senders.unchanged(base.members)?;
            self.retry_unread(&base.tip)?;
        }
        for step in self.repository.commits(tip, base.as_ref().map(|base| &base.tip))? {
            if self.is_spent() {
                self.is_whole = false;
                break;
            }
            match step? {
                Step::Commit(commit) => {
                    self.commits += 1;
                    self.take_commit(&commit, false)?;
                }
                Step::Unreadable(id, detail) => {
                    // The commits before it may be readable another time.
                    self.is_whole = false;
                    let refused = Rejection::because(Reason::DamagedArchive, detail);
                    self.refuse_commit(&id, None, refused)?;
                }
            }
        }
        let history = KnownHistory {
            path: self.repository.label().to_owned(),
            pattern: self.pattern.clone(),
            filter: self.asked.remembered(),
            tip: tip.clone(),
            boundary: self.repository.boundary(),
            members: self.members,
        };
        Ok(Walked { commits: self.commits, history: self.is_whole.then_some(history) })
    }

    /// Whether reading ends, since more was found than the size of the repository allows. The commit that
    /// exceeded the limit was rejected.
    fn is_spent(&self) -> bool {
        self.changes.is_spent() || self.unpacked == 0
    }

    /// A history, imported before, that this one continues.
    fn known_base(&self, tip: &ObjectId) -> Result<Option<KnownHistory>> {
        let Some(places) = self.places else { return Ok(None) };
        let (path, boundary) = (self.repository.label(), self.repository.boundary());
        let known = places.histories(path, &self.pattern, &self.asked.remembered(), boundary)?;
        let tips: HashSet<ObjectId> = known.iter().map(|history| history.tip.clone()).collect();
        let base = self.repository.newest_of(&tips, tip)?;
        Ok(known.into_iter().find(|history| Some(&history.tip) == base.as_ref()))
    }

    /// Tries commits again in which something could not be read.
    fn retry_unread(&mut self, base: &ObjectId) -> Result<(), Stop> {
        let Some(places) = self.places else { return Ok(()) };
        let unread = places.unread_members(self.repository.label())?;
        let commit = |member: &String| ObjectId::parse(member.split(':').next()?);
        let commits: HashSet<ObjectId> = unread.iter().filter_map(commit).collect();
        if commits.is_empty() {
            return Ok(());
        }
        for step in self.repository.commits(base, None)? {
            // A commit that can no longer be read was read when it was imported.
            if let Step::Commit(commit) = step?
                && commits.contains(&commit.id)
                && !self.is_spent()
            {
                self.take_commit(&commit, true)?;
            }
        }
        Ok(())
    }

    /// Sends the changes of a commit; on a second try, only those that are not counted yet.
    fn take_commit(&mut self, commit: &Commit, is_counted: bool) -> Result<(), Stop> {
        let time = Some(commit.time);
        if commit.parents > MOST_PARENTS {
            let detail = format!("more than {MOST_PARENTS} parents");
            let refused = Rejection::because(Reason::TooLarge, detail);
            return Ok(self.refuse_commit(&commit.id, time, refused)?);
        }
        self.changes.ask(&commit.id)?;
        while let Some(found) = self.changes.next_found()? {
            match found {
                Found::Change(change) => self.take_change(commit, &change, is_counted)?,
                Found::Refused(refused) => self.refuse_commit(&commit.id, time, refused)?,
            }
            if self.unpacked == 0 {
                let detail = "with it, the history has more bytes than its objects can unpack to";
                let refused = Rejection::because(Reason::TooLarge, detail);
                return Ok(self.refuse_commit(&commit.id, time, refused)?);
            }
        }
        Ok(())
    }

    fn take_change(
        &mut self,
        commit: &Commit,
        change: &ChangedFile,
        is_counted: bool,
    ) -> Result<(), Stop> {
        let path = bytes_label(&change.path);
        if !self.asked.has(&path) {
            return Ok(());
        }
        let member = format!("{}:{path}", commit.id);
        if let Some(places) = self.places
            && places.has_member(self.repository.label(), &member, &change.id)?
        {
            if !is_counted {
                self.members += 1;
                self.senders.unchanged(1)?;
            }
            return Ok(());
        }
        let mut origin = self.origin(member, Some(commit.time), &change.id);
        let (objects, left) = (&mut self.objects, &mut self.unpacked);
        if self.pages.is_resource(objects, &commit.id, &change.path, left)? {
            self.members += 1;
            return Ok(self.senders.member(Err((origin, Rejection::new(Reason::Resource))))?);
        }
        let refused = match change.kind {
            EntryKind::File if self.is_known(&change.id)? => {
                self.members += 1;
                return Ok(self.senders.prepared(Ok(Prepared::Known(Box::new(origin))))?);
            }
            EntryKind::File => match self.objects.read_file(&change.id, self.limits.max_bytes)? {
                Ok(bytes) => {
                    self.members += 1;
                    self.recent.insert(change.id.clone());
                    self.unpacked = self.unpacked.saturating_sub(bytes.len() as u64);
                    origin.byte_length = bytes.len() as u64;
                    return Ok(self.senders.member(Ok(Document {
                        origin,
                        bytes,
                        same_as: None,
                    }))?);
                }
                Err(not_read) => {
                    origin.byte_length = not_read.byte_length;
                    not_read.rejection
                }
            },
            EntryKind::SymbolicLink => Rejection::because(Reason::NotRegular, "symbolic link"),
            EntryKind::Submodule => Rejection::because(Reason::NotRegular, "submodule"),
        };
        Ok(self.senders.member(Err((origin, refused)))?)
    }

    /// Whether the archive has these bytes, or will have them when this place is stored.
    fn is_known(&self, id: &ObjectId) -> Result<bool> {
        match self.places {
            _ if self.recent.contains(id) => Ok(true),
            Some(places) => places.has_object(id),
            None => Ok(false),
        }
    }

    /// Rejects a commit that cannot be read completely.
    fn refuse_commit(
        &mut self,
        id: &ObjectId,
        time: Option<i64>,
        refused: Rejection,
    ) -> Result<(), ImportEnded> {
        let origin = self.origin(id.to_string(), time, id);
        self.senders.member(Err((origin, refused)))
    }

    /// The committer's time, not the author's: the author's stays the same when a commit is amended or
    /// copied, and could be before the bytes existed.
    fn origin(&self, member: String, time: Option<i64>, id: &ObjectId) -> Origin {
        let ns = time.and_then(|seconds| seconds.checked_mul(1_000_000_000));
        Origin {
            observed_at: ns.and_then(|ns| believable(ns, self.limits.started)),
            // The content at a path of a commit never changes.
            is_settled: true,
            object_id: Some(id.clone()),
            ..Origin::at(Place::of_file(self.repository.label()).entry(member))
        }
    }
}

/// The blobs that were sent last, which may not be committed to the archive yet. Two generations, so that
/// memory does not grow with the history.
#[derive(Default)]
struct RecentBlobs {
    newer: HashSet<ObjectId>,
    older: HashSet<ObjectId>,
}

impl RecentBlobs {
    fn insert(&mut self, id: ObjectId) {
        if self.newer.len() == RECENT_BLOBS {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(id);
    }

    fn contains(&self, id: &ObjectId) -> bool {
        self.newer.contains(id) || self.older.contains(id)
    }
}
