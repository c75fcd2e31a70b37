//! Error messages: what they name, for programs too, and the next step.

use crate::place::{TIME, rows, set_time};
use crate::support::{Ran, TestEnv, seed};
use serde_json::Value;
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Stdio;

/// A name that controls a terminal, closes quotation marks and is not UTF-8.
const HOSTILE: &[u8] = b"a\x1b[2J'\"\xc2\x9b\xe2\x80\xae\xff\n$(b)";
/// The same as text.
const LABEL: &str = "a\u{1b}[2J'\"\u{9b}\u{202e}\\xff\n$(b)";

fn run(env: &TestEnv, arguments: &[&OsStr]) -> Ran {
    env.ran(env.command(arguments).output().unwrap())
}

/// The one line of standard error, as JSON.
fn line(env: &TestEnv, arguments: &[&OsStr]) -> Value {
    let json = ["--log-format", "json"].map(OsStr::new);
    let ran = run(env, &[&json[..], arguments].concat());
    assert!(!acts(&ran.stderr), "{arguments:?}: {ran}");
    serde_json::from_str(&ran.stderr).unwrap_or_else(|_| panic!("{arguments:?}: {ran}"))
}

fn acts(text: &str) -> bool {
    text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}')
}

/// Failing calls, each about something named [`HOSTILE`] that does not exist, or is a file.
fn failing(env: &TestEnv, is_there: bool) -> Vec<Vec<OsString>> {
    let name = OsStr::from_bytes(HOSTILE);
    if is_there {
        std::fs::write(env.path("").join(name), "no database, and no article\n").unwrap();
    }
    let words = |words: &[&str]| -> Vec<OsString> {
        let with_name = |word: &str| match word.strip_prefix('@') {
            Some(rest) => OsString::from_vec([HOSTILE, rest.as_bytes()].concat()),
            None => word.into(),
        };
        words.iter().map(|&word| with_name(word)).collect()
    };
    let calls: &[&[&str]] = if is_there {
        &[
            &["--db", "@", "stats"],
            &["--db", "@", "import", "drop"],
            &["--db", "@", "backup", "copy.db"],
            &["--db", "@", "migrate"],
            &["show", "--file", "@"],
            &["import", "--git", "@"],
            &["export", "--format", "csv", "-o", "@"],
            &["export", "--format", "seeds", "-o", "@"],
            &["export", "--format", "html", "-o", "@"],
            &["backup", "@"],
            &["backup", "--keep", "1", "@"],
            &["man", "-o", "@"],
            &["explain", "@"],
        ]
    } else {
        &[
            &["--db", "@", "stats"],
            &["--db", "@", "verify"],
            &["import", "@"],
            &["import", "--files-from", "@"],
            &["import", "--git", "@"],
            &["sql", "-f", "@"],
            &["show", "--file", "@"],
            &["explain", "@"],
            &["backup", "@/copy.db"],
            &["backup", "--keep", "1", "@"],
        ]
    };
    calls.iter().map(|call| words(call)).collect()
}

#[test]
fn every_error_names_its_path_the_same_way() {
    for is_there in [false, true] {
        let env = TestEnv::with_article();
        for call in failing(&env, is_there) {
            let call: Vec<&OsStr> = call.iter().map(OsString::as_os_str).collect();
            let said = line(&env, &call);
            let path = said["path"].as_str().unwrap_or_else(|| panic!("{call:?}: {said}"));
            assert!(path.contains(LABEL), "{call:?}: {said}");
            assert!(said["message"].as_str().unwrap().contains(&format!("\"{path}\"")), "{said}");
            let ran = run(&env, &call);
            assert!(!acts(&ran.stderr), "{call:?}: {ran}");
            let shown = r#"a\u001b[2J'"\u009b\u202e\xff\n$(b)"#;
            assert!(ran.stderr.contains(shown), "{call:?}: {ran}");
        }
    }
}

/// A shell can run the command as printed, whatever the name.
#[test]
fn a_hint_names_the_database_that_was_meant() {
    let env = TestEnv::with_article();
    let hint = |database: &str, named: Option<&str>| {
        let mut command = env.command(&["--db", database, "show", "99"]);
        command.envs(named.map(|named| ("SEEDBANK_DB", named)));
        let ran = env.ran(command.output().unwrap()).expect(1);
        ran.stderr.split("hint: ").nth(1).unwrap_or_else(|| panic!("{ran}")).to_owned()
    };
    let copy = |name: &str| std::fs::copy(env.path("seedbank.db"), env.path(name)).unwrap();
    copy("a.db");
    copy("b'\u{202e}.db");
    assert!(hint("a.db", Some("seedbank.db")).starts_with("find it with `seedbank --db a.db sql "));
    assert!(hint("a.db", Some("a.db")).starts_with("find it with `seedbank sql "));
    assert!(hint("a.db", None).starts_with("find it with `seedbank --db a.db sql "));
    assert!(hint("./seedbank.db", Some("a.db")).contains("`seedbank --db ./seedbank.db sql "));
    let hint = hint("b'\u{202e}.db", None);
    assert!(hint.contains(r"`seedbank --db $'b\'\342\200\256.db' sql "), "{hint}");
}

