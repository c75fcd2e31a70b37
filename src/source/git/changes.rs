//! Lists the file versions that each commit added.

use super::limits::Memory;
use super::process::{Git, Process, is_out_of_memory, reason};
use crate::error::Result;
use crate::model::{ObjectId, Reason, Rejection};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, Read};
use std::os::unix::process::ExitStatusExt;

/// Longer paths do not exist in any file system and are skipped.
const LONGEST_PATH: u64 = 64 << 10;
/// git echoes a line that is not a commit's name, and flushes everything before it: this marks the end of
/// each commit's part.
const END: &str = "end";

/// Every further multiple of this length counts a path as one more file.
const USUAL_PATH: u64 = 256;

/// Memory for comparing one commit, in bytes: git holds all changes of a commit before it writes any, some
/// 300 bytes for each file.
const COMPARING: u64 = 1 << 30;

/// git keeps a KiB or more of every commit that it has compared; after this many, a new process continues.
const COMMITS_A_PROCESS: u32 = 8192;

/// The type of an entry at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A symbolic link.
    SymbolicLink,
    /// A commit of another repository.
    Submodule,
}

/// A version that a commit added at a path.
#[derive(Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// From the top of the repository.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// The name of its bytes.
    pub id: ObjectId,
}

/// A part of a commit's changes.
#[derive(Debug)]
pub enum Found {
    /// A version.
    Change(ChangedFile),
    /// Not all of this commit can be read.
    Refused(Rejection),
}

/// The changes of each commit: versions that none of its parents has at that path.
///
/// Every version in a commit's tree was added by this commit or is in a parent's tree, and following the
/// parents always ends at the commit that added it. So nothing is missed, not even what only a merge has, and
/// a merge does not add the versions of its sides again.
pub struct Changes {
    git: Git,
    /// The paths at the end of every call's arguments.
    paths: Vec<OsString>,
    process: Option<Process>,
    /// The number of commits asked about.
    asked: u32,
    /// A listing of one whole commit, if the difference cannot be made.
    listing: Option<Process>,
    commit: Option<ObjectId>,
    has_given: bool,
    /// How much more this commit may add.
    left: u64,
    allowance: Allowance,
}

/// How much a history may add. A tree that contains another ten times is a line of ten entries, and ten such
/// lines name ten billion files.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Limit of one commit: files, changed folders, and paths by their length.
    pub commit: u64,
    /// Limit of all commits together.
    pub history: u64,
}

/// A record of the output.
enum Record {
    /// With the length of its path.
    Change(Option<ChangedFile>, usize),
    TooLong,
    End,
}

/// Folders are listed too (`-t`): otherwise a tree of empty folders would keep git working without any
/// output.
const OPTIONS: [&str; 7] = ["diff-tree", "-r", "-t", "--raw", "-z", "--no-abbrev", "--no-renames"];

