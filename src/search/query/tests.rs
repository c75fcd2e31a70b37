//! The FTS5 expression of a query, and which texts match it.

use super::leaf::is_same_inside;
use super::*;
use proptest::prelude::*;

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(Query::parse(text).unwrap().match_expression(), expected, "{text}");
}

#[track_caller]
fn check_problem(text: &str, expected: QueryProblem) {
    match Query::parse(text) {
        Err(Error::MalformedQuery { problem, .. }) => assert_eq!(problem, expected, "{text}"),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn leaves() {
    check("人权", "\"人权\"");
    check("臺灣", "\"台湾\"");
    check("中国人", "\"中国 国人\"");
    check("人", "\"人\" *");
    check("苹果iPhone", "\"苹果 果 iphone\"");
    check("iPhone手", "\"iphone 手\" *");
    check("iPhone手机", "\"iphone 手机\"");
    check("你好，世界", "\"你好 好 世界\"");
    check("word*", "\"word\" *");
    check("中国*", "\"中国\"");
    check("苹果ipho*", "\"苹果 果 ipho\" *");
    check("It's", "\"it s\"");
    check("\"人权 律师\"", "\"人权 权 律师\"");
    check("“言论自由”", "\"言论 论自 自由\"");
    check("\"free speech\"*", "\"free speech\" *");
    check("foo-bar", "\"foo bar\"");
    check("a\"b\"", "(\"a\" AND \"b\")");
    check("\"AND\"", "\"and\"");
    check("and", "\"and\"");
    check("\"col:word\"", "\"col word\"");
    check("https://a.example", "\"https a example\"");
    check("10:30", "\"10 30\"");
    check("NBA：湖人", "\"nba 湖人\"");
    check("中文:x", "\"中文 文 x\"");
}

#[test]
fn operators() {
    check("人权 律师", "(\"人权\" AND \"律师\")");
    check("人权 AND 律师", "(\"人权\" AND \"律师\")");
    check("人权\u{3000}律师", "(\"人权\" AND \"律师\")");
    check("a OR b c", "(\"a\" OR (\"b\" AND \"c\"))");
    check("(a OR b) c", "((\"a\" OR \"b\") AND \"c\")");
    check("（a OR b） ＡＮＤ c", "((\"a\" OR \"b\") AND \"c\")");
    check("a -b", "(\"a\" NOT \"b\")");
    check("a NOT b NOT c", "(\"a\" NOT (\"b\" OR \"c\"))");
    check("a AND NOT b", "(\"a\" NOT \"b\")");
    check("a －b", "(\"a\" NOT \"b\")");
    check("-b a", "(\"a\" NOT \"b\")");
    check("a -(b c)", "(\"a\" NOT (\"b\" AND \"c\"))");
    check("a -\"b c\"", "(\"a\" NOT \"b c\")");
    check("\"言论自由\" -香港", "(\"言论 论自 自由\" NOT \"香港\")");
    check("title:人权", "title : (\"人权\")");
    check("ｔｉｔｌｅ：人权", "title : (\"人权\")");
    check("title:(a OR b) body:\"c d\"", "(title : ((\"a\" OR \"b\")) AND body : (\"c d\"))");
    check("-title:a b", "(\"b\" NOT title : (\"a\"))");
}

#[test]
fn fields_are_kept_apart_from_words() {
    let check = |text: &str, expression: Option<&str>, fields: &[(&str, &str)]| {
        let Question { query, fields: found } = Question::parse(text).unwrap();
        assert_eq!(query.map(|query| query.match_expression()).as_deref(), expression, "{text}");
        let found: Vec<_> =
            found.iter().map(|(field, value)| (field.as_str(), value.as_str())).collect();
        assert_eq!(found, fields, "{text}");
    };
    check("site:rfi.fr", None, &[("site", "rfi.fr")]);
    check("人权 Site:rfi.fr", Some("\"人权\""), &[("site", "rfi.fr")]);
    check("ｔａｇ：雨 人权", Some("\"人权\""), &[("tag", "雨")]);
    check(
        "author: “王 小明” AND 人权 AND since:2024-02",
        Some("\"人权\""),
        &[("author", "王 小明"), ("since", "2024-02")],
    );
    check("(a OR b) language:zh c", Some("((\"a\" OR \"b\") AND \"c\")"), &[("language", "zh")]);
    check("site:a.example:80 until:7d", None, &[("site", "a.example:80"), ("until", "7d")]);
}

#[test]
fn punctuation_is_left_out() {
    check("人权 ，", "\"人权\"");
    check("标题 - 网站", "(\"标题\" AND \"网站\")");
    check("人权 -，", "\"人权\"");
    check("() 人权", "\"人权\"");
    check("a OR ，", "\"a\"");
    check("*a", "\"a\"");
}

#[test]
fn problems() {
    use QueryProblem::*;
    check_problem("", Empty);
    check_problem(" ，。!? ", Empty);
    check_problem("\"\"", Empty);
    check_problem("()", Empty);
    check_problem("-", Empty);
    check_problem("-香港", OnlyExcludes);
    check_problem("NOT 香港", OnlyExcludes);
    check_problem("a OR -b", OnlyExcludes);
    check_problem("NOT", MissingOperand { operator: "NOT" });
    check_problem("a NOT", MissingOperand { operator: "NOT" });
    check_problem("AND a", MissingOperand { operator: "AND" });
    check_problem("a AND", MissingOperand { operator: "AND" });
    check_problem("OR", MissingOperand { operator: "OR" });
    check_problem("a OR OR b", MissingOperand { operator: "OR" });
    check_problem("a OR", MissingOperand { operator: "OR" });
    check_problem("\"人权", UnclosedQuotation);
    check_problem("“人权", UnclosedQuotation);
    check_problem("(a", UnclosedParenthesis);
    check_problem("a)", UnopenedParenthesis);
    let unknown = |name: &str| UnknownField { name: name.to_owned() };
    check_problem("col:word", unknown("col:"));
    check_problem("人权 Re:", unknown("Re:"));
    check_problem("site:a.example 人权", FieldInSql { field: "site" });
    check_problem("site:", MissingWord { column: "site" });
    check_problem("author:\"\" 人权", MissingWord { column: "author" });
    check_problem("author:\"王", UnclosedQuotation);
    for inside in [
        "(a tag:b)",
        "-tag:b a",
        "a NOT tag:b",
        "a OR tag:b",
        "tag:b OR a",
        "title:tag:b",
        "a OR b tag:c",
        "(a OR b) OR c AND tag:d",
    ] {
        check_problem(inside, FieldInside { field: "tag" });
    }
    check_problem("title: ", MissingWord { column: "title" });
    check_problem("title:)", MissingWord { column: "title" });
    check_problem(&"a".repeat(10_001), TooLong { most: 10_000 });
    check_problem(&format!("{}a{}", "(".repeat(9), ")".repeat(9)), TooDeep { most: 8 });
    check_problem(&format!("{}a", "title:".repeat(9)), TooDeep { most: 8 });
}

#[test]
fn repeated_parts_are_searched_once() {
    check(&"人权 ".repeat(3_300), "\"人权\"");
    check("a OR (a) OR b OR a", "(\"a\" OR \"b\")");
    check("a -b -b -人", "(\"a\" NOT (\"b\" OR \"人\" *))");
    let characters: String = ('一'..).take(150).flat_map(|c| [c, ' ']).collect();
    check_problem(&characters, QueryProblem::TooManyBeginnings { most: 100 });
    assert!(Query::parse(&characters[..4 * 100]).is_ok());
}

#[test]
fn a_text_meets_a_query() {
    let meets = |query: &str, text: &str| Query::parse(query).unwrap().is_met_by("题目", text);
    assert!(meets("国人", "中国人来了"));
    assert!(meets("人", "中国人来了"));
    assert!(!meets("国来", "中国人来了"));
    assert!(!meets("中国人", "中国，人来了"));
    assert!(meets("\"中国，人\"", "中国。人来了"));
    assert!(meets("臺灣", "台湾") && meets("台湾", "臺灣"));
    assert!(meets("cafe", "Café") && meets("café", "CAFE"));
    assert!(!meets("art", "party") && meets("par*", "party"));
    assert!(meets("题目 -别的", "正文") && !meets("title:正文", "正文"));
    assert!(meets("body:正文 OR 没有", "正文") && !meets("title:题目 NOT 正文", "正文"));
}

proptest! {
    /// Gives the same as checking each place separately.
    #[test]
    fn a_phrase_is_found_everywhere(text in "[ab人中 ]{0,24}", phrase in "[ab人中 ]{1,6}[*]?") {
        let query = format!("\"{}\"{}", phrase.trim_end_matches('*'), if phrase.ends_with('*') { "*" } else { "" });
        if let Ok(Query { root: Node::Leaf(leaf), .. }) = Query::parse(&query) {
            let text = units(&text);
            let length = leaf.units.len();
            let stands = |at: usize| {
                let inner = 1..length.max(2) - 1;
                leaf.has_ends_at(&text[at..])
                    && leaf.units[inner.clone()]
                        .iter()
                        .zip(&text[at..][inner])
                        .all(|(sought, found)| is_same_inside(sought, found))
            };
            let mut expected = Vec::new();
            let mut at = 0;
            while at + length <= text.len() {
                let found = stands(at).then_some(at..at + length);
                at = found.as_ref().map_or(at + 1, |found| found.end);
                expected.extend(found);
            }
            prop_assert_eq!(leaf.places(&text).collect::<Vec<_>>(), expected);
        }
    }

    /// Any string is a query or a clear problem.
    #[test]
    fn any_string_is_parsed(text in "[ab中国人臺 \"“”()（）*＊:：\\-－ANDORTtitle\u{3000}，]{0,24}") {
        let _ = Query::parse(&text);
    }

    #[test]
    fn really_any(text in any::<String>()) {
        let _ = Query::parse(&text);
    }
}
