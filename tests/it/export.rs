//! `seedbank export`.

use crate::support::{TestEnv, bytes_of, seed};

#[test]
fn seeds_come_back_byte_for_byte() {
    let env = TestEnv::new();
    let files: [(&str, Vec<u8>); 4] = [
        ("drop/1/a.txt", seed("一", "https://news.example/1").into_bytes()),
        ("drop/2/A.txt", seed("二", "https://news.example/2").into_bytes()),
        ("drop/3/bad\n.txt", b"<!--1-->\r\n\xff\xfe no header \x1b[2J".to_vec()),
        ("drop/4/.hidden", seed("四", "https://news.example/4").into_bytes()),
    ];
    for (name, bytes) in &files {
        env.write(name, bytes);
    }
    env.run(&["import", "-q", "drop"]);
    env.run(&["export", "--format", "seeds", "-o", "out"]).expect(0);
    let names = ["a.txt", "A (2).txt", "bad_.txt", "_hidden"];
    for (name, (_, bytes)) in names.iter().zip(&files) {
        let path = env.path("out").join(name);
        assert_eq!(&bytes_of(&path), bytes, "{name}");
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        let since = modified.duration_since(std::time::SystemTime::UNIX_EPOCH);
        assert_eq!(since.unwrap().as_secs(), 1_707_177_600, "{name}");
    }
    let manifest = String::from_utf8(bytes_of(&env.path("out/manifest.jsonl"))).unwrap();
    insta::assert_snapshot!(manifest);

    // Importing it again finds nothing new.
    let again = env.run(&["import", "--json", "out"]).expect(0).stdout;
    let again: serde_json::Value = serde_json::from_str(&again).unwrap();
    assert_eq!((&again["files_seen"], &again["new"]), (&4.into(), &0.into()));
}

#[test]
fn a_folder_with_something_in_it_is_refused() {
    let env = TestEnv::with_article();
    env.write("out/mine.txt", b"mine");
    let ran = env.run(&["export", "--format", "seeds", "-o", "out"]).expect(1);
    assert!(ran.stderr.contains("\"out\" is not empty"), "{ran}");
    // A link in the folder is replaced; its target stays.
    std::os::unix::fs::symlink(env.path("out/mine.txt"), env.path("out/a.txt")).unwrap();
    env.run(&["export", "--format", "seeds", "-o", "out", "--force"]).expect(0);
    assert_eq!(bytes_of(&env.path("out/mine.txt")), b"mine");
    assert_eq!(bytes_of(&env.path("out/a.txt")), bytes_of(&env.path("drop/a.txt")));
    env.run(&["export", "--format", "seeds"]).expect(2);
}

#[test]
fn every_table_as_csv() {
    let env = TestEnv::with_article();
    let tables = [
        "article_list",
        "article_text",
        "article_source",
        "article_day",
        "reduced_article",
        "removed_text",
        "article",
        "paragraph",
        "link",
        "media",
        "author",
        "tag",
        "revision",
        "article_url",
        "site",
        "sighting",
        "rejection",
        "seed",
        "import_run",
    ];
    let mut headers = String::new();
    for table in tables {
        let csv = env.run(&["export", "--format", "csv", "--table", table]).expect(0).stdout;
        let count = format!("SELECT count(*) AS n FROM {table}");
        let rows = env.run(&["sql", "--format", "csv", &count]).expect(0).stdout;
        assert_eq!(rows, format!("n\n{}\n", csv.lines().count() - 1), "{table}: {csv}");
        headers.push_str(&format!("{table}: {}\n", csv.lines().next().unwrap()));
    }
    insta::assert_snapshot!(headers);
    // A filter selects the rows of its articles, in whatever table they are.
    for table in ["article_list", "article_text", "article_source", "paragraph", "former_paragraph"]
    {
        let export = ["export", "--format", "csv", "--table", table];
        let all = env.run(&export).expect(0).stdout;
        let of_site =
            env.run(&[&export[..], &["--site", "news.example"]].concat()).expect(0).stdout;
        assert_eq!(of_site, all, "{table}");
        let none = env.run(&[&export[..], &["--until", "1999"]].concat()).expect(0).stdout;
        assert_eq!(none.lines().count(), 1, "{table}: {none}");
    }
}

/// The default, for people: no JOIN, no hashes, a day instead of a moment.
#[test]
fn a_list_of_articles() {
    let env = TestEnv::with_article();
    let csv = env.run(&["export", "--format", "csv"]).expect(0).stdout;
    assert_eq!(
        csv,
        "id,day,site,title,author,language,characters,url\n\
         1,2024-02-04,news.example,标题,,zh,49,https://news.example/a\n"
    );
}

