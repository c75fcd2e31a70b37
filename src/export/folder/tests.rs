use super::*;
use std::cell::Cell;
use std::os::unix::fs::{PermissionsExt, symlink};

thread_local! {
    /// How many more renames a process makes before it is killed.
    static KILLED_AFTER: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Called before each rename.
pub(super) fn count_down() {
    match KILLED_AFTER.get() {
        Some(0) => panic!("killed"),
        left => KILLED_AFTER.set(left.map(|left| left - 1)),
    }
}

/// Whether the process is dead, so that it cleans nothing up.
pub(super) fn is_killed() -> bool {
    KILLED_AFTER.get() == Some(0)
}

fn files(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).min_depth(1).sort_by_file_name();
    let inside = |entry: walkdir::DirEntry| {
        entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned()
    };
    entries.into_iter().map(|entry| inside(entry.unwrap())).collect()
}

/// Each file with its text.
fn texts(folder: &Path) -> Vec<(String, String)> {
    let names = files(folder).into_iter().filter(|name| folder.join(name).is_file());
    names.map(|name| (name.clone(), fs::read_to_string(folder.join(name)).unwrap())).collect()
}

fn create(folder: &Path) -> Result<ExportFolder> {
    ExportFolder::create(folder, true, Kind::Html, ArchiveFiles::default())
}

fn begun(folder: &Path, pages: &[&str]) -> Result<ExportFolder> {
    let mut made = create(folder)?;
    for page in pages {
        made.write_page(page, &format!("text of {}", pages[0]))?;
    }
    Ok(made)
}

fn export(folder: &Path, pages: &[&str]) -> Result<()> {
    begun(folder, pages)?.finish().map(drop)
}

#[test]
fn a_later_export_removes_the_pages_of_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("mine.txt"), "mine").unwrap();
    export(folder, &["2024-03/1.html", "2024-04/2.html", "index.html"]).unwrap();
    fs::write(folder.join("2024-04/mine.txt"), "mine").unwrap();
    export(folder, &["2024-05/3.html", "index.html"]).unwrap();
    let expected = [
        "2024-04",
        "2024-04/mine.txt",
        "2024-05",
        "2024-05/3.html",
        "index.html",
        "manifest.jsonl",
        "mine.txt",
    ];
    assert_eq!(files(folder), expected);
    let error = ExportFolder::create(folder, false, Kind::Html, Default::default()).unwrap_err();
    assert!(matches!(error, Error::FolderNotEmpty(_)), "{error}");
}

#[test]
fn an_export_that_fails_leaves_everything_as_it_was() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("new");
    drop(begun(&folder, &["2024-03/1.html"]).unwrap());
    assert_eq!(files(outer.path()), [""; 0]);
    export(&folder, &["2024-03/1.html", "2024-04/2.html", "index.html"]).unwrap();
    fs::write(folder.join("style.css"), "mine").unwrap();
    fs::create_dir(folder.join("2024-06")).unwrap();
    // There is a folder with the name of a page, or a link with the name of a folder.
    fs::create_dir(folder.join("sites")).unwrap();
    fs::create_dir(folder.join("sites/a.html")).unwrap();
    symlink("2024-06", folder.join("2024-07")).unwrap();
    let before = (files(&folder), texts(&folder));
    for last in ["sites/a.html", "2024-07/3.html"] {
        let pages = ["2024-05/1.html", "2024-03/1.html", "index.html", "style.css", last];
        assert!(matches!(export(&folder, &pages), Err(Error::Io { .. })), "{last}");
        assert_eq!((files(&folder), texts(&folder)), before, "{last}");
        drop(begun(&folder, &pages).unwrap());
        assert_eq!((files(&folder), texts(&folder)), before, "{last}");
    }
}

