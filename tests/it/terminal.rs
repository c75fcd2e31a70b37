//! Every command on a terminal, and with output that nobody reads to the end.

use crate::support::{Ran, TestEnv, seed};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::{FromRawFd, OwnedFd};
use std::process::{Command, Output, Stdio};

/// Sequences that must not reach a terminal: a clear screen, a C1 control, a changed direction of writing.
const HOSTILE: &str = "\u{1b}[2J\u{9b}31m\u{202e}\u{2066}";

/// Calls of every command that prints something, in all its forms.
fn calls(env: &TestEnv) -> Vec<Vec<String>> {
    env.commands().iter().flat_map(|command| calls_of(command)).collect()
}

fn calls_of(command: &str) -> Vec<Vec<String>> {
    let calls: &[&[&str]] = match command {
        "import" => &[&["drop"], &["--json", "drop"], &["--full", "-v", "drop"]],
        "sql" => return calls_of_sql(),
        "schema" => &[&[], &["--json"], &["article"]],
        "search" => &[
            &["一段"],
            &["一段", "--json"],
            &["一段", "--format", "csv"],
            &["一段", "--format", "markdown"],
            &["早先", "--removed"],
            &["一段", "--count"],
        ],
        "stats" => return with_command(command, CALLS_OF_STATS),
        "export" => &[
            &["--format", "jsonl"],
            &["--format", "csv"],
            &["--format", "csv", "--table", "sighting"],
            &["--format", "csv", "--table", "import_run"],
            &["--format", "atom"],
            &["--json", "--force", "--format", "csv", "-o", "a\u{1b}[2J\u{202e}.csv"],
            &["--json", "--force", "--format", "sqlite", "-o", "b\u{1b}[2J\u{202e}.db"],
            &["--json", "--force", "--format", "html", "-o", "a\u{1b}[2J\u{202e}"],
        ],
        "show" => &[
            &["1"],
            &["1", "--all"],
            &["1", "1"],
            &["1", "--blocks"],
            &["1", "--raw"],
            &["1", "--json"],
            &["1", "--revision", "1"],
            &["--file", "drop/b.txt"],
        ],
        "have" => &[&["https://news.example/\u{9b}\u{202e}"], &["1\u{1b}[2J", "--json"]],
        "history" => return with_command(command, CALLS_OF_HISTORY),
        "diff" => &[&["1"], &["1", "--json"]],
        "explain" => &[&["1"], &["1", "--json"]],
        "runs" => &[&[], &["--json"], &["1"], &["1", "--json"]],
        "reextract" => {
            &[&["--dry-run"], &["--dry-run", "--all"], &["--dry-run", "--all", "--json"]]
        }
        "verify" => &[&[], &["--json"], &["--quick"]],
        "backup" => &[
            &["--force", "copy\u{9b}\u{202e}.db"],
            &["--force", "--json", "copy\u{9b}\u{202e}.db"],
        ],
        "migrate" => &[&[], &["--json"], &["--status"], &["--status", "--json"]],
        "completions" => &[&["bash"], &["zsh"], &["fish"], &["elvish"], &["powershell"]],
        "man" => &[&[]],
        command => panic!("say here how `{command}` is called"),
    };
    with_command(command, calls)
}

const CALLS_OF_STATS: &[&[&str]] = &[
    &[],
    &["--json"],
    &["--site", "news.example"],
    &["--query", "一段"],
    &["--query", "一段", "--query", "\u{1b}[2J\u{202e}一"],
    &["--query", "\u{9b}\u{202e}一", "--plot", "-"],
];

const CALLS_OF_HISTORY: &[&[&str]] =
    &[&["1"], &["1", "--json"], &[], &["--json"], &["--format", "jsonl"], &["--format", "atom"]];

fn with_command(command: &str, calls: &[&[&str]]) -> Vec<Vec<String>> {
    let words =
        |call: &&[&str]| [&[command], *call].concat().iter().map(|&word| word.into()).collect();
    calls.iter().map(words).collect()
}

fn calls_of_sql() -> Vec<Vec<String>> {
    let sql = "SELECT title, char(27) || '[2J' || char(0x9b, 0x202e) AS \"\u{1b}[2J\" FROM article";
    let calls: &[&[&str]] = &[
        &[sql],
        &["--json", sql],
        &["--format", "jsonl", sql],
        &["--format", "csv", sql],
        &["--format", "tsv", sql],
        &["--format", "markdown", sql],
        &["--format", "line", sql],
        &["SELECT * FROM article"],
        &["--raw", "SELECT title FROM article"],
        &["--null", HOSTILE, "SELECT NULL, 1"],
    ];
    with_command("sql", calls)
}

