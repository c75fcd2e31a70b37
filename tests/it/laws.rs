//! Laws of sameness, for any drop in any order.

use crate::corpus;
use crate::place::{Place, TIME, URL, dump, dump_without_ids, seed, text};
use proptest::prelude::*;
use seedbank::internals::extract::folded_text;
use seedbank::internals::format::envelope::Envelope;
use seedbank::internals::import::import;
use seedbank::internals::reextract::reextract;
use seedbank::internals::verify::verify;
use seedbank::{ImportOptions, ReextractOptions, VerifyOptions};
use std::collections::BTreeMap;

/// A seed with few possible values, so that addresses, texts, titles and times often coincide.
fn any_seed() -> impl Strategy<Value = (String, u64)> {
    let epoch = prop::sample::select(&["NaN", "1709164800000", "1709200000000"][..]);
    let title = prop::sample::select(&["雨后", "雨 后", "开门"][..]);
    let url = prop::sample::select(
        &[
            URL,
            "http://news.example//a/1/?utm_source=x",
            "https://news.example/b",
            "https://news.example/c",
            "https://other.example/b",
            "",
        ][..],
    );
    let words = prop::sample::select(&["雨停了", "天晴了", "门开了"][..]);
    let body = prop_oneof![
        1 => Just(String::new()),
        1 => Just("<p>短</p>".to_owned()),
        6 => prop::collection::vec(words, 1..4)
            .prop_map(|all| all.into_iter().map(text).collect()),
    ];
    let noise = prop::sample::select(&["", "<script>1</script>", "<script>2</script>"][..]);
    (epoch, title, url, body, noise, 0..4u64).prop_map(|(epoch, title, url, body, noise, time)| {
        (seed(epoch, title, url, &(body + noise)), TIME + time)
    })
}

/// A page with as few values, as saved by one of the programs, or in an envelope.
fn any_page() -> impl Strategy<Value = (String, u64)> {
    let title = prop::sample::select(&["雨后", "雨 后", "开门", ""][..]);
    let url = prop::sample::select(
        &[URL, "http://news.example//a/1/?utm_source=x", "https://news.example/b"][..],
    );
    let words = prop::sample::select(&["雨停了", "天晴了", ""][..]);
    let around = prop::sample::select(&["", "<nav><a href=/>首页</a></nav>"][..]);
    let site = prop::sample::select(
        &[
            "",
            "<meta property=og:site_name content=某报>",
            "<meta property=og:site_name content=另报>",
        ][..],
    );
    let day = prop::sample::select(&["01", "02", "09"][..]);
    (title, url, words, (around, site), day, 0..5u8, 0..4u64).prop_map(
        |(title, url, words, (around, site), day, saver, time)| {
            let page = format!(
                "<!DOCTYPE html>\n<html><head><title>{title}</title>{site}</head><body>{around}{}</body></html>",
                text(words)
            );
            let page = match saver {
                0 => page,
                1 => format!("<!-- Saved from {url} at 2024-02-{day}T10:30:45Z using monolith v2.8.1 -->\n{page}"),
                2 => page.replacen("<head>", &format!("<!--\n Page saved with SingleFile \n url: {url} \n saved date: Fri Mar {day} 2024 20:00:00 GMT+0800 (x)\n--><head>"), 1),
                3 => page.replacen('\n', &format!("\n<!-- saved from url=(0027){url} -->\n"), 1),
                _ => String::from_utf8(Envelope::new(url, None).around(page.as_bytes())).unwrap(),
            };
            (page, TIME + time)
        },
    )
}

fn any_document() -> impl Strategy<Value = (String, u64)> {
    prop_oneof![2 => any_seed(), 1 => any_page()]
}

/// Checks sameness over all seeds together, independently of the import.
fn check_sameness(place: &Place) -> Result<(), TestCaseError> {
    // Two seeds that share a key of a rule are in one article.
    for key in [
        "SELECT count(DISTINCT article_id) FROM seed WHERE article_id IS NOT NULL
         GROUP BY canonical_url",
        "SELECT count(DISTINCT article_id) FROM seed
         WHERE article_id IS NOT NULL AND site_id IS NOT NULL AND text_length >= 40
         GROUP BY site_id, published_at, text_sha256 HAVING published_at IS NOT NULL",
    ] {
        prop_assert!(place.rows(key).iter().all(|articles| articles == "1"));
    }
    // And an article contains only seeds that those keys connect.
    let reached = "WITH RECURSIVE reached (article_id, id) AS (
            SELECT article_id, min(id) FROM seed WHERE article_id IS NOT NULL GROUP BY article_id
            UNION
            SELECT r.article_id, o.id FROM reached r JOIN seed s ON s.id = r.id JOIN seed o
            ON o.canonical_url = s.canonical_url
            OR (o.site_id = s.site_id AND o.published_at = s.published_at
                AND o.text_sha256 = s.text_sha256 AND o.text_length >= 40))
        SELECT (SELECT count(*) FROM reached), (SELECT count(*) FROM seed WHERE article_id IS NOT NULL)";
    let counts = place.rows(reached);
    let (found, all) = counts[0].split_once('|').unwrap();
    prop_assert_eq!(found, all);
    // A stub never hides a full text.
    let hidden = "SELECT a.id FROM article a JOIN seed s ON s.article_id = a.id
        WHERE s.status = 'ok' AND a.status <> 'ok' OR s.status = 'stub' AND a.status = 'empty'";
    prop_assert_eq!(place.rows(hidden), [""; 0]);
    prop_assert_eq!(place.rows("PRAGMA foreign_key_check"), [""; 0]);
    check_names_of_sites(place)
}

