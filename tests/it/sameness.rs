//! Sameness, case by case: the outcomes of small drops, file after file.

use crate::place::{Place, TIME, URL, dump_without_ids, seed, text};
use crate::verify::verified;
use seedbank::{ImportOptions, VerifyOptions};

const OTHER_URL: &str = "https://www.news.example/b/2";
const FIRST: &str = "1709164800000";
const LATER: &str = "1709200000000";

/// Imports one file after the other, at successive seconds.
struct Story {
    place: Place,
    files: u64,
}

impl Story {
    fn new() -> Self {
        Self { place: Place::new(), files: 0 }
    }

    /// Checks the outcome of the next file.
    #[track_caller]
    fn then(mut self, bytes: impl AsRef<[u8]>, outcome: &str) -> Self {
        self.files += 1;
        let name = format!("{}.md", self.files);
        let path = self.place.write_at(&name, bytes, TIME + self.files);
        self.place.import_with(|options| *options = ImportOptions::new([path]));
        let last = "SELECT outcome || coalesce(' ' || matched_by, '') FROM sighting
            ORDER BY id DESC LIMIT 1";
        assert_eq!(self.place.rows(last), [outcome]);
        self
    }

    #[track_caller]
    fn gives(self, sql: &str, rows: &[&str]) -> Self {
        assert_eq!(self.place.rows(sql), rows);
        self
    }
}

const ARTICLES: &str = "SELECT id, title, status, revision_count FROM article ORDER BY id";

fn rain() -> String {
    text("雨停了")
}

#[test]
fn crawl_noise_is_no_revision() {
    let noisy = |key: &str| {
        let mail = format!(
            "<p><a href=\"/cdn-cgi/l/email-protection\" class=\"__cf_email__\" data-cfemail=\"{key}\">[email&#160;protected]</a></p>"
        );
        seed(FIRST, "雨后", URL, &(rain() + &mail + "<script nonce=\"" + key + "\">1</script>"))
    };
    // a@b.cn with two keys.
    Story::new()
        .then(noisy("204160420e434e"), "new")
        .then(noisy("107150723e737e"), "duplicate url")
        .gives(ARTICLES, &["1|雨后|ok|1"])
        .gives("SELECT text FROM paragraph WHERE position = 1", &["a@b.cn"]);
}

#[test]
fn a_retitled_slug_is_the_same_article_under_another_title() {
    Story::new()
        .then(seed(FIRST, "雨后", URL, &rain()), "new")
        .then(seed(FIRST, "雨后的城市", OTHER_URL, &rain()), "revised")
        .then(seed(FIRST, "雨后的 城市", "https://news.example/c", &rain()), "duplicate text")
        .gives(ARTICLES, &["1|雨后的 城市|ok|2"])
        .gives("SELECT count(*) FROM article_url WHERE article_id = 1", &["3"])
        .gives("SELECT change FROM revision ORDER BY sequence", &["first", "title"]);
}

#[test]
fn an_edit_with_an_unmoved_epoch_is_ordered_by_what_was_seen() {
    Story::new()
        .then(seed(FIRST, "雨后", URL, &(rain() + &text("后来删去"))), "new")
        .then(seed(FIRST, "雨后", URL, &rain()), "revised")
        .gives(ARTICLES, &["1|雨后|ok|2"])
        .gives("SELECT count(*) FROM paragraph", &["1"])
        .gives("SELECT count(*) FROM former_paragraph", &["1"])
        .gives(
            "SELECT substr(text, 1, 4), replaced_at FROM removed_text",
            &["后来删去|2024-03-01T00:00:02Z"],
        );
}

#[test]
fn a_stub_with_a_later_epoch_is_only_in_the_history() {
    Story::new()
        .then(seed(FIRST, "雨后", URL, &rain()), "new")
        .then(seed(LATER, "雨后", URL, "<p>页面不存在</p>"), "revised")
        .gives(ARTICLES, &["1|雨后|ok|2"])
        .gives("SELECT status FROM revision ORDER BY sequence", &["ok", "stub"])
        .gives("SELECT article_id, status FROM reduced_article", &["1|stub"])
        .gives("SELECT published_at = updated_at FROM article", &["1"]);
}

/// A version of the same article, with this date.
fn dated(date: &str, text: &str) -> String {
    format!("[雨后]({URL})\n---\n日期：{date}\n\n{text}")
}

