//! Lays out an article for reading: wrapped lines, numbered links, everything else dimmed.

use crate::cli::Global;
use crate::cli::terminal::render::{self, escaped, one_line, readable_url};
use crate::cli::terminal::wrap::{self, JOINER, wrapped};
use seedbank::internals::view::content::{Asides, Content, Linked, Nested, Part};
use seedbank::{ArticleView, Link, LinkKind, Media, MediaKind, Status};
use std::collections::{HashMap, HashSet};

/// Maximum width of a line in columns: longer ones are hard to follow.
const WIDEST: usize = 80;
/// Minimum width of a line of text in columns, whatever precedes it.
const NARROWEST: usize = 20;
/// More deeply nested lists and quotations are not indented further.
const DEEPEST: usize = 6;

/// What is shown of an article above its text, beside what it says itself.
#[derive(Debug, Default)]
pub struct Head<'a> {
    /// When it was published, on the reader's clock; `None` if unknown.
    pub published: Option<String>,
    /// Describes the version, if it is not the current one.
    pub which: Option<&'a str>,
}

/// The article as text. `all` includes related articles and share bars.
pub fn text(article: &ArticleView, head: Head<'_>, all: bool, global: &Global) -> String {
    let width = render::terminal_width().unwrap_or(WIDEST).clamp(NARROWEST, WIDEST);
    let paint = |line: Line| match line.look {
        _ if line.text.is_empty() => "\n".to_owned(),
        Look::Plain => format!("{}\n", line.text),
        Look::Strong => format!("{}\n", render::heading(&line.text, global)),
        Look::Quiet => format!("{}\n", render::quiet(&line.text, global)),
    };
    lines(article, head, all, width).into_iter().map(paint).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Plain,
    Strong,
    Quiet,
}

#[derive(Debug)]
struct Line {
    look: Look,
    text: String,
}

/// The kind of a group of lines, which decides the space before the next group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Text,
    ListItem,
    Quote,
    Medium,
    /// Anything but the article's own text.
    Aside,
}

fn lines(article: &ArticleView, head: Head<'_>, all: bool, width: usize) -> Vec<Line> {
    let mut setting = Setting {
        width,
        lines: Vec::new(),
        last: None,
        captions: HashSet::new(),
        addresses: Vec::new(),
        numbers: HashMap::new(),
    };
    setting.head(article, head);
    let content = Content::of(article, if all { Asides::All } else { Asides::HeadLines });
    for part in &content.parts {
        setting.part(part);
    }
    if !content.has_text() {
        setting.group(Group::Text);
        setting.push(Look::Quiet, "[no text]");
    }
    setting.notes();
    setting.lines
}

/// An article that is being laid out, part by part.
struct Setting<'a> {
    width: usize,
    lines: Vec<Line>,
    last: Option<Group>,
    /// Captions that are already shown beside their pictures.
    captions: HashSet<&'a str>,
    /// The addresses to be listed at the end, and the number of each.
    addresses: Vec<&'a str>,
    numbers: HashMap<&'a str, usize>,
}

impl<'a> Setting<'a> {
    fn push(&mut self, look: Look, text: impl Into<String>) {
        self.lines.push(Line { look, text: text.into() });
    }

    /// Appends a text, wrapped into lines.
    fn push_wrapped(&mut self, look: Look, text: &str, first: &str, rest: &str) {
        let width = self.width.max(wrap::columns(rest) + NARROWEST);
        for line in wrapped(text, width, first, rest) {
            self.push(look, line);
        }
    }

    /// Starts a group of lines, with space after the previous group.
    fn group(&mut self, group: Group) {
        use Group::{Aside, ListItem, Medium, Quote};
        match (self.last, group) {
            (None | Some(ListItem), ListItem) | (None, _) => {}
            (Some(Medium | Aside), Medium | Aside) => {}
            (Some(Quote), Quote) => self.push(Look::Plain, "│"),
            _ => self.push(Look::Plain, ""),
        }
        self.last = Some(group);
    }

