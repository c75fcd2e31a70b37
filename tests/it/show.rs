//! `seedbank show`.

use crate::pack::{Tar, gzip, zstd};
use crate::support::{TestEnv, bytes_of, seed};

/// Two versions of an article with different texts.
fn archive() -> TestEnv {
    let env = TestEnv::with_article();
    let earlier = seed("标题", "https://news.example/a").replace("从来没有", "昨天确实");
    env.write("later/b.txt", earlier.replace("1707090302000", "1707000000000").as_bytes());
    env.run(&["import", "-q", "later"]).expect(0);
    env
}

#[test]
fn addresses_that_an_archive_has() {
    let env = crate::filters::newsroom();
    let lines =
        "http://www.news.example/1/a?utm_source=x#top\n\nhttps://news.example/1/z\nno address\n";
    let ran = env.run_with_input(&["have", "-"], lines).expect(0);
    insta::assert_snapshot!(ran);
    let ran = env.run_with_input(&["have", "--missing", "-q", "-"], lines).expect(0);
    assert_eq!(ran.stdout, "https://news.example/1/z\nno address\n");
    assert_eq!(ran.stderr, "");
    let ran = env.run_with_input(&["have", "--json", "-"], lines).expect(0);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json[0]["canonical_url"], "https://news.example/1/a");
    assert_eq!((&json[0]["article_id"], &json[1]["article_id"]), (&1.into(), &().into()));
    assert_eq!(json[2]["canonical_url"], serde_json::Value::Null);
    let ran = env.run_with_input(&["have", "-"], "\n").expect(2);
    assert!(ran.stderr.contains("standard input has no line\nhint: "), "{ran}");
}

#[test]
fn several_articles() {
    let env = crate::filters::newsroom();
    let ran = env.run(&["show", "1", "https://other.example/1/c"]).expect(0);
    assert!(ran.stdout.contains("香港开门") && ran.stdout.contains("Library"), "{ran}");
    let ran = env.run_with_input(&["show", "-", "--json"], "2\n\n1\n").expect(0);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let titles = [&json[0]["title"], &json[1]["title"], &json[2]];
    assert_eq!(titles, [&"香港第二天".into(), &"香港开门".into(), &serde_json::Value::Null]);
    // One line still gives an array: its shape does not depend on the input.
    let ran = env.run_with_input(&["show", "-", "--json"], "1\n").expect(0);
    assert!(ran.stdout.starts_with("[\n"), "{ran}");
    // Nothing is printed if one is unknown.
    let ran = env.run(&["show", "1", "99"]).expect(1);
    assert_eq!(ran.stdout, "");
    for (arguments, said) in [
        (&["show", "1", "2", "--raw"][..], "--raw is for one article\nhint: "),
        (&["show", "1", "2", "--revision", "1"], "--revision is for one article\nhint: "),
        (&["show", "-"], "standard input has no line\nhint: "),
    ] {
        let ran = env.run(arguments).expect(2);
        assert!(ran.stderr.contains(said) && ran.stdout.is_empty(), "{ran}");
    }
}

#[test]
fn an_article_for_reading() {
    let env = archive();
    insta::assert_snapshot!(env.run(&["show", "1"]).expect(0));
    let by_url = env.run(&["show", "http://www.news.example/a/?utm_source=x", "-q"]).expect(0);
    assert_eq!(by_url.stdout, env.run(&["show", "1"]).expect(0).stdout);
    assert_eq!(by_url.stderr, "");
    insta::assert_snapshot!(env.run(&["show", "2"]).expect(1));
}

