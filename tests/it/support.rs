//! A temporary folder for each test, and the program run in it without the caller's environment.

use std::ffi::OsStr;
use std::fmt;
use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, SystemTime};

/// How long a program may take before it counts as hanging, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(1800);

const PROGRAM: &str = env!("CARGO_BIN_EXE_seedbank");
/// A user who owns nothing.
const NOBODY: u32 = 65_534;

/// The folder of a test's files, in which the program runs.
pub struct TestEnv {
    folder: tempfile::TempDir,
}

/// The output and the status of a program.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub status: i32,
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

impl TestEnv {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// With one article in its database, from `drop/a.txt`.
    pub fn with_article() -> Self {
        let env = Self::new();
        env.write("drop/a.txt", seed("标题", "https://news.example/a").as_bytes());
        env.run(&["import", "-q", "drop"]).expect(0);
        env
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file with an old time, and its parent folders.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(bytes).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_707_177_600);
        file.set_modified(time).unwrap();
        path
    }

    /// Saves the content of the folder, with its times, for [`Self::restore`].
    pub fn keep(&self) -> tempfile::TempDir {
        let kept = tempfile::tempdir().unwrap();
        copy_folder(self.folder.path(), kept.path());
        kept
    }

    pub fn restore(&self, kept: &tempfile::TempDir) {
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                std::fs::remove_dir_all(entry.path()).unwrap()
            } else {
                std::fs::remove_file(entry.path()).unwrap()
            }
        }
        copy_folder(kept.path(), self.folder.path());
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with_input(arguments, "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        self.run_with_bytes(arguments, input.as_bytes())
    }

    pub fn run_with_bytes(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut child = self.command(arguments).spawn().unwrap();
        // It may end without reading.
        let _ = child.stdin.take().unwrap().write_all(input);
        self.ran(child.wait_with_output().unwrap())
    }

    /// Waits for a program that must end by itself; if it does not, it is killed, and the test fails.
    pub fn wait(&self, child: Child) -> Ran {
        let pid = child.id();
        let (ended, is_ended) = mpsc::channel();
        let watchdog = std::thread::spawn(move || {
            let is_hanging = is_ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
            if is_hanging {
                signal(pid, libc::SIGKILL);
            }
            is_hanging
        });
        let output = child.wait_with_output().unwrap();
        let _ = ended.send(());
        assert!(!watchdog.join().unwrap(), "it hung and was killed");
        self.ran(output)
    }

    /// The program in this folder, without the caller's environment.
    pub fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        self.command_of(Path::new(PROGRAM), arguments)
    }

    fn command_of(&self, program: &Path, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("TMPDIR", self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // SAFETY: `signal` may be called between fork and exec.
        unsafe {
            command.pre_exec(|| {
                // The environment of the tests (the background, or `nohup`) may ignore them.
                for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM] {
                    libc::signal(signal, libc::SIG_DFL);
                }
                Ok(())
            });
        }
        command
    }

    pub fn ran(&self, output: Output) -> Ran {
        let place = self.folder.path().canonicalize().unwrap();
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap().replace(place.to_str().unwrap(), "[FOLDER]")
        };
        Ran {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            status: output.status.code().unwrap_or(-1),
        }
    }

    /// The output of another program in this folder; `None`, with a message, if it is not installed.
    pub fn tool(&self, tool: &str, arguments: &[&str]) -> Option<String> {
        let ran = Command::new(tool).args(arguments).current_dir(self.path(".")).output();
        let Ok(ran) = ran else {
            eprintln!("SKIPPED: no {tool} here");
            return None;
        };
        let stderr = String::from_utf8_lossy(&ran.stderr);
        if is_absent(false, &stderr) {
            eprintln!("SKIPPED: {tool}: {stderr}");
            return None;
        }
        assert!(ran.status.success() && stderr.is_empty(), "{tool} {arguments:?}: {stderr}");
        Some(String::from_utf8(ran.stdout).unwrap())
    }

    /// The program's commands, as listed in its help.
    pub fn commands(&self) -> Vec<String> {
        let help = self.run(&["--help"]).expect(0).stdout;
        let (_, rest) = help.split_once("\nCommands:\n").unwrap();
        let (list, _) = rest.split_once("\n\n").unwrap();
        let name = |line: &str| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned);
        // The description of a command can continue on a second line.
        let names = list.lines().filter_map(name).filter(|name| !name.is_empty());
        names.filter(|name| name != "help").collect()
    }

    /// The same as a user who is not root, for whom permissions matter. Gives everybody access to the folder
    /// and to a copy of the program.
    pub fn command_of_stranger(&self, arguments: &[&str]) -> Command {
        if !is_root() {
            return self.command(arguments);
        }
        let program = self.path("program");
        if !program.exists() {
            // By another process: one that is started elsewhere while this one writes the file would inherit it, and
            // the program be busy.
            assert!(Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap().success());
            set_mode(self.folder.path(), 0o777);
        }
        let mut command = self.command_of(&program, arguments);
        command.uid(NOBODY).gid(NOBODY);
        command
    }

    /// The names in the folder, sorted, without SQLite's companions of the database.
    pub fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> =
            names.filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm")).collect();
        names.sort();
        names
    }
}

/// Whether a run failed because the tool, or a part of it, is not installed.
pub fn is_absent(is_not_found: bool, stderr: &str) -> bool {
    is_not_found
        || stderr.contains("No module named")
        || stderr.contains("Failed to download extension")
}

impl Ran {
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }
}

/// A seed of the most common format. The title is also in the text, since seeds of one site and time with
/// equal texts would be one article.
pub fn seed(title: &str, url: &str) -> String {
    let text = "正文一段，说的是一件从来没有发生过的事情，长到可以算作一篇完整的文章，而不是一个短短的残片。";
    format!("<!--1707090302000-->\n[{title}]({url})\n------\n\n<p>{title}：{text}</p>\n")
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (metadata, to) = (entry.metadata().unwrap(), to.join(entry.file_name()));
        if metadata.is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy_folder(&entry.path(), &to);
            continue;
        }
        std::fs::copy(entry.path(), &to).unwrap();
        let file = std::fs::File::options().write(true).open(to).unwrap();
        file.set_modified(metadata.modified().unwrap()).unwrap();
    }
}

/// Whether permissions do not apply to this test.
pub fn is_root() -> bool {
    // SAFETY: it only reads.
    unsafe { libc::geteuid() == 0 }
}

pub fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Sends a signal to a child that has not been reaped.
pub fn signal(pid: u32, signal: i32) {
    // SAFETY: no memory is touched; the process is this test's own.
    assert_eq!(unsafe { libc::kill(pid as libc::pid_t, signal) }, 0);
}

/// Waits until something has happened in another process.
pub fn until(what: &str, mut has_come: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !has_come() {
        assert!(started.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}
