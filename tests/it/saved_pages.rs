//! Whole pages in a drop: each becomes an article, whatever program saved it.

use crate::place::{Place, TIME, dump_without_ids, rows, text};
use crate::support::TestEnv;
use crate::verify::verified;
use rusqlite::Connection;
use seedbank::internals::format::envelope::Envelope;
use seedbank::internals::reextract::reextract;
use seedbank::{PageAddress, Reason, ReextractOptions, VerifyOptions};

fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=zh><head><meta charset=utf-8><title>{title}</title></head>\n\
         <body>{body}</body></html>\n"
    )
}

#[test]
fn a_whole_page_is_an_article() {
    let place = Place::new();
    place.write("a.html", page("雨后", &text("雨停了")));
    place.write("b.htm", text("天晴了"));
    let report = place.import();
    assert_eq!((report.new, report.newly_refused), (2, 0));
    assert_eq!(
        place.rows(
            "SELECT a.title, a.status, s.format, a.url IS NULL, a.canonical_url LIKE 'urn:sha256:%'
             FROM article a JOIN seed s ON s.id = a.seed_id ORDER BY a.id"
        ),
        ["雨后|ok|page|1|1", "|ok|page|1|1"]
    );
}

/// The metadata of a page is stored in its rows.
#[test]
fn metadata_of_a_page_is_stored() {
    let place = Place::new();
    let head = r#"<link rel=canonical href=https://news.example/bridge>
        <meta property=og:image content=https://news.example/a.jpg>
        <meta property=article:section content=城市><meta name=keywords content=桥,雨>
        <script type=application/ld+json>{"@type": "NewsArticle", "headline": "雨后的桥又通了",
        "datePublished": "2024-03-05T08:00:00+08:00", "dateModified": "2024-03-07T08:00:00+08:00",
        "author": [{"name": "某甲"}, {"name": "某乙"}],}</script>"#;
    let body = format!(
        "{head}<h1>雨后的桥又通了</h1><p class=byline>责任编辑：某丙</p><img src=/a.jpg>{}<img src=/b.jpg>",
        text("雨停了")
    );
    place.write_at("a.html", page("雨后的桥又通了_某报", &body), TIME + 604_800);
    assert_eq!(place.import().new, 1);
    assert_eq!(
        place.rows(
            "SELECT title, title_raw, author, url, published_at, modified_at, language FROM article"
        ),
        ["雨后的桥又通了|雨后的桥又通了_某报|某甲、某乙|https://news.example/bridge|\
          2024-03-05T00:00:00Z|2024-03-07T00:00:00Z|zh"]
    );
    assert_eq!(
        place.rows("SELECT name, role FROM author ORDER BY position"),
        ["某甲|author", "某乙|author", "某丙|editor"]
    );
    assert_eq!(
        place.rows("SELECT name, kind FROM tag ORDER BY position"),
        ["城市|section", "桥|keyword", "雨|keyword"]
    );
    assert_eq!(
        place.rows("SELECT url FROM media WHERE role = 'lead'"),
        ["https://news.example/a.jpg"]
    );
}

