use crate::format::parse;
use crate::format::tests::{check_page, check_refused};
use crate::model::Reason;

#[test]
fn documents_are_kept_for_a_later_version() {
    let inputs = [
        ("2024 INFO item: {\"url\":\"u\",\"html\":\"\"}\n", "JSON articles among"),
        ("<?xml version='1.0'?><rss version=\"2.0\"><channel/></rss>", "a feed"),
        ("<?xml version='1.0'?><?xml-stylesheet href='x'?>\n<feed xmlns='x'/>", "a feed"),
        ("<atom:feed xmlns:atom='x'/>", "a feed"),
        ("<rdf:RDF xmlns='http://purl.org/rss/1.0/'/>", "a feed"),
        (
            "From: <x>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tx\r\n\r\n",
            "a mail",
        ),
        ("{\"version\":\"https://jsonfeed.org/version/1.1\",\"items\":[]}", "a JSON feed"),
        ("{\"log\":{\"version\":\"1.2\",\"entries\":[]}}", "an HTTP archive (HAR)"),
        ("{\"data\":[{\"url\":\"u\",\"html\":\"\"}]}", "JSON with articles"),
        ("a log\n[{\"url\":\"u\",\"html\":\"\"},\nmore", "JSON articles among"),
        ("<?xml version='1.0'?><!DOCTYPE en-export SYSTEM 'x'><en-export/>", "Evernote"),
        ("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<html>", "a page with its HTTP headers"),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n<html>", "a page with its HTTP headers"),
        (
            "<br />\n<b>Notice</b>: x<br />\n<rss version=\"2.0\"><channel><title>雨</title>",
            "a feed",
        ),
        ("<?xml version='1.0'?><?x title=\"a>b\"?>\n<feed xmlns='x'/>", "a feed"),
        ("Subject: x\r\nFrom: <y>\r\n\r\n雨", "a mail"),
        ("From : x\r\nX_Y: z\r\ncontent-type : multipart/related\r\n \t\r\n雨", "a mail"),
        ("From - Mon\rMIME-Version: 1.0\r\r雨", "a mail"),
        ("This is a message in parts.\n\n--x\nContent-Type: text/html\n\n<p>雨", "a mail"),
        (
            "---\n{\"url\":\"u\",\"html\":\"\"}\n---\n{\"url\":\"v\",\n\"html\":\"\"}\n",
            "JSON articles among",
        ),
        (
            "{\"title\": \"题\", \"date\": \"2024-03-04\"}\n\n雨停了。",
            "a text with front matter in JSON",
        ),
    ];
    for (text, name) in inputs {
        check_refused(text.as_bytes(), name, Reason::Unsupported);
    }
    check_refused(
        b"bplist00\xd1\x01\x02_\x10\x0fWebMainResource\xd2",
        "a web archive",
        Reason::Unsupported,
    );
    for text in
        ["每页以 <!DOCTYPE html> 开头。\n", "用 `<html><body>` 开头\n", "Title: x\nDate: y\n\n文"]
    {
        check_refused(text.as_bytes(), "", Reason::NoHeader);
    }
}

/// HTML is a page, whatever comes before it, and even if it is truncated.
#[test]
fn html_without_a_header_is_a_page() {
    for text in [
        "<!doctype html><title>雨</title>",
        "\u{feff} \r\n<!-- saved from url=(0014)about:internet -->\n<HTML lang=zh>\n",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"x\">\n<html xmlns=\"y\">",
        "<head><meta charset=utf-8></head><p>文",
        "<text>\n\u{feff}<html>\n",
        "<script>x</script><!doctype html>\n",
        "Warning: mysql_connect()\n\n  <!DOCTYPE html>\n<html>",
        "正文<!DOCTYPE html><html><body>雨",
        "\u{200b}<!DOCTYPE html><p>雨",
        "<style>p{}</style>\n<body><p>雨",
        "<script>x</script><link rel=x><BODY>雨",
        "<%@ page language=\"x\" %>\n<html>",
        "<?php if ($a > 3) { } ?>\n<html>",
        "<!--><html>",
        "<!-- 123 -->\n<!DOCTYPE html><title>雨</title>",
        "<!--12-->\r\n\u{feff}<!-- x -->\n<html><p>雨",
        "Notice: x in a.php on line 3<!DOCTYPE html><html><p>雨</html>\n<!-- 0.1 s -->",
        "<p>文</p>",
        "<h2 class=x>题</h2><div>雨停了</div>",
        "<article><title>雨</title><p>雨停了</p></article>",
        "<Div\n>雨停了",
        "<document><p>雨</p></document>",
        "<text id='https://news.example/1' encoding=gbk>\n\n<!-- x -->雨停了<table>",
    ] {
        check_page(text.as_bytes());
    }
    let utf_16: Vec<u8> =
        "\u{feff}<html><p>雨停了</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_page(&utf_16);
    let warnings = "Warning: x() in /a.php on line 3\n".repeat(200);
    check_page(
        format!("<style>{warnings}</style><script>1</script>\n<h1>雨</h1><p>停了").as_bytes(),
    );
    for start in ["<html><head>", "<!doctype html><p>"] {
        check_page(format!("{warnings}{start}").as_bytes());
        check_page(format!("<!-- {warnings} -->{start}").as_bytes());
    }
    for text in [
        "<?xml version='1.0'?><p>雨</p>",
        "<svg/>",
        "<",
        "< p>",
        "<script>x</script>",
        "<svg><p>雨</p></svg>",
    ] {
        check_refused(text.as_bytes(), "", Reason::NoHeader);
    }
}