#[test]
fn the_number_of_an_item_that_is_code() {
    let env = TestEnv::with_article();
    let html = "<ol start=3><li><pre>let a = 1;</pre></li></ol>";
    let text = format!("[题](https://news.example/b)\n------\n\n{html}");
    env.write("drop/b.txt", text.as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    let ran = env.run(&["show", "2"]).expect(0);
    assert!(ran.stdout.contains("\n3.\nlet a = 1;\n"), "{ran}");
}

#[test]
fn an_earlier_revision() {
    let env = archive();
    let ran = env.run(&["show", "1", "--revision", "1"]).expect(0);
    assert!(ran.stdout.contains(" · revision 1 of 2\n"), "{ran}");
    assert!(ran.stdout.contains("昨天确实"), "{ran}");
    let ran = env.run(&["show", "1", "--revision", "3"]).expect(1);
    assert!(ran.stderr.contains("hint: list them with `seedbank history 1`"), "{ran}");
}

#[test]
fn the_original_byte_for_byte() {
    let env = archive();
    for (arguments, file) in
        [(&["1"][..], "drop/a.txt"), (&["1", "--revision", "1"], "later/b.txt")]
    {
        let arguments = [&["show", "--raw"], arguments].concat();
        let output = env.command(&arguments).output().unwrap();
        assert_eq!(output.stdout, bytes_of(&env.path(file)), "{arguments:?}");
    }
    // Also if they are not text.
    let bytes =
        [seed("题", "https://news.example/b").as_bytes(), b"<p>\xff\xfe\x1b[2J</p>"].concat();
    env.write("drop/c.txt", &bytes);
    env.run(&["import", "-q", "drop"]).expect(0);
    assert_eq!(env.command(&["show", "2", "--raw"]).output().unwrap().stdout, bytes);
}

#[test]
fn the_stored_article_as_json() {
    let env = archive();
    let json = |arguments: &[&str]| -> serde_json::Value {
        let ran = env.run(&[&["show", "--json"], arguments].concat()).expect(0);
        assert_eq!(ran.stderr, "", "{arguments:?}");
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let exported = env.run(&["export", "--format", "jsonl", "--without-bytes"]).expect(0).stdout;
    let exported: serde_json::Value =
        serde_json::from_str(exported.lines().nth(1).unwrap()).unwrap();
    assert_eq!(json(&["1"]), exported);
    // A file and a revision have no history, but all other fields under the same names.
    let stored = json(&["1"]);
    let current = json(&["1", "--revision", "2"]);
    assert_eq!(current, json(&["--file", "drop/a.txt"]));
    for (name, value) in current.as_object().unwrap() {
        // An article's are its earliest.
        if !name.starts_with("published_") {
            assert_eq!(&stored[name], value, "{name}");
        }
    }
}

#[test]
fn a_file_without_an_archive() {
    let env = TestEnv::new();
    env.write("a.txt", seed("标题", "https://news.example/a").as_bytes());
    let ran = env.run(&["show", "--file", "a.txt"]).expect(0);
    assert_eq!(ran.stderr, "");
    insta::assert_snapshot!(env.run(&["show", "--file", "a.txt", "--blocks"]).expect(0));
    assert_eq!(env.files(), ["a.txt"]);
    env.write("list.txt", b"no article\n");
    insta::assert_snapshot!(env.run(&["show", "--file", "list.txt"]).expect(1));
    let missing = env.run(&["show", "--file", "missing.txt"]).expect(1).stderr;
    assert!(missing.starts_with("error: \"missing.txt\": "), "{missing}");
    assert!(missing.ends_with("\nhint: check its spelling\n"), "{missing}");
    // A compressed file is read as an import reads it.
    let bytes = bytes_of(&env.path("a.txt"));
    for (name, packed) in [("a.txt.gz", gzip(&bytes)), ("a.zst", zstd(&bytes))] {
        env.write(name, &packed);
        assert_eq!(env.run(&["show", "--file", name]).expect(0).stdout, ran.stdout, "{name}");
    }
    let list = gzip(b"no article\n");
    env.write("list.gz", &list);
    let refused = env.run(&["show", "--file", "list.gz"]).expect(1).stderr;
    assert!(refused.starts_with("error: \"list.gz\" is not an article: no_header\n"), "{refused}");
    let several = seed("另一篇", "https://news.example/b");
    let tar = Tar::default().file("a.txt", &bytes, 0).file("b.txt", several.as_bytes(), 0).finish();
    for (name, archive) in [("two.tar.gz", gzip(&tar)), ("two.tar", tar)] {
        env.write(name, &archive);
        assert_eq!(
            env.run(&["show", "--file", name]).expect(1).stderr,
            format!(
                "error: \"{name}\" contains several documents\nhint: import it, and show an article by \
                 its id or address; or unpack it, and show one of its files\n"
            )
        );
    }
    // After the import, the output is the same.
    env.run(&["import", "-q", "a.txt"]).expect(0);
    assert_eq!(env.run(&["show", "1"]).expect(0).stdout, ran.stdout);
}

#[test]
fn conflicting_options() {
    let env = TestEnv::with_article();
    for arguments in [
        &["show"][..],
        &["show", "1", "--file", "drop/a.txt"],
        &["show", "1", "--raw", "--blocks"],
        &["show", "1", "--raw", "--json"],
        &["show", "--file", "drop/a.txt", "--raw"],
        &["show", "--file", "drop/a.txt", "--revision", "1"],
    ] {
        env.run(arguments).expect(2);
    }
}
