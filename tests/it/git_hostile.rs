//! Repositories that are made to block a reader, or to be endless.

use crate::repo::{Repo, TIME, article, has_git, import_repository, make_pipe};
use crate::support::{TestEnv, until};
use seedbank::internals::source::git::{Allowance, Commit, Found, Repository, Step};
use seedbank::{Reason, StopFlag};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;

#[test]
fn only_regular_files_are_opened() {
    if !has_git() {
        return;
    }
    for place in [
        "config",
        "config.worktree",
        "HEAD",
        "FETCH_HEAD",
        "index",
        "packed-refs",
        "shallow",
        "commondir",
        "refs/heads/main",
        "refs/tags/x",
        "logs/HEAD",
        "origin/main",
        "info/grafts",
        "info/attributes",
        "objects/info/alternates",
        "objects/info/commit-graph",
        "objects/pack/multi-pack-index",
        "objects/pack/pack-1.idx",
        "objects/[OBJECT]",
        "reftable/tables.list",
        "worktrees/x/HEAD",
    ] {
        let repo = Repo::new();
        repo.commit_file("a.md", article("a"), 0);
        let blob = repo.git(&["rev-parse", "HEAD:a.md"]);
        let place = place.replace("[OBJECT]", &format!("{}/{}", &blob[..2], &blob[2..]));
        let pipe = repo.path.join(".git").join(&place);
        make_pipe(&pipe);
        let env = TestEnv::new();
        let ran = import_repository(&env, &repo.path, &[]).expect(1);
        let said = format!("error: \"{}\" is not a regular file: a FIFO\nhint: ", pipe.display());
        assert!(ran.stderr.starts_with(&said), "{place}: {ran}");
        assert!(!env.path("seedbank.db").exists());
    }
    // The repository itself, and places beside it or ones that are never opened.
    let repo = Repo::new();
    repo.commit_file("a.md", article("a"), 0);
    for place in ["working-tree.md", ".gitattributes", ".git/hooks/pre-commit", ".git/lfs/x"] {
        make_pipe(&repo.path.join(place));
    }
    let watched = repo.path.join(".git/fsmonitor--daemon.ipc");
    let _socket = std::os::unix::net::UnixListener::bind(watched).unwrap();
    let env = TestEnv::new();
    import_repository(&env, &repo.path, &["--ref", "hooks/pre-commit"]).expect(1);
    import_repository(&env, &repo.path, &[]).expect(0);
    let folder = env.path("empty");
    make_pipe(&folder.join(".git"));
    import_repository(&env, &folder, &[]).expect(1);
}

#[test]
fn a_file_with_holes_is_not_read_whole() {
    if !has_git() {
        return;
    }
    for place in ["packed-refs", "refs/heads/x", "objects/info/alternates", "config"] {
        let repo = Repo::new();
        repo.commit_file("a.md", article("a"), 0);
        let path = repo.path.join(".git").join(place);
        fs::File::options().create(true).append(true).open(path).unwrap().set_len(1 << 40).unwrap();
        let ran = import_repository(&TestEnv::new(), &repo.path, &[]).expect(1);
        assert!(ran.stderr.contains(&format!("{place}\" has ")), "{ran}");
    }
}

/// A folder with this many equal entries; returns git's id.
fn folder_of(repo: &Repo, width: usize, mode: &str, id: &str) -> String {
    let kind = if mode == "040000" { "tree" } else { "blob" };
    let entry = |at: usize| format!("{mode} {kind} {id}\td{at:04}\n");
    let entries: String = (0..width).map(entry).collect();
    let file = repo.path.join("entries");
    fs::write(&file, entries).unwrap();
    let mut command = repo.command(&["mktree"]);
    command.stdin(fs::File::open(file).unwrap());
    repo.run(command)
}

/// Commits a folder by its id; returns the commit's id.
fn commit_tree(repo: &Repo, tree: &str, parents: &[&str]) -> String {
    let parents = parents.iter().flat_map(|parent| ["-p", parent]);
    let commit =
        repo.git(&["commit-tree", tree, "-m", "m"].into_iter().chain(parents).collect::<Vec<_>>());
    repo.git(&["update-ref", "HEAD", &commit]);
    commit
}