/// After a kill at any rename, the next export finds either the earlier files or the new ones.
#[test]
fn after_a_kill_the_next_export_clears_up() {
    for steps in 0..60 {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path();
        export(folder, &["2024-03/1.html", "2024-03/2.html", "index.html"]).unwrap();
        fs::write(folder.join("style.css"), "mine").unwrap();
        let before = (files(folder), texts(folder));
        let made = begun(folder, &["2024-04/2.html", "2024-03/1.html", "style.css", "index.html"]);
        KILLED_AFTER.set(Some(steps));
        let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            made.unwrap().finish().unwrap();
        }));
        KILLED_AFTER.set(None);
        if died.is_ok() {
            assert!(steps > 10, "{steps}");
            return;
        }
        let died_late = texts(folder)
            .iter()
            .any(|(name, text)| name == "manifest.jsonl" && text.contains("2024-04"));
        assert!(exists(&folder.join(STAGE)));
        // Cleaning up is killed too, at each of its steps.
        for steps in 0.. {
            KILLED_AFTER.set(Some(steps));
            let made = std::panic::catch_unwind(|| create(folder).unwrap());
            KILLED_AFTER.set(None);
            if made.is_ok() {
                break;
            }
        }
        let now = (files(folder), texts(folder));
        if died_late {
            assert!(now.0.contains(&"2024-04/2.html".to_owned()), "{steps}: {now:?}")
        } else {
            assert_eq!(now, before, "{steps}")
        }
        export(folder, &["2024-05/3.html"]).unwrap();
        let left = files(folder);
        assert!(!left.iter().any(|name| name.contains("2024-04") || name == STAGE), "{left:?}");
    }
    panic!("an export has more steps than were tried");
}

#[test]
fn one_export_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = begun(folder.path(), &["2024-03/1.html"]).unwrap();
    assert!(matches!(create(folder.path()), Err(Error::ExportUnderWay(_))));
    first.finish().unwrap();
    create(folder.path()).unwrap();
}

#[test]
fn nothing_outside_the_folder_is_touched() {
    let outer = tempfile::tempdir().unwrap();
    let (folder, other) = (outer.path().join("out"), outer.path().join("other"));
    fs::create_dir(&other).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(other.join("1.html"), "mine").unwrap();
    symlink(&other, folder.join("2024-03")).unwrap();
    let absolute = other.join("1.html");
    let lines = [
        MANIFEST_HEADER.to_owned(),
        "{\"page\":\"../other/1.html\"}".to_owned(),
        format!("{{\"page\":{:?}}}", absolute.to_str().unwrap()),
        "{\"page\":\"2024-03/1.html\"}".to_owned(),
        "{\"page\":\"a/b/c\"}".to_owned(),
    ];
    fs::write(folder.join(MANIFEST), lines.join("\n")).unwrap();
    let error = export(&folder, &["2024-03/1.html"]).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    assert_eq!(fs::read(&absolute).unwrap(), b"mine");
    assert_eq!(files(&other), ["1.html"]);
}

/// A stage as a killed export leaves it.
fn plant(folder: &Path, kind: Kind, manifest: &str, old: &[&str]) {
    let stage = folder.join(STAGE);
    drop(stage_in(folder, kind, &ArchiveFiles::default()).unwrap());
    fs::write(stage.join(NEW_MANIFEST), manifest).unwrap();
    old.iter().for_each(|name| fs::write(stage.join(OLD).join(name), "planted").unwrap());
}

const KINDS: [Kind; 3] = [Kind::Seeds, Kind::Html, Kind::Markdown];

