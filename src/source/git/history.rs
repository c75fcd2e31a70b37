//! Commits, oldest first, and what each brought.

use super::objects::Objects;
use super::process::{Git, Process, reason};
use crate::error::Result;
use crate::model::ObjectId;
use std::collections::{HashSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, Read};
use std::os::unix::process::ExitStatusExt;

/// Longer paths are none that a file system has, and are left out.
const LONGEST_PATH: u64 = 64 << 10;
/// A line that is no commit's name is given back as it is, and what stands before it at once: so
/// each commit's part has an end.
const END: &str = "end";

/// git keeps a KiB or more of every commit that it has compared: after so many, another one goes on.
const COMMITS_A_PROCESS: u32 = 8192;

/// A commit on the way from the oldest to the tip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Commit {
    /// When the committer made it, in seconds since 1970.
    pub time: i64,
    pub id: ObjectId,
}

/// What a walk comes to.
#[derive(Debug)]
pub enum Step {
    Commit(Commit),
    /// A commit that cannot be read, so that what came before it is not known.
    Unreadable(ObjectId, String),
}

/// The commits of a history, oldest first: as far as time goes, but none before its parents.
///
/// git holds the list, some hundred bytes a commit; here is one at a time.
pub struct Commits {
    git: Git,
    process: Option<Process>,
    tip: ObjectId,
    base: Option<ObjectId>,
    shallow: Vec<ObjectId>,
    by_hand: VecDeque<Step>,
}

impl Commits {
    pub(super) fn start(
        git: &Git,
        tip: &ObjectId,
        base: Option<&ObjectId>,
        shallow: Vec<ObjectId>,
    ) -> Result<Self> {
        let mut arguments: Vec<OsString> =
            ["rev-list", "--date-order", "--reverse", "--timestamp"].map(OsString::from).into();
        arguments.push(tip.to_string().into());
        arguments.extend(base.map(|base| format!("^{base}").into()));
        let arguments: Vec<&OsStr> = arguments.iter().map(OsString::as_os_str).collect();
        Ok(Self {
            process: Some(git.start(&arguments)?),
            git: git.clone(),
            tip: tip.clone(),
            base: base.cloned(),
            shallow,
            by_hand: VecDeque::new(),
        })
    }

    fn next_step(&mut self) -> Result<Option<Step>> {
        let Some(process) = &mut self.process else {
            return Ok(self.by_hand.pop_front());
        };
        let mut line = String::new();
        let failed = |error: io::Error| self.git.failed(&error.to_string());
        (&mut process.output).take(LONGEST_PATH).read_line(&mut line).map_err(failed)?;
        if !line.is_empty() {
            let commit = line.trim_end().split_once(' ').and_then(|(time, id)| {
                Some(Commit { time: time.parse().ok()?, id: ObjectId::parse(id)? })
            });
            let strange = || self.git.failed(&format!("it listed \"{}\"", line.trim_end()));
            return commit.map(Step::Commit).map(Some).ok_or_else(strange);
        }
        let Some((status, words)) = self.process.take().map(Process::end) else {
            return Ok(None);
        };
        let status = status.map_err(failed)?;
        if status.success() {
            return Ok(None);
        }
        if status.signal().is_some() {
            return Err(self.git.failure(status, &words));
        }
        // It gives up at the first commit that it cannot read, before it lists any.
        self.by_hand = self.walk_by_hand()?;
        Ok(self.by_hand.pop_front())
    }

