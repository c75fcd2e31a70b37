//! Commands that a signal stops, and what they leave.

#[cfg(feature = "archives")]
use crate::pack::Tar;
use crate::place::{rows, text};
use crate::support::{TestEnv, seed, signal, until};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::process::{Child, ChildStdin};

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
fn articles_are_committed_while_the_input_is_silent() {
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
        SELECT i AS id, '' AS host, '' AS name FROM n WHERE i < 0";
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
