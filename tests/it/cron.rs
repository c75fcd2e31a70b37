//! What scripts rely on: silence, exit codes, lines for programs, runs that stop and continue.

use crate::place::{Place, dump_without_ids, seed as seed_at, text};
use crate::support::{Ran, TestEnv, seed};
use rusqlite::Connection;
use seedbank::internals::import::import;
use seedbank::internals::reextract::reextract;
use seedbank::{Error, ImportOptions, ImportReport, Progress, ReextractOptions, RunStatus};
use serde_json::Value;

/// The lines of standard error, each a JSON object with the common keys.
#[track_caller]
fn log(ran: &Ran) -> Vec<Value> {
    let lines: Vec<Value> = ran
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}: {ran}")))
        .collect();
    for line in &lines {
        for key in ["time", "level", "message"] {
            assert!(line[key].is_string(), "{line}");
        }
    }
    lines
}

#[test]
fn a_quiet_success_prints_nothing() {
    let env = TestEnv::new();
    env.write("drop/a.txt", seed("标题", "https://news.example/a").as_bytes());
    env.write("drop/list.txt", "某台\n------\n\n* [甲](1.md)\n".as_bytes());
    for arguments in [
        &["import", "-q", "--expect-new", "drop"][..],
        &["import", "-q", "drop"],
        &["import", "-q", "--log-format", "json", "drop"],
        &["reextract", "-q", "--all"],
    ] {
        let ran = env.run(arguments).expect(0);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{arguments:?}");
    }
}

#[test]
fn nothing_new_where_something_was_expected() {
    let env = TestEnv::with_article();
    let ran = env.run(&["import", "--expect-new", "drop"]).expect(5);
    assert!(ran.stdout.contains("unchanged  1"), "{ran}");
    insta::assert_snapshot!(ran.stderr, @r"
    error: nothing new in 1 file
    hint: compare with earlier imports: `seedbank runs`
    ");
    let ran = env.run(&["import", "--expect-new", "--json", "drop"]).expect(5);
    let summary: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&summary["status"], &summary["new"]), (&"complete".into(), &0.into()));

    // A revision counts as new, a file that could not be imported does not.
    env.write("drop/b.txt", seed("新标题", "https://news.example/a").as_bytes());
    env.run(&["import", "--expect-new", "--dry-run", "drop"]).expect(0);
    env.run(&["import", "--expect-new", "drop"]).expect(0);
    env.write("drop/large.txt", &vec![b'x'; 20_000]);
    env.run(&["import", "--expect-new", "--max-file-size", "10k", "drop"]).expect(5);
}

