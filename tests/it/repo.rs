//! Repositories made by the real git, isolated from the machine's settings.

use crate::place::{seed, text};
use crate::support::{Ran, TestEnv};
use seedbank::internals::import::import;
use seedbank::{GitSource, ImportOptions, ImportReport};
use std::ffi::CString;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A repository in a temporary folder.
pub struct Repo {
    pub folder: tempfile::TempDir,
    pub path: PathBuf,
}

/// The time of the first commit: 2024-03-01T00:00:00Z. Each call of [`Repo::commit`] gives its own.
pub const TIME: u64 = crate::place::TIME;

/// Whether git is installed; prints a message if not.
pub fn has_git() -> bool {
    let found = Command::new("git").arg("--version").output().is_ok_and(|ran| ran.status.success());
    if !found {
        eprintln!("SKIPPED: no git");
    }
    found
}

impl Repo {
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// With more options for `git init`.
    pub fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().canonicalize().unwrap().join("repo");
        let repo = Self { folder, path };
        fs::create_dir(&repo.path).unwrap();
        repo.git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    /// git in this repository, without the caller's environment and settings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_in(&self.path, arguments)
    }

    pub fn command_in(&self, path: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(path).args(arguments).env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "A")
            .env("GIT_AUTHOR_EMAIL", "a@author.example")
            .env("GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z")
            .env("GIT_COMMITTER_NAME", "C")
            .env("GIT_COMMITTER_EMAIL", "c@committer.example")
            .env("GIT_COMMITTER_DATE", format!("@{TIME} +0000"))
            .env("LC_ALL", "C");
        command
    }

    /// Runs git and returns its output, without the last line end.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        self.run(self.command(arguments))
    }

    #[track_caller]
    pub fn run(&self, mut command: Command) -> String {
        let ran = command.output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "{command:?}: {said}");
        String::from_utf8_lossy(&ran.stdout).trim_end().to_owned()
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Commits the working tree, this many seconds after [`TIME`]; returns the commit's id.
    #[track_caller]
    pub fn commit(&self, seconds: u64) -> String {
        self.git(&["add", "-A"]);
        let mut command = self.command(&["commit", "-q", "--allow-empty", "-m", "m"]);
        command.env("GIT_COMMITTER_DATE", format!("@{} +0000", TIME + seconds));
        self.run(command);
        self.head()
    }

    /// Writes one file and commits.
    #[track_caller]
    pub fn commit_file(&self, name: &str, bytes: impl AsRef<[u8]>, seconds: u64) -> String {
        self.write(name, bytes);
        self.commit(seconds)
    }

    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Passes a stream to `git fast-import`: thousands of commits at once.
    #[track_caller]
    pub fn fast_import(&self, stream: &[u8]) {
        let mut command = self.command(&["fast-import", "--quiet"]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stream).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// The file of a loose object.
    pub fn object_file(&self, id: &str) -> PathBuf {
        self.path.join(".git/objects").join(&id[..2]).join(&id[2..])
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("archive.db")
    }

    pub fn source(&self) -> GitSource {
        GitSource::new(self.path.clone())
    }

    pub fn import(&self) -> ImportReport {
        self.import_with(|_, _| {})
    }

    pub fn import_ref(&self, reference: &str) -> ImportReport {
        self.import_with(|_, git| git.reference = Some(reference.to_owned()))
    }

    pub fn import_with(
        &self,
        change: impl FnOnce(&mut ImportOptions, &mut GitSource),
    ) -> ImportReport {
        let report = self.try_import(change).unwrap();
        assert!(report.adds_up(), "{report:?}");
        report
    }

    pub fn try_import(
        &self,
        change: impl FnOnce(&mut ImportOptions, &mut GitSource),
    ) -> seedbank::Result<ImportReport> {
        let (mut options, mut git) = (ImportOptions::new([""; 0]), self.source());
        change(&mut options, &mut git);
        options.git = Some(git);
        import(&self.database(), &options, &mut |_| {})
    }

    pub fn rows(&self, sql: &str) -> Vec<String> {
        crate::place::rows(&self.database(), sql)
    }

    /// Every member with its outcome, commits by the given names.
    pub fn members(&self, commits: &[(&str, &str)]) -> Vec<String> {
        let rows = self.rows(
            "SELECT member, outcome, coalesce(matched_by, ''), coalesce(observed_at, '')
             FROM sighting ORDER BY id",
        );
        let named = |row: String| commits.iter().fold(row, |row, (name, id)| row.replace(id, name));
        rows.into_iter().map(named).collect()
    }
}

/// An article that equals no other.
pub fn article(name: &str) -> String {
    seed("1709164800000", name, &format!("https://news.example/{name}"), &text(name))
}

/// Replaces the file by a pipe that nobody writes into.
pub fn make_pipe(path: &Path) {
    let _ = fs::remove_file(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let name = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: a string that ends in NUL.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0, "{path:?}");
}

/// Runs `import --git` for a repository, without the machine's git settings.
pub fn import_repository(env: &TestEnv, repository: &Path, more: &[&str]) -> Ran {
    let mut command = env.command(&["import", "--git"]);
    command.arg(repository).args(more).env("HOME", env.path(""));
    env.ran(command.output().unwrap())
}
