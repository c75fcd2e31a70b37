//! Repositories that lead to files outside of themselves.

use crate::repo::{Repo, article, has_git, import_repository, make_pipe};
use crate::support::TestEnv;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Checks a repository that leads to another place, and that allowing the named place is enough.
#[track_caller]
fn check_outside(repository: &Path, place: &Path, named: &Path, titles: &str) {
    let env = TestEnv::new();
    let ran = import_repository(&env, repository, &[]).expect(1);
    let start = format!("error: \"{}\" leads out of the repository, to \"", place.display());
    assert!(ran.stderr.starts_with(&start), "{ran}");
    let hint = format!("hint: to allow reading it, add --git-also {}\n", named.display());
    assert!(ran.stderr.ends_with(&hint), "{ran}");
    assert!(!env.path("seedbank.db").exists());
    import_repository(&env, repository, &["--git-also", named.to_str().unwrap()]).expect(0);
    let rows = env.run(&["sql", "--format", "tsv", "SELECT title FROM article ORDER BY 1"]);
    assert_eq!(rows.stdout, format!("title\n{titles}"));
}

/// A repository with an article, and another file in its `.git`.
fn with(file: &str, bytes: &str) -> Repo {
    let repo = Repo::new();
    repo.commit_file("a.md", article("a"), 0);
    repo.write(&format!(".git/{file}"), bytes);
    repo
}

/// A repository whose article must not appear in an import of another one.
fn private() -> Repo {
    let private = Repo::new();
    private.commit_file("secret.md", article("secret"), 0);
    private
}

/// A folder outside of every repository, and its path without links.
fn elsewhere() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

#[test]
fn objects_are_borrowed_only_from_where_it_is_allowed() {
    if !has_git() {
        return;
    }
    let private = private();
    let objects = private.path.join(".git/objects");
    let repo = with("objects/info/alternates", &format!("# x\n\n{}\n", objects.display()));
    let tree = private.git(&["rev-parse", "HEAD^{tree}"]);
    let commit = repo.git(&["commit-tree", &tree, "-p", "HEAD", "-m", "x"]);
    repo.git(&["update-ref", "HEAD", &commit]);
    let list = repo.path.join(".git/objects/info/alternates");
    check_outside(&repo.path, &list, &objects, "a\nsecret\n");
    // Borrowing within the repository is allowed; the lender borrows in turn.
    fs::create_dir_all(repo.path.join("mine/info")).unwrap();
    fs::rename(&list, repo.path.join("mine/info/alternates")).unwrap();
    fs::write(&list, "../../mine\n").unwrap();
    check_outside(&repo.path, &repo.path.join("mine/info/alternates"), &objects, "a\nsecret\n");
    let quoted = with("objects/info/alternates", &format!("\"{}\"\n", objects.display()));
    let ran = import_repository(&TestEnv::new(), &quoted.path, &[]).expect(1);
    assert!(ran.stderr.contains("in quotation marks"), "{ran}");
}

#[test]
fn a_repository_that_is_elsewhere_is_read_only_where_it_is_named() {
    if !has_git() {
        return;
    }
    let private = private();
    let secret = private.path.join(".git");
    let (_folder, place) = elsewhere();
    let lead = place.join("lead");
    fs::create_dir(&lead).unwrap();
    fs::write(lead.join(".git"), format!("gitdir: {}\n", secret.display())).unwrap();
    check_outside(&lead, &lead.join(".git"), &secret, "secret\n");
    fs::remove_file(lead.join(".git")).unwrap();
    symlink(&secret, lead.join(".git")).unwrap();
    check_outside(&lead, &lead.join(".git"), &secret, "secret\n");
    let shared = with("commondir", &format!("{}\n", secret.display()));
    check_outside(&shared.path, &shared.path.join(".git/commondir"), &secret, "secret\n");
    let bare = place.join("bare");
    fs::create_dir(&bare).unwrap();
    fs::write(bare.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(bare.join("commondir"), secret.as_os_str().as_bytes()).unwrap();
    check_outside(&bare, &bare.join("commondir"), &secret, "secret\n");
    let worktree = place.join("worktree");
    private.git(&["worktree", "add", "-q", "--detach", worktree.to_str().unwrap()]);
    check_outside(&worktree, &worktree.join(".git"), &secret, "secret\n");
}

#[test]
fn links_out_of_a_repository_are_followed_only_where_they_are_named() {
    if !has_git() {
        return;
    }
    let (_folder, place) = elsewhere();
    for link in ["objects", "refs", "config", "packed-refs"] {
        let repo = with("x", "");
        let link = repo.path.join(".git").join(link);
        let target = place.join(format!("link-{}", link.file_name().unwrap().display()));
        if link.exists() {
            fs::rename(&link, &target).unwrap();
        } else {
            fs::write(&target, "").unwrap();
        }
        symlink(&target, &link).unwrap();
        check_outside(&repo.path, &link, &target, "a\n");
    }
}

#[test]
fn settings_are_included_only_from_where_it_is_allowed() {
    if !has_git() {
        return;
    }
    let (_folder, place) = elsewhere();
    let settings = place.join("settings");
    fs::write(&settings, "[core]\n").unwrap();
    for section in ["[include]", "[IncludeIf \"gitdir:/nowhere\"]", "[include]; x\n"] {
        let repo = with("x", "");
        let config = repo.path.join(".git/config");
        let old = fs::read_to_string(&config).unwrap();
        fs::write(&config, format!("{old}{section}\n\tPath = {}\n", settings.display())).unwrap();
        check_outside(&repo.path, &config, &settings, "a\n");
        // Through another file.
        fs::write(repo.path.join(".git/more"), format!("[include]\npath={}\n", settings.display()))
            .unwrap();
        fs::write(&config, format!("{old}[include]\npath = more\n")).unwrap();
        check_outside(&repo.path, &repo.path.join(".git/more"), &settings, "a\n");
    }
    make_pipe(&settings);
    let repo = with("x", "");
    repo.git(&["config", "core.x", "y"]);
    let config = repo.path.join(".git/config");
    let old = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{old}[include]\npath = {}\n", settings.display())).unwrap();
    let also = ["--git-also", settings.to_str().unwrap()];
    let ran = import_repository(&TestEnv::new(), &repo.path, &also).expect(1);
    assert!(ran.stderr.contains("is not a regular file: a FIFO"), "{ran}");
}

#[test]
fn links_within_a_repository_are_followed() {
    if !has_git() {
        return;
    }
    let repo = Repo::new();
    repo.commit_file("a.md", article("a"), 0);
    for name in ["objects", "refs", "config"] {
        fs::rename(repo.path.join(".git").join(name), repo.path.join(name)).unwrap();
        symlink(format!("../{name}"), repo.path.join(".git").join(name)).unwrap();
    }
    // In the form that git itself once wrote; a hook of a working tree, and a dangling link.
    fs::remove_file(repo.path.join(".git/HEAD")).unwrap();
    symlink("refs/heads/main", repo.path.join(".git/HEAD")).unwrap();
    symlink("/etc/hostname", repo.path.join(".git/hooks/post-commit")).unwrap();
    symlink("/nowhere/at/all", repo.path.join(".git/lost")).unwrap();
    assert_eq!(repo.import().new, 1);
    let named = repo.folder.path().join("named");
    symlink(&repo.path, &named).unwrap();
    assert_eq!(repo.import_with(|_, git| git.repository = named).unchanged, 1);
}
