//! `import --git` with problems: damage, attacks, missing objects.

use crate::place::dump_without_ids;
use crate::repo::{Repo, article, has_git};
use crate::support::{Ran, TestEnv, until};
use seedbank::{ImportReport, Reason};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::SystemTime;

/// Three commits, with a file each.
fn three_commits() -> (Repo, [String; 3]) {
    let repo = Repo::new();
    let commits =
        ["a", "b", "c"].map(|name| repo.commit_file(&format!("{name}/1.md"), article(name), 0));
    (repo, commits)
}

/// Overwrites a loose object; returns a function that restores it.
fn damage(repo: &Repo, id: &str, bytes: &[u8]) -> impl FnOnce() + use<> {
    let path = repo.object_file(id);
    let whole = fs::read(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&path, bytes).unwrap();
    move || fs::write(path, whole).unwrap()
}

#[track_caller]
fn check_refused(report: &ImportReport, new: u64, reasons: &[(Reason, u64)], newly: u64) {
    assert_eq!((report.new, report.newly_refused), (new, newly), "{report:?}");
    assert_eq!(report.reasons, reasons, "{report:?}");
}

/// Imports a history with a damaged object, twice, then undamaged.
#[track_caller]
fn check_damage(repo: &Repo, id: &str, bytes: &[u8], new: u64, reason: Reason) {
    let _ = fs::remove_file(repo.database());
    let put_back = damage(repo, id, bytes);
    check_refused(&repo.import(), new, &[(reason, 1)], 1);
    check_refused(&repo.import(), 0, &[(reason, 1)], 0);
    put_back();
    let report = repo.import();
    check_refused(&report, 3 - new, &[], 0);
    assert_eq!(repo.rows("SELECT count(*) FROM article"), ["3"]);
    assert_eq!(repo.import().rejected, 0);
}

#[test]
fn damaged_objects_are_reported_and_the_rest_is_imported() {
    if !has_git() {
        return;
    }
    let (repo, [first, second, third]) = three_commits();
    let blob = repo.git(&["rev-parse", "HEAD:b/1.md"]);
    let whole = fs::read(repo.object_file(&blob)).unwrap();
    let other = fs::read(repo.object_file(&repo.git(&["rev-parse", "HEAD:a/1.md"]))).unwrap();
    check_damage(&repo, &blob, b"garbage", 2, Reason::Unreadable);
    check_damage(&repo, &blob, &whole[..whole.len() / 2], 2, Reason::Unreadable);
    check_damage(&repo, &blob, b"", 2, Reason::Unreadable);
    // Intact, but of another object: git itself would not notice.
    check_damage(&repo, &blob, &other, 2, Reason::Unreadable);
    // A folder of the second commit, then its root: the third still has what was added there.
    check_damage(
        &repo,
        &repo.git(&["rev-parse", &format!("{third}:c")]),
        b"x",
        2,
        Reason::DamagedArchive,
    );
    check_damage(
        &repo,
        &repo.git(&["rev-parse", &format!("{second}:")]),
        b"x",
        3,
        Reason::DamagedArchive,
    );
    check_damage(&repo, &first, b"x", 3, Reason::DamagedArchive);
    check_damage(&repo, &second, b"x", 3, Reason::DamagedArchive);
}

#[test]
fn damaged_objects_are_listed() {
    if !has_git() {
        return;
    }
    let (repo, [_, second, _]) = three_commits();
    let blob = repo.git(&["rev-parse", "HEAD:b/1.md"]);
    fs::remove_file(repo.object_file(&blob)).unwrap();
    let env = TestEnv::new();
    let ran = import(&env, &repo.path, &[]).expect(3);
    let line = format!(
        "Could not be imported:\n  \"{} : {second}:b/1.md\": unreadable (missing from the repository, \
         or damaged)\n",
        repo.path.display()
    );
    assert!(ran.stdout.contains(&line), "{ran}");
    // The same state is not reported again.
    import(&env, &repo.path, &[]).expect(0);
}

#[test]
fn a_partial_clone_is_not_completed() {
    if !has_git() {
        return;
    }
    let (repo, _) = three_commits();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.path.display());
    let mut partial = Repo::new();
    partial.path = partial.folder.path().canonicalize().unwrap().join("partial");
    let target = partial.path.to_str().unwrap().to_owned();
    repo.git(&["clone", "-q", "--bare", "--filter=blob:none", &url, &target]);
    let before = state_of(&partial.path);
    check_refused(&partial.import(), 0, &[(Reason::Unreadable, 3)], 3);
    assert_eq!(state_of(&partial.path), before);
}

