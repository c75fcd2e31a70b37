//! `seedbank history`, `diff`, `explain` and `runs`.

use crate::support::TestEnv;
use crate::tables::seen;

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

/// The same, each version crawled on its day: 1, 2, 2 and 3 February 2024.
fn crawled() -> TestEnv {
    let env = TestEnv::new();
    let first = archive();
    for (name, day) in [("1", 1), ("2", 2), ("3", 2), ("4", 3), ("5", 1)] {
        let name = format!("drop/{name}.md");
        let path = env.write(&name, &crate::support::bytes_of(&first.path(&name)));
        crate::place::set_time(&path, 1_706_745_600 + 86_400 * (day - 1));
    }
    env.run(&["import", "-q", "drop"]).expect(0);
    env
}

/// What two imports of another site changed: the same page, saved by another program.
fn changed() -> TestEnv {
    let env = crawled();
    let page = |saver: &str, text: &str| {
        format!(
            "<!DOCTYPE html><html lang=zh>{saver}<head><meta charset=utf-8><title>河</title>\
             <link rel=canonical href=https://river.example/1>\
             <meta property=article:published_time content=2024-02-01T08:00:00Z></head>\
             <body><article><h1>河</h1><p>{text}</p></article></body></html>"
        )
    };
    let text = "河水在春天涨到了桥下，两岸的人都来看，站了一整天，谁也没有说话，直到天黑才回家。";
    let other =
        "河水在春天涨到了桥下，两岸的人都来看，站了一整天，谁也没有说话，直到天黑才回家去了。";
    let saver = "<!--\n Page saved with SingleFile \n url: https://river.example/1 \n \
                 saved date: Thu Feb 08 2024 10:00:00 GMT+0000 \n-->";
    env.write("pages/1.html", page("", text).as_bytes());
    env.run(&["import", "-q", "pages"]).expect(0);
    env.write("pages/2.html", page(saver, other).as_bytes());
    env.run(&["import", "-q", "pages"]).expect(0);
    env
}

fn lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_publishers_changed() {
    let env = crawled();
    insta::assert_snapshot!(env.run(&["history"]).expect(0));
    insta::assert_snapshot!(env.run(&["history", "--utc-offset", "-05:30"]).expect(0).stdout);
    for columns in [80, 200] {
        let Some(ran) = seen(&env, columns, &["history"]) else { return };
        insta::assert_snapshot!(format!("changes_{columns}"), ran);
    }
    let nothing = env.run(&["history", "--since", "2024-02-04"]).expect(0);
    assert_eq!((nothing.stdout.as_str(), nothing.stderr.as_str()), ("", "no change found\n"));
    let first = env.run(&["history", "-n", "1"]).expect(0);
    assert!(
        first.stdout.contains("2024-02-03 00:00") && first.stdout.contains("emptied"),
        "{first}"
    );
    assert_eq!(first.stderr, "1 of 3 changes; for more, -n N\n");
    let json = env.run(&["history", "--json", "--until", "2024-02-02"]).expect(0).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["total"], 2);
    assert_eq!(json["changes"].as_array().unwrap().len(), 2);
}

#[test]
fn changes_by_import_site_and_day() {
    let env = changed();
    let of = |arguments: &[&str]| {
        let ran = env.run(&[&["history", "--format", "jsonl"], arguments].concat()).expect(0);
        let change = |change: &serde_json::Value| {
            let emptied = if change["is_emptied"] == true { "!" } else { "" };
            format!("{} {}{emptied}", change["article_id"], change["change"].as_str().unwrap())
        };
        lines(&ran.stdout).iter().map(change).collect::<Vec<_>>()
    };
    let library = ["1 text+title!", "1 title", "1 text"];
    assert_eq!(of(&["--site", "news.example"]), library);
    assert_eq!(of(&["--run", "1"]), library);
    assert_eq!(of(&["--run", "2"]), [""; 0]);
    assert_eq!(of(&["--run", "last"]), ["3 text"]);
    assert_eq!(of(&["--site", "news.example", "--since", "2024-02-03"]), ["1 text+title!"]);
    // The evening before, six hours west.
    let west = ["--site", "news.example", "--until", "2024-02-02", "--utc-offset", "-6"];
    assert_eq!(of(&west), library);
    // The same page, saved by another program.
    let json = env.run(&["history", "--run", "last", "--format", "jsonl"]).expect(0).stdout;
    let change = &lines(&json)[0];
    assert_eq!(
        (&change["before"]["saver"], &change["after"]["saver"]),
        (&serde_json::Value::Null, &"SingleFile".into())
    );
    let table = env.run(&["history", "--run", "last"]).expect(0).stdout;
    assert!(table.contains("page → page by SingleFile"), "{table}");
    for (wrong, status) in [
        (&["--run", "9"][..], 1),
        (&["--site", "other.example"], 1),
        (&["--since", "soon"], 2),
        (&["1", "--run", "1"], 2),
        (&["1", "--format", "atom"], 2),
        (&["--json", "--format", "atom"], 2),
    ] {
        let ran = env.run(&[&["history"], wrong].concat()).expect(status);
        assert!(ran.stdout.is_empty() && ran.stderr.starts_with("error: "), "{wrong:?}: {ran}");
    }
}

#[test]
fn a_feed_of_changes() {
    let env = crawled();
    let feed = env.run(&["history", "--format", "atom"]).expect(0).stdout;
    let document = roxmltree::Document::parse(&feed).unwrap();
    let texts = |name: &str| -> Vec<String> {
        let nodes = document.descendants().filter(|node| node.has_tag_name(name));
        nodes.map(|node| node.text().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(texts("updated")[0], "2024-02-03T00:00:00Z");
    let ids = texts("id");
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "{ids:?}");
    insta::assert_snapshot!(texts("content").join("\n"));
    // The same entries, and the same feed, when fewer are asked for.
    let shorter = env.run(&["history", "--format", "atom", "-n", "1"]).expect(0).stdout;
    assert!(ids[..2].iter().all(|id| shorter.contains(id)), "{shorter}");
    assert!(!shorter.contains(&ids[2]), "{shorter}");
}

#[test]
fn times_on_another_clock() {
    let env = crawled();
    for (command, zone, expected) in [
        (&["show", "2"][..], "+09:00", "2024-02-01 09:00"),
        (&["show", "2", "--blocks"], "+09:00", "2024-02-01 09:00"),
        (&["show", "1", "--revision", "1"], "-05:30", "2024-01-31 18:30"),
        (&["history", "1"], "+09:00", "2024-02-01 09:00"),
        (&["diff", "1", "1", "2"], "+09:00", "2024-02-01 09:00"),
        (&["explain", "2"], "+09:00", "2024-02-01 09:00"),
    ] {
        let arguments = [command, &["--utc-offset", zone]].concat();
        let ran = env.run(&arguments).expect(0);
        assert!(ran.stdout.contains(expected), "{arguments:?}: {ran}");
    }
    let started = |zone: &str| {
        let ran = env.run(&["runs", "1", "--utc-offset", zone]).expect(0).stdout;
        let line = ran.lines().find(|line| line.contains("started")).unwrap();
        line.rsplit(' ').next().unwrap()[.."00:00".len()].to_owned()
    };
    assert_ne!(started("UTC"), started("+09:30"));
}