/// A hint depends on what happened, not on words that the user wrote.
#[test]
fn a_quoted_word_chooses_no_hint() {
    let env = TestEnv::with_article();
    for word in ["ran longer", "laid out", "too long", "memory", "may not be modified"] {
        let said = line(&env, &[OsStr::new("sql"), format!("SELECT \"{word}\"").as_ref()]);
        assert_eq!(said["code"], 2, "{said}");
        let hint = said["hint"].as_str().unwrap();
        assert!(hint.starts_with("list tables and columns"), "{said}");
        let said = line(&env, &[OsStr::new("sql"), format!("PRAGMA \"{word}\" = 1").as_ref()]);
        assert_eq!(said["code"], 13, "{said}");
        assert!(said["hint"].as_str().unwrap().starts_with("this command only reads"), "{said}");
    }
}

#[test]
fn command_line_text_is_escaped() {
    let env = TestEnv::new();
    let hostile = "\u{1b}[2J\u{9b}\u{202e}\n";
    for call in [
        &[hostile][..],
        &[&format!("--{hostile}")],
        &["import", "x", "--max-file-size", hostile],
        &["import", "x", "--max-file-size", &format!("1{hostile}")],
        &["stats", "--since", hostile],
        &["stats", hostile],
        &["sql", "SELECT 1", "-p", hostile],
        &["sql", "SELECT 1", "--format", hostile],
        &["verify", "--subset", hostile],
        &["show", "1", "--revision", hostile],
        &["completions", hostile],
    ] {
        for format in ["text", "json"] {
            let ran = env.run(&[&["--log-format", format], call].concat()).expect(2);
            assert!(!acts(&ran.stderr), "{call:?}: {:?}", ran.stderr);
        }
    }
}

/// A name with a line break does not make a second line, not even in a note of success.
#[test]
fn a_note_is_one_line() {
    let env = TestEnv::with_article();
    let ran = env.run(&["export", "--format", "csv", "-o", "a\nerror: b\u{1b}.csv"]).expect(0);
    assert_eq!(ran.stderr, "1 row in \"a\\nerror: b\\u001b.csv\"\n");
    let ran = env.run(&["man", "-o", "a\nerror: b"]).expect(0);
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
}

/// No command blocks on a FIFO, reads a device to its end, or leaves files beside either.
#[test]
fn a_database_that_is_no_file_is_none() {
    let env = TestEnv::with_article();
    let before = what_is_no_file(&env);
    for name in ["folder", "fifo", "null", "zero"] {
        for call in [
            &["stats"][..],
            &["import", "drop"],
            &["import", "--dry-run", "drop"],
            &["verify"],
            &["backup", "copy.db"],
            &["migrate"],
            &["migrate", "--status"],
            &["reextract"],
        ] {
            let call = [&["--db", name], call].concat();
            let ran = env.wait(env.command(&call).stdin(Stdio::null()).spawn().unwrap()).expect(10);
            let said = format!("error: \"{name}\" is not a seedbank database\n");
            assert!(ran.stderr.starts_with(&said), "{call:?}: {ran}");
        }
    }
    assert_eq!(env.files(), before);
}

/// The same for the names of a database's journals and lock: no command opens these.
#[test]
fn journals_and_locks_are_regular_files() {
    let env = TestEnv::with_article();
    for target in ["fifo", "null", "folder", "elsewhere"] {
        for suffix in ["-journal", "-wal", "-shm", ".lock"] {
            let name = format!("seedbank.db{suffix}");
            let kept = env.path("kept");
            let _ = std::fs::rename(env.path(&name), &kept);
            if target == "fifo" {
                make_fifo(&env.path(&name));
            } else {
                let target = if target == "null" { "/dev/null" } else { target };
                symlink(target, env.path(&name)).unwrap();
            }
            for call in [
                &["import", "drop"][..],
                &["import", "--dry-run", "drop"],
                &["reextract"],
                &["stats"],
                &["sql", "SELECT 1"],
                &["verify"],
                &["backup", "--force", "copy.db"],
                &["migrate", "--status"],
            ] {
                if suffix == ".lock" && !["import", "reextract"].contains(&call[0]) {
                    continue;
                }
                let ran =
                    env.wait(env.command(call).stdin(Stdio::null()).spawn().unwrap()).expect(1);
                assert!(ran.stderr.contains(&format!("{name}\" ")), "{target}: {call:?}: {ran}");
                assert!(ran.stderr.contains("\nhint: "), "{target}: {call:?}: {ran}");
            }
            std::fs::remove_file(env.path(&name)).unwrap();
            let _ = std::fs::rename(&kept, env.path(&name));
        }
    }
    assert!(!env.path("elsewhere").exists());
    env.run(&["verify", "-q"]).expect(0);
}

