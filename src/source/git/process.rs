//! Runs the installed git as a child process, with restricted settings, and reports how it ended.

use super::limits::{self, Memory, Patient, WorkSpent};
use crate::error::{Error, Result};
use crate::model::StopFlag;
use std::ffi::OsStr;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// Everything through which a repository's own configuration could make git run, read or trust something, or
/// make an answer depend on more than the objects: switched off, whatever the repository says.
const SETTINGS: [&str; 13] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.alternateRefsCommand=false",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    // A file beside the objects that may contradict them.
    "core.commitGraph=false",
    // A repository that was named on our command line is explicit enough.
    "safe.bareRepository=all",
    "diff.external=",
    // Nested folders use git's stack; no file system has deeper ones.
    "core.maxTreeDepth=1024",
    // Memory: with 16 MiB of unpacked deltas, a walk is not slower than with git's 96, and less of a pack
    // must be mapped at a time.
    "core.deltaBaseCacheLimit=16m",
    "core.packedGitWindowSize=16m",
    "core.packedGitLimit=128m",
];

/// The same as environment variables, which also reach processes that git itself starts.
const ENVIRONMENT: [(&str, &str); 11] = [
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // For versions before 2.45, which do not know the line above: no protocol is allowed.
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", "false"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    // No question needs an index, and an empty name means that there is none.
    ("GIT_INDEX_FILE", ""),
    ("GIT_PAGER", "cat"),
    // Messages are recognised by their words.
    ("LC_ALL", "C"),
];

/// The variables of the caller's environment that git gets: where the caller keeps git's settings. All others
/// that affect git are removed, since they name another repository, change how pathspecs are read, run a
/// program or write a trace.
const KEPT: [&str; 4] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    // git's own tests use it to simulate another user's repository.
    "GIT_TEST_ASSUME_DIFFERENT_OWNER",
];

/// How much of standard error is kept, in bytes: the end, which has the reason.
const KEPT_WORDS: usize = 4 << 10;

/// git, bound to one folder.
#[derive(Debug, Clone)]
pub(super) struct Git {
    folder: PathBuf,
    memory: Memory,
    stop: StopFlag,
    work_spent: WorkSpent,
}

/// The output of one finished command.
pub(super) struct Answer {
    pub status: ExitStatus,
    pub text: Vec<u8>,
    /// From standard error.
    words: String,
}

impl Answer {
    /// Why the command failed.
    pub fn reason(&self) -> String {
        reason(self.status, &self.words)
    }
}

/// A running git process. It is killed and reaped on drop.
pub(super) struct Process {
    child: Child,
    /// Whether it was waited for; its id may belong to another process then.
    is_reaped: bool,
    input: Option<ChildStdin>,
    pub output: BufReader<Patient>,
    words: Option<JoinHandle<String>>,
}

impl Git {
    /// `folder` is absolute, so that it can never be taken for an option. When `stop` is requested, every
    /// wait for git fails.
    pub fn new(folder: PathBuf, stop: StopFlag) -> Self {
        Self { folder, memory: Memory::for_history(0), stop, work_spent: WorkSpent::default() }
    }

    /// With the memory for a history with objects of this size.
    pub fn for_history(self, object_bytes: u64) -> Self {
        Self { memory: Memory::for_history(object_bytes), ..self }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        // Only the names are read: nothing here depends on the environment.
        for (name, _) in std::env::vars_os() {
            if name.as_bytes().starts_with(b"GIT_") && !KEPT.iter().any(|kept| name == *kept) {
                command.env_remove(name);
            }
        }
        command.envs(ENVIRONMENT);
        // Prevents git from finding a repository around the folder.
        if let Some(parent) = self.folder.parent() {
            command.env("GIT_CEILING_DIRECTORIES", parent);
        }
        // With -C instead of changing our own directory: a relative entry in PATH would find the repository's
        // own `git`.
        command.arg("-C").arg(&self.folder).arg("--no-pager");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }

