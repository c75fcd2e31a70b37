//! `seedbank export` for readers: markdown, html and atom; and the filters of every format.

use crate::place;
use crate::support::{Ran, TestEnv, bytes_of};
use roxmltree::Document;
use scraper::{Html, Selector};
use std::collections::BTreeSet;
use std::path::Path;

/// Three articles of two sites, one undated, one edited; a hostile title and text; a file that is not an
/// article.
fn archive() -> TestEnv {
    const HOSTILE: &str = "<script>alert(1)</script>\" onmouseover=\"x ]]>";
    let env = TestEnv::new();
    let text = |words: &str| place::text(words);
    let files = [
        ("1.md", place::seed("1709164800000", "雨后", "https://a.example/1", &text("雨很大"))),
        ("2.md", place::seed("1709337599000", "雨后", "https://a.example/1", &text("雨停了"))),
        (
            "3.md",
            place::seed(
                "1709337600000",
                HOSTILE,
                "https://b.example/\"onmouseover=\"2",
                &text("&lt;script&gt;alert(2)&lt;/script&gt; ]]&gt; \" onmouseover=\"x"),
            ),
        ),
        ("4.md", format!("[不知何时](https://a.example/3)\n------\n\n{}\n", text("天晴了"))),
        ("notes.txt", "no header\n".to_owned()),
    ];
    for (name, bytes) in files {
        env.write(&format!("drop/{name}"), bytes.as_bytes());
    }
    env.run(&["import", "-q", "drop"]).expect(0);
    env
}

fn export(env: &TestEnv, arguments: &[&str]) -> Ran {
    env.run(&[&["export", "--format"], arguments].concat())
}

/// The files below a folder, by their relative paths.
fn files(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = entries.map(|entry| entry.unwrap()).filter(|entry| entry.file_type().is_file());
    let name = |entry: walkdir::DirEntry| {
        entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned()
    };
    files.map(name).collect()
}

fn text_of(path: &Path) -> String {
    String::from_utf8(bytes_of(path)).unwrap()
}

#[test]
fn a_markdown_file_per_article() {
    let env = archive();
    let ran = export(&env, &["markdown", "-o", "notes"]).expect(0);
    assert!(ran.stderr.starts_with("3 files, "), "{ran}");
    assert_eq!(
        files(&env.path("notes")),
        [
            "2024-02-29-雨后.md",
            "2024-03-02-_script_alert(1)__script__ onmouseover=_x ]]_.md",
            "manifest.jsonl",
            "undated-不知何时.md",
        ]
    );
    insta::assert_snapshot!(text_of(&env.path("notes/2024-02-29-雨后.md")));
    // No import takes them for articles.
    let ran = env.run(&["import", "notes"]).expect(0);
    assert!(ran.stdout.contains("3 list"), "{ran}");
}

#[test]
fn a_folder_of_pages_in_which_every_link_leads_somewhere() {
    let env = archive();
    let ran = export(&env, &["html", "-o", "pages", "--title", "新闻 & Co"]).expect(0);
    assert!(ran.stderr.starts_with("10 files, "), "{ran}");
    let folder = env.path("pages");
    let pages = files(&folder);
    let expected = [
        "2024-02/1.html",
        "2024-02/index.html",
        "2024-03/2.html",
        "2024-03/index.html",
        "index.html",
        "manifest.jsonl",
        "sites/a.example.html",
        "sites/b.example.html",
        "style.css",
        "undated/3.html",
        "undated/index.html",
    ];
    assert_eq!(pages, expected);
    assert_eq!(reached(&folder), pages);
    insta::assert_snapshot!(text_of(&folder.join("index.html")));
}

/// The files that can be reached by links, the front page and the manifest. Fails for a dangling link, or one
/// that leads out of the folder.
fn reached(folder: &Path) -> Vec<String> {
    let links = Selector::parse("a[href], link[href]").unwrap();
    let mut reached = BTreeSet::from(["index.html".to_owned(), "manifest.jsonl".to_owned()]);
    for name in files(folder).iter().filter(|name| name.ends_with(".html")) {
        let page = folder.join(name);
        for link in Html::parse_document(&text_of(&page)).select(&links) {
            let href = link.attr("href").unwrap();
            if !href.starts_with("https://") {
                let target = page.parent().unwrap().join(href).canonicalize();
                let target = target.unwrap_or_else(|_| panic!("{href} in {name}"));
                let inside = target.strip_prefix(folder.canonicalize().unwrap()).unwrap();
                reached.insert(inside.to_str().unwrap().to_owned());
            }
        }
    }
    reached.into_iter().collect()
}