#[test]
fn nothing_is_written_over_what_is_no_file() {
    let env = TestEnv::with_article();
    let before = what_is_no_file(&env);
    for name in ["fifo", "null", "folder"] {
        for call in [&["export", "--format", "csv", "--force", "-o"][..], &["backup", "--force"]] {
            if call[0] == "backup" && name == "folder" {
                continue;
            }
            let ran = env.run(&[call, &[name]].concat()).expect(1);
            let said = format!("error: \"{name}\" is not a regular file\nhint: ");
            assert!(ran.stderr.starts_with(&said), "{call:?}: {ran}");
        }
    }
    assert_eq!(env.files(), before);
    assert!(!env.path("fifo").metadata().unwrap().is_file());
    assert!(env.path("null").is_symlink());
}

fn make_fifo(path: &Path) {
    let fifo = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the name is a C string, and nothing else is passed.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
}

/// A folder, a FIFO and two devices, named by links; and all names that then exist.
fn what_is_no_file(env: &TestEnv) -> Vec<String> {
    std::fs::create_dir(env.path("folder")).unwrap();
    make_fifo(&env.path("fifo"));
    symlink("/dev/null", env.path("null")).unwrap();
    symlink("/dev/zero", env.path("zero")).unwrap();
    env.files()
}

/// Input that is read completely has a size, or a limit.
#[test]
fn endless_input_is_limited() {
    let env = TestEnv::with_article();
    what_is_no_file(&env);
    for (call, status, said) in [
        (&["show", "--file", "zero"][..], 1, "\"zero\" is not an article: too_large (more than "),
        (&["sql", "-f", "zero"], 13, "too long (limit 16 MiB)"),
        (&["import", "--files-from", "zero"], 1, "\"zero\": a path of more than 65536 bytes"),
    ] {
        let ran = env.run(call).expect(status);
        assert!(ran.stderr.contains(said), "{call:?}: {ran}");
    }
}

#[test]
fn any_number_of_jobs() {
    let env = TestEnv::with_article();
    for jobs in ["0", "1", "100000", "18446744073709551615"] {
        for call in [
            &["import", "--full", "drop", "--jobs"][..],
            &["verify", "--jobs"],
            &["reextract", "--all", "--jobs"],
        ] {
            env.run(&[call, &[jobs]].concat()).expect(0);
        }
    }
}

/// Every command, including help, with a standard output that accepts nothing.
#[test]
fn a_full_disk_under_standard_output_is_a_failure() {
    let env = TestEnv::with_article();
    for call in [
        &["--help"][..],
        &["--version"],
        &["import", "--help"],
        &["import", "drop"],
        &["import", "--json", "drop"],
        &["stats"],
        &["show", "1", "--raw"],
        &["sql", "SELECT 1"],
        &["sql", "--json", "SELECT 1"],
        &["search", "正文"],
        &["export", "--format", "jsonl"],
        &["verify", "--json"],
        &["completions", "bash"],
        &["man"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ran = env.ran(env.command(call).stdout(full).output().unwrap()).expect(1);
        assert!(
            ran.stderr.starts_with("error: the output could not be written: "),
            "{call:?}: {ran}"
        );
    }
}

/// A byte that is not UTF-8 is written with a backslash; a name with these literal characters is a different
/// one.
#[test]
fn two_names_have_two_labels() {
    let env = TestEnv::new();
    let names: [&[u8]; 4] = [b"\xff.md", br"\xff.md", br"\\xff.md", b"\\\xff.md"];
    for (number, name) in names.iter().enumerate() {
        let path = env.path("drop").join(OsStr::from_bytes(name));
        env.write(
            "drop/x",
            seed(&format!("名{number}"), &format!("https://a.example/{number}")).as_bytes(),
        );
        std::fs::rename(env.path("drop/x"), &path).unwrap();
        set_time(&path, TIME);
        env.run(&["import", "-q", "--expect-new", "drop"]).expect(0);
    }
    let labels = rows(
        &env.path("seedbank.db"),
        "SELECT DISTINCT replace(path, rtrim(path, replace(path, '/', '')), '') FROM sighting ORDER BY seed_id",
    );
    assert_eq!(labels, [r"\xff.md", r"\\xff.md", r"\\\\xff.md", r"\\\xff.md"]);

    // As in the shell, and as stored, relative or not.
    let explained = |word: &OsStr| {
        let ran = run(&env, &[OsStr::new("explain"), word, OsStr::new("--json")]).expect(0);
        let said: Value = serde_json::from_str(&ran.stdout).unwrap();
        said["seeds"][0]["sightings"][0]["path"].as_str().unwrap().to_owned()
    };
    for (name, label) in names.iter().zip(&labels) {
        let expected = format!("[FOLDER]/drop/{label}");
        let name = OsString::from_vec([b"drop/", *name].concat());
        assert_eq!(explained(&name), expected, "{name:?}");
    }
    std::fs::remove_dir_all(env.path("drop")).unwrap();
    let last = format!("drop/{}", labels[3]);
    assert_eq!(explained(last.as_ref()), format!("[FOLDER]/{last}"));
    let stored = env.path("").canonicalize().unwrap().join(&last);
    assert_eq!(explained(stored.as_os_str()), format!("[FOLDER]/{last}"));
}
