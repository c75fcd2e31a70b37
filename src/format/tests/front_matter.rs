//! Front matter: fields between fences.

use super::{check_rejected, parsed};
use crate::model::Reason;

#[track_caller]
fn check_yaml(yaml: &str, title: &str, author: Option<&str>, tags: &[&str]) {
    let document = parsed(&format!("---\n{yaml}\nfrom: u\n---\n文"));
    let names: Vec<String> =
        document.tags.iter().map(|tag| format!("{}:{}", tag.kind, tag.name)).collect();
    assert_eq!(document.title, title);
    assert_eq!(document.author.as_deref(), author);
    assert_eq!(names, tags);
}

#[test]
fn front_matter_fields() {
    check_yaml("title: 007\nauthor: 甲", "007", Some("甲"), &[]);
    check_yaml("title: \"甲\\\"乙\\\"\"\nauthor:", "甲\"乙\"", None, &[]);
    check_yaml("title: \"他说\"好\"\"\nauthor: 甲", "他说\"好\"", Some("甲"), &[]);
    check_yaml("title: 甲: 乙\nauthor: 丙", "甲: 乙", Some("丙"), &[]);
    check_yaml(
        "title: 甲\ntags: [ 乙, 乙, 丙 ]\ncategories: 丁",
        "甲",
        None,
        &["tag:乙", "tag:丙", "category:丁"],
    );
    check_yaml("title: 甲\ntags:\n- 乙\n- 丙", "甲", None, &["tag:乙", "tag:丙"]);
}

#[test]
fn yaml_that_is_nearly_yaml() {
    let list = "tags:\n  - 城市\n  - \"书\"\n";
    check_yaml(&format!("title: 新闻: 开门\n{list}"), "新闻: 开门", None, &["tag:城市", "tag:书"]);
    check_yaml(&format!("title: @某乙 说\n{list}"), "@某乙 说", None, &["tag:城市", "tag:书"]);
    check_yaml("title: 50% off: all\nauthor:\n- 甲\n- 乙", "50% off: all", Some("甲、乙"), &[]);
    check_yaml("title: [视频] 开门\nauthor: 甲", "[视频] 开门", Some("甲"), &[]);
    check_yaml("title: >-\n  甲\n  乙\nx: a: b", "甲 乙", None, &[]);
    check_yaml("title: 甲\ncover: {image: x, alt: y}\nauthor: 乙", "甲", Some("乙"), &[]);
    check_yaml("Title: 甲\nTags: [a]\ntitle: 乙", "甲", None, &["tag:a"]);
    check_yaml(
        "title: 甲\ntags:\n  - [a, b]\n  - c\nauthor: 乙",
        "甲",
        Some("乙"),
        &["tag:a", "tag:b", "tag:c"],
    );
    let deep = "[".repeat(2_000);
    let deep = format!("title: 甲\nx: {deep}{}", deep.replace('[', "]"));
    check_yaml(&deep, "甲", None, &[]);
}

#[test]
fn authors_have_names() {
    let check = |yaml: &str, author: &str| check_yaml(yaml, "题", Some(author), &[]);
    check("title: 题\nauthor:\n  name: Anna Example\n  url: https://a.example", "Anna Example");
    check(
        "title: 题\nauthor:\n  - name: Anna Example\n    affiliation: {name: 大学}\n  - name: 某乙",
        "Anna Example、某乙",
    );
    check("title: 题\nauthor:\n  - name: {given: Anna, family: Example}", "Anna Example");
    check("title: \"题\"\nx: a: b\nauthors:\n  - name: 某甲\n    url: u\n  - 某乙", "某甲、某乙");
    check("title: 题\nauthor: \"[Anna Example](https://a.example/x)\"", "Anna Example");
    check("title: 题\nauthor: [Anna](https://a.example) and [某乙](/b)", "Anna and 某乙");
    check("title: 题\nauthor: \"[某甲] 乙\"", "[某甲] 乙");
    for toml in [
        "title = '题'\n[author]\nname = 'Anna Example'\nemail = 'a@b.example'",
        "title = '题'\n[[authors]]\nname = 'Anna Example'",
        "title = '题'\n[params.author]\nname = 'Anna Example'",
    ] {
        let document = parsed(&format!("+++\n{toml}\n+++\n文"));
        assert_eq!(document.author.as_deref(), Some("Anna Example"), "{toml}");
    }
}