/// A site has the name that most of its articles give, of equals the least.
fn check_names_of_sites(place: &Place) -> Result<(), TestCaseError> {
    let mut given: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let articles = "SELECT t.host, s.sha256 FROM article a JOIN site t ON t.id = a.site_id
        JOIN seed s ON s.id = a.seed_id";
    for line in place.rows(articles) {
        let (host, sha256) = line.split_once('|').unwrap();
        let names = given.entry(host.to_owned()).or_default();
        if let Some(name) = place.derive_seed(sha256).site_name {
            *names.entry(name).or_default() += 1;
        }
    }
    for (host, names) in given {
        // Of equal counts, `max_by_key` takes the last one.
        let name = names.into_iter().rev().max_by_key(|(_, count)| *count);
        let name = name.map_or_else(String::new, |(name, _)| name);
        let stored = place.rows(&format!("SELECT name FROM site WHERE host = '{host}'"));
        prop_assert_eq!(stored, [name]);
    }
    Ok(())
}

/// Every content paragraph of every seed is in the current text or among the former ones.
fn check_nothing_is_lost(place: &Place) -> Result<(), TestCaseError> {
    for line in place.rows("SELECT sha256, article_id FROM seed WHERE article_id IS NOT NULL") {
        let (sha256, article_id) = line.split_once('|').unwrap();
        let kept = place.rows(&format!(
            "SELECT text FROM paragraph WHERE article_id = {article_id} AND is_content = 1
             UNION ALL SELECT f.text FROM former_paragraph f JOIN revision r ON r.id = f.revision_id
             WHERE r.article_id = {article_id}"
        ));
        let kept = folded_text(&kept.concat());
        let article = place.derive_seed(sha256);
        for block in article.blocks.iter().filter(|block| block.kind.is_content()) {
            prop_assert!(kept.contains(&folded_text(&block.text)), "{}", block.text);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn order_and_repetition_change_nothing(
        seeds in prop::collection::vec(any_document(), 1..10),
        parts in prop::collection::vec(0..3usize, 10),
    ) {
        let at_once = Place::new();
        for (number, (bytes, time)) in seeds.iter().enumerate() {
            at_once.write_at(&format!("{number}.md"), bytes, *time);
        }
        let by_parts = Place::new();
        at_once.import();
        let options = |numbers: Vec<usize>| {
            ImportOptions::new(numbers.iter().map(|number| at_once.drop().join(format!("{number}.md"))))
        };
        for part in [2, 0, 1, 2] {
            let numbers: Vec<usize> = (0..seeds.len()).rev().filter(|&n| parts[n] == part).collect();
            let report = import(&by_parts.database(), &options(numbers), &mut |_| {}).unwrap();
            prop_assert!(report.adds_up());
        }
        prop_assert_eq!(dump_without_ids(&by_parts.database()), dump_without_ids(&at_once.database()));
        for place in [&at_once, &by_parts] {
            check_sameness(place)?;
            check_nothing_is_lost(place)?;
        }

        let before = dump(&at_once.database());
        let again = at_once.import_with(|options| options.full = true);
        prop_assert_eq!((again.new, again.revised), (0, 0));
        prop_assert_eq!(dump(&at_once.database()), before.clone());

        // Exporting and importing it changes nothing here, and gives the same rows in another archive.
        let file = at_once.folder.path().join("archive.jsonl");
        at_once.export_jsonl(&file);
        let other = Place::new();
        for place in [&at_once, &other] {
            let report = place.import_with(|options| options.paths = vec![file.clone()]);
            prop_assert_eq!(report.newly_refused, 0);
        }
        prop_assert_eq!(dump(&at_once.database()), before);
        prop_assert_eq!(dump_without_ids(&other.database()), dump_without_ids(&at_once.database()));

        // After a rebuild, the rows are the same, and no damage is found.
        let options = ReextractOptions::default().with_all(true);
        reextract(&at_once.database(), &options, &mut |_| {}).unwrap();
        prop_assert_eq!(dump_without_ids(&at_once.database()), dump_without_ids(&other.database()));
        for place in [&at_once, &by_parts, &other] {
            let mut findings = Vec::new();
            let options = VerifyOptions::default();
            verify(&place.database(), &options, &mut |_| {}, &mut |finding| {
                findings.push(format!("{finding:?}"));
                Ok(())
            })
            .unwrap();
            prop_assert_eq!(findings, [""; 0]);
        }
    }
}

/// Every real document is imported, a second import finds nothing to do, and the laws hold.
#[test]
fn the_corpus() {
    let files = corpus::files(&["seeds", "posts", "news"]);
    if files.is_empty() {
        return;
    }
    let count = files.len() as u64;
    let place = Place::new();
    let run = || import(&place.database(), &ImportOptions::new(&files), &mut |_| {}).unwrap();
    let report = run();
    assert!(report.adds_up());
    assert_eq!((report.files_seen, report.rejected, report.newly_refused), (count, 0, 0));
    assert_eq!(place.rows("SELECT count(*) FROM article"), [report.new.to_string()]);
    assert_eq!(place.rows("PRAGMA foreign_key_check"), [""; 0]);
    let report = run();
    assert_eq!((report.files_seen, report.unchanged, report.bytes_read), (count, count, 0));

    check_sameness(&place).unwrap();
    check_nothing_is_lost(&place).unwrap();
    let rows = dump_without_ids(&place.database());
    let file = place.folder.path().join("archive.jsonl");
    place.export_jsonl(&file);
    let other = Place::new();
    other.import_with(|options| options.paths = vec![file]);
    assert!(dump_without_ids(&other.database()) == rows, "not the same from its own export");
    let options = ReextractOptions::default().with_all(true);
    reextract(&place.database(), &options, &mut |_| {}).unwrap();
    assert!(dump_without_ids(&place.database()) == rows, "other rows after a rebuild");
}