#[test]
fn csv_into_a_file() {
    let env = TestEnv::new();
    env.write("drop/a.txt", seed("=1+1", "https://news.example/a").as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    let export = ["export", "--format", "csv", "-o", "a.csv"];
    env.run(&export).expect(0);
    let exact = String::from_utf8(bytes_of(&env.path("a.csv"))).unwrap();
    assert!(exact.contains(",=1+1,"), "{exact}");
    let ran = env.run(&export).expect(1);
    assert!(ran.stderr.contains("\"a.csv\" already exists"), "{ran}");
    env.run(&[&export[..], &["--force", "--excel-safe"]].concat()).expect(0);
    let safe = String::from_utf8(bytes_of(&env.path("a.csv"))).unwrap();
    assert!(safe.starts_with("\u{feff}id,") && safe.contains(",'=1+1,"), "{safe}");
    assert!(!exact.starts_with('\u{feff}'), "{exact}");
    let question = "SELECT title, '+1;=2;' AS '=n' FROM article";
    let sql = |more: &[&str]| {
        env.run(&[&["sql", "--format", "csv", question], more].concat()).expect(0).stdout
    };
    assert_eq!(sql(&[]), "title,=n\n=1+1,+1;=2;\n");
    assert_eq!(sql(&["--excel-safe"]), "\u{feff}title,'=n\n'=1+1,\"'+1;'=2;\"\n");
    assert_eq!(sql(&["--excel-safe", "--no-headers"]), "\u{feff}'=1+1,\"'+1;'=2;\"\n");
    assert!(!env.files().iter().any(|name| name.ends_with(".tmp")));
}

/// Under every name, even with `--force`.
#[test]
fn nothing_is_written_onto_the_archive() {
    use std::process::{Command, Stdio};
    let env = TestEnv::with_article();
    let other = env.path("other");
    std::fs::create_dir(&other).unwrap();
    env.run(&["import", "-q", "drop"]).expect(0);
    std::os::unix::fs::symlink("seedbank.db", env.path("link")).unwrap();
    std::os::unix::fs::symlink(".", env.path("here")).unwrap();
    let before = bytes_of(&env.path("seedbank.db"));
    let own =
        ["seedbank.db", "link", "here/seedbank.db-wal", "./seedbank.db-shm", "seedbank.db-journal"];
    for name in own.into_iter().chain(["seedbank.db.lock"]) {
        for command in [
            &["export", "--format", "jsonl", "--force", "-o"][..],
            &["export", "--format", "csv", "--force", "-o"],
            &["export", "--format", "atom", "--force", "-o"],
            &["backup", "--force"],
        ] {
            let ran = env.run(&[command, &[name]].concat()).expect(1);
            assert!(ran.stderr.contains("is the database itself, or belongs to it"), "{ran}");
        }
    }
    // An archive with the name of a page in a folder, and one with the name of a manual page.
    std::fs::hard_link(env.path("seedbank.db"), env.path("other/index.html")).unwrap();
    let html = ["export", "--format", "html", "--force", "-o", "other"];
    env.run(&html).expect(1);
    std::fs::create_dir(env.path("other/man1")).unwrap();
    std::fs::rename(env.path("other/index.html"), env.path("other/man1/seedbank.1")).unwrap();
    let ran = env.run(&["man", "-o", "other"]).expect(1);
    assert!(ran.stderr.contains("is the database itself"), "{ran}");
    std::fs::remove_file(env.path("other/man1/seedbank.1")).unwrap();
    // A seed with the archive's name gets another one.
    env.write("drop/seedbank.db", seed("二", "https://news.example/2").as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    env.run(&["export", "--format", "seeds", "--force", "-q", "-o", "."]).expect(0);
    assert!(env.path("seedbank (2).db").exists());
    env.run(&["verify", "-q"]).expect(0);
    // The file that a shell opens.
    let after = bytes_of(&env.path("seedbank.db"));
    assert!(before != after);
    let output = std::fs::File::options().append(true).open(env.path("seedbank.db")).unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_seedbank"))
        .args(["export", "--format", "jsonl"])
        .current_dir(env.path(""))
        .stdout(output)
        .stderr(Stdio::null())
        .status();
    assert_eq!(ran.unwrap().code(), Some(1));
    assert!(bytes_of(&env.path("seedbank.db")) == after);
}

#[test]
fn exports_are_for_the_same_eyes() {
    use crate::support::set_mode;
    use std::os::unix::fs::PermissionsExt;
    let env = TestEnv::with_article();
    set_mode(&env.path("seedbank.db"), 0o600);
    let mode = |name: &str| std::fs::metadata(env.path(name)).unwrap().permissions().mode() & 0o777;
    for (format, path) in [
        ("jsonl", "x.jsonl"),
        ("csv", "x.csv"),
        ("atom", "x.xml"),
        ("seeds", "seeds/in/it"),
        ("html", "pages"),
        ("markdown", "notes"),
    ] {
        env.run(&["export", "-q", "--format", format, "-o", path]).expect(0);
        let entries = walkdir::WalkDir::new(env.path(path));
        for entry in entries {
            let entry = entry.unwrap();
            let expected = if entry.file_type().is_dir() { 0o700 } else { 0o600 };
            let found = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(found, expected, "{entry:?}");
        }
    }
    assert_eq!((mode("seeds"), mode("seeds/in")), (0o700, 0o700));
    env.run(&["man", "-q", "-o", "man"]).expect(0);
    assert_ne!(mode("man/man1/seedbank.1") & 0o044, 0);
    env.run(&["import", "-q", "--full", "drop"]).expect(0);
    assert_eq!(mode("seedbank.db.lock"), 0o600);
}