/// Everything that files in the repository show: names, sizes, times, bytes.
fn state_of(folder: &Path) -> Vec<(String, u64, SystemTime, Vec<u8>)> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    let entries = entries.into_iter().map(|entry| {
        let entry = entry.unwrap();
        let found = entry.metadata().unwrap();
        let bytes = if found.is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
        (entry.path().display().to_string(), found.len(), found.modified().unwrap(), bytes)
    });
    entries.collect()
}

/// Sets every setting and hook by which git can run a script.
fn run_everywhere(repo: &Repo, script: &Path, marker: &Path) {
    let evil = script.to_str().unwrap();
    fs::write(repo.path.join(".git/included"), format!("[core]\n\tpager = {evil}\n")).unwrap();
    for (name, value) in [
        ("core.fsmonitor", evil),
        ("core.sshCommand", evil),
        ("core.gitProxy", evil),
        ("core.pager", evil),
        ("core.editor", evil),
        ("core.askPass", evil),
        ("core.alternateRefsCommand", evil),
        ("core.hooksPath", repo.folder.path().to_str().unwrap()),
        ("pager.rev-list", evil),
        ("pager.diff-tree", evil),
        ("pager.cat-file", evil),
        ("diff.external", evil),
        ("diff.evil.command", evil),
        ("diff.evil.textconv", evil),
        ("filter.evil.smudge", evil),
        ("filter.evil.clean", evil),
        ("filter.evil.process", evil),
        ("gpg.program", evil),
        ("log.showSignature", "true"),
        ("credential.helper", evil),
        ("uploadpack.packObjectsHook", evil),
        ("alias.rev-list", &format!("!{evil}")),
        ("alias.cat-file", &format!("!{evil}")),
        ("trace2.eventTarget", marker.to_str().unwrap()),
        ("include.path", "included"),
        ("remote.origin.url", &format!("ext::{evil}")),
        ("remote.origin.promisor", "true"),
        ("remote.origin.uploadpack", evil),
        ("protocol.allow", "always"),
        ("protocol.ext.allow", "always"),
        ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"),
    ] {
        repo.git(&["config", name, value]);
    }
    for hook in
        ["reference-transaction", "post-index-change", "post-checkout", "fsmonitor-watchman"]
    {
        let path = repo.path.join(".git/hooks").join(hook);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(script, path).unwrap();
    }
}

/// Puts the script where git would find itself, and others in the place of a commit and a blob.
fn replace_objects(repo: &Repo, script: &Path, first: &str, third: &str) {
    fs::copy(script, repo.path.join("git")).unwrap();
    let [a, b] = ["a", "b"].map(|name| repo.git(&["rev-parse", &format!("HEAD:{name}/1.md")]));
    let replaced = repo.path.join(".git/refs/replace");
    fs::create_dir_all(&replaced).unwrap();
    fs::write(replaced.join(&a), format!("{b}\n")).unwrap();
    fs::write(replaced.join(third), format!("{first}\n")).unwrap();
    fs::create_dir_all(repo.path.join(".git/info")).unwrap();
    fs::write(repo.path.join(".git/info/grafts"), format!("{third} {first}\n")).unwrap();
    // A missing object would be fetched.
    fs::remove_file(repo.object_file(&repo.git(&["rev-parse", "HEAD:c/1.md"]))).unwrap();
}

#[test]
fn a_hostile_repository_runs_and_changes_nothing() {
    if !has_git() {
        return;
    }
    let (repo, [first, second, third]) = three_commits();
    let marker = repo.folder.path().join("marker");
    let script = repo.folder.path().join("evil");
    let touch = format!("#!/bin/sh\ntouch '{}'\ncat\n", marker.display());
    fs::write(&script, &touch).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    // It takes effect; otherwise this test would prove nothing.
    repo.run({
        let mut command = repo.command(&["diff", "--ext-diff", &first, &second]);
        command.env("GIT_EXTERNAL_DIFF", &script);
        command
    });
    assert!(marker.exists());
    fs::remove_file(&marker).unwrap();

    repo.write(".gitattributes", "* diff=evil filter=evil text eol=crlf\n");
    repo.write("d.md", article("d"));
    repo.commit(0);
    run_everywhere(&repo, &script, &marker);
    replace_objects(&repo, &script, &first, &third);
    let _ = fs::remove_file(&marker);

    let before = state_of(&repo.path);
    let env = TestEnv::new();
    let mut command = env.command(&["import", "--git", repo.path.to_str().unwrap()]);
    command.current_dir(&repo.path).env("PATH", path_with(OsStr::new(".")));
    command.env("GIT_DIR", "/nowhere").env("GIT_EXTERNAL_DIFF", &script);
    command.arg("--db").arg(env.path("seedbank.db"));
    let ran = env.ran(command.output().unwrap());
    assert!(!marker.exists(), "{ran}");
    assert!(state_of(&repo.path) == before, "the repository was changed: {ran}");
    assert_eq!(ran.status, 3, "{ran}");
    let titles = env.run(&["sql", "--format", "tsv", "SELECT title FROM article ORDER BY 1"]);
    assert_eq!(titles.stdout, "title\na\nb\nd\n");
}