/// A site has the name that most of its articles give.
#[test]
fn a_site_is_named_by_its_articles() {
    let place = Place::new();
    let write = |name: &str, site: &str, words: &str, time: u64| {
        let head = format!(
            "<link rel=canonical href=https://news.example/{}>{site}",
            name.trim_end_matches('_')
        );
        place.write_at(&format!("{name}.html"), page(words, &(head + &text(words))), time);
    };
    let site = |name: &str| format!("<meta property=og:site_name content={name}>");
    let import = |name: &str| {
        place.import();
        assert_eq!(place.rows("SELECT name FROM site"), [name]);
    };
    write("a", "", "雨停了", TIME);
    import("");
    write("b", &site("某报"), "天晴了", TIME);
    import("某报");
    write("c", &site("一报"), "门开了", TIME);
    import("一报");
    write("d", &site("某报"), "桥通了", TIME);
    import("某报");
    // The current versions of two articles give another name.
    write("b_", &site("一报"), "天晴了，又下雨了", TIME + 9);
    import("一报");
    write("c_", &site("某报"), "门开了，又关了", TIME - 9);
    import("一报");
    assert_eq!(
        place.rows("SELECT site_name, count(*) FROM article GROUP BY 1 ORDER BY 1"),
        ["|1", "一报|2", "某报|1"]
    );
    // A seed names its site too.
    place.write("e.md", "---\ntitle: 甲\nurl: https://news.example/e\npublisher: 某报\n---\n文\n");
    place.write("f.json", r#"{"url":"https://news.example/f","html":"","site_name":"某报"}"#);
    import("某报");
    let before = dump_without_ids(&place.database());
    reextract(&place.database(), &ReextractOptions::default().with_all(true), &mut |_| {}).unwrap();
    assert_eq!(dump_without_ids(&place.database()), before);
    assert_eq!(verified(&place.database(), &VerifyOptions::default()).1, []);
}

/// A page cannot have been published after it was saved.
#[test]
fn no_page_is_younger_than_its_saving() {
    let place = Place::new();
    let date = |day: &str| format!("<meta property=article:published_time content={day}>");
    for (name, day) in [("a", "2024-02-20"), ("b", "2031-02-20")] {
        let body = format!("{}{}", date(day), text(name));
        place.write(
            &format!("{name}.html"),
            format!("<!-- Saved from https://news.example/{name} at 2024-02-28T10:30:45Z using monolith v2.8.1 -->\n{}", page(name, &body)),
        );
    }
    place.import();
    assert_eq!(
        place.rows("SELECT title, published_at FROM article ORDER BY id"),
        ["a|2024-02-20T00:00:00Z", "b|"]
    );
}

/// A page without an article becomes one with a matching status, and does not lead to exit code 3.
#[test]
fn a_page_without_an_article_is_a_stub_or_empty() {
    let place = Place::new();
    for (name, body) in [
        ("1_frames.html", "<frameset><frame src=a.html></frameset>"),
        ("2_script.html", "<script>document.write('雨停了')</script>"),
        ("3_error.html", "<h1>404 Not Found</h1><hr>nginx"),
        ("4_log_in.html", "<form><input name=user><button>登录</button></form>"),
        ("5_nothing.html", ""),
    ] {
        place.write(name, page("页", body));
    }
    let report = place.import();
    assert_eq!((report.new, report.rejected, report.newly_refused), (5, 0, 0));
    assert_eq!(place.rows("SELECT count(*) FROM article WHERE status IN ('stub', 'empty')"), ["5"]);
}

/// An archive of a version that rejected pages has stored their bytes.
#[test]
fn a_rejected_page_becomes_an_article() {
    let place = Place::new();
    place.write("a.html", page("雨后", &text("雨停了")));
    place.import();
    let fresh = place.rows("SELECT title, status, text_sha256, char_count FROM article");

    let old = Place::new();
    old.write("a.html", "<svg>雨停了</svg>");
    old.write("b.html", page("雨后", &text("雨停了")));
    old.import_with(|options| options.paths = vec![old.drop().join("a.html")]);
    let connection = Connection::open(old.database()).unwrap();
    let bytes = std::fs::read(old.drop().join("b.html")).unwrap();
    let sha256 = seedbank::Sha256::of(&bytes);
    connection
        .execute(
            "UPDATE seed SET sha256 = unhex(?1), byte_length = length(?2), codec = 'none',
             body = ?2, extractor_version = 5",
            (sha256.to_string(), &bytes),
        )
        .unwrap();
    connection
        .execute_batch(
            "UPDATE rejection SET reason = 'unsupported', detail = 'a web page is not read yet';
             UPDATE meta SET value = '5' WHERE key = 'extractor_version'",
        )
        .unwrap();
    drop(connection);
    let report = reextract(&old.database(), &ReextractOptions::default(), &mut |_| {}).unwrap();
    assert_eq!((report.seeds, report.damaged), (1, 0));
    let sql = "SELECT title, status, text_sha256, char_count FROM article";
    assert_eq!(old.rows(sql), fresh);
    // The outcome at the time of the import stays.
    assert_eq!(old.rows("SELECT reason FROM rejection"), ["unsupported"]);
    assert_eq!(old.import().duplicate, 1);
}

const URL: &str = "https://news.example/2024/a";

fn saved_by_single_file(url: &str, title: &str) -> String {
    let comment = format!(
        "<!--\n Page saved with SingleFile \n url: {url} \n saved date: Tue Feb 27 2024 20:00:00 GMT+0800 (中国标准时间)\n-->"
    );
    page(title, &text("雨停了")).replacen("<head>", &format!("{comment}<head>"), 1)
}

/// The saver's time is evidence of the bytes, earlier than that of the file.
#[test]
fn a_saver_gives_address_and_time() {
    let place = Place::new();
    place.write("a.html", saved_by_single_file(URL, "雨后"));
    place.import();
    assert_eq!(
        place.rows("SELECT url, canonical_url, first_seen_at FROM article"),
        [format!("{URL}|{URL}|2024-02-27T12:00:00Z")]
    );
    check_verified(&place);
}

/// Three programs saved one page with the same text: one article and one revision.
#[test]
fn another_saver_is_no_edit() {
    let place = Place::new();
    let page = page("雨后", &text("雨停了"));
    place.write("1.html", saved_by_single_file(URL, "雨后"));
    place.write(
        "2.html",
        format!("<!-- Saved from {URL} at 2024-02-28T10:30:45Z using monolith v2.8.1 -->\n{page}"),
    );
    place.write(
        "3.html",
        page.replacen('\n', "\n<!-- saved from url=(0027)https://news.example/2024/a -->\n", 1),
    );
    place.import();
    assert_eq!(place.rows("SELECT count(*), max(revision_count) FROM article"), ["1|1"]);
    check_verified(&place);
}

/// Each version is listed with its format and saver: a seed and two saved pages of one article.
#[test]
fn a_history_names_what_each_version_was_saved_as() {
    let env = TestEnv::new();
    let seed = crate::place::seed("1707000000000", "雨后", URL, &text("雨停了"));
    env.write("drop/1.md", seed.as_bytes());
    env.write("drop/2.html", saved_by_single_file(URL, "雨停之后").as_bytes());
    env.run(&["import", "-q", "--url", URL, "drop/2.html"]).expect(0);
    env.run(&["import", "-q", "drop/1.md"]).expect(0);
    let ran = env.run(&["history", URL]).expect(0);
    assert!(ran.stdout.contains(" A "), "{ran}");
    assert!(ran.stdout.contains(" page by SingleFile "), "{ran}");
    let ran = env.run(&["history", URL, "--json"]).expect(0);
    assert!(ran.stdout.contains("\"saver\": \"SingleFile\""), "{ran}");
    let ran = env.run(&["diff", URL]).expect(0);
    assert!(ran.stdout.contains("ok, format page by SingleFile\n"), "{ran}");
    let ran = env.run(&["explain", URL]).expect(0);
    assert!(ran.stdout.contains("format page by SingleFile, utf-8"), "{ran}");
}

#[test]
fn a_page_gets_the_address_that_its_import_gives() {
    let place = Place::new();
    let bytes = page("雨后", &text("雨停了"));
    let file = place.write("a.html", &bytes);
    let known = |url: &str| PageAddress::Known {
        url: url.into(),
        observed_at: "2024-02-20T08:00:00Z".parse().ok(),
    };
    let import = |url: &str| {
        place.import_with(|options| {
            options.paths = vec![file.clone()];
            options.address = known(url);
            options.full = true;
        })
    };
    assert_eq!(import(URL).new, 1);
    assert_eq!(import(URL).duplicate, 1);
    // One log-in page under a thousand addresses is a thousand articles.
    assert_eq!(import("https://news.example/b c").new, 1);
    let envelope = format!("{{\"seedbank_page\":1,\"url\":\"{URL}\"}}\n");
    assert_eq!(
        place.rows("SELECT a.url, s.byte_length, s.observed_at FROM article a JOIN seed s ON s.id = a.seed_id"),
        [
            format!("{URL}|{}|2024-02-20T08:00:00Z", envelope.len() + bytes.len()),
            format!("https://news.example/b%20c|{}|2024-02-20T08:00:00Z", envelope.len() + bytes.len() - 1),
        ]
    );
    check_verified(&place);
}

/// Everything is in the bytes: an archive made from the exported seeds is the same.
#[test]
fn an_envelope_is_exported_and_imported() {
    let env = TestEnv::new();
    let bytes = page("雨后", &text("雨停了"));
    env.run_with_input(&["import", "-q", "--url", URL, "--observed", "2024-02-20", "-"], &bytes)
        .expect(0);
    let ran = env.run(&["show", URL, "--raw"]).expect(0);
    assert_eq!(ran.stdout, bytes);
    env.run(&["export", "--format", "seeds", "-o", "out"]).expect(0);
    env.run(&["--db", "other.db", "import", "-q", "out"]).expect(0);
    let ran = env.run(&["--db", "other.db", "show", URL, "--raw"]).expect(0);
    assert_eq!(ran.stdout, bytes);
    let sql = "SELECT url, title, first_seen_at, hex(text_sha256) FROM article";
    assert_eq!(rows(&env.path("other.db"), sql), rows(&env.path("seedbank.db"), sql));
    env.run(&["--db", "other.db", "verify"]).expect(0);
}

#[test]
fn a_mirror_has_addresses_in_its_paths() {
    let place = Place::new();
    place.write("news.example/2024/a", page("雨后", &text("雨停了")));
    place.write("news.example/index.html", page("首页", &text("天晴了")));
    // A saver's address takes precedence.
    place.write("news.example/b.html", saved_by_single_file("https://other.example/b", "别处"));
    place.import_with(|options| options.address = PageAddress::InPath);
    assert_eq!(
        place.rows("SELECT url FROM article ORDER BY url"),
        ["https://news.example/", URL, "https://other.example/b"]
    );
    check_verified(&place);
}

/// The label of a server is further evidence, but UTF-8 is UTF-8 whatever it says.
#[test]
fn a_label_in_the_envelope_counts() {
    let place = Place::new();
    let (cyrillic, _, _) = encoding_rs::KOI8_R.encode("<title>Дом</title><p>Ива");
    let (utf8, label) = ("<title>雨后</title><p>雨停了".as_bytes(), Some("gb2312"));
    for (name, url, label, body) in [
        ("1", "https://news.example/1", Some("koi8-r"), &*cyrillic),
        ("2", "https://news.example/2", label, utf8),
    ] {
        place.write(name, Envelope::new(url, label).around(body));
    }
    place.import();
    assert_eq!(
        place.rows("SELECT a.title, s.encoding FROM article a JOIN seed s ON s.id = a.seed_id ORDER BY a.id"),
        ["Дом|koi8-r", "雨后|utf-8"]
    );
}

#[test]
fn a_dry_run_shows_what_it_reads() {
    let env = TestEnv::new();
    env.write("drop/a.html", saved_by_single_file(URL, "雨后").as_bytes());
    let ran = env.run(&["import", "--dry-run", "--verbose", "drop"]).expect(0);
    let (shown, _) = ran.stdout.split_once("Dry run, nothing is changed: 1 file").unwrap();
    assert_eq!(
        shown,
        format!(
            "[FOLDER]/drop/a.html\n  雨后\n  {URL}\n  - · page · ok · 1 block of content, 0 more, 64 characters\n"
        )
    );
}

#[test]
fn an_address_is_that_of_one_page() {
    let env = TestEnv::with_article();
    for arguments in [
        &["--url", URL, "drop"][..],
        &["--url", URL, "drop/a.txt", "-"],
        &["--url", "news", "drop/a.txt"],
        &["--observed", "2024-03-04", "drop/a.txt"],
        &["--url", URL, "--observed", "gestern", "drop/a.txt"],
    ] {
        let arguments: Vec<&str> = ["import"].iter().chain(arguments).copied().collect();
        env.run(&arguments).expect(2);
    }
    // A seed has its own address.
    env.run(&["import", "--url", URL, "drop/a.txt"]).expect(0);
    assert_eq!(
        rows(&env.path("seedbank.db"), "SELECT url FROM article"),
        ["https://news.example/a"]
    );
}

/// A browser saves the parts of a page beside it; they are recognised by name alone, in archives too.
#[test]
fn resources_of_a_page_are_rejected() {
    let place = Place::new();
    place.write("雨.html", page("雨后", &text("雨停了")));
    place.write("雨_files/saved_resource.html", page("框", &text("广告")));
    place.write("雨_files/b/style.css", "p{}");
    place.write("晴.HTM", page("天晴", &text("天晴了")));
    place.write("晴.files/photo.jpg", b"\xff\xd8\xff");
    // Without its page, a folder is like any other.
    place.write("my_files/a.html", page("别的", &text("起风了")));
    let report = place.import();
    assert_eq!((report.new, report.rejected, report.newly_refused), (3, 3, 0));
    assert_eq!(report.reasons, [(Reason::Resource, 3)]);
    // Nothing in them is read or stored again.
    assert_eq!((place.import().unchanged, place.import().rejected), (3, 3));
    assert_eq!(place.rows("SELECT count(*) FROM sighting"), ["6"]);
    check_verified(&place);
}

#[cfg(feature = "archives")]
#[test]
fn resources_of_a_page_are_rejected_in_archives_too() {
    use crate::pack::{Tar, Zip, ZipEntry, gzip, open};
    let names =
        ["a_files/1.html", "b/a.html", "a.html", "a_files/2.js", "b/a_files/x.zip", "c_files/a"];
    let listed = |bytes: &[u8]| {
        let members = open(bytes, "a").unwrap().into_iter().map(|member| match member {
            Ok(document) => document.origin.place.member.unwrap(),
            Err((origin, why)) => format!("{} {}", origin.place.member.unwrap(), why.reason),
        });
        let mut members: Vec<String> = members.collect();
        members.sort();
        members
    };
    let expected = [
        "a.html",
        "a_files/1.html resource",
        "a_files/2.js resource",
        "b/a.html",
        "b/a_files/x.zip resource",
        "c_files/a",
    ];
    let (mut tar, mut zip) = (Tar::default(), Zip::default());
    for name in names {
        tar = tar.file(name, b"PK\x03\x04", TIME);
        zip = zip.entry(&ZipEntry::stored(name, b"x"));
    }
    let mut tar_of_text = Tar::default();
    for name in names {
        tar_of_text = tar_of_text.file(name, b"x", TIME);
    }
    let tar_of_text = tar_of_text.finish();
    assert_eq!(listed(&tar_of_text), expected);
    assert_eq!(listed(&gzip(&tar_of_text)), expected);
    assert_eq!(listed(&zip.finish()), expected);
    // An archive in such a folder is not opened, and is no refusal.
    let zips = listed(&tar.finish());
    assert!(zips.contains(&"b/a_files/x.zip resource".to_owned()), "{zips:?}");
}

/// SingleFile's self-extracting form: the seed is the file, the page is in the zip in its comment.
#[cfg(feature = "archives")]
#[test]
fn a_page_that_unpacks_itself_is_the_page_in_it() {
    use crate::pack::{Zip, ZipEntry};
    let manifest = format!(
        "{{\"originalUrl\":\"{URL}\",\"title\":\"x\",\"archiveTime\":\"2024-02-27T12:00:00.123Z\"}}"
    );
    let frame = page("框", &text("广告"));
    let inside = page("雨后", &text("雨停了"));
    let zip = Zip::default()
        .entry(&ZipEntry::deflated("1_0/frames/0/index.html", frame.as_bytes()))
        .entry(&ZipEntry::deflated("1_0/index.html", inside.as_bytes()))
        .entry(&ZipEntry::stored("1_0/images/0.png", b"\x89PNG"))
        .entry(&ZipEntry::deflated("1_0/manifest.json", manifest.as_bytes()))
        .finish();
    let before = "<!DOCTYPE html><html data-sfz><meta charset=utf-8><title>x</title><body hidden>Please wait...<!--";
    let whole = [before.as_bytes(), &zip[..], b"--></body></html>"].concat();
    let place = Place::new();
    place.write("a.html", &whole);
    place.write("b.html", [before.as_bytes(), &zip[..]].concat());
    place.import();
    assert_eq!(
        place.rows("SELECT title, url, revision_count, status, first_seen_at FROM article"),
        [format!("雨后|{URL}|1|ok|2024-02-27T12:00:00Z")]
    );
    assert_eq!(place.rows("SELECT byte_length FROM seed WHERE id = 1"), [whole.len().to_string()]);
    check_verified(&place);
    // A truncated file, or one with other content, is kept for inspection.
    place.write("c.html", [before.as_bytes(), &zip[..zip.len() / 2]].concat());
    let other = Zip::default().entry(&ZipEntry::stored("a.md", b"x")).finish();
    place.write("d.html", [before.as_bytes(), &other].concat());
    assert_eq!(place.import().newly_refused, 2);
    assert_eq!(
        place.rows("SELECT reason, detail FROM rejection ORDER BY id"),
        [
            "unsupported|a web page that is a zip too: its zip is truncated or damaged",
            "unsupported|a web page that is a zip too: it has no index.html",
        ]
    );
}

fn check_verified(place: &Place) {
    let env = TestEnv::new();
    let database = place.database();
    env.run(&["--db", database.to_str().unwrap(), "verify"]).expect(0);
}

/// The blocks around the article have no rows, and are shown on request.
#[test]
fn all_blocks_of_a_page_are_there_to_be_shown() {
    let menu: String = (0..50).map(|n| format!("<li><a href=/s{n}>栏目{n}</a></li>")).collect();
    let story: String = (0..6).map(|n| format!("<p>第{n}天，{}</p>", text("雨停了"))).collect();
    let body = format!("<nav><ul>{menu}</ul></nav><main>{story}</main>");
    let place = Place::new();
    place.write("a.html", page("雨后", &body));
    place.import();
    let env = TestEnv::new();
    let database = place.database();
    let show = |arguments: &[&str]| {
        let before = ["--db", database.to_str().unwrap(), "show", "1", "--blocks"];
        env.run(&[&before, arguments].concat()).expect(0).stdout.matches("栏目").count()
    };
    assert_eq!([show(&[]), show(&["--all"])], [0, 50 * 2]);
    assert_eq!(place.rows("SELECT count(*) FROM paragraph WHERE text LIKE '栏目%'"), ["0"]);
}