/// As when a disk is not mounted.
#[test]
fn no_file_where_some_were_expected() {
    let env = TestEnv::with_article();
    std::fs::create_dir_all(env.path("disk/lost")).unwrap();
    env.run(&["import", "disk", "drop"]).expect(0);
    let ran = env.run(&["import", "-q", "--expect-files", "drop", "disk"]).expect(5);
    insta::assert_snapshot!(ran.stderr, @r#"
    error: no files in "[FOLDER]/disk"
    hint: check that its disk is mounted
    "#);
    env.run(&["import", "-q", "--expect-files", "drop", "drop/a.txt"]).expect(0);
    let ran = env.run(&["import", "--expect-files", "--json", "--dry-run", "disk"]).expect(5);
    let summary: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(summary["empty_paths"], serde_json::json!(["[FOLDER]/disk"]));
    let folders: Vec<String> = (1..6).map(|number| format!("disk/{number}")).collect();
    folders.iter().for_each(|folder| std::fs::create_dir(env.path(folder)).unwrap());
    let mut call = vec!["import", "-q", "--expect-files"];
    call.extend(folders.iter().map(String::as_str));
    insta::assert_snapshot!(env.run(&call).expect(5).stderr, @r#"
    error: no files in "[FOLDER]/disk/1", "[FOLDER]/disk/2", "[FOLDER]/disk/3" and 2 more
    hint: check that its disk is mounted
    "#);
    let ran = env.run_with_input(&["import", "-q", "--expect-files", "--files-from", "-"], "");
    insta::assert_snapshot!(ran.expect(5).stderr, @r"
    error: no files were named
    hint: check what names the files
    ");
}

/// There is no run whose rows could be asked for them.
#[test]
fn a_dry_run_names_what_cannot_be_imported() {
    let env = TestEnv::with_article();
    for number in 0..22 {
        env.write(&format!("drop/{number:02}.txt"), &vec![b'x'; 20_000]);
    }
    env.write("drop/readme.txt", b"# Readme\n");
    let run = |arguments: &[&str]| -> Ran {
        let call = ["import", "-n", "--max-file-size", "10k", "drop"];
        env.run(&[&call[..], arguments].concat()).expect(3)
    };
    let text = run(&[]).stdout;
    let (summary, listed) = text.split_once("\n\n").unwrap();
    assert!(summary.starts_with("Dry run, nothing is changed: 24 files, "), "{summary}");
    let first = "Cannot be imported:\n  \"[FOLDER]/drop/00.txt\": too_large (";
    assert!(listed.starts_with(first), "{listed}");
    assert!(listed.ends_with("\n  … and 2 more; list all with --verbose\n"), "{listed}");
    let quiet = run(&["-q"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.lines().count()), ("", 22), "{quiet}");
    let lines = log(&run(&["--json", "-v", "--log-format", "json"]));
    assert_eq!(lines.len(), 23);
    assert_eq!((&lines[22]["reason"], &lines[22]["level"]), (&"readme".into(), &"info".into()));
    assert!(lines.iter().all(|line| line.get("run_id").is_none()));
    // A real run has the same.
    let imported = env.run(&["import", "--max-file-size", "10k", "drop"]).expect(3).stdout;
    let names = |text: &str| text.lines().filter(|line| line.contains("too_large (")).count();
    assert_eq!((names(&imported), names(&text)), (20, 20));
    // What was refused before is no news.
    env.run(&["import", "-n", "--max-file-size", "10k", "drop"]).expect(0);
}

#[test]
fn refused_files_are_reported_even_when_quiet() {
    let env = TestEnv::with_article();
    env.write("drop/large.txt", &vec![b'x'; 20_000]);
    let ran = env.run(&["import", "-q", "--max-file-size", "10k", "drop"]).expect(3);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(
        ran.stderr,
        @r#"warning: not taken: "[FOLDER]/drop/large.txt": too_large (20000 bytes; the limit is 10240)"#
    );
}

#[test]
fn lines_for_programs() {
    let env = TestEnv::with_article();
    env.write("drop/b\u{1b}.txt", &vec![b'x'; 20_000]);
    env.write("drop/c.txt", b"no header\n");
    let json = ["--log-format", "json"];
    let run = |arguments: &[&str]| env.run(&[&json[..], arguments].concat());

    let ran = run(&["import", "-v", "--max-file-size", "10k", "drop"]).expect(3);
    let lines = log(&ran);
    assert_eq!(lines.len(), 2, "{ran}");
    assert_eq!((&lines[0]["level"], &lines[0]["reason"]), (&"warning".into(), &"too_large".into()));
    assert_eq!(lines[0]["path"], "[FOLDER]/drop/b\u{1b}.txt");
    assert_eq!(lines[0]["run_id"], 2);
    assert_eq!((&lines[1]["level"], &lines[1]["reason"]), (&"info".into(), &"no_header".into()));

    let ran = run(&["import", "missing"]).expect(1);
    let [line] = &log(&ran)[..] else { panic!("{ran}") };
    assert_eq!(line["level"], "error");
    assert_eq!(line["message"], "\"missing\" does not exist");
    assert_eq!((&line["path"], &line["code"]), (&"missing".into(), &1.into()));
    assert_eq!(line["hint"], "check its spelling; nothing was imported");

    let ran = run(&["sql", "--max-rows", "1", "VALUES (1), (2)"]).expect(0);
    assert_eq!(log(&ran)[0]["message"], "the first 1 row; there are more");
    assert_eq!(log(&run(&["import"]).expect(2))[0]["code"], 2);
    assert_eq!(log(&run(&["import", "--expect-new", "drop"]).expect(5))[0]["run_id"], 3);
    assert!(run(&["--help"]).expect(0).stderr.is_empty());
}

/// A drop with this many articles, some of them with two versions.
fn drop_of(articles: usize) -> Place {
    let place = Place::new();
    for number in 0..articles {
        let url = format!("https://news.example/{}", number - number % 5 / 4);
        let words = text(&format!("第{number}天，河水涨到了桥下"));
        place.write(&format!("{number:03}.md"), seed_at("NaN", "河", &url, &words));
    }
    place
}

#[test]
fn a_stopped_import_keeps_what_it_counts_and_the_next_continues() {
    let place = drop_of(60);
    let whole = Place::new();
    whole.import_with(|options| options.paths = vec![place.drop()]);
    let stop_after = |files: u64, dry_run: bool| -> ImportReport {
        let mut options = ImportOptions::new([place.drop()]);
        options.dry_run = dry_run;
        let stop = options.stop.clone();
        import(&place.database(), &options, &mut |progress| {
            if let Progress::Reading { files_seen, .. } = progress
                && files_seen == files
            {
                stop.request();
            }
        })
        .unwrap()
    };
    let report = stop_after(20, true);
    assert_eq!((report.status, report.files_seen), (RunStatus::Interrupted, 20));
    assert!(!place.database().exists());

    let report = stop_after(20, false);
    assert_eq!((report.status, report.files_seen), (RunStatus::Interrupted, 20));
    assert!(report.adds_up());
    assert_eq!(
        place.rows(
            "SELECT status, files_seen, new, revised, finished_at IS NOT NULL FROM import_run"
        ),
        [format!("interrupted|20|{}|{}|1", report.new, report.revised)]
    );
    assert_eq!(place.rows("SELECT count(*) FROM sighting"), ["20"]);
    assert_eq!(place.rows("SELECT count(*) FROM article"), [report.new.to_string()]);

    let report = stop_after(40, false);
    assert_eq!((report.unchanged, report.files_seen), (20, 40));
    let report = place.import();
    assert_eq!((report.unchanged, report.files_seen), (40, 60));
    assert_eq!(dump_without_ids(&place.database()), dump_without_ids(&whole.database()));
}

/// The first file takes so long that all others wait for it.
#[test]
fn a_stopped_import_is_not_complete_at_the_end_of_its_input() {
    let place = drop_of(20);
    let slow = "<b>x</b>".repeat(80_000);
    place.write("0.md", seed_at("NaN", "慢", "https://news.example/slow", &slow));
    let mut options = ImportOptions::new([place.drop()]);
    options.jobs = 2;
    let stop = options.stop.clone();
    let report = import(&place.database(), &options, &mut |_| stop.request()).unwrap();
    assert_eq!((report.status, report.files_seen), (RunStatus::Interrupted, 1));
    assert_eq!(place.import().files_seen, 21);
}

#[test]
fn a_stopped_rebuild_continues_where_it_was() {
    let place = drop_of(60);
    place.import();
    let rows = dump_without_ids(&place.database());
    let mut options = ReextractOptions::default().with_all(true).with_dry_run(true);
    options.stop.request();
    let report = reextract(&place.database(), &options, &mut |_| {}).unwrap();
    assert!(report.interrupted && report.changes.is_empty(), "{report:?}");
    options.dry_run = false;
    let report = reextract(&place.database(), &options, &mut |_| {}).unwrap();
    assert!(report.interrupted, "{report:?}");
    let version = "SELECT value FROM meta WHERE key = 'extractor_version'";
    assert_eq!(place.rows(version), ["0"]);

    // An import that is stopped then is a run that stored nothing.
    let options = ImportOptions::new([place.drop()]);
    options.stop.request();
    let report = import(&place.database(), &options, &mut |_| {}).unwrap();
    assert_eq!((report.status, report.files_seen), (RunStatus::Interrupted, 0));
    assert_eq!(place.rows(version), ["0"]);

    let report = reextract(&place.database(), &ReextractOptions::default(), &mut |_| {}).unwrap();
    assert!(!report.interrupted, "{report:?}");
    assert_eq!(dump_without_ids(&place.database()), rows);
    assert_eq!(place.import().unchanged, 60);
}

#[test]
fn a_failed_run_reports_what_it_kept() {
    let place = drop_of(10);
    place.import();
    let broken =
        "CREATE TRIGGER broken BEFORE INSERT ON seed BEGIN SELECT raise(FAIL, 'broken'); END";
    Connection::open(place.database()).unwrap().execute_batch(broken).unwrap();
    place.write("a.md", seed_at("NaN", "新", "https://news.example/new", &text("新的一天")));
    let error = import(&place.database(), &ImportOptions::new([place.drop()]), &mut |_| {});
    let Err(Error::RunFailed { report, error }) = error else { panic!("{error:?}") };
    assert_eq!((report.status, report.run_id), (RunStatus::Failed, Some(2)));
    assert!(matches!(*error, Error::Database(_)), "{error:?}");
    assert_eq!(place.rows("SELECT status FROM import_run"), ["complete", "failed"]);
}

#[test]
fn a_failed_run_prints_its_summary_too() {
    let env = TestEnv::with_article();
    let broken =
        "CREATE TRIGGER broken BEFORE INSERT ON seed BEGIN SELECT raise(FAIL, 'broken'); END";
    Connection::open(env.path("seedbank.db")).unwrap().execute_batch(broken).unwrap();
    env.write("drop/b.txt", seed("新标题", "https://news.example/b").as_bytes());
    let ran = env.run(&["import", "--json", "drop"]).expect(1);
    let summary: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&summary["status"], &summary["run_id"]), (&"failed".into(), &2.into()));
    assert_eq!(ran.stderr, "error: \"./seedbank.db\": broken\n");
    let ran = env.run(&["import", "drop"]).expect(1);
    assert!(ran.stdout.starts_with("0 files, 0 bytes read in "), "{ran}");
    assert!(ran.stdout.contains("; failed\n"), "{ran}");
}