/// A PATH with git's folder, and then this folder too.
fn path_with(last: &OsStr) -> std::ffi::OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":");
    path.push(last);
    path
}

/// Runs the program on a repository, with git in the PATH.
fn import(env: &TestEnv, repository: &Path, more: &[&str]) -> Ran {
    import_on(&path_with(OsStr::new("/usr/bin")), env, repository, more)
}

fn import_on(path: &OsStr, env: &TestEnv, repository: &Path, more: &[&str]) -> Ran {
    let mut command = env.command(&["import", "--git"]);
    command.arg(repository).args(more).env("PATH", path).env("HOME", env.path(""));
    env.ran(command.output().unwrap())
}

#[test]
fn missing_repositories_fail_before_the_import() {
    if !has_git() {
        return;
    }
    let env = TestEnv::new();
    let (repo, _) = three_commits();
    let check = |path: &Path, more: &[&str], expected: &str| {
        let ran = import(&env, path, more).expect(1);
        let place = repo.path.to_str().unwrap();
        assert_eq!(ran.stderr.replace(place, "[REPO]"), expected, "{ran}");
        assert_eq!(ran.stdout, "");
        assert!(!env.path("seedbank.db").exists());
    };
    let hint = "hint: name a branch, a tag or a commit with --ref; `git -C [REPO] branch -a` \
                lists branches\n";
    for name in ["missing", "-x", "--all", "HEAD~9", "HEAD:a/1.md", "main..HEAD"] {
        let said = format!("error: \"[REPO]\" has no commit \"{name}\"\n{hint}");
        check(&repo.path, &[&format!("--ref={name}")], &said);
    }
    check(&repo.path, &["--ref="], &format!("error: \"[REPO]\" has no commit \"\"\n{hint}"));
    let hint = "hint: name a repository's own folder; files without a history are imported \
                without --git\n";
    // Not even inside one.
    check(
        &repo.path.join("a"),
        &[],
        &format!("error: \"[REPO]/a\" is not a git repository\n{hint}"),
    );
    check(
        &repo.path.join("a/1.md"),
        &[],
        &format!("error: \"[REPO]/a/1.md\" is not a git repository\n{hint}"),
    );
    check(
        &repo.path.join("missing"),
        &[],
        "error: \"[REPO]/missing\" does not exist\nhint: check its spelling; nothing was imported\n",
    );
    repo.git(&["checkout", "-q", "--orphan", "unborn"]);
    let ran = import(&env, &repo.path, &[]).expect(1);
    assert!(ran.stderr.contains("has no commit \"HEAD\"\nhint: "), "{ran}");
    env.run(&["import", "--ref", "main"]).expect(2);
    env.run(&["import", "x", "--path", "*.md"]).expect(2);
}

#[test]
fn an_empty_repository_has_nothing() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let report = repo.import();
    assert_eq!((report.files_seen, report.repository.unwrap().commits), (0, 0));
    repo.commit_file("a.md", article("a"), 0);
    assert_eq!(repo.import().new, 1);
}

#[test]
fn a_strangers_repository_is_read_if_git_trusts_it() {
    if !has_git() {
        return;
    }
    let env = TestEnv::new();
    let (repo, _) = three_commits();
    let import = || {
        let mut command = env.command(&["import", "--git", repo.path.to_str().unwrap()]);
        command.env("PATH", path_with(OsStr::new("/usr/bin"))).env("HOME", env.path(""));
        command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
        env.ran(command.output().unwrap())
    };
    let ran = import().expect(1);
    let path = repo.path.to_str().unwrap();
    assert_eq!(
        ran.stderr,
        format!(
            "error: \"{path}\" belongs to another user, and git is not configured to trust it\n\
             hint: if you trust it: git config --global --add safe.directory {path}\n"
        )
    );
    env.write(".gitconfig", format!("[safe]\n\tdirectory = {path}\n").as_bytes());
    import().expect(0);
}

