//! Small pages that a parser without limits turns into gigabytes or hours.

use crate::hostile::{import, sound};
use crate::place::{rows, seed as seed_at};
use crate::support::TestEnv;
use seedbank::internals::format::envelope::Envelope;
use std::os::unix::process::CommandExt;

/// Small pages that a parser without limits turns into gigabytes or hours.
fn bombs() -> Vec<(&'static str, String, &'static str)> {
    let nested = |tag: &str, times: usize| format!("<{tag}>").repeat(times);
    vec![
        ("deep", nested("div", 100_000), "too_deep"),
        ("deep_inline", nested("span", 100_000), "too_deep"),
        ("deep_lists", nested("ul><li", 50_000), "too_deep"),
        ("deep_tables", nested("table><tr><td", 50_000), "too_deep"),
        ("deep_svg", format!("<svg>{}", nested("g", 100_000)), "too_deep"),
        ("deep_template", nested("template", 100_000), "too_deep"),
        (
            "formatting",
            (0..4_000).map(|n| format!("<p><font color={n}>x")).collect(),
            "too_many_nodes",
        ),
        ("siblings", "<b>x</b>".repeat(300_000), "too_many_nodes"),
        ("comments", "<!-- x --><br>".repeat(200_000), "too_many_nodes"),
        (
            "attributes",
            format!("<p {}>x", (0..1_000_000).map(|n| format!("a{n} ")).collect::<String>()),
            "too_many_attributes",
        ),
        ("anchors", "<a href=x><p>".repeat(30_000), ""),
        ("foster", format!("<table>{}", "<b>x<tr>".repeat(60_000)), "too_many_nodes"),
        ("select", "<select><option><select>x".repeat(50_000), ""),
        ("unclosed_comment", format!("<!--{}", "-".repeat(2_000_000)), ""),
        ("unclosed_tag", format!("<p {}", "<".repeat(2_000_000)), ""),
        ("entities", "&amp&lt;&#x4e00;&bogus;".repeat(100_000), ""),
        ("one_line", "好".repeat(3_000_000), ""),
        ("spaces", format!("<p>{}x", " \n".repeat(2_000_000)), ""),
        ("links", "<a href='//x.example/?a=b'>x</a> ".repeat(50_000), ""),
    ]
}

/// The same for features of whole pages, and for unusual pages.
fn whole_bombs() -> Vec<(&'static str, String, &'static str)> {
    let page = |head: &str, body: &str| format!("<!doctype html><html><head>{head}</head>{body}");
    let json = |json: &str| page(&format!("<script type=application/ld+json>{json}</script>"), "");
    let text = "<p>雨停了。".repeat(20);
    let frame = page("", &text).replace('"', "&quot;");
    vec![
        ("deep", page("", &"<div>".repeat(100_000)), "too_deep"),
        ("metas", page(&"<meta name=author content=某甲>".repeat(100_000), &text), ""),
        ("long_json", json(&format!("[\"{}\"]", "x".repeat(10 << 20))), ""),
        ("many_objects", json(&format!("[{}1]", "{\"@type\":\"Article\"},".repeat(400_000))), ""),
        ("deep_json", json(&"[".repeat(10_000)), ""),
        ("deep_objects", json(&"{\"@graph\":".repeat(10_000)), ""),
        ("one_script", format!("<script>{}", "a('<p>');".repeat(100_000)), ""),
        ("comments", "<!-- x -->".repeat(100_000) + &page("", &text), ""),
        ("titles", page(&"<title>x</title>".repeat(60_000), ""), ""),
        ("half", format!("{}<div class=\"a", page("", &text)), ""),
        ("page_in_a_page", page("", &(text.clone() + &page("", &text))), ""),
        ("frame", page("", &format!("<iframe srcdoc=\"{frame}\"></iframe>")), ""),
        (
            "picture",
            page("", &format!("{text}<img src='data:image/png;base64,{}'>", "A".repeat(60 << 20))),
            "",
        ),
        (
            "year",
            page("<meta property=article:published_time content=9999-12-31T23:59:59Z>", &text),
            "",
        ),
        ("other_label", page("<meta charset=utf-16><meta charset=koi8-r>", &text), ""),
    ]
}

#[test]
fn pages_that_explode() {
    let env = TestEnv::new();
    let bombs = bombs();
    for (name, html, _) in &bombs {
        let url = format!("https://news.example/{name}");
        env.write(&format!("drop/{name}.md"), seed_at("NaN", name, &url, html).as_bytes());
    }
    check_bombs(&env, &bombs, "SELECT title, status_detail FROM article ORDER BY title");
}

#[test]
fn whole_pages_that_explode() {
    let env = TestEnv::new();
    let bombs = whole_bombs();
    for (name, html, _) in &bombs {
        let url = format!("https://news.example/{name}");
        let bytes = Envelope::new(&url, None).around(html.as_bytes());
        env.write(&format!("drop/{name}"), &bytes);
    }
    let sql = "SELECT substr(url, 22), status_detail FROM article ORDER BY url";
    check_bombs(&env, &bombs, sql);
    // Existing text is found; impossible times are not believed.
    let texts = "SELECT substr(url, 22) FROM article WHERE char_count >= 40 AND published_at IS NULL ORDER BY url";
    let with_text =
        ["comments", "frame", "half", "metas", "other_label", "page_in_a_page", "picture", "year"];
    assert_eq!(rows(&env.path("seedbank.db"), texts), with_text);
}

/// Imports the drop within limits of memory and time: every page becomes an article, as far as its limit
/// allows.
fn check_bombs(env: &TestEnv, bombs: &[(&str, String, &str)], sql: &str) {
    let mut command = env.command(&["import", "--json", "--jobs", "2", "drop"]);
    // SAFETY: `setrlimit` may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            // Address space, including what threads and allocators only reserve, and seconds of CPU.
            for (what, limit) in [(libc::RLIMIT_AS, 2 << 30), (libc::RLIMIT_CPU, 170)] {
                let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
                if libc::setrlimit(what, &limit) != 0 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
    let (ran, summary) = import(env, &mut command);
    ran.expect(3);
    assert_eq!(summary["new"], bombs.len());
    for row in rows(&env.path("seedbank.db"), sql) {
        let (title, detail) = row.split_once('|').unwrap();
        let (_, _, expected) = bombs.iter().find(|(name, ..)| *name == title).unwrap();
        assert_eq!(detail, *expected, "{row}");
    }
    sound(&env.path("seedbank.db"));
}
