//! `seedbank stats`.

use crate::support::{TestEnv, seed};

#[test]
fn an_empty_database_has_sensible_numbers() {
    let env = TestEnv::new();
    std::fs::create_dir(env.path("drop")).unwrap();
    env.run(&["import", "-q", "drop"]).expect(0);
    let ran = env.run(&["stats"]).expect(0);
    assert!(ran.stdout.contains(" articles         0\n"), "{ran}");
    assert!(ran.stdout.ends_with("The archive is empty: seedbank import FOLDER\n"), "{ran}");
}

#[test]
fn numbers_of_a_small_archive() {
    let env = TestEnv::new();
    for (name, url) in [
        ("a", "https://news.example/a"),
        ("b", "https://news.example/b"),
        ("c", "https://other.example/c"),
    ] {
        env.write(&format!("drop/{name}.txt"), seed(name, url).as_bytes());
    }
    env.write("drop/copy.txt", seed("a", "https://news.example/a").as_bytes());
    env.write("drop/note.txt", b"no header here\n");
    let undated = seed("d", "https://news.example/d").replacen("<!--1", "<!--x1", 1);
    env.write("drop/d.txt", undated.as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    let text = env.run(&["stats"]).expect(0).stdout;
    let (before_storage, _) = text.split_once("\nStorage\n").unwrap();
    insta::assert_snapshot!(before_storage);

    let json = env.run(&["stats", "--json"]).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["totals"]["articles"], 4);
    assert_eq!(json["totals"]["unread_dates"], 1);
    assert_eq!(json["sites"][0]["host"], "news.example");
    assert_eq!(json["months"][0]["month"], serde_json::Value::Null);
    assert_eq!(json["months"][1]["month"], "2024-02");
    assert_eq!(json["outcomes"]["duplicate"], 1);
    assert_eq!(json["rejections"]["no_header"], 1);
}

#[test]
fn rows_of_another_extractor_are_read_with_a_note_and_never_added_to() {
    let env = TestEnv::with_article();
    let connection = rusqlite::Connection::open(env.path("seedbank.db")).unwrap();
    connection
        .execute("UPDATE meta SET value = '999' WHERE key = 'extractor_version'", [])
        .unwrap();
    drop(connection);
    let ran = env.run(&["stats"]).expect(0);
    assert!(ran.stderr.contains("extractor version 999"), "{ran}");
    let ran = env.run(&["import", "drop"]).expect(12);
    assert!(ran.stderr.contains("extractor version 999"), "{ran}");
}

/// A daily site whose articles became shorter in May and which then fell silent, and a site with three
/// articles.
pub fn of_a_daily() -> TestEnv {
    use chrono::{Datelike, NaiveDate};
    let env = TestEnv::new();
    let first = NaiveDate::from_ymd_opt(2024, 3, 1).unwrap();
    for (number, day) in first.iter_days().take(92).enumerate() {
        if (40..43).contains(&number) {
            continue;
        }
        let text = if day.month() == 5 && number % 2 == 0 {
            "<p>很短。</p>".to_owned()
        } else {
            format!("<p>第{number}天：{}</p>", "河水涨到了桥下，又退了回去。".repeat(9))
        };
        let epoch = day.and_hms_opt(8, 0, 0).unwrap().and_utc().timestamp_millis();
        let seed = format!(
            "<!--{epoch}-->\n[第{number}天](https://www.daily.example/{number})\n---\n\n{text}\n"
        );
        env.write(&format!("drop/{number:02}.txt"), seed.as_bytes());
    }
    for name in ["a", "b", "c"] {
        let url = format!("https://seldom.example/{name}");
        env.write(&format!("drop/{name}.txt"), seed(name, &url).as_bytes());
    }
    env.run(&["import", "-q", "drop"]).expect(0);
    env
}

#[test]
fn health_of_a_site_that_ended() {
    let env = of_a_daily();
    let health = |arguments: &[&str]| env.run(&[&["stats", "--health"], arguments].concat());
    insta::assert_snapshot!(health(&["--until", "2024-06-15"]).expect(5).stdout);
    let json = health(&["--until", "2024-06-15", "--json"]).expect(5).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["healthy"], false);
    assert_eq!((&json["sites"], &json["sites_judged"]), (&2.into(), &1.into()));
    assert_eq!(json["silent"][0]["silent_days"], 15);
    assert_eq!(json["missing"][0]["first"], "2024-04-10");
    assert_eq!(json["declines"][0]["month"], "2024-05");
    // As of today it is silent even longer, and nothing is reported for the other site.
    assert!(health(&["--site", "daily.example"]).expect(5).stdout.contains("Silent sites"));
    health(&["--site", "seldom.example"]).expect(0);

    // A closed site can be left out.
    let ran = health(&["--until", "2024-06-15", "--except", "www.daily.example", "-q"]).expect(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let ran = health(&["--since", "2024-06", "--until", "2024-06-02"]).expect(0);
    insta::assert_snapshot!(ran.stdout);
    health(&["--until", "2024-04-09"]).expect(0);
    env.run(&["stats", "--health", "--query", "河水"]).expect(2);
    env.run(&["stats", "--except", "daily.example"]).expect(2);
}

