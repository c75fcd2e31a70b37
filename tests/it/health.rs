//! `stats --health --state`: problems are reported when they start and when they end.

use crate::stats::of_a_daily;
use crate::support::{Ran, TestEnv, seed, set_mode};
use serde_json::Value;

fn health(env: &TestEnv, until: &str, arguments: &[&str]) -> Ran {
    let call = ["stats", "--health", "--state", "health.state", "--until", until];
    env.run(&[&call[..], arguments].concat())
}

fn state(env: &TestEnv) -> String {
    let text = std::fs::read_to_string(env.path("health.state")).unwrap();
    let (_, problems) = text.split_once("\narchive ").unwrap();
    problems.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn a_problem_is_reported_when_it_starts_and_when_it_ends() {
    let env = of_a_daily();
    let quiet = |until: &str, status: i32| health(&env, until, &["-q"]).expect(status).stdout;
    assert_eq!(quiet("2024-04-09", 0), "");
    assert_eq!(state(&env), "");
    insta::assert_snapshot!(quiet("2024-05-20", 5), @r"
    2 sites as of 2024-05-20; 1 of them with too little history to judge
    New problems:

    Missing days
     site           from        to          days
     daily.example  2024-04-10  2024-04-12     3

    Worse months
     site           month    articles  not whole  before  characters  before
     daily.example  2024-05        20       50 %     0 %         131     131
    ");
    assert_eq!(quiet("2024-05-21", 0), "");
    insta::assert_snapshot!(health(&env, "2024-06-15", &[]).expect(5).stdout, @r"
    2 sites as of 2024-06-15; 1 of them with too little history to judge
    New problems; 2 problems from before:

    Silent sites
     site           last article  silent for  usual gap  longest gap
     daily.example  2024-05-31       15 days      1 day       4 days
    ");
    insta::assert_snapshot!(health(&env, "2024-06-16", &[]).expect(0).stdout, @r"
    2 sites as of 2024-06-16; 1 of them with too little history to judge
    Nothing new; 3 problems from before
    ");
    insta::assert_snapshot!(state(&env), @r#"
    silent "daily.example" 2024-05-31
    missing "daily.example" 2024-04-10 2024-04-12
    worse "daily.example" 2024-05
    "#);

    // The missing days are found, but it stays silent.
    for day in ["10", "11", "12"] {
        let seed = seed(day, &format!("https://daily.example/found{day}"));
        let time = format!("2024-04-{day}T08:00:00Z").parse::<chrono::DateTime<chrono::Utc>>();
        let seed = seed.replace("1707090302000", &time.unwrap().timestamp_millis().to_string());
        env.write(&format!("drop/found{day}.txt"), seed.as_bytes());
    }
    env.run(&["import", "-q", "drop"]).expect(0);
    insta::assert_snapshot!(quiet("2024-06-17", 5), @r"
    2 sites as of 2024-06-17; 1 of them with too little history to judge
    No new problems; 2 problems from before

    Over
     site           problem
     daily.example  2024-04-10 to 2024-04-12 were missing
    ");
    assert_eq!(quiet("2024-06-18", 0), "");
    // Without a state, everything current is reported.
    let ran = env.run(&["stats", "--health", "--until", "2024-06-18"]).expect(5);
    assert!(ran.stdout.contains("Silent sites") && ran.stdout.contains("Worse months"), "{ran}");
}

#[test]
fn changes_as_json() {
    let env = of_a_daily();
    let json = |until: &str, status: i32| -> Value {
        serde_json::from_str(&health(&env, until, &["--json"]).expect(status).stdout).unwrap()
    };
    let first = json("2024-06-15", 5);
    for kind in ["silent", "missing", "declines"] {
        assert_eq!(first["started"][kind], first[kind], "{kind}");
        assert_eq!(first[kind].as_array().unwrap().len(), 1, "{kind}");
    }
    let later = json("2024-06-16", 0);
    assert_eq!(
        (&later["healthy"], &later["silent"][0]["silent_days"]),
        (&false.into(), &16.into())
    );
    assert_eq!(later["started"], serde_json::json!({"silent": [], "missing": [], "declines": []}));
    assert_eq!(later["ended"], later["started"]);
    let earlier = json("2024-04-09", 5);
    assert_eq!(
        earlier["ended"],
        serde_json::json!({
            "silent": [{"host": "daily.example", "last_day": "2024-05-31"}],
            "missing": [{"host": "daily.example", "first": "2024-04-10", "last": "2024-04-12"}],
            "declines": [{"host": "daily.example", "month": "2024-05"}],
        })
    );
}

/// Nothing is printed that the next run would not repeat, and the file stays as it was.
#[test]
fn a_state_that_is_none_is_an_error() {
    let env = of_a_daily();
    let fails = |text: &str| -> String {
        env.write("health.state", text.as_bytes());
        let ran = health(&env, "2024-06-15", &[]).expect(2);
        assert_eq!(ran.stdout, "");
        assert_eq!(std::fs::read_to_string(env.path("health.state")).unwrap(), text);
        ran.stderr
    };
    insta::assert_snapshot!(fails("/srv/drops/a.txt\n"), @r#"
    error: "health.state" is not a state of `stats --health`
    hint: name another file; or remove it, and every current problem is reported anew
    "#);
    insta::assert_snapshot!(
        fails("seedbank health -- version 1\narchive x\nsilent \"a.exa"), @r#"
        error: "health.state" is damaged in line 3
        hint: name another file; or remove it, and every current problem is reported anew
        "#
    );
    insta::assert_snapshot!(fails("seedbank health -- version 1\narchive x\n"), @r#"
    error: "health.state" is the state of another archive
    hint: name another file; or remove it, and every current problem is reported anew
    "#);
    env.write("health.state", b"");
    health(&env, "2024-06-15", &[]).expect(5);
    health(&env, "2024-06-15", &[]).expect(0);
    assert_eq!(env.files(), ["drop", "health.state", "seedbank.db", "seedbank.db.lock"]);

    let at = |file: &str| env.run(&["stats", "--health", "--state", file]).expect(1).stderr;
    insta::assert_snapshot!(at("missing/health.state"), @r#"
    error: there is no folder "missing"
    hint: create it first, or name another
    "#);
    insta::assert_snapshot!(at("drop"), @r#"
    error: "drop" is not a regular file
    hint: name a file; what is written to standard output can be sent anywhere
    "#);
    insta::assert_snapshot!(at("seedbank.db"), @r#"
    error: "seedbank.db" is the database itself, or belongs to it
    hint: name another file, or a folder for copies
    "#);
    insta::assert_snapshot!(at("seedbank.db-wal"), @r#"
    error: "seedbank.db-wal" is the database itself, or belongs to it
    hint: name another file, or a folder for copies
    "#);
    env.run(&["stats", "--state", "health.state"]).expect(2);
}

#[test]
fn a_state_that_cannot_be_written_is_an_error() {
    let env = of_a_daily();
    std::fs::create_dir(env.path("state")).unwrap();
    let fails = |ran: Ran| {
        assert_eq!(ran.stdout, "");
        ran.expect(1).stderr
    };
    let call = ["stats", "--health", "--state", "state/health"];
    set_mode(&env.path("state"), 0o555);
    let ran = env.ran(env.command_of_stranger(&call).output().unwrap());
    insta::assert_snapshot!(fails(ran), @r#"
    error: "state/health": Permission denied (os error 13)
    hint: check the permissions of the file and its folder
    "#);
    set_mode(&env.path("state"), 0o755);
    // What nobody could read is reported again.
    let mut command = env.command(&call);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdout(writer);
    env.ran(command.output().unwrap()).expect(0);
    assert!(!env.path("state/health").exists());
    env.run(&call).expect(5);
}