/// Two versions of an article with hostile names, titles, texts and links.
fn archive() -> TestEnv {
    let env = TestEnv::new();
    let version = |epoch: &str, text: &str| {
        format!(
            "<!--{epoch}-->\n[题{HOSTILE}目 {epoch}](https://news.example/a?{HOSTILE})\n------\n\n\
             <p>{text}{HOSTILE}，<a href='/b?{HOSTILE}'>链接{HOSTILE}</a>。</p>\
             <img src='/c.jpg' alt='图{HOSTILE}'><pre>行{HOSTILE}</pre>\n"
        )
    };
    env.write(&format!("drop/a{HOSTILE}.txt"), version("1706745600000", "早先的一段").as_bytes());
    env.write("drop/b.txt", version("1706832000000", "后来的一段").as_bytes());
    env.write(&format!("drop/no{HOSTILE}.txt"), HOSTILE.as_bytes());
    env.run(&["import", "-q", "--note", HOSTILE, "drop"]).expect(0);
    env
}

/// Runs a command with its standard output on a terminal of this width; `None`, with a message, if there can
/// be no terminal.
pub fn on_terminal(mut command: Command, columns: u16) -> Option<Ran> {
    let (mut ours, mut its) = (-1, -1);
    let size = libc::winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    let (name, attributes) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: both numbers and the size outlive the call, and nothing else is passed.
    let opened = unsafe { libc::openpty(&mut ours, &mut its, name, attributes, &size) };
    if opened != 0 {
        eprintln!("SKIPPED: no pseudo-terminal here");
        return None;
    }
    // SAFETY: they were just opened, and nobody else owns them.
    let (mut ours, its) = unsafe { (File::from_raw_fd(ours), OwnedFd::from_raw_fd(its)) };
    let child = command.stdin(Stdio::null()).stdout(its).spawn().unwrap();
    // The other end of the terminal is closed when its only holder, the program, ends.
    drop(command);
    let mut stdout = Vec::new();
    // Linux reports this as an error, after everything was read.
    let _ = ours.read_to_end(&mut stdout);
    let output = child.wait_with_output().unwrap();
    Some(Ran {
        // A terminal turns a line break into two characters.
        stdout: String::from_utf8(stdout).unwrap().replace("\r\n", "\n"),
        stderr: String::from_utf8(output.stderr).unwrap(),
        status: output.status.code().unwrap_or(-1),
    })
}

/// Runs a command whose standard output is never read.
fn unread(mut command: Command) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer).spawn().unwrap().wait_with_output().unwrap()
}

fn acts(text: &str) -> bool {
    text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{2066}'])
}

#[test]
fn nothing_in_an_article_acts_on_a_terminal() {
    let env = archive();
    for call in calls(&env) {
        let mut command = env.command(&call);
        command.env("NO_COLOR", "1");
        let Some(ran) = on_terminal(command, 80) else { return };
        assert_eq!(ran.status, 0, "{call:?}: {ran}");
        assert_ne!(ran.stdout, "", "{call:?}");
        assert!(!acts(&ran.stdout) && !acts(&ran.stderr), "{call:?}: {:?}", ran.stdout);
    }
}

/// Other names in the output are hostile too: the database, damage, closed sites.
#[test]
fn nothing_that_is_found_acts_on_a_terminal() {
    let env = archive();
    let database = format!("b{HOSTILE}.db");
    std::fs::rename(env.path("seedbank.db"), env.path(&database)).unwrap();
    let damage =
        "UPDATE seed SET body = x'00'; UPDATE article SET title = 'x' || char(27, 155, 8238);
        UPDATE sighting SET member = char(27, 155, 8238);
        UPDATE site SET host = 'a' || char(27, 155, 8238);";
    rusqlite::Connection::open(env.path(&database)).unwrap().execute_batch(damage).unwrap();
    for call in [
        &["verify"][..],
        &["verify", "--json"],
        &["stats"],
        &["stats", "--json"],
        &["stats", "--health"],
        &["stats", "--health", "--json"],
        &["migrate", "--status", "--json"],
        &["runs", "1", "-v"],
        &["explain", "1", "--json"],
        &["show", "99"],
        &["import", "drop"],
    ] {
        let mut command = env.command(&[&["--db", &database], call].concat());
        command.env("NO_COLOR", "1");
        let Some(ran) = on_terminal(command, 80) else { return };
        assert!(
            !acts(&ran.stdout) && !acts(&ran.stderr),
            "{call:?}: {:?} {:?}",
            ran.stdout,
            ran.stderr
        );
        if call.contains(&"--json") {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&ran.stdout);
            assert!(read.is_ok(), "{call:?}: {ran}");
        }
    }
}

