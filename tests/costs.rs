//! Four times the input costs at most five times the work, in every dimension in which a document can grow.
//!
//! Work is counted, not timed: the bytes that all threads of the program request from the allocator while a
//! document is imported, exported in every format and verified; and the steps of the parser. This test is a
//! program of its own, so that no other test's work is counted.

use seedbank::internals::export::{JsonlWriter, write_atom, write_html, write_markdown};
use seedbank::internals::extract;
use seedbank::internals::import::import;
use seedbank::internals::store::{Bytes, Reader, Selection};
use seedbank::{ArticleFilter, ImportOptions};
use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

struct Counting;

static ASKED_FOR: AtomicU64 = AtomicU64::new(0);

// SAFETY: everything is the system allocator's; counting changes nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED_FOR.fetch_add(layout.size() as u64, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn seed(title: &str, path: &str, html: &str) -> String {
    format!("<!--1707090302000-->\n[{title}](https://news.example/{path})\n------\n\n{html}")
}

fn page(html: String) -> String {
    seed("雨后", "a", &html)
}

fn front_matter(fields: String) -> String {
    format!("---\ntitle: 雨后\nfrom: https://news.example/a\n{fields}---\n<p>文</p>")
}

fn counted(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect()
}

/// A dimension of a document: its name, the initial count, and a document with a given count.
type Dimension = (&'static str, usize, fn(usize) -> String);

const PAGES: &[Dimension] = &[
    ("comments before a page", 5_000, |n| "<!-- saved by -->".repeat(n) + "<html><p>文"),
    ("a tag before a page", 20_000, |n| format!("<html {}>", "a='".repeat(n))),
    ("titles of a page", 2_000, |n| "<title>文</title>".repeat(n)),
    ("what a page says of itself", 2_000, |n| "<meta name=author content=文>".repeat(n)),
    ("JSON-LD", 10_000, |n| {
        format!("<script type=application/ld+json>[{}", "{\"@type\":\"Article\",".repeat(n))
    }),
    ("quotes in JSON-LD", 20_000, |n| {
        format!("<script type=application/ld+json>{{\"a\":\"{}", "\" ".repeat(n))
    }),
    ("articles in JSON-LD", 500, |n| {
        let article = "{\"@type\":\"Article\",\"headline\":\"雨 &amp; 晴\",\"author\":\"文\"},";
        format!("<script type=application/ld+json>[{}", article.repeat(n))
    }),
    ("microdata", 200, |n| "<div itemscope itemprop=author><b itemprop=name>文".repeat(n)),
    ("bylines", 1_000, |n| format!("<title>雨后</title>{}", "<p class=author>By 文</p>".repeat(n))),
    ("first headings", 1_000, |n| {
        format!("<title>雨后 雨</title>{}", "<h1>雨后 晴</h1>".repeat(n))
    }),
    ("separators of a title", 2_000, |n| format!("<title>{}</title>", "雨 | 后 - ".repeat(n))),
    ("dates", 1_000, |n| format!("<title>雨</title>{}", "<p>2024-13-05 13/45/2024</p>".repeat(n))),
    ("reporters", 2_000, |n| "<p>记者 记者 文文 记者文文</p>".repeat(n)),
    ("an envelope", 20_000, |n| {
        format!("{{\"seedbank_page\":1,\"url\":\"{}\"}}\n<p>", "a".repeat(n))
    }),
    ("depth", 200, |n| page("<div>".repeat(n))),
    ("depth beyond the limit", 2_000, |n| page("<div>".repeat(n))),
    ("paragraphs", 1_000, |n| page("<p>文字文字。".repeat(n))),
    ("paragraphs far down", 500, |n| page("<div>".repeat(500) + &"<p>文".repeat(n))),
    ("text", 50_000, |n| page("文".repeat(n))),
    ("words", 10_000, |n| page("word ".repeat(n))),
    ("white space", 50_000, |n| page(format!("x{}y", " \n".repeat(n)))),
    ("combining marks", 20_000, |n| page(format!("a{}", "\u{301}\u{316}".repeat(n)))),
    ("entities", 10_000, |n| page("&amp;&ampx&#x4e00;".repeat(n))),
    ("line breaks", 5_000, |n| page("文<br>".repeat(n))),
    ("preformatted lines", 10_000, |n| page(format!("<pre>{}", "文\n".repeat(n)))),
    ("back quotes", 20_000, |n| page(format!("<pre>{}", "`".repeat(n)))),
    ("comments", 2_000, |n| page("<!-- 文 -->文".repeat(n))),
    ("an open comment", 20_000, |n| page(format!("<!--{}", "- ".repeat(n)))),
    ("an open tag", 20_000, |n| page(format!("<p {}", "<".repeat(n)))),
    ("end tags", 5_000, |n| page(format!("<p>文{}", "</i>".repeat(n)))),
    ("end tags far down", 1_000, |n| page("<span>".repeat(500) + &"</i>".repeat(n))),
    ("attributes of a tag", 200, |n| page(format!("<p {}>", counted(n, |at| format!("a{at}=b "))))),
    ("tags with attributes", 50, |n| {
        page(format!("<p {}>文", counted(100, |at| format!("a{at}=b "))).repeat(n))
    }),
    ("names of attributes", 200, |n| {
        page(counted(n, |tag| format!("<p {}>", counted(300, |at| format!("longname{tag}x{at} ")))))
    }),
    ("names of tags", 1_000, |n| {
        page(counted(n, |at| format!("<x-element{at}>文</x-element{at}>")))
    }),
    ("class tokens", 5_000, |n| page(format!("<p class='{}'>文", "share-x ".repeat(n)))),
    ("a style", 20_000, |n| page(format!("<p style='{}'>文", "a:b;".repeat(n)))),
    ("open formatting elements", 1_000, |n| page("<p><b>文".repeat(n))),
    ("other open formatting elements", 1_000, |n| {
        page(counted(n, |at| format!("<p><font color={at}>文")))
    }),
    ("misnested elements", 500, |n| page("<a><i><b><div>文</a></i></b></div>".repeat(n))),
    ("an open link", 500, |n| {
        page(format!("<p><a href=/{}>{}", "y".repeat(50), "<p>文".repeat(n)))
    }),
    ("an open element with a class", 500, |n| {
        page(format!("<p><b class='{}'>{}", "x ".repeat(500), "<p>文".repeat(n)))
    }),
    ("links", 1_000, |n| page("<a href=x>文</a> ".repeat(n))),
    ("links to places", 1_000, |n| page("<a href='https://news.example/a#b'>文</a>".repeat(n))),
    ("links with breaks in them", 500, |n| page("<a href=x>文<br>字</a>".repeat(n))),
    ("links in an open link", 300, |n| {
        page(
            "<a href=k><table><tr><td>".to_owned()
                + &"<a href=i>文</a><div></div><div>字</div>".repeat(n),
        )
    }),
    ("an address", 10_000, |n| page(format!("<a href='{}'>文", "y".repeat(n)))),
    ("an address of ampersands", 10_000, |n| {
        page(format!("<a href='https://a.example/?{}'>文", "&".repeat(n)))
    }),
    ("an address of escapes", 10_000, |n| {
        page(format!("<a href='https://a.example/{}'>文", "%".repeat(n)))
    }),
    ("a host", 5_000, |n| page(format!("<a href='https://{}example/'>文", "www.".repeat(n)))),
    ("a hidden address", 20_000, |n| page(format!("<a data-cfemail='{}'>文", "5f".repeat(n)))),
    ("pictures", 500, |n| page(counted(n, |at| format!("<img src=/{at}.jpg alt=文>")))),
    ("pictures far down", 300, |n| {
        page("<div>".repeat(300) + &counted(n, |at| format!("<img src=/{at}.jpg>")))
    }),
    ("pictures over a caption", 300, |n| {
        let pictures = counted(n, |at| format!("<img src=/{at}.jpg>"));
        let caption = "图".repeat(200);
        page(format!("<p>{}<figure>{pictures}<figcaption>{caption}", "文".repeat(2_000)))
    }),
    ("pictures of one source", 1_000, |n| {
        page(format!("<picture><source srcset='a 1w, b 2w'>{}", "<img>".repeat(n)))
    }),
    ("pictures and their sources", 500, |n| {
        page(format!("<picture>{}{}", "<source srcset='a 1w'>".repeat(n), "<img>".repeat(n)))
    }),
    ("candidates without blanks", 5_000, |n| {
        page(format!("<img srcset='{}'>", "/a.jpg,".repeat(n)))
    }),
    ("pictures without scripts", 300, |n| {
        page("<img src=data:,><noscript><img src=/a.jpg></noscript>".repeat(n))
    }),
    ("addresses in the text", 1_000, |n| page("见 https://a.example/b，".repeat(n))),
    ("a long address in the text", 10_000, |n| {
        page(format!("https://a.example/{}", "b/".repeat(n)))
    }),
    ("schemes in the text", 2_000, |n| page("http://a.%/".repeat(n))),
    ("candidates", 5_000, |n| page(format!("<img srcset='{}'>", "a 1w, ".repeat(n)))),
    ("a description of a picture", 20_000, |n| {
        page(format!("<img src=a alt='{}'>", "文".repeat(n)))
    }),
    ("videos", 500, |n| page("<video><source src=a.mp4></video>".repeat(n))),
    ("closing lines", 1_000, |n| page(format!("文<br>{}", "翻译：甲<br>".repeat(n)))),
    ("closing lines and links", 500, |n| {
        page("<a href=x>文</a> ".repeat(n) + "<p>文<br>" + &"翻译：甲<br>".repeat(n))
    }),
    ("bold openings", 500, |n| page("<p><b>雨后</b><br><a href=x>文字</a>。".repeat(n))),
    ("names of authors", 300, |n| page("<div class=author>".repeat(300) + &"<i></i>".repeat(n))),
    ("headings", 1_000, |n| page("<h1>雨后</h1>".repeat(n))),
    ("dates", 500, |n| page("<p>2024-01-01 00:00".repeat(n))),
    ("share bars", 500, |n| page("<div><a href=//t.me/share/x>文</a></div>".repeat(n))),
    ("list items", 1_000, |n| page("<ul>".to_owned() + &"<li>文".repeat(n))),
    ("numbered lists", 500, |n| page("<ol reversed><li>文<li>字</ol>".repeat(n))),
    ("raised runs", 1_000, |n| page("文<sup>2</sup>".repeat(n))),
    ("raised runs in links", 500, |n| page("<a href=x><sup>2</sup></a>".repeat(n))),
    ("a raised run", 20_000, |n| page(format!("<sup>{}", "文".repeat(n)))),
    ("a raised run over paragraphs", 500, |n| page(format!("<sup>{}", "<p>文".repeat(n)))),
    ("nested runs", 200, |n| page(format!("<p>{}文", "<sub>".repeat(n)))),
    ("quotations", 1_000, |n| page("<q>文</q>".repeat(n))),
    ("readings", 1_000, |n| page("<ruby>文<rt>w</rt></ruby>".repeat(n))),
    ("formulas", 500, |n| page("<math><msup><mi>a</mi><mn>2</mn></msup></math>".repeat(n))),
    ("parts of a formula", 500, |n| page(format!("<math><msup>{}", "<!---><mi>a</mi>".repeat(n)))),
    ("holders of formulas", 200, |n| page("<p><span class=katex>文".repeat(n))),
    ("lines that a style keeps", 2_000, |n| {
        page(format!("<p style='white-space:pre-wrap'>{}", " 文\n".repeat(n)))
    }),
    ("documents in frames", 50, |n| page("<iframe srcdoc='<p>文'></iframe>".repeat(n))),
    ("drawings", 200, |n| page("<svg><text>文</text></svg>".repeat(n))),
    ("cells that reach down", 100, |n| {
        let rows = "<tr><td>文".repeat(100);
        page(format!("<table><tr>{}{rows}", "<td rowspan=200>文".repeat(n)))
    }),
    ("nested lists", 100, |n| page("<ul><li>文".repeat(n))),
    ("lines of a deep list", 500, |n| page("<ul><li>".repeat(200) + &"文<br>".repeat(n))),
    ("lists that are introduced", 500, |n| {
        page("<p>他们说：<ul><li><a href=x>文</a></ul>".repeat(n))
    }),
    ("quotations", 1_000, |n| page("<blockquote>文</blockquote>".repeat(n))),
    ("lines of a deep quotation", 500, |n| page("<blockquote>".repeat(200) + &"文<br>".repeat(n))),
    ("rows", 500, |n| page("<table>".to_owned() + &"<tr><td>一<td>二".repeat(n))),
    ("cells of a row", 1_000, |n| page("<table><tr>".to_owned() + &"<td>一".repeat(n))),
    ("rows and cells", 500, |n| {
        page("<table><tr>".to_owned() + &"<td>一".repeat(n) + &"<tr><td>二<td>三".repeat(n))
    }),
    ("nested tables", 60, |n| page("<table><tr><td>文<td>".repeat(n))),
    ("text beside rows", 1_000, |n| page("<table>".to_owned() + &"文<tr>".repeat(n))),
    ("elements beside rows", 300, |n| page("<table>".to_owned() + &"<b>文<tr>".repeat(n))),
    ("options", 1_000, |n| page("<select><option>文".repeat(n))),
    ("scripts", 1_000, |n| page("<script>i</script>".repeat(n))),
    ("a script", 20_000, |n| page(format!("<script>{}</script>", "<b ".repeat(n)))),
    ("foreign elements", 1_000, |n| page("<svg>".to_owned() + &"<g/>".repeat(n))),
    ("raw text in foreign elements", 1_000, |n| {
        page("<svg>".to_owned() + &"<![CDATA[x]]>".repeat(n))
    }),
    ("a title", 20_000, |n| seed(&"文".repeat(n), "a", "<p>文")),
    ("separators of a title", 5_000, |n| seed(&"a_".repeat(n), "a", "<p>文")),
    ("the article's address", 10_000, |n| {
        seed("雨后", &"y".repeat(n), &"<a href=x>文</a>".repeat(20))
    }),
    ("tags", 1_000, |n| front_matter(format!("tags: [{}]\n", counted(n, |at| format!("t{at}, "))))),
    ("lists of tags", 500, |n| front_matter(counted(n, |at| format!("tags: [t{at}]\n")))),
    ("fields", 500, |n| front_matter(counted(n, |at| format!("k{at}: v\n")))),
    ("nested values", 2_000, |n| front_matter(format!("x: {}\n", "[".repeat(n)))),
    ("anchors", 500, |n| {
        front_matter("a: &a x\n".to_owned() + &counted(n, |at| format!("b{at}: *a\n")))
    }),
    ("a value of lines", 2_000, |n| front_matter("x: >\n".to_owned() + &"  文\n".repeat(n))),
    ("tags of an object", 2_000, |n| {
        let tags = counted(n, |at| format!("\"{at}\","));
        format!("{{\"url\":\"https://news.example/a\",\"html\":\"<p>文\",\"tags\":[{tags}\"x\"]}}")
    }),
];

/// Bytes requested while a document is imported, exported and verified.
fn bytes_asked_for(document: &str) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a.md"), document).unwrap();
    let before = ASKED_FOR.load(Ordering::Relaxed);
    let options = ImportOptions::new([at("a.md")]).with_jobs(1);
    import(&at("t.db"), &options, &mut |_| {}).unwrap();
    export(&at("t.db"), folder.path());
    ASKED_FOR.load(Ordering::Relaxed) - before
}