/// Programs and texts contain tags too.
#[test]
fn a_text_with_a_page_in_it_is_none() {
    for text in [
        "/*! v1 */\n!function(){var a=\"<!DOCTYPE html><html><body></body></html>\"}(this);",
        "import os\nHTML = \"\"\"\n<html><body><p>%s</p></body></html>\n\"\"\"\nprint(HTML)\n",
        "HTML = \"\"\"\n  <!doctype html>\n<html><body><p>%s\n\"\"\"\n",
        "cat <<END\n<html><body><p>雨</p></body></html>\nEND\n",
        "const page = `\n<!DOCTYPE html>\n<html><body></body></html>`;\n",
        "How to write a page\n\nFirst write <html> and then <body>, then </body></html>.\n",
        "First a line:\n\n<html>\n<body>\n</body>\n</html>\n\nThen save it.\n",
        "msgid \"<html><body>hello</body></html>\"\nmsgstr \"\"\n",
        "<?php\nfunction page($a) { return $a > 1 ? \"<html><body>\" : '<p>'; }\n",
    ] {
        check_refused(text.as_bytes(), "", Reason::NoHeader);
    }
    // What is left of a seed is not a page.
    check_refused("<!-- 123 -->\n<p>雨</p>".as_bytes(), "a time comment", Reason::BadHeader);
}

/// XML is recognised by its first element and its namespace, and by the names of its elements.
#[test]
fn xml_that_may_be_an_article_is_kept() {
    let jats = "<!DOCTYPE article PUBLIC \"-//NLM//DTD JATS (Z39.96)\" \"x\">\n<article/>";
    for (text, name) in [
        (jats, "JATS"),
        ("<article><front><article-meta/></front><body><p>雨</p></body></article>", "JATS"),
        ("<article xmlns='http://docbook.org/ns/docbook'><para>雨</para></article>", "DocBook"),
        ("<!DOCTYPE book PUBLIC '-//OASIS//DTD DocBook XML V4.5//EN' 'x'><book/>", "DocBook"),
        ("<d:section xmlns:d='http://docbook.org/ns/docbook'/>", "DocBook"),
        ("<!DOCTYPE topic PUBLIC '-//OASIS//DTD DITA Topic//EN' 'x'><topic id='a'/>", "DITA"),
        ("<teiCorpus xmlns='http://www.tei-c.org/ns/1.0'/>", "TEI"),
        ("<FictionBook xmlns='http://www.gribuser.ru/xml/fictionbook/2.0'/>", "FictionBook"),
        (
            "<office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'/>",
            "flat OpenDocument",
        ),
        ("<?mso-application progid='Word.Document'?><w:wordDocument/>", "Word in XML"),
        (
            "<pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'/>",
            "Word in XML",
        ),
        (
            "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'/>",
            "Word in XML",
        ),
        ("<!DOCTYPE wml PUBLIC '-//WAPFORUM//DTD WML 1.1//EN' 'x'><wml><card/></wml>", "WML"),
        ("<entry xmlns='http://www.w3.org/2005/Atom'><title>雨</title></entry>", "a feed"),
        ("<news><item><title>雨</title><content>雨停了</content></item></news>", "XML with"),
        ("<n:news><n:headline>雨</n:headline><n:body_text>停</n:body_text></n:news>", "XML with"),
    ] {
        for before in ["<?xml version='1.0' encoding='utf-8'?>\n", "\u{feff}<?xml version='1.0'?>"]
        {
            check_refused(format!("{before}{text}").as_bytes(), name, Reason::Unsupported);
        }
    }
    for none in [
        "<?xml version='1.0'?><svg><title>雨</title><text>雨</text></svg>",
        "<?xml version='1.0'?><opml><head><title>x</title></head><body/></opml>",
        "<?xml version='1.0'?><urlset><url><loc>u</loc></url></urlset>",
    ] {
        check_refused(none.as_bytes(), "", Reason::NoHeader);
    }
}

