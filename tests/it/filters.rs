//! The filters of `search`, and its results in parts.

use crate::support::TestEnv;

/// Five articles of two sites from two imports: two in English, three by the same author.
pub fn newsroom() -> TestEnv {
    let env = TestEnv::new();
    let chinese = "香港的图书馆在雨中重新开门，读者排队到了河边，桥上的灯一直亮到深夜。";
    let english = "Hong Kong's library opened its doors again while it rained, and readers queued all \
        the way down to the river until late at night.";
    let articles = [
        ("1/a", "news.example", "2024-02-05T18:30:00Z", "王小明", "城市, 雨", chinese, "香港开门"),
        ("1/b", "news.example", "2024-02-06", "王小明", "城市", chinese, "香港第二天"),
        ("1/c", "other.example", "2023-12-31T20:00:00Z", "Ann Lee", "rain", english, "Library"),
        ("1/d", "third.example", "", "", "", english, "Undated"),
        ("2/e", "other.example", "2024-03-01T08:00:00Z", "王小明", "雨", chinese, "河水退了"),
    ];
    for (name, host, date, author, tags, text, title) in articles {
        let line = |key: &str, value: &str| match value {
            "" => String::new(),
            value => format!("{key}: {value}\n"),
        };
        let seed = format!(
            "---\ntitle: {title}\nfrom: https://{host}/{name}\n{}{}tags: [{tags}]\n---\n\n{title}：{text}\n",
            line("date", date),
            line("author", author),
        );
        env.write(&format!("{name}.md"), seed.as_bytes());
    }
    env.run(&["import", "-q", "1"]).expect(0);
    env.run(&["import", "-q", "1", "2"]).expect(0);
    env
}

/// The titles that a search prints, in order.
#[track_caller]
fn titles(env: &TestEnv, arguments: &[&str]) -> Vec<String> {
    let ran = env.run(&[&["search", "--format", "tsv"], arguments].concat()).expect(0);
    let title = |line: &str| line.split('\t').nth(1).unwrap().to_owned();
    ran.stdout.lines().skip(1).map(title).collect()
}

#[test]
fn articles_are_filtered_by_what_is_known_of_them() {
    let env = newsroom();
    let check = |arguments: &[&str], expected: &[&str]| {
        assert_eq!(titles(&env, arguments), expected, "{arguments:?}");
    };
    check(&["--site", "news.example"], &["香港第二天", "香港开门"]);
    check(
        &["--site", "news.example", "--site", "third.example"],
        &["香港第二天", "香港开门", "Undated"],
    );
    check(&["--language", "en"], &["Library", "Undated"]);
    check(
        &["--language", "en", "--language", "zh", "--site", "other.example"],
        &["河水退了", "Library"],
    );
    check(&["--author", "ann lee"], &["Library"]);
    check(
        &["--author", "王小明", "--author", "Ann Lee", "--site", "other.example"],
        &["河水退了", "Library"],
    );
    check(&["--author", "王小"], &[]);
    check(&["--tag", "雨"], &["河水退了", "香港开门"]);
    check(&["--tag", "RAIN", "--tag", "城市"], &["香港第二天", "香港开门", "Library"]);
    check(&["--run", "2"], &["河水退了"]);
    check(&["--run", "last"], &["河水退了"]);
    check(&["--run", "1", "香港"], &["香港开门", "香港第二天"]);
    check(&["香港", "--tag", "城市", "--sort", "date-asc"], &["香港开门", "香港第二天"]);
    check(&["--sort", "date-asc", "--language", "en"], &["Library", "Undated"]);
    check(&["--since", "7d"], &[]);
    check(&["香港 site:www.news.example until:2024-02-05"], &["香港开门"]);
    check(&["tag:雨 author:\"王小明\" language:zh"], &["河水退了", "香港开门"]);
    check(&["site:other.example", "--site", "third.example"], &["河水退了", "Library", "Undated"]);
    check(&["since:2024", "--since", "2024-02-06"], &["河水退了", "香港第二天"]);
    check(&["--until", "yesterday", "--tag", "rain"], &["Library"]);
}