#[test]
fn without_git_there_is_a_hint() {
    let env = TestEnv::new();
    let folder = env.path("empty");
    for name in ["objects", "refs"] {
        fs::create_dir_all(folder.join(name)).unwrap();
    }
    fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    let ran = import_on(folder.as_os_str(), &env, &folder, &[]).expect(1);
    assert_eq!(
        ran.stderr,
        "error: git cannot be run: No such file or directory (os error 2)\n\
         hint: install git, or import the files as a folder\n"
    );
}

/// A PATH with a git that first runs `deed` if its command line has this word.
fn false_git(env: &TestEnv, word: &str, deed: &str) -> std::ffi::OsString {
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|path| path.is_file())
        .unwrap();
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *{word}*) {deed};; esac\nexec '{}' \"$@\"\n",
        real.display()
    );
    let file = env.write("bin/git", script.as_bytes());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = file.parent().unwrap().as_os_str().to_owned();
    path.push(":/bin:/usr/bin");
    path
}

/// Ctrl-C reaches all processes of the terminal, but the run ends in an orderly way.
#[test]
fn an_interruption_is_no_failure_of_git() {
    if !has_git() {
        return;
    }
    let env = TestEnv::new();
    let (repo, _) = three_commits();
    let started = env.path("started");
    let deed = format!("touch '{}'; sleep 1", started.display());
    let path = false_git(&env, "diff-tree*stdin", &deed);
    let mut command = env.command(&["import", "--git", repo.path.to_str().unwrap()]);
    command.env("PATH", path).env("HOME", env.path("")).process_group(0);
    let child = command.spawn().unwrap();
    until("the walk", || started.exists());
    // SAFETY: no memory is touched; the group is this test's own.
    assert_eq!(unsafe { libc::kill(-(child.id() as libc::pid_t), libc::SIGINT) }, 0);
    let ran = env.wait(child).expect(130);
    assert!(ran.stderr.starts_with("warning: interrupted after "), "{ran}");
    let runs = ["sql", "--format", "tsv", "SELECT status FROM import_run"];
    assert_eq!(env.run(&runs).stdout, "status\ninterrupted\n");
    import(&env, &repo.path, &[]).expect(0);
}

/// A git process that is killed partway: everything stored before stays, and nothing is incomplete.
#[test]
fn a_git_that_dies_ends_the_run() {
    if !has_git() {
        return;
    }
    let env = TestEnv::new();
    let (repo, _) = three_commits();
    let check = |what: &str| {
        let path = false_git(&env, what, "echo 'half an answer'; kill -9 $$");
        let ran = import_on(&path, &env, &repo.path, &[]).expect(1);
        let start = format!("error: git failed in \"{}\": ", repo.path.display());
        assert!(ran.stderr.starts_with(&start), "{what}: {ran}");
    };
    check("rev-parse");
    check("batch-check");
    assert!(!env.path("seedbank.db").exists());
    check("rev-list");
    check("stdin");
    check("batch");
    let runs = ["sql", "--format", "tsv", "SELECT status, files_seen FROM import_run"];
    assert_eq!(env.run(&runs).stdout, "status\tfiles_seen\nfailed\t0\nfailed\t0\n");
    // Nothing of it is remembered.
    import(&env, &repo.path, &[]).expect(0);
    let whole = Repo { folder: tempfile::tempdir().unwrap(), path: repo.path.clone() };
    whole.import();
    let rows = dump_without_ids(&env.path("seedbank.db"));
    assert_eq!(rows, dump_without_ids(&whole.database()));
}

#[test]
fn the_summary() {
    if !has_git() {
        return;
    }
    let env = TestEnv::new();
    let (repo, _) = three_commits();
    let ran = import(&env, &repo.path, &[]).expect(0);
    assert!(ran.stdout.starts_with("3 files in 3 commits, "), "{ran}");
    let ran = import(&env, &repo.path, &["--json"]).expect(0);
    assert!(ran.stdout.contains("\"commits\": 0,"), "{ran}");
    let clone = repo.folder.path().join("clone");
    let url = format!("file://{}", repo.path.display());
    repo.git(&["clone", "-q", "--depth=1", &url, clone.to_str().unwrap()]);
    let ran = import(&env, &clone, &[]).expect(0);
    let note = format!(
        "note: \"{}\" is a shallow clone, without the history before its oldest commits\n",
        clone.canonicalize().unwrap().display()
    );
    assert_eq!(ran.stderr, note);
}