    /// Goes around what cannot be read, in the order of time alone. Holds the list in memory.
    fn walk_by_hand(&self) -> Result<VecDeque<Step>> {
        let mut objects = Objects::new(self.git.clone());
        let (mut commits, mut unreadable) = (Vec::new(), VecDeque::new());
        let mut seen = HashSet::new();
        for (from, is_wanted) in [(self.base.as_ref(), false), (Some(&self.tip), true)] {
            let mut waiting: Vec<ObjectId> =
                from.into_iter().filter(|id| seen.insert((*id).clone())).cloned().collect();
            while let Some(id) = waiting.pop() {
                let bytes = match objects.read_commit(&id)? {
                    Ok(bytes) => bytes,
                    Err(detail) => {
                        unreadable.push_back(Step::Unreadable(id, detail));
                        continue;
                    }
                };
                let (time, parents) = parse_commit(&bytes);
                if !self.shallow.contains(&id) {
                    let new = parents.into_iter().filter(|parent| seen.insert(parent.clone()));
                    waiting.extend(new);
                }
                if is_wanted {
                    commits.push(Commit { time, id });
                }
            }
        }
        commits.sort();
        unreadable.extend(commits.into_iter().map(Step::Commit));
        Ok(unreadable)
    }
}

impl Iterator for Commits {
    type Item = Result<Step>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_step().transpose()
    }
}

/// A commit's time and parents; 0 where it has no time.
fn parse_commit(bytes: &[u8]) -> (i64, Vec<ObjectId>) {
    let (mut time, mut parents) = (0, Vec::new());
    for line in bytes.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty()) {
        let line = String::from_utf8_lossy(line);
        if let Some(id) = line.strip_prefix("parent ") {
            parents.extend(ObjectId::parse(id));
        } else if line.starts_with("committer ") {
            let seconds = line.rsplit(' ').nth(1);
            time = seconds.and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
        }
    }
    (time, parents)
}

/// What stands under a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    File,
    SymbolicLink,
    Submodule,
}

/// A version that a commit brought to a path.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    pub path: Vec<u8>,
    pub kind: EntryKind,
    pub id: ObjectId,
}

/// A part of what a commit brought.
#[derive(Debug)]
pub enum Found {
    Change(Change),
    /// Something of this commit cannot be read.
    Unreadable(String),
}

/// What each commit brought: versions that none of its parents has at that path.
///
/// So whatever stands in a commit's tree was brought by it or stands in a parent's, and at the end
/// of every such way is the commit that brought it: nothing is missed, not even what only a merge
/// has, and a merge brings nothing of its sides again.
pub struct Changes {
    git: Git,
    /// Behind the arguments of every call.
    paths: Vec<OsString>,
    process: Option<Process>,
    /// How many commits it was asked about.
    asked: u32,
    /// The whole of one commit, where the difference cannot be made.
    listing: Option<Process>,
    commit: Option<ObjectId>,
    has_given: bool,
}

/// What is read of the answer.
enum Record {
    Change(Option<Change>),
    TooLong,
    End,
}

const OPTIONS: [&str; 6] = ["diff-tree", "-r", "--raw", "-z", "--no-abbrev", "--no-renames"];

impl Changes {
    /// Only of paths that match the pattern: git's own glob, in which `*` stays within a folder,
    /// `**` does not, and a folder's name means all that is in it.
    pub(super) fn start(git: &Git, format_of: &ObjectId, pattern: Option<&OsStr>) -> Result<Self> {
        let mut paths = vec![OsString::from("--")];
        paths.extend(pattern.map(|pattern| {
            let mut glob = OsString::from(":(glob)");
            glob.push(pattern);
            glob
        }));
        let this = Self {
            git: git.clone(),
            paths,
            process: None,
            asked: 0,
            listing: None,
            commit: None,
            has_given: false,
        };
        // A pattern that git does not take would look like damage later.
        let empty = empty_tree(format_of);
        let process = this.call(&[empty, empty])?;
        let (status, words) = process.end();
        match status {
            Ok(status) if status.success() => Ok(this),
            Ok(status) => Err(git.failure(status, &words)),
            Err(error) => Err(git.failed(&error.to_string())),
        }
    }

    fn call(&self, arguments: &[&str]) -> Result<Process> {
        let options = OPTIONS.iter().chain(arguments).map(OsStr::new);
        let all: Vec<&OsStr> = options.chain(self.paths.iter().map(OsString::as_os_str)).collect();
        self.git.start(&all)
    }