#[test]
fn a_stage_that_no_export_made_is_left_alone() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("out");
    let names = ["a.db", "thesis.txt", "index.html", "2024-03-05-notes.md"];
    fs::create_dir(&folder).unwrap();
    names.iter().for_each(|name| fs::write(folder.join(name), "mine").unwrap());
    let page = |name: &&str| format!("\n{{\"page\":\"{name}\"}}");
    let manifest = MANIFEST_HEADER.to_owned() + &names.iter().map(page).collect::<String>();
    let refused = || {
        let before = (files(&folder), texts(&folder));
        for (kind, force) in KINDS.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
            let own = ArchiveFiles::of(&folder.join("a.db"));
            let made = ExportFolder::create(&folder, force, kind, own);
            assert!(matches!(made, Err(Error::InTheWay(_))), "{kind:?}: {made:?}");
        }
        assert_eq!((files(&folder), texts(&folder)), before);
    };
    for kind in KINDS {
        // Made by an export, but in another place.
        plant(outer.path(), kind, &manifest, &names);
        let stage = folder.join(STAGE);
        fs::create_dir(&stage).unwrap();
        for entry in fs::read_dir(outer.path().join(STAGE)).unwrap() {
            let entry = entry.unwrap();
            fs::rename(entry.path(), stage.join(entry.file_name())).unwrap();
        }
        refused();
        fs::remove_dir_all(outer.path().join(STAGE)).unwrap();
        fs::remove_dir_all(stage).unwrap();
    }
    fs::create_dir(folder.join(STAGE)).unwrap();
    make_fifo(&folder.join(STAGE).join(NEW_MANIFEST));
    refused();
    fs::remove_dir_all(folder.join(STAGE)).unwrap();
    fs::write(folder.join(STAGE), "mine").unwrap();
    refused();
    fs::remove_file(folder.join(STAGE)).unwrap();
    fs::create_dir(outer.path().join("empty")).unwrap();
    symlink("../empty", folder.join(STAGE)).unwrap();
    refused();
}

fn make_fifo(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A user may have added files to the stage of a killed export.
#[test]
fn an_undo_replaces_nothing() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path();
    let create = |kind| {
        let own = ArchiveFiles::of(&folder.join("index.html"));
        ExportFolder::create(folder, true, kind, own)
    };
    let mine = ["index.html", "style.css", "thesis.txt", "undated-a.md"];
    for kind in KINDS {
        mine.iter().for_each(|name| fs::write(folder.join(name), "mine").unwrap());
        let ours = ["index.html", "index.html-wal"];
        plant(folder, kind, MANIFEST_HEADER, &ours);
        drop(create(kind).unwrap());
        assert_eq!(files(folder), mine, "{kind:?}");
        for name in &mine[1..] {
            plant(folder, kind, MANIFEST_HEADER, &[*name]);
            match create(kind) {
                Ok(made) => assert!(!kind.gives(name), "{made:?}"),
                Err(Error::InTheWay(path)) => assert_eq!(path, folder.join(name)),
                Err(error) => panic!("{error}"),
            }
            let _ = fs::remove_dir_all(folder.join(STAGE));
        }
        assert!(mine.iter().all(|name| fs::read(folder.join(name)).unwrap() == b"mine"));
        fs::write(folder.join(MANIFEST), MANIFEST_HEADER).unwrap();
        plant(folder, kind, MANIFEST_HEADER, &[]);
        fs::write(folder.join(STAGE).join(OLD_MANIFEST), "planted").unwrap();
        assert!(matches!(create(kind), Err(Error::InTheWay(_))));
        fs::remove_file(folder.join(MANIFEST)).unwrap();
        fs::remove_dir_all(folder.join(STAGE)).unwrap();
        plant(folder, kind, "", &[]);
        fs::remove_file(folder.join(STAGE).join(NEW_MANIFEST)).unwrap();
        make_fifo(&folder.join(STAGE).join(NEW_MANIFEST));
        assert!(matches!(create(kind), Err(Error::NotAFile(_))));
        fs::remove_dir_all(folder.join(STAGE)).unwrap();
    }
}

/// Nor those in the stage of a killed export.
#[test]
fn names_that_no_export_gives_stay() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mine =
        ["thesis.txt", "2024-03/notes.html", "2024/7.html", "sites/a.txt", "a/b.html", "x.md"];
    for (dir, names) in [
        ("docs", &mine[..0]),
        ("2024-03", &mine[1..2]),
        ("2024", &mine[2..3]),
        ("sites", &mine[3..4]),
        ("a", &mine[4..5]),
    ] {
        fs::create_dir(folder.join(dir)).unwrap();
        names.iter().for_each(|name| fs::write(folder.join(name), "mine").unwrap());
    }
    fs::write(folder.join("thesis.txt"), "mine").unwrap();
    fs::write(folder.join("x.md"), "mine").unwrap();
    let line = |name: &&str| format!("\n{{\"page\":\"{name}\"}}");
    let manifest = MANIFEST_HEADER.to_owned() + &mine.iter().map(line).collect::<String>();
    fs::write(folder.join(MANIFEST), &manifest).unwrap();
    let seeds = manifest.replace("\"page\"", "\"sha256\":\"ab\",\"name\"");
    plant(folder, Kind::Html, &(manifest + &seeds), &[]);
    export(folder, &["index.html"]).unwrap();
    for name in mine {
        assert_eq!(fs::read(folder.join(name)).unwrap(), b"mine", "{name}");
    }
}