#[test]
fn a_file_or_a_pipe_gets_the_exact_bytes() {
    let env = archive();
    for call in [&["show", "1", "--raw"][..], &["export", "--format", "csv"]] {
        assert!(acts(&env.run(call).expect(0).stdout), "{call:?}");
    }
}

#[test]
fn colors() {
    let env = TestEnv::with_article();
    let check = |arguments: &[&str], no_color: Option<&str>, on_terminal_too: bool, piped: bool| {
        let command = || {
            let mut command = env.command(&[&["show", "1"], arguments].concat());
            command.envs(no_color.map(|value| ("NO_COLOR", value)));
            command
        };
        let is_colored = |text: &str| text.contains("\u{1b}[");
        let output = command().output().unwrap();
        assert_eq!(is_colored(&String::from_utf8(output.stdout).unwrap()), piped, "{arguments:?}");
        if let Some(ran) = on_terminal(command(), 80) {
            assert_eq!(is_colored(&ran.stdout), on_terminal_too, "{arguments:?}: {ran}");
        }
    };
    check(&[], None, true, false);
    check(&[], Some("1"), false, false);
    // Only an explicit value counts, not an empty one.
    check(&[], Some(""), true, false);
    check(&["--color", "never"], None, false, false);
    check(&["--color", "always"], None, true, true);
    check(&["--color", "always"], Some("1"), true, true);
    check(&["--color", "auto"], Some("1"), false, false);
}

#[test]
fn texts_and_tables_fit_the_terminal() {
    let env = TestEnv::with_article();
    let sql = "SELECT title, text, url FROM article_text";
    for call in [&["show", "1"][..], &["sql", sql], &["history", "1"], &["stats"]] {
        for (columns, said) in [(40, None), (120, Some("40")), (40, Some("x"))] {
            let mut command = env.command(call);
            command.envs(said.map(|value| ("COLUMNS", value)));
            let Some(ran) = on_terminal(command, columns) else { return };
            for line in ran.expect(0).stdout.lines() {
                let line = line.replace("\u{1b}[1m", "").replace("\u{1b}[2m", "");
                let width =
                    unicode_width::UnicodeWidthStr::width(line.replace("\u{1b}[0m", "").as_str());
                assert!(width <= 40, "{call:?}: {line}");
            }
        }
    }
}

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let env = archive();
    let help = env.commands().into_iter().map(|command| vec![command, "--help".to_owned()]);
    for call in calls(&env).into_iter().chain(help) {
        let output = unread(env.command(&call));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{call:?}");
        assert_eq!(output.status.code(), Some(0), "{call:?}");
    }
}

/// `| head -1`, with more output than a pipe holds.
#[test]
fn a_pipe_closed_in_the_middle_ends_quietly() {
    let env = TestEnv::new();
    let lines = "<p>一行又一行。</p>\n".repeat(20_000);
    env.write("drop/a.txt", (seed("长文", "https://news.example/a") + &lines).as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    let sql = "SELECT text FROM paragraph";
    for call in [
        &["sql", sql, "--max-rows", "100000"][..],
        &["sql", sql, "--format", "csv"],
        &["sql", sql, "--json"],
        &["export", "--format", "jsonl"],
        &["export", "--format", "csv", "--table", "paragraph"],
        &["show", "1"],
        &["show", "1", "--blocks"],
        &["show", "1", "--raw"],
        &["show", "1", "--json"],
    ] {
        let mut child = env.command(call).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_ne!(line, "", "{call:?}");
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{call:?}");
        assert_eq!(output.status.code(), Some(0), "{call:?}");
    }
}

/// Nobody reads the summary, but the exit code is still right.
#[test]
fn a_closed_pipe_hides_no_refused_file() {
    let env = TestEnv::new();
    env.write("drop/large.txt", &vec![b'x'; 20_000]);
    let output = unread(env.command(&["import", "--max-file-size", "10k", "drop"]));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(3));
}