    /// Turns to another commit; all of the former must have been read.
    pub fn ask(&mut self, commit: &ObjectId) -> Result<()> {
        self.commit = Some(commit.clone());
        self.has_given = false;
        if self.process.is_none() || self.asked == COMMITS_A_PROCESS {
            let options = ["--stdin", "--root", "-c", "--no-commit-id", "--ignore-submodules=none"];
            self.process = Some(self.call(&options)?);
            self.asked = 0;
        }
        self.asked += 1;
        if let Some(process) = &mut self.process {
            // One that has died says so when it is read.
            let _ = process.say(&format!("{commit}\n{END}\n"));
        }
        Ok(())
    }

    /// The next part, until there is none.
    pub fn next_found(&mut self) -> Result<Option<Found>> {
        while let Some(commit) = self.commit.clone() {
            let Some(process) = self.listing.as_mut().or(self.process.as_mut()) else { break };
            match read_record(process) {
                Ok(Some(Record::Change(change))) => {
                    self.has_given = true;
                    if let Some(change) = change {
                        return Ok(Some(Found::Change(change)));
                    }
                }
                Ok(Some(Record::TooLong)) => {
                    let detail = format!("a path of more than {LONGEST_PATH} bytes");
                    return Ok(Some(Found::Unreadable(detail)));
                }
                Ok(Some(Record::End)) => self.commit = None,
                Ok(None) => {
                    if let Some(detail) = self.take_end(&commit)? {
                        self.commit = None;
                        return Ok(Some(Found::Unreadable(detail)));
                    }
                }
                Err(error) => return Err(self.git.failed(&error.to_string())),
            }
        }
        Ok(None)
    }

    /// What it means that the answer ended: a listing's end, or git's own. Returns what cannot be
    /// read.
    fn take_end(&mut self, commit: &ObjectId) -> Result<Option<String>> {
        let is_listing = self.listing.is_some();
        let Some(process) = self.listing.take().or_else(|| self.process.take()) else {
            return Ok(None);
        };
        let (status, words) = process.end();
        let status = status.map_err(|error| self.git.failed(&error.to_string()))?;
        if is_listing && status.success() {
            self.commit = None;
            return Ok(None);
        }
        if status.signal().is_some() || !words.contains("fatal: ") {
            return Err(self.git.failure(status, &words));
        }
        if is_listing || self.has_given {
            return Ok(Some(reason(status, &words)));
        }
        // Perhaps only a parent is damaged: then all that is there counts as brought by this one.
        self.listing = Some(self.call(&[empty_tree(commit), &commit.to_string()])?);
        Ok(None)
    }
}

/// The tree without entries, which git knows whether or not it is there.
fn empty_tree(format_of: &ObjectId) -> &'static str {
    match format_of.as_bytes().len() {
        20 => "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        _ => "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    }
}

/// One record; `None` where the answer ends.
fn read_record(process: &mut Process) -> io::Result<Option<Record>> {
    let output = &mut process.output;
    let Some(&first) = output.fill_buf()?.first() else { return Ok(None) };
    if first != b':' {
        let mut line = String::new();
        output.take(LONGEST_PATH).read_line(&mut line)?;
        return match line.trim_end() {
            END => Ok(Some(Record::End)),
            _ => Err(io::Error::other(format!("it answered \"{}\"", line.trim_end()))),
        };
    }
    let (Some(header), Some(path)) = (read_field(output)?, read_field(output)?) else {
        return Ok(None);
    };
    if path.len() as u64 == LONGEST_PATH {
        return Ok(Some(Record::TooLong));
    }
    let header = String::from_utf8_lossy(&header);
    let strange = || io::Error::other(format!("it answered \"{header}\""));
    parse_change(&header, path).map(|change| Some(Record::Change(change))).ok_or_else(strange)
}