/// The number of changes returned for each commit, and why there are no more.
fn changes_of(repo: &Repo, allowance: Allowance) -> Vec<(usize, Option<Reason>)> {
    let repository = Repository::open(&repo.path, &[], StopFlag::new()).unwrap();
    let tip = repository.tip(None).unwrap().unwrap();
    let mut changes = repository.changes(&tip, None, allowance).unwrap();
    let commits = repository.commits(&tip, None).unwrap();
    let mut found = Vec::new();
    for step in commits {
        let Step::Commit(Commit { id, .. }) = step.unwrap() else { panic!("unreadable") };
        changes.ask(&id).unwrap();
        let (mut count, mut reason) = (0, None);
        while let Some(one) = changes.next_found().unwrap() {
            match one {
                Found::Change(_) => count += 1,
                Found::Refused(refused) => reason = Some(refused.reason),
            }
        }
        found.push((count, reason));
        if changes.is_spent() {
            break;
        }
    }
    found
}

#[test]
fn changes_of_a_commit_are_limited() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.write("a.md", article("a"));
    let blob = repo.git(&["hash-object", "-w", "a.md"]);
    let ten = folder_of(&repo, 10, "100644", &blob);
    let hundred = folder_of(&repo, 10, "040000", &ten);
    let first = commit_tree(&repo, &ten, &[]);
    let second = commit_tree(&repo, &hundred, &[&first]);
    commit_tree(&repo, &ten, &[&second]);
    let too_large = Some(Reason::TooLarge);
    let allowed = |commit, history| changes_of(&repo, Allowance { commit, history });
    assert_eq!(allowed(1000, 1000), [(10, None), (100, None), (10, None)]);
    // Folders count, and removals do: 120 records each.
    assert_eq!(allowed(119, 1000), [(10, None), (99, too_large), (10, too_large)]);
    let found = allowed(1000, 100);
    assert_eq!((found[0], found[1].1, found.len()), ((10, None), too_large, 2));
    assert!((70..90).contains(&found[1].0), "{found:?}");
    // Folders that contain only folders give no other output.
    let nothing = folder_of(&repo, 0, "100644", &blob);
    let empty = folder_of(&repo, 10, "040000", &folder_of(&repo, 10, "040000", &nothing));
    commit_tree(&repo, &empty, &[]);
    assert_eq!(allowed(50, 1000), [(0, too_large)]);
    // Long paths count by their length.
    let entry = format!("040000 tree {ten}\t{}\n", "n".repeat(2560));
    fs::write(repo.path.join("entries"), entry).unwrap();
    let mut command = repo.command(&["mktree"]);
    command.stdin(fs::File::open(repo.path.join("entries")).unwrap());
    let long = repo.run(command);
    commit_tree(&repo, &long, &[]);
    assert_eq!(allowed(60, 1000), [(4, too_large)]);
}

#[test]
fn a_tree_without_end_costs_one_commit() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let first = repo.commit_file("a.md", article("a"), 0);
    let good = repo.git(&["rev-parse", "HEAD^{tree}"]);
    let mut tree = repo.git(&["rev-parse", "HEAD:a.md"]);
    for level in 0..10 {
        tree = folder_of(&repo, 10, if level == 0 { "100644" } else { "040000" }, &tree);
    }
    let bomb = commit_tree(&repo, &tree, &[&first]);
    commit_tree(&repo, &good, &[&bomb]);
    let report = repo.import();
    assert_eq!(report.newly_refused, 2, "{report:?}");
    assert!(report.files_seen < 1_000_100, "{report:?}");
    assert_eq!(repo.rows("SELECT DISTINCT r.reason FROM rejection r"), ["too_large"]);
    assert_eq!(repo.rows("SELECT title FROM article"), ["a"]);
    // It is recorded, and not tried again.
    let again = repo.import();
    assert_eq!((again.files_seen, again.newly_refused), (report.files_seen - 2, 0));
}

#[test]
fn a_commit_of_too_many_parents_and_folders_too_deep() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let mut stream = String::new();
    let body = article("a");
    for at in 0..1200 {
        stream.push_str(&format!(
            "commit refs/heads/c{at}\nmark :{}\ncommitter C <c@c> {} +0000\ndata 1\nm\n",
            at + 1,
            TIME + at
        ));
    }
    repo.fast_import(stream.as_bytes());
    let heads = repo.git(&["for-each-ref", "--format=%(objectname)"]);
    let heads: Vec<&str> = heads.lines().collect();
    repo.write("a.md", &body);
    let blob = repo.git(&["hash-object", "-w", "a.md"]);
    let tree = folder_of(&repo, 1, "100644", &blob);
    let mut text = format!("tree {tree}\n");
    heads.iter().for_each(|head| text.push_str(&format!("parent {head}\n")));
    text.push_str(&format!("author A <a@a> {TIME} +0000\ncommitter A <a@a> {TIME} +0000\n\nm\n"));
    fs::write(repo.path.join("text"), text).unwrap();
    let merge = repo.git(&["hash-object", "-w", "-t", "commit", "text"]);
    repo.write("b.md", article("b"));
    let other = repo.git(&["hash-object", "-w", "b.md"]);
    let mut deep = folder_of(&repo, 1, "100644", &other);
    for _ in 0..1100 {
        deep = folder_of(&repo, 1, "040000", &deep);
    }
    let deep = commit_tree(&repo, &deep, &[&merge]);
    commit_tree(&repo, &folder_of(&repo, 1, "100644", &other), &[&deep]);
    let report = repo.import();
    assert_eq!((report.new, report.rejected), (1, 2), "{report:?}");
    assert_eq!(
        repo.rows("SELECT reason, detail FROM rejection ORDER BY id"),
        ["too_large|more than 1000 parents", "damaged_archive|exceeded maximum allowed tree depth"]
    );
    assert_eq!(repo.rows("SELECT title FROM article"), ["b"]);
}

