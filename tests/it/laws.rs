//! Laws of sameness: what must hold for any drop, in any order.

use crate::place::{Place, TIME, URL, dump, dump_without_ids, seed, text};
use proptest::prelude::*;
use seedbank::import::{ImportOptions, import};
use std::path::{Path, PathBuf};

/// A seed of few possible values, so that addresses, texts, titles and times meet often.
fn any_seed() -> impl Strategy<Value = (String, u64)> {
    let epoch = prop::sample::select(&["NaN", "1709164800000", "1709200000000"][..]);
    let title = prop::sample::select(&["雨后", "雨 后", "开门"][..]);
    let url = prop::sample::select(
        &[URL, "http://news.example//a/1/?utm_source=x", "https://news.example/b", ""][..],
    );
    let body = prop::sample::select(&["雨停了", "天晴了", "", "短"][..]);
    let noise = prop::sample::select(&["", "<script>1</script>", "<script>2</script>"][..]);
    (epoch, title, url, body, noise, 0..4u64).prop_map(|(epoch, title, url, body, noise, time)| {
        let html = match body {
            "" => String::new(),
            "短" => "<p>短</p>".to_owned(),
            body => text(body),
        };
        (seed(epoch, title, url, &(html + noise)), TIME + time)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn order_and_repetition_change_nothing(
        seeds in prop::collection::vec(any_seed(), 1..8),
        parts in prop::collection::vec(0..3usize, 8),
    ) {
        let at_once = Place::new();
        for (number, (bytes, time)) in seeds.iter().enumerate() {
            at_once.write_at(&format!("{number}.md"), bytes, *time);
        }
        let by_parts = Place { folder: tempfile::tempdir().unwrap() };
        at_once.import();
        let options = |numbers: Vec<usize>| {
            ImportOptions::new(numbers.iter().map(|number| at_once.drop().join(format!("{number}.md"))))
        };
        for part in [2, 0, 1, 2] {
            let numbers: Vec<usize> = (0..seeds.len()).rev().filter(|&n| parts[n] == part).collect();
            import(&by_parts.database(), &options(numbers), &mut |_| {}).unwrap();
        }
        prop_assert_eq!(dump_without_ids(&by_parts.database()), dump_without_ids(&at_once.database()));

        let before = dump(&at_once.database());
        let again = at_once.import_with(|options| options.full = true);
        prop_assert_eq!((again.new, again.revised), (0, 0));
        prop_assert_eq!(dump(&at_once.database()), before);
    }
}

/// Every real document is taken, and a second import finds nothing to do.
#[test]
fn the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("SKIPPED: no corpus beside the checkout");
        return;
    }
    let place = Place::new();
    let folders: Vec<PathBuf> =
        ["seeds", "posts", "news"].iter().map(|name| corpus.join(name)).collect();
    let run = || import(&place.database(), &ImportOptions::new(&folders), &mut |_| {}).unwrap();
    let report = run();
    assert!(report.adds_up());
    assert_eq!((report.files_seen, report.rejected, report.newly_refused), (1206, 0, 0));
    assert_eq!(place.rows("SELECT count(*) FROM article"), [report.new.to_string()]);
    assert_eq!(place.rows("PRAGMA foreign_key_check"), [""; 0]);
    let report = run();
    assert_eq!((report.files_seen, report.unchanged, report.bytes_read), (1206, 1206, 0));
}