fn export(database: &Path, folder: &Path) {
    let reader = Reader::open(database).unwrap();
    let filter = ArticleFilter::default();
    write_markdown(&reader, &filter, &folder.join("markdown"), false).unwrap();
    write_html(&reader, &filter, "存档", &folder.join("html"), false).unwrap();
    write_atom(&reader, &filter, None, "存档", std::io::sink()).unwrap();
    let mut lines = JsonlWriter::new(std::io::sink()).unwrap();
    let mut line = |article| lines.article(&article);
    reader.article_records(&Selection::default(), Bytes::Included, &mut line).unwrap();
}

#[test]
fn four_times_the_input_costs_at_most_five_times_the_work() {
    // A document that is cheap for its size may grow more, up to this number of steps.
    const STEPS: u64 = 2_000_000;
    let mut broken = Vec::new();
    for (name, count, document) in PAGES {
        let (less, more) = (document(*count), document(4 * count));
        let (before, after) = (bytes_asked_for(&less), bytes_asked_for(&more));
        if after > 5 * before {
            broken.push(format!("{name}: {before} and {after} bytes"));
        }
        let (before, after) = (extract::work(&less), extract::work(&more));
        if after > 5 * before + STEPS {
            broken.push(format!("{name}: {before} and {after} steps"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