#[test]
fn many_sites_have_lists_of_their_own() {
    let env = TestEnv::new();
    for number in 0..501 {
        let url = format!("https://s{number}.example/a");
        let seed = place::seed("1709164800000", "雨后", &url, &place::text("雨停了"));
        env.write(&format!("drop/{number}.md"), seed.as_bytes());
    }
    env.run(&["import", "-q", "drop"]).expect(0);
    export(&env, &["html", "-o", "pages"]).expect(0);
    let pages = files(&env.path("pages"));
    assert_eq!(reached(&env.path("pages")), pages);
    for name in ["all-sites/index-2.html", "2024-02/index-2.html"] {
        assert!(pages.iter().any(|page| page == name), "{name}");
    }
    let front = Html::parse_document(&text_of(&env.path("pages/index.html")));
    let listed = |selector: &str| front.select(&Selector::parse(selector).unwrap()).count();
    assert_eq!((listed(".sites li"), listed(".articles li")), (60, 10));
}

#[test]
fn article_text_is_never_markup() {
    let env = archive();
    export(&env, &["html", "-o", "pages"]).expect(0);
    export(&env, &["markdown", "-o", "notes"]).expect(0);
    export(&env, &["atom", "-o", "feed.xml"]).expect(0);
    let all = |folder: &str| -> Vec<String> {
        let names = files(&env.path(folder));
        names.iter().map(|name| text_of(&env.path(folder).join(name))).collect()
    };
    let mut pages = all("pages");
    pages.push(text_of(&env.path("feed.xml")));
    assert_eq!(pages.iter().filter(|page| page.contains("alert(2)")).count(), 2);
    for page in pages {
        for raw in ["<script", "]]>", "\"onmouseover=", "\" onmouseover="] {
            assert!(!page.contains(raw), "{raw}: {page}");
        }
    }
    let notes = all("notes");
    assert_eq!(notes.iter().filter(|note| note.contains("alert(2)")).count(), 1);
    for note in notes.iter().filter_map(|note| note.split_once("\n---\n")) {
        assert!(!note.1.replace("\\<", "").contains('<'), "{}", note.1);
    }
}

#[test]
fn a_later_export_leaves_no_stale_page() {
    let env = archive();
    for (format, stale, stays) in [
        ("markdown", "2024-02-29-雨后.md", "undated-不知何时.md"),
        ("html", "2024-02/1.html", "undated/3.html"),
    ] {
        let export = |more: &[&str]| export(&env, &[&[format, "-o", format], more].concat());
        env.write(&format!("{format}/mine.txt"), b"mine");
        let ran = export(&[]).expect(1);
        assert!(ran.stderr.contains("is not empty"), "{ran}");
        export(&["--force"]).expect(0);
        let whole = files(&env.path(format));
        assert!(whole.iter().any(|name| name == stale), "{whole:?}");
        export(&["--force", "--query", "天晴了"]).expect(0);
        let part = files(&env.path(format));
        assert!(!part.iter().any(|name| name == stale), "{part:?}");
        assert!(part.iter().any(|name| name == stays), "{part:?}");
        assert!(part.contains(&"mine.txt".to_owned()), "{part:?}");
        export(&["--force"]).expect(0);
        assert_eq!(files(&env.path(format)), whole);
    }
    // Originals are not pages.
    export(&env, &["seeds", "-o", "seeds"]).expect(0);
    let before = files(&env.path("seeds"));
    let ran = export(&env, &["html", "-o", "seeds", "--force"]).expect(1);
    assert!(ran.stderr.contains("\"seeds\" has a manifest.jsonl of another export"), "{ran}");
    assert_eq!(files(&env.path("seeds")), before);
}