/// A moment belongs to the day on which it was there; a day stays the same day everywhere.
#[test]
fn days_of_another_zone() {
    let env = newsroom();
    let of = |day: &str, offset: &str| {
        titles(&env, &["--since", day, "--until", day, "--utc-offset", offset])
    };
    assert_eq!(of("2024-02-05", "UTC"), ["香港开门"]);
    assert_eq!(of("2024-02-06", "UTC"), ["香港第二天"]);
    assert_eq!(of("2024-02-05", "+08:00"), [""; 0]);
    // A day is stored as its midnight in UTC, before the other's moment, so it comes after it.
    assert_eq!(of("2024-02-06", "+08:00"), ["香港第二天", "香港开门"]);
    assert_eq!(of("2024-01-01", "+08:00"), ["Library"]);
    assert_eq!(of("2023-12-31", "-03:00"), ["Library"]);
    let shown = env.run(&["search", "--tag", "rain", "--utc-offset", "+8"]).expect(0);
    assert!(shown.stdout.contains("other.example · 2024-01-01\n"), "{shown}");
}

#[test]
fn results_in_parts() {
    let env = newsroom();
    let said = |arguments: &[&str]| {
        let ran = env.run(&[&["search", "--format", "tsv"], arguments].concat()).expect(0);
        format!("{} lines: {}", ran.stdout.lines().count() - 1, ran.stderr)
    };
    assert_eq!(
        said(&["title:香港", "-n", "1"]),
        "1 lines: 1 of 2 articles; for more, -n N or --offset 1\n"
    );
    assert_eq!(
        said(&["title:香港", "-n", "1", "--offset", "1"]),
        "1 lines: 2 to 2 of 2 articles\n"
    );
    assert_eq!(said(&["title:香港", "-n", "2"]), "2 lines: 2 articles\n");
    assert_eq!(
        said(&["title:香港", "--offset", "2"]),
        "0 lines: nothing after the first 2 articles\n"
    );
    assert_eq!(said(&["title:香港", "-n", "0"]), "2 lines: 2 articles\n");
    assert_eq!(said(&["没有的词", "--offset", "2"]), "0 lines: no article found\n");
    let all = titles(&env, &["title:香港 OR library"]);
    let parts = [0, 1, 2, 3].map(|offset| {
        titles(&env, &["title:香港 OR library", "-n", "1", "--offset", &offset.to_string()])
    });
    assert_eq!(parts.concat(), all);
    assert_eq!(all.len(), 4);

    let count = |arguments: &[&str]| {
        env.run(&[&["search", "--count"], arguments].concat()).expect(0).stdout
    };
    assert_eq!(count(&["title:香港"]), "2\n");
    assert_eq!(count(&["title:香港", "--site", "other.example"]), "0\n");
    assert_eq!(count(&["--removed", "title:香港"]), "0\n");
    assert_eq!(count(&["title:香港", "--json"]), "{\n  \"total\": 2\n}\n");
}

#[test]
fn values_that_no_filter_has() {
    let env = newsroom();
    let mut said = String::new();
    for arguments in [
        &["--language", "Chinese"][..],
        &["--run", "first"],
        &["--run", "99"],
        &["--since", "tomorrow"],
        &["--until", "2024-02-30"],
        &["--utc-offset", "CST", "--since", "7d"],
        &["--author", " "],
        &["香港", "--count", "-n", "3"],
        &["香港 where:rfi.fr"],
        &["香港 since:tomorrow"],
        &["language:Chinese"],
        &["site:\"a b\""],
        &["香港 OR tag:雨"],
        &["tag:"],
    ] {
        let ran = env.run(&[&["search"], arguments].concat());
        assert_eq!(ran.stdout, "", "{ran}");
        let (status, stderr) = (ran.status, ran.stderr);
        said.push_str(&format!("$ seedbank search {arguments:?}\nstatus {status}\n{stderr}\n"));
    }
    insta::assert_snapshot!(said);
    let ran = env.run(&["stats", "--health", "--tag", "雨"]).expect(2);
    assert!(ran.stderr.contains("\nhint: use it with --since"), "{ran}");
}

#[test]
fn colours_are_forced_and_refused_by_variables() {
    let env = newsroom();
    let is_coloured = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = env.command(&[&["search", "香港"], arguments].concat());
        command.envs(variables.iter().copied());
        env.ran(command.output().unwrap()).expect(0).stdout.contains('\u{1b}')
    };
    assert!(!is_coloured(&[], &[]));
    assert!(is_coloured(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!is_coloured(&[("CLICOLOR_FORCE", "0")], &[]));
    assert!(!is_coloured(&[("CLICOLOR_FORCE", "")], &[]));
    assert!(!is_coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!is_coloured(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
}
