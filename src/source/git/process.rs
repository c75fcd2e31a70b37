//! The installed git as a child process: what it may do, and what became of it.

use super::limits::{self, Memory, Patience, Patient};
use crate::error::{Error, Result};
use crate::model::StopFlag;
use std::ffi::OsStr;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// What a repository's own configuration could make git run, read or trust, and what makes an answer
/// depend on more than the objects: all off, whatever the repository says.
const SETTINGS: [&str; 13] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sshCommand=false",
    "core.alternateRefsCommand=false",
    "core.attributesFile=/dev/null",
    "protocol.allow=never",
    // A file beside the objects that may say something else than they do.
    "core.commitGraph=false",
    // Being named on our command line is as explicit as a repository can be.
    "safe.bareRepository=all",
    "diff.external=",
    // Folders within folders take git's stack: deeper ones are none that a file system has.
    "core.maxTreeDepth=1024",
    // Memory: 16 MiB of unpacked deltas make a walk no slower than git's 96, and less of a pack needs
    // be mapped at a time.
    "core.deltaBaseCacheLimit=16m",
    "core.packedGitWindowSize=16m",
    "core.packedGitLimit=128m",
];

/// The same by environment, which also reaches what git itself may start.
const ENVIRONMENT: [(&str, &str); 11] = [
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // For versions before 2.45, which do not know the line above: no way out is allowed.
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", "false"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    // Nothing that is asked needs an index: under no name there is none.
    ("GIT_INDEX_FILE", ""),
    ("GIT_PAGER", "cat"),
    // Messages are told apart by their words.
    ("LC_ALL", "C"),
];

/// What of the caller's environment git may know: where the caller keeps git's settings. All else that
/// git would heed is taken away, as it names another repository, reads pathspecs in another way, runs a
/// program or writes a trace.
const KEPT: [&str; 4] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    // git's own tests have a stranger's repository so.
    "GIT_TEST_ASSUME_DIFFERENT_OWNER",
];

/// How much of what it says on standard error is kept: the end, where the reason stands.
const KEPT_WORDS: usize = 4 << 10;

/// git, bound to one folder.
#[derive(Debug, Clone)]
pub(super) struct Git {
    folder: PathBuf,
    memory: Memory,
    stop: StopFlag,
    patience: Patience,
}

/// git's answer to one question.
pub(super) struct Answer {
    pub status: ExitStatus,
    pub text: Vec<u8>,
    /// From standard error.
    words: String,
}

impl Answer {
    /// Why there is none.
    pub fn reason(&self) -> String {
        reason(self.status, &self.words)
    }
}

/// A git that is running. It is killed and reaped when it is dropped.
pub(super) struct Process {
    child: Child,
    /// Whether it was waited for: its number may be another's then.
    is_reaped: bool,
    input: Option<ChildStdin>,
    pub output: BufReader<Patient>,
    words: Option<JoinHandle<String>>,
}

impl Git {
    /// `folder` is absolute, so that it can never be taken for an option. When `stop` is requested,
    /// every wait for git ends as a failure.
    pub fn new(folder: PathBuf, stop: StopFlag) -> Self {
        Self { folder, memory: Memory::for_history(0), stop, patience: Patience::default() }
    }

    /// With the memory for a history of so many bytes.
    pub fn for_history(self, object_bytes: u64) -> Self {
        Self { memory: Memory::for_history(object_bytes), ..self }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        // The names alone: nothing here depends on the environment.
        for (name, _) in std::env::vars_os() {
            if name.as_bytes().starts_with(b"GIT_") && !KEPT.iter().any(|kept| name == *kept) {
                command.env_remove(name);
            }
        }
        command.envs(ENVIRONMENT);
        // No repository that the folder merely lies in.
        if let Some(parent) = self.folder.parent() {
            command.env("GIT_CEILING_DIRECTORIES", parent);
        }
        // By -C and not by entering it ourselves: a PATH with a relative entry would find the
        // repository's own `git`.
        command.arg("-C").arg(&self.folder).arg("--no-pager");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }

    pub fn start(&self, arguments: &[&OsStr]) -> Result<Process> {
        self.start_within(arguments, self.memory)
    }

    /// The same for a git that may take no more memory than this. It has to be asked and read by the
    /// thread that starts it: with that thread, it ends.
    pub fn start_within(&self, arguments: &[&OsStr], memory: Memory) -> Result<Process> {
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C is for us, who then end it in good order.
        command.process_group(0);
        limits::bind(&mut command, memory);
        let mut child = command.spawn().map_err(Error::NoGit)?;
        let words = child.stderr.take().map(|stderr| std::thread::spawn(|| last_words(stderr)));
        let output = child.stdout.take().ok_or_else(|| self.failed("its output is not there"))?;
        let input = child.stdin.take();
        let output = Patient::new(output, &child, self.stop.clone(), self.patience.clone());
        Ok(Process { child, is_reaped: false, input, output: BufReader::new(output), words })
    }

    /// Runs it to its end. For short answers.
    pub fn ask(&self, arguments: &[impl AsRef<OsStr>]) -> Result<Answer> {
        let arguments: Vec<&OsStr> = arguments.iter().map(AsRef::as_ref).collect();
        let mut process = self.start(&arguments)?;
        process.input = None;
        let mut text = Vec::new();
        process.output.read_to_end(&mut text).map_err(|error| self.failed(&error.to_string()))?;
        let (status, words) = process.end();
        Ok(Answer { status: status.map_err(|error| self.failed(&error.to_string()))?, text, words })
    }

    /// The answer's text without its line end; fails where git failed.
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

    /// Why git failed, as an error.
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
    /// Sends a line. The pipe holds some hundred of them: nothing here waits with more than one
    /// unanswered.
    pub fn say(&mut self, line: &str) -> io::Result<()> {
        match &mut self.input {
            Some(input) => input.write_all(line.as_bytes()),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Waits for its end, which must have come or be near, and for its last words.
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
            // It may have ended by itself. Its group, should what is called git be a script.
            limits::kill_group(&self.child);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if let Some(words) = self.words.take() {
            let _ = words.join();
        }
    }
}

/// Reads to the end, whatever the length: a full pipe would hold git up.
fn last_words(mut stream: impl Read) -> String {
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        kept.extend_from_slice(&buffer[..length]);
        let surplus = kept.len().saturating_sub(KEPT_WORDS);
        kept.drain(..surplus);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Why it ended: what it called fatal, or else the last that it said, or else how it ended.
pub(super) fn reason(status: ExitStatus, words: &str) -> String {
    let fatal = words.lines().rev().find_map(|line| line.strip_prefix("fatal: "));
    match fatal.or_else(|| words.lines().last()) {
        Some(line) => line.trim().to_owned(),
        None => format!("git ended with {status}"),
    }
}

/// Whether it ended for lack of memory, which only an object can have asked for.
pub(super) fn is_out_of_memory(words: &str) -> bool {
    ["Out of memory", "Cannot allocate memory", "out of memory", "Z_MEM_ERROR"]
        .iter()
        .any(|sign| words.contains(sign))
}