#[test]
fn another_kind_of_manifest_is_left_alone() {
    let seeds = "{\"seedbank_manifest\":1}\n{\"sha256\":\"ab\",\"name\":\"a.txt\"}\n";
    let html = "{\"seedbank_manifest\":1}\n{\"page\":\"2024-03/7.html\"}\n";
    let markdown = "{\"seedbank_manifest\":1}\n{\"page\":\"2024-03-05-a.md\"}\n";
    let kinds = [(Kind::Seeds, seeds), (Kind::Html, html), (Kind::Markdown, markdown)];
    for (kind, own) in kinds {
        for text in
            ["mine".as_bytes(), b"\xff\xfe", seeds.as_bytes(), html.as_bytes(), markdown.as_bytes()]
        {
            let folder = tempfile::tempdir().unwrap();
            let manifest = folder.path().join(MANIFEST);
            fs::write(&manifest, text).unwrap();
            let made = ExportFolder::create(folder.path(), true, kind, Default::default());
            if text == own.as_bytes() {
                drop(made.unwrap())
            } else {
                assert!(matches!(made, Err(Error::ForeignManifest(_))), "{kind:?}")
            }
            assert_eq!(fs::read(&manifest).unwrap(), text);
        }
    }
}

#[test]
fn it_is_for_the_same_eyes() {
    let outer = tempfile::tempdir().unwrap();
    let database = outer.path().join("a.db");
    fs::write(&database, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    set(&database, 0o600);
    let export = |folder: &Path| {
        let own = ArchiveFiles::of(&database);
        let mut made = ExportFolder::create(folder, true, Kind::Html, own)?;
        made.write_page("2024-03/1.html", "text")?;
        made.finish()
    };
    let folder = outer.path().join("out");
    fs::create_dir(&folder).unwrap();
    set(&folder, 0o755);
    // The same for replaced files.
    for _ in 0..2 {
        export(&folder).unwrap();
        for (name, expected) in
            [("", 0o700), ("2024-03", 0o700), ("2024-03/1.html", 0o600), (MANIFEST, 0o600)]
        {
            assert_eq!(mode(&folder.join(name)), expected, "{name}");
        }
        set(&folder, 0o755);
        set(&folder.join("2024-03/1.html"), 0o644);
    }
    // A user's own folder is left unchanged.
    let shared = outer.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::write(shared.join("mine"), "").unwrap();
    set(&shared, 0o755);
    export(&shared).unwrap();
    assert_eq!(mode(&shared), 0o755);
    assert_eq!(mode(&shared.join("2024-03")), 0o700);
}

#[test]
fn the_archive_is_not_written_onto() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("2024-03");
    fs::create_dir(&folder).unwrap();
    let database = folder.join("1.html");
    fs::write(&database, "mine").unwrap();
    fs::hard_link(&database, outer.path().join("index.html")).unwrap();
    let export = |page: &str| {
        let own = ArchiveFiles::of(&database);
        let mut made = ExportFolder::create(outer.path(), true, Kind::Html, own)?;
        made.write_page(page, "text")?;
        made.finish()
    };
    for page in ["2024-03/1.html", "index.html"] {
        assert!(matches!(export(page), Err(Error::OntoItself(_))), "{page}");
    }
    // Nor is it removed as a page of an earlier export.
    let lines = "\n{\"page\":\"2024-03/1.html\"}\n{\"page\":\"index.html\"}";
    fs::write(outer.path().join(MANIFEST), MANIFEST_HEADER.to_owned() + lines).unwrap();
    export("2024-04/1.html").unwrap();
    assert_eq!(fs::read(&database).unwrap(), b"mine");
    assert_eq!(fs::read(outer.path().join("index.html")).unwrap(), b"mine");
}