#[test]
fn the_newest_articles_as_a_feed() {
    let env = archive();
    let entries = |arguments: &[&str]| {
        let ran = export(&env, &[&["atom"], arguments].concat()).expect(0);
        let feed = Document::parse(&ran.stdout).unwrap();
        let root = feed.root_element();
        let text = |node: roxmltree::Node<'_, '_>, name: &str| {
            let child = node.children().find(|child| child.has_tag_name(name)).unwrap();
            child.text().unwrap().to_owned()
        };
        let entries = root.children().filter(|node| node.has_tag_name("entry"));
        let entries: Vec<String> = entries.map(|entry| text(entry, "updated")).collect();
        (text(root, "title"), text(root, "updated"), entries)
    };
    let (title, updated, all) = entries(&[]);
    assert_eq!(title, "seedbank");
    // Undated articles come last, ordered by when they were seen.
    assert_eq!(all, ["2024-03-02T00:00:00Z", "2024-03-01T23:59:59Z", "2024-02-06T00:00:00Z"]);
    assert_eq!(updated, all[0]);
    let (title, updated, some) = entries(&["--limit", "1", "--site", "a.example", "--title", "晴"]);
    assert_eq!((title.as_str(), updated.as_str()), ("晴", "2024-03-01T23:59:59Z"));
    assert_eq!(some, all[1..2]);
    assert_eq!(entries(&["--limit", "0"]).2, all);
    assert_eq!(entries(&["--since", "2030"]).1, "1970-01-01T00:00:00Z");

    let ran = export(&env, &["atom", "-o", "feed.xml"]).expect(0);
    assert_eq!(ran.stderr, "3 articles in \"feed.xml\"\n");
    let ran = export(&env, &["atom", "-o", "feed.xml"]).expect(1);
    assert!(ran.stderr.contains("\"feed.xml\" already exists"), "{ran}");
}

#[test]
fn filters_of_every_format() {
    let env = archive();
    let lines = |arguments: &[&str]| {
        let ran = export(&env, arguments).expect(0);
        (ran.stdout.lines().count() - 1, ran.stderr)
    };
    let undated = "1 undated article left out\n".to_owned();
    let none = String::new();
    // The day of an article is that of its first seed; days are inclusive.
    assert_eq!(lines(&["csv"]), (3, none.clone()));
    assert_eq!(lines(&["csv", "--since", "2024-02-29"]), (2, undated.clone()));
    assert_eq!(lines(&["csv", "--since", "2024-03-01"]), (1, undated.clone()));
    assert_eq!(lines(&["csv", "--until", "2024-02-29"]), (1, undated.clone()));
    assert_eq!(lines(&["csv", "--site", "www.A.example"]), (2, none.clone()));
    assert_eq!(lines(&["csv", "--query", "雨停了"]), (1, none.clone()));
    assert_eq!(lines(&["csv", "--site", "b.example", "--query", "雨停了"]), (0, none.clone()));
    // Without a filter, the file that is not an article is a line too.
    assert_eq!(lines(&["jsonl"]), (4, none.clone()));
    assert_eq!(lines(&["jsonl", "--site", "a.example"]), (2, none.clone()));
    assert_eq!(lines(&["jsonl", "--query", "雨停了"]), (1, none.clone()));
    assert_eq!(lines(&["jsonl", "--since", "2024", "--query", "雨停了"]), (1, none));

    export(&env, &["seeds", "-o", "all"]).expect(0);
    assert_eq!(files(&env.path("all")).len(), 6);
    let ran = export(&env, &["seeds", "-o", "some", "--until", "2024-02"]).expect(0);
    assert!(ran.stderr.ends_with(&undated), "{ran}");
    assert_eq!(files(&env.path("some")), ["1.md", "2.md", "manifest.jsonl"]);
    let ran = export(&env, &["html", "-o", "pages", "--since", "2024", "--json"]).expect(0);
    assert_eq!(ran.stderr, undated);
    assert!(ran.stdout.contains("\"files\": 8"), "{ran}");
}

#[test]
fn inapplicable_options_are_refused() {
    let env = archive();
    let check = |arguments: &[&str], message: &str| {
        let ran = export(&env, arguments).expect(2);
        assert!(ran.stderr.contains(message) && ran.stderr.contains("hint: "), "{ran}");
        assert_eq!(ran.stdout, "");
    };
    let of_none =
        |table| format!("a filter selects articles, and the rows of \"{table}\" belong to none");
    check(&["csv", "--table", "site", "--since", "2024"], &of_none("site"));
    check(&["csv", "--table", "article_day", "--query", "雨"], &of_none("article_day"));
    check(&["csv", "--limit", "3"], "--limit is for atom, not for csv");
    check(&["jsonl", "--table", "link"], "--table is for csv, not for jsonl");
    check(&["markdown", "-o", "x", "--title", "x"], "--title is for html and atom");
    check(&["html"], "html is written into a folder");
    check(&["atom", "--query", "("], "the query \"(\"");
    assert_eq!(env.files(), ["drop", "seedbank.db", "seedbank.db.lock"]);
}
