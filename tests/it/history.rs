//! `seedbank history`, `diff`, `explain` and `runs`.

use crate::support::TestEnv;

/// Three files of one article under two addresses, a stub, a copy, and a file that is not an article.
fn archive() -> TestEnv {
    let env = TestEnv::new();
    let seed = |epoch: &str, title: &str, url: &str, body: &str| {
        format!("<!--{epoch}-->\n[{title}]({url})\n------\n\n{body}\n").into_bytes()
    };
    let opening = "<p>图书馆星期一上午重新开门，门口排起了队，许多人带着孩子来借书，有人一早就到了，带着旧书卡。</p>";
    let removed = "<p>管理员说，去年关门的原因至今没有人解释过，也没有人为此道歉。</p>";
    let edited = opening.replace("星期一上午", "星期二下午");
    let url = "https://news.example/library";
    env.write(
        "drop/1.md",
        &seed("1706745600000", "图书馆开门", url, &(opening.to_owned() + removed)),
    );
    env.write("drop/2.md", &seed("1706832000000", "图书馆开门", url, &edited));
    env.write(
        "drop/3.md",
        &seed("1706832000000", "图书馆重新开门", "https://news.example/reopened", &edited),
    );
    env.write("drop/4.md", &seed("1706918400000", "图书馆开门", url, "<p>页面不存在</p>"));
    env.write("drop/5.md", &seed("1706745600000", "雨", "https://news.example/rain", "<p>雨</p>"));
    env.write("drop/copy.md", &seed("1706832000000", "图书馆开门", url, &edited));
    env.write("drop/notes.txt", b"only some words\n");
    env.run(&["import", "-q", "drop"]).expect(0);
    env
}

#[test]
fn the_history_of_an_article() {
    let env = archive();
    insta::assert_snapshot!(env.run(&["history", "1"]).expect(0));
    let by_url = env.run(&["history", "http://www.news.example/reopened/?utm_source=x"]).expect(0);
    assert_eq!(by_url.stdout, env.run(&["history", "1"]).expect(0).stdout);
    let json = env.run(&["history", "1", "--json"]).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["revisions"].as_array().unwrap().len(), 4);
    assert_eq!(json["revisions"][2]["is_current"], true);
    insta::assert_snapshot!(
        env.run(&[
            "sql",
            "--format",
            "jsonl",
            "SELECT text, observed_at, replaced_at FROM removed_text"
        ])
        .expect(0)
        .stdout
    );
    insta::assert_snapshot!(
        env.run(&["sql", "--format", "jsonl", "SELECT * FROM reduced_article"]).expect(0).stdout
    );
}

#[test]
fn differences() {
    let env = archive();
    insta::assert_snapshot!(env.run(&["diff", "1", "1", "3"]).expect(0));
    insta::assert_snapshot!(env.run(&["diff", "1", "--json"]).expect(0));
    let ran = env.run(&["diff", "2"]).expect(0);
    assert_eq!(ran.stderr, "article 2 has only one revision\n");
    let ran = env.run(&["diff", "1", "1", "5"]).expect(1);
    insta::assert_snapshot!(ran);
    env.run(&["diff", "1", "1"]).expect(2);
}

#[test]
fn an_unknown_text_is_not_empty() {
    let env = TestEnv::new();
    let seed = |epoch: u64, body: &str| {
        format!("<!--{epoch}-->\n[题目](https://news.example/1)\n------\n\n{body}\n").into_bytes()
    };
    let text =
        "<p>长到可以算作一篇完整的文章，而不是一个短短的残片，再多写几个字，好让它足够长。</p>";
    env.write("drop/1.md", &seed(1706745600000, text));
    env.write("drop/2.md", &seed(1706745700000, &format!("{}{text}", "<div>".repeat(2000))));
    env.run(&["import", "-q", "drop"]).expect(3);
    let ran = env.run(&["diff", "1"]).expect(1);
    assert!(ran.stderr.contains("revision 2 of article 1 is unknown: its page"), "{ran}");
    assert_eq!(ran.stdout, "");
}

#[test]
fn explanations() {
    let env = archive();
    insta::assert_snapshot!(env.run(&["explain", "1"]).expect(0));
    insta::assert_snapshot!(env.run(&["explain", "drop/copy.md"]).expect(0));
    insta::assert_snapshot!(env.run(&["explain", "drop/notes.txt"]).expect(0));
    // Also after the file was removed.
    std::fs::remove_file(env.path("drop/notes.txt")).unwrap();
    env.run(&["explain", "drop/notes.txt"]).expect(0);
    insta::assert_snapshot!(env.run(&["explain", "drop/other.txt"]).expect(1));
    env.run(&["explain", &"0".repeat(64)]).expect(1);
}

#[test]
fn a_joined_article_leads_to_the_one_it_became() {
    let env = TestEnv::new();
    let seed = |url: &str, text: &str| {
        let body = format!(
            "<p>{text}，长到可以算作一篇完整的文章，而不是一个短短的残片，再多写几个字，好让它足够长。</p>"
        );
        format!("<!--1706745600000-->\n[题目]({url})\n------\n\n{body}\n").into_bytes()
    };
    env.write("drop/1.md", &seed("https://news.example/1", "第一种文字"));
    env.write("drop/2.md", &seed("https://news.example/2", "第二种文字"));
    env.run(&["import", "-q", "drop"]).expect(0);
    env.run(&["history", "2"]).expect(0);
    env.write("drop/3.md", &seed("https://news.example/1", "第二种文字"));
    env.run(&["import", "-q", "drop"]).expect(0);
    let ran = env.run(&["history", "2"]).expect(0);
    assert_eq!(ran.stderr, "note: article 2 was joined into 1\n");
    assert!(ran.stdout.starts_with("Article 1: 题目\n"), "{ran}");
    insta::assert_snapshot!(env.run(&["history", "3"]).expect(1));
}

#[test]
fn the_ledger() {
    let env = archive();
    env.run(&["import", "-q", "drop", "--note", "again"]).expect(0);
    let json = env.run(&["runs", "--json"]).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["run_id"], &json[0]["unchanged"]), (&2.into(), &7.into()));
    assert_eq!(json[0]["note"], "again");
    let ran = env.run(&["runs"]).expect(0);
    assert_eq!(ran.stdout.lines().count(), 3, "{ran}");
    let ran = env.run(&["runs", "1", "-v"]).expect(0);
    assert!(ran.stdout.contains("drop/notes.txt\": no_header\n"), "{ran}");
    env.run(&["runs", "3"]).expect(1);
}

#[test]
fn of_a_day_no_command_shows_a_clock() {
    let env = TestEnv::new();
    let note = |day: &str, text: &str| {
        format!("---\ntitle: 雨\nurl: https://news.example/rain\ndate: {day}\n---\n<p>{text}</p>\n")
    };
    env.write("drop/1.md", note("2024-03-06", "雨下了一整天。").as_bytes());
    env.write("drop/2.md", note("2024-03-07", "雨下了两整天，河水漫过了桥。").as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    for command in ["show", "history", "diff"] {
        let shown = env.run(&[command, "1"]).expect(0).stdout;
        assert!(shown.contains("2024-03-06"), "{shown}");
        assert!(!shown.contains("2024-03-06 00"), "{shown}");
    }
}
