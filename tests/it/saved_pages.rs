//! Whole pages in a drop: each is an article, whatever saved it.

use crate::place::{Place, text};
use rusqlite::Connection;
use seedbank::reextract::{ReextractOptions, reextract};

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

/// What is no article is one with the status that fits, and no reason for exit code 3.
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

/// An archive of a version that refused pages has kept their bytes.
#[test]
fn a_page_that_was_refused_becomes_an_article() {
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
    let sha256 = seedbank::model::Sha256::of(&bytes);
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
    // What the import said of it then stays.
    assert_eq!(old.rows("SELECT reason FROM rejection"), ["unsupported"]);
    assert_eq!(old.import().duplicate, 1);
}