#[test]
fn dates_that_are_no_scalars() {
    let published =
        |date: &str| parsed(&format!("---\ntitle: 题\ndate: {date}\n---\n文")).published;
    let day = published("{published: 2024-03-05, modified: 2024-06-07}");
    assert_eq!(day.at().unwrap().to_string(), "2024-03-05T00:00:00Z");
    assert_eq!(published("{{date}}").unread(), Some("{{date}}"));
    // As written, whatever it is.
    assert_eq!(published("{unknown: 2024?}").unread(), Some("{unknown: 2024?}"));
    assert_eq!(published("\n  unknown: [2024]\nlang: zh").unread(), Some("unknown: [2024]"));
    assert_eq!(published("[]").unread(), None);
    assert_eq!(published("").unread(), None);
}

#[test]
fn front_matter_of_other_programs() {
    let address = |text: &str, expected: Option<&str>| {
        let document = parsed(text);
        assert_eq!(document.url.as_deref(), expected, "{text:?}");
        document
    };
    let clipped = "---\ntitle: \"题\"\nsource: \"https://news.example/1\"\nauthor:\n  - \"[[某甲]]\"\n\
                   published: 2024-03-04\ncreated: 2024-05-06\ntags:\n  - \"clippings\"\n---\n文";
    let document = address(clipped, Some("https://news.example/1"));
    assert_eq!(document.author.as_deref(), Some("某甲"));
    assert_eq!(document.published.at().unwrap().to_string(), "2024-03-04T00:00:00Z");
    let hugo = "+++\ntitle = '题'\nurl = '/posts/a/'\nlink = 'https://news.example/2'\n\
                date = 2024-03-04T08:00:00+08:00\n[taxonomies]\ntags = ['甲', '乙']\n+++\n文";
    let document = address(hugo, Some("https://news.example/2"));
    assert_eq!(document.published.at().unwrap().to_string(), "2024-03-04T00:00:00Z");
    assert_eq!(document.tags.len(), 2);
    let named = "---\ntitle: 题\npublisher: \"[[某报]]\"\n---\n文";
    assert_eq!(address(named, None).site_name.as_deref(), Some("某报"));
    let joplin =
        "---\ntitle: 题\nupdated: 2024-05-06 07:08:09Z\nsource: https://news.example/3\n---\n\n文";
    address(joplin, Some("https://news.example/3"));
    let jekyll = "---\nlayout: post\ntitle:  题\ncanonical_url: https://news.example/4\n...\n文";
    address(jekyll, Some("https://news.example/4"));
    address("---\ntitle: 题\n---\n文", None);
    address(
        "---\ntitle: 题\nurl: <https://news.example/5>\n---\n文",
        Some("https://news.example/5"),
    );
    for relative in ["/posts/x", "posts/x.html", "../x", "./x.html", "?p=1", "#x"] {
        address(&format!("---\ntitle: 题\nurl: \"{relative}\"\n---\n文"), None);
    }
    for kept in ["news.example/6", "//news.example/6", "ftp://news.example/6"] {
        address(&format!("---\ntitle: 题\nurl: {kept}\n---\n文"), Some(kept));
    }
}

#[test]
fn fences_that_are_no_header() {
    for text in [
        "---\nimport Layout from '../a.astro';\nconst title: string = '题';\n---\n<Layout/>",
        "---\nlayout: post\n---\n文",
        "---\n一段文字。\n\n---\n又一段。",
        "---\n- a\n- b\n---\n文",
        "---\n---\n文",
        "+++\ntitle = \n+++\n文",
        "---\n从前有一座山\n",
    ] {
        check_rejected(text, Reason::NoHeader);
    }
    check_rejected("---\ntitle: 题\nfrom: u\n", Reason::BadHeader);
    check_rejected("---\ntitle: 题\nexported_by: seedbank\nurl: u\n---\n文", Reason::List);
}