impl Changes {
    /// Lists only paths that match the pattern: git's own glob, in which `*` stays within a folder, `**` does
    /// not, and a folder's name includes everything in it.
    pub(super) fn start(
        git: &Git,
        format_of: &ObjectId,
        pattern: Option<&OsStr>,
        allowance: Allowance,
    ) -> Result<Self> {
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
            left: 0,
            allowance,
        };
        // A pattern that git rejects would look like damage later.
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
        self.git.start_within(&all, Memory(COMPARING))
    }

    /// Whether no more commits can be asked about, since the limit of the history is reached.
    pub fn is_spent(&self) -> bool {
        self.allowance.history == 0
    }

    /// Continues with another commit; the changes of the former must all have been read.
    pub fn ask(&mut self, commit: &ObjectId) -> Result<()> {
        self.commit = Some(commit.clone());
        self.has_given = false;
        self.left = self.allowance.commit;
        if self.process.is_none() || self.asked == COMMITS_A_PROCESS {
            let options = ["--stdin", "--root", "-c", "--no-commit-id", "--ignore-submodules=none"];
            self.process = Some(self.call(&options)?);
            self.asked = 0;
        }
        self.asked += 1;
        if let Some(process) = &mut self.process {
            // A failure of the process is reported when its output is read.
            let _ = process.say(format!("{commit}\n{END}\n"));
        }
        Ok(())
    }

    /// The next part of the commit's changes, until there is none.
    pub fn next_found(&mut self) -> Result<Option<Found>> {
        while let Some(commit) = self.commit.clone() {
            let Some(process) = self.listing.as_mut().or(self.process.as_mut()) else { break };
            match read_record(process) {
                Ok(Some(Record::Change(change, length))) => {
                    self.has_given = true;
                    if let Some(refused) = self.count(length) {
                        return Ok(Some(Found::Refused(refused)));
                    }
                    if let Some(change) = change {
                        return Ok(Some(Found::Change(change)));
                    }
                }
                Ok(Some(Record::TooLong)) => {
                    let detail = format!("a path of more than {LONGEST_PATH} bytes");
                    let refused = Rejection::because(Reason::DamagedArchive, detail);
                    return Ok(Some(Found::Refused(refused)));
                }
                Ok(Some(Record::End)) => self.commit = None,
                Ok(None) => {
                    if let Some(refused) = self.take_end(&commit)? {
                        self.commit = None;
                        return Ok(Some(Found::Refused(refused)));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    self.allowance.history = 0;
                    return Ok(Some(Found::Refused(self.give_up(error.to_string()))));
                }
                Err(error) => return Err(self.git.failed(&error.to_string())),
            }
        }
        Ok(None)
    }

    /// Counts a record; gives up the commit if it adds more than allowed.
    fn count(&mut self, path_length: usize) -> Option<Rejection> {
        let cost = 1 + path_length as u64 / USUAL_PATH;
        let Allowance { commit, history } = &mut self.allowance;
        if cost > *history {
            *history = 0;
            let detail = "it and those before bring more files than what the repository's size \
                          allows; nothing that follows is read";
            return Some(self.give_up(detail.into()));
        }
        if cost > self.left {
            let detail = format!("it adds more than {commit} files; the rest is not imported");
            return Some(self.give_up(detail));
        }
        *history -= cost;
        self.left -= cost;
        None
    }

    /// Abandons a commit whose changes were read only partly.
    fn give_up(&mut self, detail: String) -> Rejection {
        (self.commit, self.listing, self.process) = (None, None, None);
        Rejection::because(Reason::TooLarge, detail)
    }

    /// Interprets the end of the output: that of a listing, or of git itself. Returns what cannot be read.
    fn take_end(&mut self, commit: &ObjectId) -> Result<Option<Rejection>> {
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
        if is_out_of_memory(&words) {
            let detail = format!("comparing it takes more than {} bytes of memory", COMPARING);
            return Ok(Some(Rejection::because(Reason::TooLarge, detail)));
        }
        if let Some(libc::SIGSEGV | libc::SIGBUS) = status.signal() {
            let detail = "git cannot compare it: its folders are too deep, or its files damaged";
            return Ok(Some(Rejection::because(Reason::DamagedArchive, detail)));
        }
        if status.signal().is_some() || !words.contains("fatal: ") {
            return Err(self.git.failure(status, &words));
        }
        if is_listing || self.has_given {
            let detail = reason(status, &words);
            return Ok(Some(Rejection::because(Reason::DamagedArchive, detail)));
        }
        // Perhaps only a parent is damaged: then everything in this commit counts as added by it.
        self.listing = Some(self.call(&[empty_tree(commit), &commit.to_string()])?);
        Ok(None)
    }
}

/// The empty tree, which git knows even if it is not stored.
fn empty_tree(format_of: &ObjectId) -> &'static str {
    match format_of.as_bytes().len() {
        20 => "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        _ => "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    }
}

/// One record; `None` at the end of the output.
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
    let length = path.len();
    let change = parse_change(&header, path).ok_or_else(strange)?;
    Ok(Some(Record::Change(change, length)))
}

/// Reads up to the next NUL, truncated if it is too long; `None` if the output ends before.
fn read_field(output: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut field = Vec::new();
    (&mut *output).take(LONGEST_PATH).read_until(0, &mut field)?;
    if field.pop_if(|last| *last == 0).is_some() {
        return Ok(Some(field));
    }
    let is_ended = field.len() as u64 == LONGEST_PATH && output.skip_until(0)? > 0;
    Ok(is_ended.then_some(field))
}

/// `:100644 100644 <id> <id> M`, with a further colon, mode and id for each further parent. `None` inside for
/// anything that is not a new version: a deletion, a folder, or a change of the mode alone.
fn parse_change(header: &str, path: Vec<u8>) -> Option<Option<ChangedFile>> {
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
        return matches!(mode, "000000" | "040000").then_some(None);
    };
    let mut before = modes.iter().zip(ids).take(parents);
    if before.any(|(&mode, &old)| old == id && kind(mode) == Some(found)) {
        return Some(None);
    }
    Some(Some(ChangedFile { path, kind: found, id: ObjectId::parse(id)? }))
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
        check(&format!(":040000 040000 {ONE} {TWO} M"), None);
        check(&format!(":040000 000000 {ONE} {NONE} D"), None);
        check(&format!(":040000 100644 {ONE} {TWO} T"), Some((File, TWO)));
        // A change of the mode alone is not a version; a link that became a file is one, with the same bytes.
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
}
