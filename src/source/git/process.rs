//! The installed git as a child process: what it may do, and what became of it.

use crate::error::{Error, Result};
use std::ffi::OsStr;
use std::io::{self, BufReader, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// What a repository's own configuration could make git run, read or trust, and what makes an answer
/// depend on more than the objects: all off, whatever the repository says.
const SETTINGS: [&str; 12] = [
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
    // Memory: 16 MiB of unpacked deltas make a walk no slower than git's 96, and less of a pack needs
    // be mapped at a time.
    "core.deltaBaseCacheLimit=16m",
    "core.packedGitWindowSize=16m",
    "core.packedGitLimit=128m",
];

/// The same by environment, which also reaches what git itself may start.
const ENVIRONMENT: [(&str, &str); 10] = [
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // For versions before 2.45, which do not know the line above: no way out is allowed.
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_ASKPASS", "false"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_PAGER", "cat"),
    // Messages are told apart by their words.
    ("LC_ALL", "C"),
];

/// What the caller's environment may not pass on: it would name another repository, read pathspecs in
/// another way, run a program or write a trace.
const FORGOTTEN: [&str; 35] = [
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_PREFIX",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_REF_PARANOIA",
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_ATTR_SOURCE",
    "GIT_DIFF_OPTS",
    "GIT_EXTERNAL_DIFF",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_PROXY_COMMAND",
    "GIT_EXEC_PATH",
    "GIT_TRACE",
    "GIT_TRACE_SETUP",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
];

/// How long git may say nothing: a large history takes it seconds to sort, but a FIFO among its files
/// would hold it for ever.
const PATIENCE_MS: libc::c_int = 300_000;
/// How much of what it says on standard error is kept: the end, where the reason stands.
const KEPT_WORDS: usize = 4 << 10;

/// git, bound to one folder.
#[derive(Debug, Clone)]
pub(super) struct Git {
    folder: PathBuf,
}

/// git's answer to one question.
pub(super) struct Answer {
    pub status: ExitStatus,
    pub text: Vec<u8>,
    /// From standard error.
    words: String,
}

/// A git that is running. It is killed and reaped when it is dropped.
pub(super) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    pub output: BufReader<Patient>,
    words: Option<JoinHandle<String>>,
}

/// Standard output that is not waited for without end.
pub(super) struct Patient(ChildStdout);

impl Git {
    /// `folder` is absolute, so that it can never be taken for an option.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        for name in FORGOTTEN {
            command.env_remove(name);
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
        let mut command = self.command();
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C is for us, who then end it in good order; with us gone, its pipes end it.
        command.process_group(0);
        let mut child = command.spawn().map_err(Error::NoGit)?;
        let words = child.stderr.take().map(|stderr| std::thread::spawn(|| last_words(stderr)));
        let output = child.stdout.take().ok_or_else(|| self.failed("its output is not there"))?;
        let input = child.stdin.take();
        Ok(Process { child, input, output: BufReader::new(Patient(output)), words })
    }

    /// Runs it to its end. For short answers.
    pub fn ask(&self, arguments: &[&str]) -> Result<Answer> {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
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
        let words = self.words.take().and_then(|words| words.join().ok());
        (status, words.unwrap_or_default())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(words) = self.words.take() {
            let _ = words.join();
        }
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut waiting = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, and it outlives the call.
        match unsafe { libc::poll(&mut waiting, 1, PATIENCE_MS) } {
            0 => Err(io::Error::new(io::ErrorKind::TimedOut, "it said nothing for five minutes")),
            -1 => Err(io::Error::last_os_error()),
            _ => self.0.read(buffer),
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