/// git itself does not make such times, and prints them as invalid numbers.
#[test]
fn an_invalid_time_is_unknown() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    let mut parent = String::new();
    let times = ["-1", "18446744073709551615", "-2208988800", "x", "9999999999", "1709251200"];
    for (at, time) in times.iter().enumerate() {
        repo.write("a.md", article(&format!("a{at}")));
        let blob = repo.git(&["hash-object", "-w", "a.md"]);
        let tree = folder_of(&repo, 1, "100644", &blob);
        let who = format!("A <a@a> {time} +0000");
        let text = format!("tree {tree}\n{parent}author {who}\ncommitter {who}\n\nm\n");
        fs::write(repo.path.join("text"), text).unwrap();
        let arguments = ["hash-object", "-w", "--literally", "-t", "commit", "text"];
        let commit = repo.git(&arguments);
        repo.git(&["update-ref", "HEAD", &commit]);
        parent = format!("parent {commit}\n");
    }
    let report = repo.import();
    assert_eq!((report.new, report.rejected), (6, 0), "{report:?}");
    assert_eq!(
        repo.rows(
            "SELECT title, observed_at FROM article a JOIN sighting g ON g.seed_id = a.seed_id
            WHERE observed_at IS NOT NULL"
        ),
        ["a5|2024-03-01T00:00:00Z"]
    );
    assert_eq!(repo.import().unchanged, 6);
}

/// A PATH with a git that records its process id and then never answers, if its command line has this word.
fn waiting_git(env: &TestEnv, word: &str) -> (std::ffi::OsString, PathBuf) {
    let real = std::env::split_paths(&std::env::var_os("PATH").unwrap())
        .map(|folder| folder.join("git"))
        .find(|path| path.is_file())
        .unwrap();
    let number = env.path("number");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *{word}*) echo $$ > '{}.new'; mv '{0}.new' '{0}'; \
         exec sleep 1000;; esac\nexec '{}' \"$@\"\n",
        number.display(),
        real.display()
    );
    let file = env.write("bin/git", script.as_bytes());
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let mut path = file.parent().unwrap().as_os_str().to_owned();
    path.push(":/bin:/usr/bin");
    (path, number)
}

/// Ends the program while it waits for git, and checks whether git has ended too.
fn end_while_git_waits(word: &str, signal: i32) -> std::process::ExitStatus {
    let env = TestEnv::new();
    let repo = Repo::new();
    repo.commit_file("a.md", article("a"), 0);
    let (path, number) = waiting_git(&env, word);
    let mut command = env.command(&["import", "-q", "--git", repo.path.to_str().unwrap()]);
    command.env("PATH", path).env("HOME", env.path("")).process_group(0);
    let mut child = command.spawn().unwrap();
    until("git", || number.exists());
    let git: i32 = fs::read_to_string(&number).unwrap().trim().parse().unwrap();
    // SAFETY: no memory is touched; the process is this test's own.
    assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
    let status = child.wait().unwrap();
    // Its new parent has to reap it.
    let state = || fs::read_to_string(format!("/proc/{git}/stat")).unwrap_or_default();
    until("git's end", || {
        let state = state();
        state.is_empty() || state.rsplit(')').next().unwrap().trim_start().starts_with(['Z', 'X'])
    });
    status
}

#[test]
#[cfg(target_os = "linux")]
fn no_git_outlives_the_program() {
    if !has_git() {
        return;
    }
    for word in ["config", "rev-parse", "batch-check", "rev-list", "stdin", "batch"] {
        let status = end_while_git_waits(word, libc::SIGTERM);
        assert_eq!(status.code(), Some(143), "{word}");
        let status = end_while_git_waits(word, libc::SIGKILL);
        assert_eq!(status.signal(), Some(libc::SIGKILL), "{word}");
    }
}
