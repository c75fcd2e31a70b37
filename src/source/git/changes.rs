//! What each commit brought.

use super::limits::Memory;
use super::process::{Git, Process, is_out_of_memory, reason};
use crate::error::Result;
use crate::model::{ObjectId, Reason, Rejection};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, Read};
use std::os::unix::process::ExitStatusExt;

/// Longer paths are none that a file system has, and are left out.
const LONGEST_PATH: u64 = 64 << 10;
/// A line that is no commit's name is given back as it is, and what stands before it at once: so
/// each commit's part has an end.
const END: &str = "end";

/// A path counts as one file more for so many bytes.
const USUAL_PATH: u64 = 256;

/// What comparing one commit may take of memory, in bytes: git holds all that a commit brought before it says any of it,
/// some 300 bytes for each file.
const COMPARING: u64 = 1 << 30;

/// git keeps a KiB or more of every commit that it has compared: after so many, another one goes on.
const COMMITS_A_PROCESS: u32 = 8192;

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
    /// Not all of this commit can be read.
    Refused(Rejection),
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
    /// What this commit may still bring.
    left: u64,
    allowance: Allowance,
}

/// How much a history may bring. A tree that holds another ten times is a line of ten entries, and
/// ten such lines name ten billion files.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Of one commit: files, folders that it changed, and paths by their length.
    pub commit: u64,
    /// Of all commits together.
    pub history: u64,
}

/// What is read of the answer.
enum Record {
    /// With the length of its path.
    Change(Option<Change>, usize),
    TooLong,
    End,
}

/// Folders are listed too (`-t`): else a tree of empty ones would keep git at work and say nothing.
const OPTIONS: [&str; 7] = ["diff-tree", "-r", "-t", "--raw", "-z", "--no-abbrev", "--no-renames"];

impl Changes {
    /// Only of paths that match the pattern: git's own glob, in which `*` stays within a folder,
    /// `**` does not, and a folder's name means all that is in it.
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
        self.git.start_within(&all, Memory(COMPARING))
    }

    /// Whether no more can be asked, as the commits so far brought what the history may.
    pub fn is_spent(&self) -> bool {
        self.allowance.history == 0
    }

    /// Turns to another commit; all of the former must have been read.
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

    /// Counts a record; gives the commit up where it brought more than it may.
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
            let detail = format!("it brings more than {commit} files; what follows is not taken");
            return Some(self.give_up(detail));
        }
        *history -= cost;
        self.left -= cost;
        None
    }

    /// Leaves a commit in the middle.
    fn give_up(&mut self, detail: String) -> Rejection {
        (self.commit, self.listing, self.process) = (None, None, None);
        Rejection::because(Reason::TooLarge, detail)
    }

    /// What it means that the answer ended: a listing's end, or git's own. Returns what cannot be
    /// read.
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
            let detail = "git cannot compare it: its folders are too deep, or its files torn";
            return Ok(Some(Rejection::because(Reason::DamagedArchive, detail)));
        }
        if status.signal().is_some() || !words.contains("fatal: ") {
            return Err(self.git.failure(status, &words));
        }
        if is_listing || self.has_given {
            let detail = reason(status, &words);
            return Ok(Some(Rejection::because(Reason::DamagedArchive, detail)));
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
    let length = path.len();
    let change = parse_change(&header, path).ok_or_else(strange)?;
    Ok(Some(Record::Change(change, length)))
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
/// inside for what is no version of its own: something deleted, a folder, or a mode alone that changed.
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
        return matches!(mode, "000000" | "040000").then_some(None);
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
        check(&format!(":040000 040000 {ONE} {TWO} M"), None);
        check(&format!(":040000 000000 {ONE} {NONE} D"), None);
        check(&format!(":040000 100644 {ONE} {TWO} T"), Some((File, TWO)));
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
}