#[test]
fn articles_that_match_by_time_and_site() {
    let env = crate::filters::newsroom();
    let stats = |arguments: &[&str]| {
        let ran = env.run(&[&["stats"], arguments].concat()).expect(0);
        format!("$ seedbank stats {}\n{}{}", arguments.join(" "), ran.stdout, ran.stderr)
    };
    let mut said = Vec::new();
    for arguments in [
        &["--query", "香港"][..],
        &["--query", "香港", "--by", "year", "--format", "csv"],
        &["--query", "香港", "--by", "site", "--json"],
        &["--query", "香港 site:news.example", "--by", "day", "--utc-offset", "+08:00"],
        &["--query", "library", "--by", "week", "--until", "2024-01-15", "--format", "csv"],
        &["--by", "year", "--language", "zh", "--format", "json"],
        &["--query", "没有的词", "--by", "year", "--since", "2030"],
        &["--query", "香港", "--query", "library", "--by", "year"],
        &["--query", "香港", "--query", "library", "--by", "year", "--json"],
        &["--query", "香港", "--query", "library", "--by", "site", "--format", "csv"],
    ] {
        said.push(stats(arguments));
    }
    insta::assert_snapshot!(said.join("\n"));
    for (arguments, message) in [
        (&["--query", "("][..], "has a parenthesis that is not closed\nhint: "),
        (&["--format", "csv"], "--format is for a count of articles\nhint: "),
        (&["--query", "香港", "--json", "--format", "csv"], "contradict each other\nhint: "),
        (&["--query", "香港", "--by", "decade"], "invalid value 'decade'"),
    ] {
        let ran = env.run(&[&["stats"], arguments].concat()).expect(2);
        assert!(ran.stderr.contains(message) && ran.stdout.is_empty(), "{ran}");
    }
}

/// The bars of a drawing: the series and the title of each.
fn bars(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).unwrap();
    let titles = document.descendants().filter(|node| {
        node.has_tag_name("title") && node.parent().is_some_and(|it| it.has_tag_name("rect"))
    });
    let bar = |title: roxmltree::Node<'_, '_>| {
        let series = title.ancestors().find_map(|it| it.attribute("class")).unwrap();
        format!("{series} {}", title.text().unwrap())
    };
    titles.map(bar).collect()
}

#[test]
fn drawings() {
    let env = crate::filters::newsroom();
    let plot = |arguments: &[&str]| {
        let ran = env.run(&[&["stats", "--plot", "-"], arguments].concat()).expect(0);
        bars(&ran.stdout)
    };
    insta::assert_debug_snapshot!([
        plot(&["--query", "香港"]),
        plot(&["--query", "香港", "--query", "library", "--by", "year"]),
        plot(&["--site", "news.example", "--site", "other.example", "--by", "year"]),
        plot(&["--by", "site"]),
    ]);
    let ran = env.run(&["stats", "--plot", "a.svg", "--query", "香港"]).expect(0);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("in \"a.svg\"\n"), "{ran}");
    let file = std::fs::read_to_string(env.path("a.svg")).unwrap();
    assert_eq!(bars(&file), plot(&["--query", "香港"]));
    // A file is only replaced on purpose, and the database never.
    env.run(&["stats", "--plot", "a.svg"]).expect(1);
    env.run(&["stats", "--plot", "a.svg", "--force"]).expect(0);
    env.run(&["stats", "--plot", "seedbank.db", "--force"]).expect(1);
    let many = ["--query", "a"].repeat(9);
    for arguments in [
        &many[..],
        &["--by", "site", "--format", "csv"],
        &["--json"],
        &["--health"],
        &["--query", "titel:x"],
    ] {
        let ran = env.run(&[&["stats", "--plot", "b.svg"], arguments].concat()).expect(2);
        assert!(ran.stdout.is_empty() && ran.stderr.starts_with("error: "), "{ran}");
    }
    assert!(!env.files().iter().any(|name| name.contains("b.svg")));
}

/// The whole of `stats`, of selected articles: what is not of articles is left out.
#[test]
fn numbers_of_selected_articles() {
    let env = crate::filters::newsroom();
    let ran = env.run(&["stats", "--site", "other.example", "--since", "2024"]).expect(0);
    let (before_storage, storage) = ran.stdout.split_once("\nStorage\n").unwrap();
    insta::assert_snapshot!(before_storage);
    assert!(!storage.contains("database"), "{ran}");
    let json = |arguments: &[&str]| -> serde_json::Value {
        let ran = env.run(&[&["stats", "--json"], arguments].concat()).expect(0);
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let all = json(&[]);
    assert_eq!(all["totals"]["articles"], 5);
    assert_eq!(all["months"][1]["month"], "2023-12");
    let local = json(&["--utc-offset", "+08:00"]);
    assert_eq!(local["months"][1]["month"], "2024-01");
    assert_eq!(local["totals"], all["totals"]);
    let none = json(&["--author", "nobody"]);
    assert_eq!((&none["totals"]["articles"], &none["totals"]["seeds"]), (&0.into(), &0.into()));
    assert_eq!(none["storage"]["original_bytes"], 0);
    assert_eq!(none["totals"]["runs"], serde_json::Value::Null);
    // The sum of its parts is the whole.
    let parts =
        ["news.example", "other.example", "third.example"].map(|site| json(&["--site", site]));
    for name in ["articles", "revisions", "paragraphs", "links", "seeds", "duplicates"] {
        let sum: u64 = parts.iter().map(|part| part["totals"][name].as_u64().unwrap()).sum();
        assert_eq!(all["totals"][name], sum, "{name}");
    }
}