    /// The title, and, dimmed, where and when it was published, and by whom.
    fn head(&mut self, article: &ArticleView, head: Head<'_>) {
        let title = if article.title.is_empty() { "[no title]" } else { &article.title };
        self.push_wrapped(Look::Strong, &one_line(title), "", "");
        let status = match (article.status, article.status_detail) {
            (Status::Ok, _) => None,
            (status, None) => Some(status.to_string()),
            (status, Some(detail)) => Some(format!("{status} ({detail})")),
        };
        let parts = [
            article.site.clone(),
            head.published,
            article.author.clone(),
            status,
            head.which.map(str::to_owned),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        self.push_wrapped(Look::Quiet, &one_line(&parts.join(" · ")), "", "");
        // On one line, so that a terminal recognises it as a link.
        let url = article.url.as_deref().map(readable_url);
        self.push(Look::Quiet, one_line(&url.unwrap_or_else(|| "no address".into())));
        self.last = Some(Group::Text);
    }

    fn part(&mut self, part: &Part<'a>) {
        match part {
            Part::Heading { level, text, .. } => {
                let text = self.noted(text);
                self.group(Group::Text);
                let mark = format!("{} ", "#".repeat(usize::from(*level).clamp(1, DEEPEST)));
                self.push_wrapped(Look::Strong, &text, &mark, &" ".repeat(mark.len()));
            }
            Part::Lead(text) | Part::Paragraph(text) => {
                let text = self.noted(text);
                self.group(Group::Text);
                self.push_wrapped(Look::Plain, &text, "", "");
            }
            Part::List(items) => self.list(items),
            Part::Quote(lines) => self.quote(lines),
            Part::Preformatted { marker, text, links } => self.preformatted(*marker, text, links),
            Part::Table(rows) => self.table(rows),
            Part::Aside(text) => {
                let text = self.noted(text);
                self.group(Group::Aside);
                self.push_wrapped(Look::Quiet, &text, "· ", "  ");
            }
            Part::Media(medium) => self.medium(medium),
        }
    }

    fn list(&mut self, items: &[Nested<'a>]) {
        // The column at which the text of the last item begins, for each depth.
        let mut columns = [0; DEEPEST + 1];
        for item in items {
            let text = self.noted(&item.text);
            self.group(Group::ListItem);
            let depth = item.depth.min(DEEPEST);
            let first = if item.goes_on {
                " ".repeat(columns[depth])
            } else {
                let bullet = if depth % 2 == 1 { "•" } else { "◦" };
                let mark = escaped(item.marker.unwrap_or(bullet));
                format!("{}{mark} ", "  ".repeat(depth - 1))
            };
            columns[depth] = wrap::columns(&first);
            self.push_wrapped(Look::Plain, &text, &first, &" ".repeat(columns[depth]));
        }
    }

    fn quote(&mut self, lines: &[Nested<'a>]) {
        for line in lines {
            let text = self.noted(&line.text);
            let marker = line.marker.map(|marker| format!("{} ", escaped(marker)));
            self.group(Group::Quote);
            let bars = "│ ".repeat(line.depth.min(DEEPEST));
            let text = marker.unwrap_or_default() + &text;
            self.push_wrapped(Look::Plain, &text, &bars, &bars);
        }
    }

    /// Not wrapped, since its line breaks matter. The numbers of its links follow below.
    fn preformatted(&mut self, marker: Option<&str>, text: &str, links: &[&'a Link]) {
        self.group(Group::Text);
        if let Some(marker) = marker {
            self.push(Look::Plain, escaped(marker));
        }
        for line in escaped(text).split('\n') {
            self.push(Look::Plain, line);
        }
        let numbers: Vec<String> = links.iter().map(|link| self.note_of(link)).collect();
        let numbers: Vec<&str> =
            numbers.iter().map(|number| number.trim_start_matches(JOINER)).collect();
        let numbers: Vec<&str> = numbers.into_iter().filter(|number| !number.is_empty()).collect();
        if !numbers.is_empty() {
            self.push(Look::Quiet, numbers.join(" "));
        }
    }

    /// In columns if they fit, otherwise each row as a line of text.
    fn table(&mut self, rows: &[Vec<Linked<'a>>]) {
        self.group(Group::Text);
        let mut cell = |cell: &Linked<'a>| self.noted(cell).replace('\n', " ").trim().to_owned();
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(&mut cell).collect()).collect();
        let columns = |text: &String| wrap::columns(text);
        let mut widths = vec![0; rows.iter().map(Vec::len).max().unwrap_or(0)];
        for (index, cell) in rows.iter().flat_map(|row| row.iter().enumerate()) {
            widths[index] = columns(cell).max(widths[index]);
        }
        let fits = widths.iter().map(|width| width + 2).sum::<usize>() <= self.width + 2;
        for row in rows {
            if !fits {
                self.push_wrapped(Look::Plain, &row.join(" │ "), "", "  ");
                continue;
            }
            let pad = |(cell, width): (&String, &usize)| {
                format!("{cell}{}", " ".repeat(width - columns(cell)))
            };
            let line: Vec<String> = row.iter().zip(&widths).map(pad).collect();
            self.push(Look::Plain, line.join("  ").trim_end().replace(JOINER, ""));
        }
    }

    /// One line: the caption of a medium, or its name.
    fn medium(&mut self, medium: &'a Media) {
        self.group(Group::Medium);
        let caption = medium.caption.as_deref().filter(|caption| self.captions.insert(caption));
        let says = caption.or(medium.alt.as_deref()).filter(|says| !says.is_empty());
        let says = says.map(|says| format!(": {}", escaped(says).replace('\n', " ")));
        // Video and sound are only available at their address.
        let number = match medium.kind {
            MediaKind::Image => String::new(),
            MediaKind::Video | MediaKind::Audio | MediaKind::Embed => self.number(&medium.url),
        };
        let text = format!("[{}{}]{number}", medium.kind, says.unwrap_or_default());
        self.push_wrapped(Look::Quiet, &text, "", " ");
    }

    /// A text with a number after each link.
    fn noted(&mut self, text: &Linked<'a>) -> String {
        let mut noted = String::new();
        for piece in &text.pieces {
            noted.push_str(&escaped(piece.text));
            noted.extend(piece.link.map(|link| self.note_of(link)));
        }
        noted.extend(text.unplaced.iter().map(|link| self.note_of(link)));
        noted
    }

    /// The number of a link; nothing for a link that is not part of the article's content.
    fn note_of(&mut self, link: &'a Link) -> String {
        let is_wanted = matches!(link.kind, LinkKind::Content | LinkKind::Related);
        // A link whose text is its address needs no number.
        let says_it = link.text == link.url || link.text == link.href;
        if is_wanted && !says_it { self.number(&link.url) } else { String::new() }
    }

    /// The mark of an address that is listed at the end: `[1]`, never separated from the text before it by a
    /// line break.
    fn number(&mut self, address: &'a str) -> String {
        let next = self.addresses.len() + 1;
        let number = *self.numbers.entry(address).or_insert(next);
        if number == next {
            self.addresses.push(address);
        }
        format!("{JOINER}[{number}]")
    }

    /// The numbered addresses, each on one line.
    fn notes(&mut self) {
        if !self.addresses.is_empty() {
            self.push(Look::Plain, "");
        }
        for (index, address) in std::mem::take(&mut self.addresses).into_iter().enumerate() {
            self.push(Look::Quiet, format!("[{}] {}", index + 1, one_line(&readable_url(address))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(html: &str) -> ArticleView {
        let seed = format!(
            "<!--1711324800000-->\n[雨水的去处，以及它在城里走过的路](https://news.example/rain)\n\
             ------\n\n{html}\n"
        );
        ArticleView::of_bytes(seed.as_bytes()).unwrap()
    }

    fn shown(html: &str, all: bool, width: usize) -> String {
        let mark = |line: Line| match line.look {
            _ if line.text.is_empty() => "\n".to_owned(),
            Look::Plain => format!("  {}\n", line.text),
            Look::Strong => format!("* {}\n", line.text),
            Look::Quiet => format!("- {}\n", line.text),
        };
        let article = page(html);
        let published = article.published().map(|time| time.to_string());
        let head = Head { published, which: None };
        lines(&article, head, all, width).into_iter().map(mark).collect()
    }

    const WHOLE: &str = "<p>雨水先落在瓦上，再顺着<a href='/roof'>旧城区的屋檐</a>流下来，\
        最后进了<a href='https://river.example/long/way/to/the/sea?season=spring'>护城河</a>。</p>\
        <figure><img src='/a.jpg' alt='一座桥'><figcaption>桥下的水位尺，摄于四月</figcaption></figure>\
        <h2>Where the water goes</h2>\
        <p>第一行诗<br>第二行诗，比第一行长一些，长到一行放不下</p>\
        <ul><li>瓦沟里的水，要先等青苔喝够了才肯往下走<ul><li>屋檐</li></ul></li><li>水缸</li></ul>\
        <blockquote><p>水往低处走，人往高处走，这话说了很多年了。</p><p>谁说的？</p></blockquote>\
        <pre>level = 0\n  level += 1  # one line that is wider than the page\n</pre>\
        <table><tr><th>日期</th><th>水位</th></tr><tr><td>四月一日</td><td>12</td></tr></table>\
        <p>再看<a href='/roof'>屋檐</a>，见 <a href='https://x.example/'>https://x.example/</a>。\
        她没有再说话，只是看着河面上的雨点，一圈一圈地散开去。</p>\
        <iframe src='https://www.youtube.com/embed/x'></iframe>";

    #[test]
    fn a_whole_page() {
        insta::assert_snapshot!(shown(WHOLE, false, 40));
    }

    #[test]
    fn what_is_not_the_text_stays_out() {
        let html = "<p>雨停了，河面平静下来，人们从屋檐下走出来，继续赶路，谁也没有回头看一眼。</p>\
            <div class='share-buttons'><a href='https://twitter.com/share'>分享到推特</a></div>\
            <div class='related'><h3>相关阅读</h3><ul><li><a href='/b'>另一场雨</a></li></ul></div>";
        insta::assert_snapshot!(shown(html, false, 80));
        insta::assert_snapshot!(shown(html, true, 80));
    }

    #[test]
    fn a_table_that_does_not_fit() {
        let html = "<table><tr><th>日期</th><th>说明</th></tr><tr><td>四月一日</td>\
            <td>水位上涨，桥洞只剩一半，船都停了</td></tr></table>";
        insta::assert_snapshot!(shown(html, false, 30));
    }

    #[test]
    fn a_further_paragraph_is_set_under_its_item() {
        let html =
            "<ol start='9'><li><p>瓦沟里的水。</p><p>要先等青苔喝够。</p></li><li>水缸。</li></ol>";
        let shown = shown(html, false, 40);
        let list = "  9. 瓦沟里的水。\n     要先等青苔喝够。\n  10. 水缸。\n";
        assert!(shown.contains(list), "{shown}");
    }

    #[test]
    fn nothing_to_read() {
        insta::assert_snapshot!(shown("", false, 80));
    }

    #[test]
    fn what_drives_a_terminal_does_not_act() {
        let html = "<p>红\u{202e}色</p><pre>\u{2066}x</pre><table><tr><td>a\u{202e}</td><td>b</td>\
            </tr></table><p><img src='/a' alt='\u{202e}'>字</p>";
        let shown = shown(html, false, 80);
        assert!(!shown.contains(['\u{202e}', '\u{2066}']), "{shown}");
        assert!(shown.contains("红\\u202e色"), "{shown}");
    }

    proptest::proptest! {
        /// No line is wider than the page, and no letter is lost.
        #[test]
        fn lines_fit(text in "[一二三四，。“”《》（）、a-z ]{1,80}", width in 20..80usize) {
            let page = page(&format!("<p>{text}开头和结尾</p>"));
            let paragraphs: String = page.paragraphs.iter().map(|p| p.text.as_str()).collect();
            let lines = lines(&page, Head::default(), true, width);
            let body = lines.into_iter().skip_while(|line| !line.text.is_empty());
            let body: Vec<Line> = body.collect();
            let shown: String = body.iter().map(|line| line.text.as_str()).collect();
            let letters = |text: &str| text.replace([' ', '·', '\n'], "");
            proptest::prop_assert_eq!(letters(&shown), letters(&paragraphs));
            for line in body {
                proptest::prop_assert!(wrap::columns(&line.text) <= width, "{:?}", line);
            }
        }
    }
}