/// Up to the next NUL, cut where it is too long; `None` where the answer ends before.
fn read_field(output: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut field = Vec::new();
    (&mut *output).take(LONGEST_PATH).read_until(0, &mut field)?;
    if field.pop_if(|last| *last == 0).is_some() {
        return Ok(Some(field));
    }
    let is_ended = field.len() as u64 == LONGEST_PATH && output.skip_until(0)? > 0;
    Ok(is_ended.then_some(field))
}

/// `:100644 100644 <id> <id> M`, with a colon, a mode and an id more for each further parent; `None`
/// inside for what is no version of its own: something deleted, or a mode alone that changed.
fn parse_change(header: &str, path: Vec<u8>) -> Option<Option<Change>> {
    let parents = header.bytes().take_while(|byte| *byte == b':').count();
    let parts: Vec<&str> = header[parents..].split(' ').collect();
    let (modes, rest) = parts.split_at_checked(parents + 1)?;
    let (ids, _status) = rest.split_at_checked(parents + 1)?;
    let kind = |mode: &str| match mode.get(..3)? {
        "100" => Some(EntryKind::File),
        "120" => Some(EntryKind::SymbolicLink),
        "160" => Some(EntryKind::Submodule),
        _ => None,
    };
    let (&mode, &id) = (modes.last()?, ids.last()?);
    let Some(found) = kind(mode) else {
        return (mode == "000000").then_some(None);
    };
    let mut before = modes.iter().zip(ids).take(parents);
    if before.any(|(&mode, &old)| old == id && kind(mode) == Some(found)) {
        return Some(None);
    }
    Some(Some(Change { path, kind: found, id: ObjectId::parse(id)? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";
    const NONE: &str = "0000000000000000000000000000000000000000";

    #[track_caller]
    fn check(header: &str, expected: Option<(EntryKind, &str)>) {
        let change = parse_change(header, b"a.md".to_vec()).expect(header);
        let found = change.map(|change| (change.kind, change.id.to_string()));
        assert_eq!(found, expected.map(|(kind, id)| (kind, id.to_owned())), "{header}");
    }

    #[test]
    fn changes() {
        use EntryKind::{File, Submodule, SymbolicLink};
        check(&format!(":000000 100644 {NONE} {ONE} A"), Some((File, ONE)));
        check(&format!(":100644 100755 {ONE} {TWO} M"), Some((File, TWO)));
        check(&format!(":100644 000000 {ONE} {NONE} D"), None);
        check(&format!(":000000 120000 {NONE} {ONE} A"), Some((SymbolicLink, ONE)));
        check(&format!(":000000 160000 {NONE} {ONE} A"), Some((Submodule, ONE)));
        // A mode alone is no version; what was a link is one, with the same bytes.
        check(&format!(":100644 100755 {ONE} {ONE} M"), None);
        check(&format!(":120000 100644 {ONE} {ONE} T"), Some((File, ONE)));
        // Merges.
        let (four, five) = ("4".repeat(40), "5".repeat(40));
        let modes = "100644 100644 100644";
        check(&format!("::{modes} {four} {five} {ONE} MM"), Some((File, ONE)));
        check(&format!("::100644 100644 100755 {ONE} {four} {ONE} MM"), None);
        check(&format!("::{modes} {four} {five} {NONE} MM").replace("100644 4", "000000 4"), None);
    }

    #[test]
    fn strange_answers() {
        for header in [":", "::", ":100644", ":100644 100644 1 2 M", ":1 2 3 4 M", ":é"] {
            assert!(parse_change(header, Vec::new()).is_none(), "{header}");
        }
    }

    #[test]
    fn commits_are_read_by_hand() {
        let text = format!(
            "tree {ONE}\nparent {ONE}\nparent {TWO}\nauthor A <a@b> 5 +0000\n\
             committer B C <b@c> 1709251200 +0800\n\nparent {NONE}\n"
        );
        let (time, parents) = parse_commit(text.as_bytes());
        assert_eq!(time, 1_709_251_200);
        assert_eq!(parents, [ONE, TWO].map(|id| ObjectId::parse(id).unwrap()));
        assert_eq!(parse_commit(b"committer x\n"), (0, Vec::new()));
    }
}
