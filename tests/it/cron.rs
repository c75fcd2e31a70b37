//! What scripts rely on: silence, exit codes, JSON lines, an orderly stop.

#[cfg(feature = "archives")]
use crate::pack::Tar;
use crate::place::{Place, dump_without_ids, rows, seed as seed_at, text};
use crate::support::{Ran, TestEnv, seed, signal, until};
use rusqlite::Connection;
use seedbank::Error;
use seedbank::import::{ImportOptions, import};
use seedbank::model::{ImportReport, Progress, RunStatus};
use seedbank::reextract::{ReextractOptions, reextract};
use serde_json::{Value, json};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::process::{Child, ChildStdin};

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
fn a_quiet_success_says_nothing() {
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
    error: nothing new came in 1 file
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

#[test]
fn what_could_not_be_taken_is_said_however_quiet() {
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
fn a_stopped_import_keeps_what_it_counts_and_the_next_goes_on() {
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
fn a_stopped_import_is_not_complete_because_nothing_more_comes() {
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
fn a_stopped_rederivation_goes_on_where_it_was() {
    let place = drop_of(60);
    place.import();
    let rows = dump_without_ids(&place.database());
    let mut options = ReextractOptions { all: true, dry_run: true, ..Default::default() };
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
fn a_run_that_fails_says_what_it_kept() {
    let place = drop_of(10);
    place.import();
    let broken =
        "CREATE TRIGGER broken BEFORE INSERT ON seed BEGIN SELECT raise(FAIL, 'broken'); END";
    Connection::open(place.database()).unwrap().execute_batch(broken).unwrap();
    place.write("a.md", seed_at("NaN", "新", "https://news.example/new", &text("新的一天")));
    let error = import(&place.database(), &ImportOptions::new([place.drop()]), &mut |_| {});
    let Err(Error::RunFailed { report, source }) = error else { panic!("{error:?}") };
    assert_eq!((report.status, report.run_id), (RunStatus::Failed, Some(2)));
    assert!(matches!(*source, Error::Sqlite(_)), "{source:?}");
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
    assert!(ran.stdout.contains("; then it failed\n"), "{ran}");
}

/// Starts an import that reads from an empty pipe, and waits until it does.
fn waiting_for_input(env: &TestEnv, arguments: &[&str]) -> (Child, ChildStdin) {
    let mut child = env.command(arguments).spawn().unwrap();
    let input = child.stdin.take().unwrap();
    let running = "SELECT id FROM import_run WHERE status = 'running'";
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    until("the run", || connection.prepare(running).unwrap().exists([]).unwrap());
    (child, input)
}

#[test]
fn the_first_signal_ends_in_good_order() {
    for (number, code) in [(libc::SIGINT, 130), (libc::SIGTERM, 143), (libc::SIGHUP, 143)] {
        let env = TestEnv::with_article();
        let (child, input) = waiting_for_input(&env, &["import", "--json", "-"]);
        signal(child.id(), number);
        let ran = env.wait(child).expect(code);
        // It was open all the time.
        drop(input);
        let summary: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!((&summary["status"], &summary["run_id"]), (&"interrupted".into(), &2.into()));
        assert!(ran.stderr.starts_with("warning: interrupted after "), "{ran}");
        let ledger = "SELECT status FROM import_run WHERE id = 2";
        assert_eq!(rows(&env.path("seedbank.db"), ledger), ["interrupted"]);
    }
}

/// Lines as another program writes them into a pipe, one article each.
fn lines(count: usize) -> String {
    let line = |at: usize| {
        let html = text(&format!("第{at}天，河水涨到了桥下"));
        let page =
            json!({"url": format!("https://news.example/{at}"), "title": "河", "html": html});
        format!("{page}\n")
    };
    (0..count).map(line).collect()
}

fn articles(env: &TestEnv) -> usize {
    rows(&env.path("seedbank.db"), "SELECT count(*) FROM article")[0].parse().unwrap()
}

#[test]
fn what_came_is_committed_although_the_input_is_silent() {
    let env = TestEnv::with_article();
    let (child, mut input) = waiting_for_input(&env, &["import", "-q", "-"]);
    let lines = lines(131);
    let mut written = 0;
    for count in [1, 2, 30, 130, 131] {
        let end = lines.match_indices('\n').nth(count - 1).unwrap().0 + 1;
        input.write_all(&lines.as_bytes()[written..end]).unwrap();
        written = end;
        until("the articles", || articles(&env) == 1 + count);
    }
    drop(input);
    env.wait(child).expect(0);
}

/// Data that was read from a pipe cannot be read again.
#[test]
fn whole_lines_that_were_read_are_kept_by_a_signal() {
    const HALF: &str = "{\"url\": \"https://news.example/half";
    for (count, rest) in [(1, HALF), (1, ""), (50, HALF), (200, HALF)] {
        let env = TestEnv::with_article();
        let (child, mut input) = waiting_for_input(&env, &["import", "-q", "-"]);
        // The last line is complete, with or without a line break.
        let lines = lines(count);
        let lines = if rest.is_empty() { lines.trim_end() } else { &lines };
        input.write_all(format!("{lines}{rest}").as_bytes()).unwrap();
        until("the pipe to be read", || {
            let mut waiting: libc::c_int = -1;
            // SAFETY: it writes one integer.
            unsafe { libc::ioctl(input.as_raw_fd(), libc::FIONREAD, &mut waiting) };
            waiting == 0
        });
        signal(child.id(), libc::SIGTERM);
        env.wait(child).expect(143);
        assert_eq!(articles(&env), 1 + count);
        assert_eq!(rows(&env.path("seedbank.db"), "SELECT reason FROM rejection"), [""; 0]);
    }
}

/// A file that takes an hour to read delays neither what came before it nor the end.
#[test]
#[cfg(feature = "archives")]
fn a_signal_ends_an_import_that_reads_a_huge_file() {
    const LENGTH: u64 = 4 << 40;
    let env = TestEnv::with_article();
    env.write("drop/b.md", seed("乙", "https://news.example/b").as_bytes());
    let tar = Tar::default()
        .file("c.md", seed("丙", "https://news.example/c").as_bytes(), 1_707_177_600)
        .pax(&[("size", &LENGTH.to_string())])
        .file("holes", b"", 1_707_177_600);
    env.write("drop/c.tar", &tar.unfinished());
    let file = std::fs::File::options().write(true).open(env.path("drop/c.tar")).unwrap();
    if let Err(error) = file.set_len(LENGTH) {
        eprintln!("SKIPPED: no file of {LENGTH} bytes can be made here: {error}");
        return;
    }
    let child = env.command(&["import", "-q", "drop"]).spawn().unwrap();
    until("what came before it", || articles(&env) == 3);
    signal(child.id(), libc::SIGTERM);
    env.wait(child).expect(143);
}

#[test]
fn a_signal_ends_the_wait_for_a_list() {
    let env = TestEnv::with_article();
    let mut child = env.command(&["import", "-q", "--files-from", "-"]).spawn().unwrap();
    let input = child.stdin.take();
    until_it_listens(&child);
    signal(child.id(), libc::SIGTERM);
    env.wait(child).expect(143);
    drop(input);
}

/// An endless transaction of another program.
#[test]
fn a_signal_ends_the_wait_for_a_database_that_is_held() {
    for arguments in [&["import", "drop"][..], &["reextract", "--all"]] {
        let env = TestEnv::with_article();
        let connection = Connection::open(env.path("seedbank.db")).unwrap();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        let child = env.command(arguments).spawn().unwrap();
        until_it_listens(&child);
        signal(child.id(), libc::SIGTERM);
        env.wait(child).expect(143);
        connection.execute_batch("ROLLBACK").unwrap();
        env.run(arguments).expect(0);
    }
}

/// Opening a list that nobody writes blocks forever.
#[test]
fn a_signal_ends_the_wait_for_who_writes_a_list() {
    let env = TestEnv::with_article();
    let path = std::ffi::CString::new(env.path("list").to_str().unwrap()).unwrap();
    // SAFETY: it is a C string.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
    let child = env.command(&["import", "--files-from", "list"]).spawn().unwrap();
    until_it_listens(&child);
    signal(child.id(), libc::SIGTERM);
    let ran = env.wait(child).expect(143);
    // Not by the alarm, which prints nothing.
    assert!(ran.stderr.contains("the import was stopped"), "{ran}");
    // Otherwise it waits for the writer.
    let child = env.command(&["import", "-q", "--files-from", "list"]).spawn().unwrap();
    std::fs::write(env.path("list"), "drop\n").unwrap();
    env.wait(child).expect(0);
}

/// Writing a summary into a full pipe that nobody reads is not ended by a flag.
fn stuck(env: &TestEnv) -> (Child, std::io::PipeReader) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let blocking = |is_blocking: bool| {
        let flags = if is_blocking { 0 } else { libc::O_NONBLOCK };
        // SAFETY: it sets flags of an open file.
        unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETFL, flags) };
    };
    blocking(false);
    while (&writer).write(&[0; 512]).is_ok() {}
    while (&writer).write(&[0]).is_ok() {}
    blocking(true);
    writer.flush().unwrap();
    let child = env.command(&["import", "--json", "drop"]).stdout(writer).spawn().unwrap();
    until_it_listens(&child);
    (child, reader)
}

/// A command that only reads has nothing to clean up.
#[test]
fn a_signal_ends_what_reads_with_the_documented_codes() {
    const ENDLESS: &str = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)
        SELECT max(i) FROM n";
    let env = TestEnv::with_article();
    for (number, code) in [(libc::SIGINT, 130), (libc::SIGTERM, 143), (libc::SIGHUP, 143)] {
        let child = env.command(&["sql", "--json", "--timeout", "0", ENDLESS]).spawn().unwrap();
        until("the handlers", || handles(&child, libc::SIGTERM));
        signal(child.id(), number);
        let ran = env.wait(child).expect(code);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    }
}

/// No unfinished files are left.
#[test]
fn a_signal_ends_what_writes_files_in_good_order() {
    // Reading it takes forever, without any rows.
    const ENDLESS: &str = "ALTER TABLE site RENAME TO sites;
        CREATE VIEW site AS WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)
        SELECT i AS id, '' AS host FROM n WHERE i < 0";
    let env = TestEnv::with_article();
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.execute_batch(ENDLESS).unwrap();
    let before = env.files();
    for arguments in
        [&["export", "--format", "csv", "--table", "site", "-o", "site.csv"][..], &["verify"]]
    {
        let child = env.command(arguments).spawn().unwrap();
        until_it_listens(&child);
        signal(child.id(), libc::SIGTERM);
        let ran = env.wait(child).expect(143);
        assert_eq!(ran.stderr, "warning: interrupted; nothing was left half-done\n", "{ran}");
        assert_eq!(env.files(), before, "{arguments:?}");
    }
}