#[test]
fn an_article_is_as_old_as_its_earliest_seed_and_as_exactly() {
    const DATE: &str = "SELECT published_at, published_precision FROM article";
    let (day, minute, second) = ("2024-03-05", "2024-03-05 08:00 +0800", "2024-03-05T00:00:00Z");
    Story::new()
        .then(dated("2024-03-06 00:00:00 +0800", &rain()), "new")
        .gives(DATE, &["2024-03-05T16:00:00Z|second"])
        .then(dated(day, &text("雨又下了")), "revised")
        .gives(DATE, &["2024-03-05T00:00:00Z|day"])
        .then(dated(second, &text("雨还在下")), "revised")
        .gives(DATE, &["2024-03-05T00:00:00Z|second"])
        .then(dated(minute, &text("雨真的停了")), "revised")
        .gives(DATE, &["2024-03-05T00:00:00Z|second"]);
}

#[test]
fn a_date_that_is_not_understood_is_kept_as_written() {
    const DATES: &str = "SELECT published_at, published_precision, published_text FROM seed";
    Story::new().then(dated(" 上周二下午 ", &rain()), "new").gives(DATES, &["||上周二下午"]);
    Story::new().then(seed("NaN", "雨后", URL, &rain()), "new").gives(DATES, &["||NaN"]);
    Story::new()
        .then(dated("2024年3月5日", &rain()), "new")
        .gives(DATES, &["2024-03-05T00:00:00Z|day|"]);
}

#[test]
fn a_return_to_the_first_text_is_seen_but_no_revision() {
    let a = seed(FIRST, "雨后", URL, &rain());
    let b = seed(FIRST, "雨后", URL, &text("天晴了"));
    Story::new()
        .then(&a, "new")
        .then(&b, "revised")
        .then(&a, "duplicate bytes")
        .gives(ARTICLES, &["1|雨后|ok|2"])
        .gives("SELECT substr(text, 1, 3) FROM paragraph", &["天晴了"])
        .gives("SELECT count(*) FROM sighting WHERE seed_id = 1", &["2"])
        .gives("SELECT last_seen_at FROM article", &["2024-03-01T00:00:03Z"]);
}

#[test]
fn a_post_replaced_by_another_is_a_revision_of_its_address() {
    Story::new()
        .then(seed(FIRST, "雨后", URL, &rain()), "new")
        .then(seed(LATER, "股市", URL, &text("股市收高")), "revised")
        .gives(ARTICLES, &["1|股市|ok|2"])
        .gives("SELECT change FROM revision ORDER BY sequence", &["first", "text+title"])
        .gives("SELECT count(*) FROM removed_text", &["1"]);
}

#[test]
fn an_unknown_time_never_matches_by_text_and_is_the_lowest() {
    Story::new()
        .then(seed("NaN", "雨后", URL, &rain()), "new")
        .then(seed("NaN", "雨后", OTHER_URL, &rain()), "new")
        .then(seed(FIRST, "雨后", URL, &text("天晴了")), "revised")
        .then(seed("NaN", "雨后", URL, &text("门开了")), "revised")
        .gives(ARTICLES, &["1|雨后|ok|3", "2|雨后|ok|1"])
        .gives("SELECT substr(text, 1, 3) FROM paragraph WHERE article_id = 1", &["天晴了"]);
}

#[test]
fn two_videos_without_a_text_are_two_articles() {
    let video = |id: &str| format!("<video src=\"https://video.example/{id}.mp4\"></video>");
    Story::new()
        .then(seed(FIRST, "录像", URL, &video("1")), "new")
        .then(seed(FIRST, "录像", OTHER_URL, &video("2")), "new")
        .gives(ARTICLES, &["1|录像|empty|1", "2|录像|empty|1"])
        .gives("SELECT article_id, kind FROM media ORDER BY id", &["1|video", "2|video"]);
}

#[test]
fn agency_text_on_two_sites_is_two_articles() {
    Story::new()
        .then(seed(FIRST, "雨后", URL, &rain()), "new")
        .then(seed(FIRST, "雨后", "https://other.example/a/1", &rain()), "new")
        .gives(ARTICLES, &["1|雨后|ok|1", "2|雨后|ok|1"]);
}

#[test]
fn a_short_text_connects_nothing() {
    Story::new()
        .then(seed(FIRST, "雨后", URL, "<p>雨停了</p>"), "new")
        .then(seed(FIRST, "雨后", OTHER_URL, "<p>雨停了</p>"), "new")
        .gives(ARTICLES, &["1|雨后|stub|1", "2|雨后|stub|1"]);
}