    pub fn start(&self, arguments: &[&OsStr]) -> Result<Process> {
        self.start_within(arguments, self.memory)
    }

    /// The same for a git process with this memory limit. The thread that starts it must also use it, since
    /// the process ends with that thread.
    pub fn start_within(&self, arguments: &[&OsStr], memory: Memory) -> Result<Process> {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C is for us; we end git in an orderly way then.
        command.process_group(0);
        limits::bind(&mut command, memory);
        let mut child = command.spawn().map_err(Error::NoGit)?;
        let words = child.stderr.take().map(|stderr| std::thread::spawn(|| last_words(stderr)));
        let output = child.stdout.take().ok_or_else(|| self.failed("its output is not there"))?;
        let input = child.stdin.take();
        let output = Patient::new(output, &child, self.stop.clone(), self.work_spent.clone());
        Ok(Process { child, is_reaped: false, input, output: BufReader::new(output), words })
    }

    /// Runs a command to its end. For short output.
    pub fn ask(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Answer> {
        let arguments: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        let mut process = self.start(&arguments)?;
        process.input = None;
        let mut text = Vec::new();
        process.output.read_to_end(&mut text).map_err(|error| self.failed(&error.to_string()))?;
        let (status, words) = process.end();
        Ok(Answer { status: status.map_err(|error| self.failed(&error.to_string()))?, text, words })
    }

    /// The output without its line end; fails if git failed.
    pub fn ask_for_line(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let mut answer = self.ask(arguments)?;
        if !answer.status.success() {
            return Err(self.failure(answer.status, &answer.words));
        }
        if answer.text.ends_with(b"\n") {
            answer.text.pop();
        }
        Ok(answer.text)
    }

    /// git's failure as an error.
    pub fn failure(&self, status: ExitStatus, words: &str) -> Error {
        if words.contains("not a git repository") {
            return Error::NotARepository(self.folder.clone());
        }
        if words.contains("dubious ownership") || words.contains("unsafe repository") {
            return Error::ForeignRepository(self.folder.clone());
        }
        self.failed(&reason(status, words))
    }

    pub fn failed(&self, message: &str) -> Error {
        Error::Git { repository: self.folder.clone(), message: message.to_owned() }
    }
}

impl Process {
    /// Sends a line. The pipe holds some hundred lines, and callers never have more than one unanswered.
    pub fn say(&mut self, line: impl AsRef<[u8]>) -> io::Result<()> {
        match &mut self.input {
            Some(input) => input.write_all(line.as_ref()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Waits for the end of the process, which must be near, and returns its last messages.
    pub fn end(mut self) -> (io::Result<ExitStatus>, String) {
        self.input = None;
        let status = self.child.wait();
        self.is_reaped = true;
        let words = self.words.take().and_then(|words| words.join().ok());
        (status, words.unwrap_or_default())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.is_reaped {
            // It may have ended by itself. Its whole group is killed, since `git` may be a script.
            limits::kill_group(&self.child);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if let Some(words) = self.words.take() {
            let _ = words.join();
        }
    }
}

/// Reads to the end, whatever the length: a full pipe would block git.
fn last_words(mut stream: impl Read) -> String {
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..length]);
        let surplus = kept.len().saturating_sub(KEPT_WORDS);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Why it ended: its fatal message, otherwise its last message, otherwise its exit status.
pub(super) fn reason(status: ExitStatus, words: &str) -> String {
    let fatal = words.lines().rev().find_map(|line| line.strip_prefix("fatal: "));
    match fatal.or_else(|| words.lines().last()) {
        Some(line) => line.trim().to_owned(),
        None => format!("git ended with {status}"),
    }
}

/// Whether it ended for lack of memory, which only an object can have caused.
pub(super) fn is_out_of_memory(words: &str) -> bool {
    ["Out of memory", "Cannot allocate memory", "out of memory", "Z_MEM_ERROR"]
        .iter()
        .any(|sign| words.contains(sign))
}