#[test]
fn records_that_may_be_articles_are_kept() {
    let dump =
        "-- MySQL dump 10.13\n--\n\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `p`;\n";
    let rows = "INSERT INTO `p` VALUES (1,'雨','<p>雨停了</p>');\n";
    for (text, name) in [
        ("url,title,html\nhttps://news.example/1,雨,\"<p>雨停了</p>\"\n".to_owned(), "CSV"),
        ("\u{feff}\"标题\"\t\"正文\"\r\n雨\t雨停了\r\n".into(), "CSV"),
        ("id;Article Title;Body Text\r1;雨;雨停了\r".into(), "CSV"),
        (format!("{dump}{rows}"), "SQL"),
        (rows.to_lowercase(), "SQL"),
        ("PRAGMA foreign_keys=OFF;\nCREATE TABLE p(title,content);\ninsert into p values('雨','停');".into(), "SQL"),
        ("SET x = 0;\nCOPY public.p (id, title, body) FROM stdin;\n1\t雨\t停\n\\.\n".into(), "SQL"),
        ("title: 雨\nurl: https://news.example/1\ncontent: |\n  雨停了\n".into(), "YAML"),
        ("# x\n- title: 雨\n  text: >\n    雨停了\n- title: 门\n  text: 开\n".into(), "YAML"),
        ("%YAML 1.2\n---\ntitle: 雨\nbody: 停\n".into(), "YAML"),
        ("---\ntitle: 雨\ncontent: |\n  停\n---\ntitle: 门\ncontent: 开\n".into(), "YAML"),
        ("---\ntitle: 雨\ncontent: |\n  停\n---\n\n".into(), "YAML"),
        ("---\ntitle: 雨\ncontent: |\n  停\n".into(), "YAML"),
        ("---\n- title: 雨\n  content: 停\n---\n- title: 门\n  content: 开\n".into(), "YAML"),
        ("+++\ntitle = '雨'\ncontent = '停'\n+++\n".into(), "YAML"),
        ("---\n{\"title\":\"雨\",\"content\":\"停\"}\n---\n{\"title\":\"门\",\"content\":\"开\"}\n".into(), "YAML"),
        ("{title: '雨', html: '<p>停</p>',}".into(), "JSON5"),
        ("// x\n/* y */ [{'title': '雨', 'html': '<p>停</p>'}]".into(), "JSON5"),
        ("{ // x\n \"title\": \"雨\", \"html\": \"停\" }".into(), "JSON5"),
        ("var page = {\"title\":\"雨\",\n\"html\":\"停\"};".into(), "JSON5"),
        ("export default {\n title: `雨`,\n content: `停`\n}".into(), "JSON5"),
        ("callback({\n\"url\":\"u\",\n\"html\":\"停\"})".into(), "JSON5"),
        ("{\\rtf1\\ansi \\u38632?}".into(), "RTF"),
        ("\n\\documentclass{article}\n\\begin{document}\n雨\n".into(), "LaTeX"),
        ("#+TITLE: 雨\n\n雨停了\n".into(), "Org"),
    ] {
        check_refused(text.as_bytes(), name, Reason::Unsupported);
    }
    for none in [
        "id,name,count\n1,雨,3\n",
        "title,text\n",
        "| title | text |\n|---|---|\n| 雨 | 停 |\n",
        "CREATE TABLE p(id, n);\nINSERT INTO p VALUES (1, 2);\n",
        "Insert the key, then replace the title into the text.\n",
        "name: x\nversion: 3\n",
        "title: 雨\ntext: 停\n\n雨停了，门开了。\n",
        "body { title: x; text: y }\n",
        "var a = {title: 1};\n",
        "title: 雨\n",
    ] {
        check_refused(none.as_bytes(), "", Reason::NoHeader);
    }
    // A seed may have such fields besides its body.
    let seed = "---\ntitle: 雨\ncontent: 新闻\n---\n雨停了。\n";
    assert!(parse(seed.as_bytes()).is_ok());
}

/// Whatever other programs call the text of an article, a possible article is kept.
#[test]
fn json_with_other_names_is_kept() {
    for text in [
        r#"{"url":"u","content":"<p>雨"}"#,
        r#"{"title":"t","Body":"雨"}"#,
        r#"{"headline":"t","articleBody":"雨","@type":"NewsArticle"}"#,
        r#"{"link":"u","title":{"rendered":"t"},"content":{"rendered":"<p>雨","protected":false}}"#,
        r#"{"permalink":"u","content_html":["<p>雨"]}"#,
        r#"{"data":{"posts":[{"title":"t","full-text":"雨"}]}}"#,
        r#"{"标题":"雨","正文":"雨停了"}"#,
        r#"{"html":"<p>雨","headline":"t"}"#,
        "{\"title\":\"t\",\"text\":\"雨\"}\n{\"title\":\"t\",\"text\":\"门\"}",
        r#"[{"title":"t","text":"雨"}]"#,
    ] {
        check_refused(
            text.as_bytes(),
            "JSON whose articles have other fields",
            Reason::Unsupported,
        );
    }
    for text in [r#"{"title":"t","text":"雨"#, r#"{"title":"t","n":NaN,"text":"雨"}"#] {
        check_refused(text.as_bytes(), "JSON with an article in it", Reason::BadHeader);
    }
    for text in [
        r#"{"url":"u","text":""}"#,
        r#"{"title":"t","text":null}"#,
        r#"{"title":"t","count":3}"#,
        r#"{"name":"n","text":"雨"}"#,
        r#"{"title":"t","description":"雨"}"#,
        r#"{"title":"t","text":{"id":"x"}}"#,
        r#"{"text":"雨"}"#,
    ] {
        assert_eq!(parse(text.as_bytes()).unwrap_err().reason, Reason::NoHeader, "{text}");
    }
}