#[test]
fn a_third_seed_connects_two_articles() {
    Story::new()
        .then(seed(FIRST, "雨后", URL, &rain()), "new")
        .then(seed(LATER, "天晴", OTHER_URL, &text("天晴了")), "new")
        .then(seed(LATER, "天晴", URL, &text("天晴了")), "duplicate url")
        .gives(ARTICLES, &["1|天晴|ok|2"])
        .gives("SELECT old_id, article_id, run_id FROM article_merged", &["2|1|3"])
        .gives("SELECT article_id FROM article_url ORDER BY id", &["1", "1"])
        .gives("SELECT count(DISTINCT article_id), count(*) FROM paragraph", &["1|1"])
        .gives("SELECT text <> '' FROM removed_text", &["1"]);
}

#[test]
fn a_chain_of_joins_leads_to_the_last() {
    let third = "https://news.example/c";
    Story::new()
        .then(seed("NaN", "一", URL, &rain()), "new")
        .then(seed(FIRST, "二", OTHER_URL, &text("天晴了")), "new")
        .then(seed(LATER, "三", third, &text("门开了")), "new")
        .then(seed(LATER, "三", OTHER_URL, &text("门开了")), "duplicate url")
        .then(seed(FIRST, "二", URL, &text("天晴了")), "duplicate url")
        .gives("SELECT old_id, article_id FROM article_merged ORDER BY 1", &["2|1", "3|1"])
        .gives(ARTICLES, &["1|三|ok|3"])
        .gives("SELECT count(*) FROM article_url WHERE article_id = 1", &["3"]);
}

#[test]
fn a_rejected_file_that_later_is_an_article_becomes_one() {
    let place = Place::new();
    place.write("1.md", "还没有写好\n");
    assert_eq!(place.import().rejected, 1);
    place.write_at("1.md", seed(FIRST, "雨后", URL, &rain()), TIME + 60);
    assert_eq!(place.import().new, 1);
    assert_eq!(place.rows("SELECT outcome FROM sighting ORDER BY id"), ["rejected", "new"]);
    assert_eq!(place.rows("SELECT count(*) FROM seed"), ["2"]);
}

#[test]
fn an_earlier_time_of_known_bytes_is_considered() {
    let a = seed("NaN", "雨后", URL, &rain());
    let b = seed("NaN", "雨后", URL, &text("天晴了"));
    let place = Place::new();
    place.write_at("1.md", &a, TIME + 5);
    place.write_at("2.md", &b, TIME + 9);
    place.import();
    assert_eq!(place.rows("SELECT substr(text, 1, 3) FROM paragraph"), ["天晴了"]);
    // The second text turns out to be the older one.
    place.write_at("3.md", &b, TIME);
    place.import();
    assert_eq!(place.rows("SELECT substr(text, 1, 3) FROM paragraph"), ["雨停了"]);
    assert_eq!(
        place.rows("SELECT sequence, observed_at FROM revision ORDER BY sequence"),
        ["1|2024-03-01T00:00:00Z", "2|2024-03-01T00:00:05Z"]
    );
    assert_eq!(place.rows("SELECT substr(text, 1, 3) FROM former_paragraph"), ["天晴了"]);
}

/// A page claims its time. One after the page was seen is false, and must not keep a later text from being the
/// current one, whenever the earliest sighting is found.
#[test]
fn a_page_was_not_published_after_it_was_seen() {
    const DAY: u64 = 86_400;
    let page = |published: &str, first: &str| {
        format!(
            "<title>雨后</title><link rel=canonical href={URL}><meta property=article:published_time \
             content={published}><article><h1>雨后</h1>{}</article>",
            text(first)
        )
    };
    let files = [
        ("early.html", page("2024-03-03T00:00:00Z", "雨停了"), TIME),
        ("copy.html", page("2024-03-03T00:00:00Z", "雨停了"), TIME + 4 * DAY),
        ("later.html", page("2024-03-02T00:00:00Z", "天晴了"), TIME + DAY),
    ];
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let dumps = orders.map(|order| {
        let place = Place::new();
        for at in order {
            let (name, bytes, time) = &files[at];
            place.write_at(name, bytes, *time);
            place.import();
        }
        let (_, findings) = verified(&place.database(), &VerifyOptions::default());
        assert!(findings.is_empty(), "{findings:?}");
        let current = "SELECT published_at, updated_at, revision_count FROM article";
        assert_eq!(
            place.rows(current),
            ["2024-03-02T00:00:00Z|2024-03-02T00:00:00Z|2"],
            "{order:?}"
        );
        let rows = dump_without_ids(&place.database()).into_iter();
        rows.filter(|row| !row.starts_with("sighting")).collect::<Vec<_>>()
    });
    for dump in &dumps[1..] {
        assert_eq!(*dump, dumps[0]);
    }
}