#[test]
fn the_second_signal_ends_at_once() {
    // Twice the same signal: of two kinds, the second can arrive before the first.
    for (number, code) in [(libc::SIGINT, 130), (libc::SIGTERM, 143), (libc::SIGHUP, 143)] {
        let env = TestEnv::with_article();
        let (child, _full) = stuck(&env);
        signal(child.id(), number);
        // Pending signals of one kind are merged.
        until("the first signal", || {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
            status.is_ok_and(|text| text.contains("ShdPnd:\t0000000000000000"))
        });
        signal(child.id(), number);
        let ran = env.wait(child).expect(code);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
        env.run(&["import", "drop"]).expect(0);
    }
}

/// One signal is enough in the end, whatever the command waits for.
#[test]
fn time_ends_what_a_signal_does_not() {
    let env = TestEnv::with_article();
    let (child, _full) = stuck(&env);
    signal(child.id(), libc::SIGINT);
    env.wait(child).expect(130);
}

/// Waits until a command has installed its handlers.
fn until_it_listens(child: &Child) {
    // A signal before that ends it; it handles this one only afterwards.
    until("the handlers", || handles(child, libc::SIGALRM));
}

fn handles(child: &Child, signal: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    status.is_ok_and(|text| has_handler(&text, signal))
}

#[test]
fn a_signal_ends_the_wait_for_another_writer() {
    let env = TestEnv::with_article();
    let lock = std::fs::File::options().write(true).open(env.path("seedbank.db.lock")).unwrap();
    lock.lock().unwrap();
    let child = env.command(&["import", "--lock-wait", "3600", "drop"]).spawn().unwrap();
    // Before or after its handlers are installed, it ends by this signal.
    until_it_listens(&child);
    signal(child.id(), libc::SIGTERM);
    let ran = env.wait(child).expect(143);
    assert!(ran.stderr.starts_with("error: another writer holds"), "{ran}");
}

/// Whether the process of this `/proc/…/status` handles the signal.
fn has_handler(status: &str, signal: i32) -> bool {
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:\t")).unwrap_or("0");
    u64::from_str_radix(caught, 16).unwrap_or(0) & (1 << (signal - 1)) != 0
}

#[test]
fn an_ignored_signal_stays_ignored() {
    use std::os::unix::process::CommandExt;
    let env = TestEnv::with_article();
    let connection = Connection::open(env.path("seedbank.db")).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut command = env.command(&["import", "drop"]);
    // SAFETY: `signal` may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGHUP, libc::SIG_IGN);
            Ok(())
        });
    }
    let child = command.spawn().unwrap();
    until_it_listens(&child);
    signal(child.id(), libc::SIGHUP);
    connection.execute_batch("ROLLBACK").unwrap();
    env.wait(child).expect(0);
}
