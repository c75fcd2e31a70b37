//! The commits of a history, oldest first.

use super::objects::Objects;
use super::process::{Git, Process};
use crate::error::Result;
use crate::model::ObjectId;
use std::collections::{HashSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, Read};
use std::os::unix::process::ExitStatusExt;

/// In a line that lists a commit's parents, this leaves room for some 1,600 of them; the rest is skipped.
const LONGEST_LINE: u64 = 64 << 10;

/// A commit of a history that is walked from the oldest to the tip.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Commit {
    /// The committer's time in seconds since 1970; 0 if it is invalid.
    pub time: i64,
    /// Its name.
    pub id: ObjectId,
    /// The number of its parents; above a thousand, perhaps not all are counted.
    pub parents: usize,
}

/// A step of a walk.
#[derive(Debug)]
pub enum Step {
    /// A commit.
    Commit(Commit),
    /// A commit that cannot be read, so that the commits before it are unknown.
    Unreadable(ObjectId, String),
}

/// The commits of a history, oldest first: ordered by time, but no commit before its parents.
///
/// git holds the list, some hundred bytes per commit; this side reads one at a time.
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
            ["rev-list", "--date-order", "--reverse", "--timestamp", "--parents"]
                .map(OsString::from)
                .into();
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
        let failed = |error: io::Error| self.git.failed(&error.to_string());
        let mut line = Vec::new();
        (&mut process.output).take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(failed)?;
        if !line.is_empty() {
            if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
                process.output.skip_until(b'\n').map_err(failed)?;
            }
            let line = String::from_utf8_lossy(&line);
            let strange = || self.git.failed(&format!("it listed \"{}\"", line.trim_end()));
            return parse_line(&line).map(Step::Commit).map(Some).ok_or_else(strange);
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
        // git fails at the first commit that it cannot read, before it lists any.
        self.by_hand = self.walk_by_hand()?;
        Ok(self.by_hand.pop_front())
    }

    /// Walks around unreadable commits, ordered by time alone. Holds the list in memory.
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
                let commit = Commit { time, id: id.clone(), parents: parents.len() };
                if !self.shallow.contains(&id) {
                    let new = parents.into_iter().filter(|parent| seen.insert(parent.clone()));
                    waiting.extend(new);
                }
                if is_wanted {
                    commits.push(commit);
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

/// `<time> <id> <parent> …`. git writes a time before 1970, or an unreadable one, as something that is not a
/// valid number; only the time is lost then.
fn parse_line(line: &str) -> Option<Commit> {
    let mut parts = line.trim_end().split(' ');
    let time = parts.next()?.parse().unwrap_or(0);
    Some(Commit { time, id: ObjectId::parse(parts.next()?)?, parents: parts.count() })
}

/// The time and the parents of a commit; 0 if it has no time.
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

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";
    const NONE: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn an_invalid_time_is_unknown() {
        for (time, expected) in [
            ("1709251200", 1_709_251_200),
            ("0", 0),
            ("18446744073709551615", 0),
            ("18446744073709550616", 0),
            ("-1", -1),
            ("", 0),
        ] {
            let commit = parse_line(&format!("{time} {ONE} {TWO} {TWO}\n")).unwrap();
            let id = ObjectId::parse(ONE).unwrap();
            assert_eq!(commit, Commit { time: expected, id, parents: 2 }, "{time}");
        }
        assert_eq!(parse_line(&format!("1709251200 {}", &ONE[1..])), None);
        assert_eq!(parse_line("1709251200"), None);
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
