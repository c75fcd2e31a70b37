//! An article set for reading: wrapped lines, numbered links, everything else kept quiet.

use crate::cli::Global;
use crate::cli::terminal::page::Page;
use crate::cli::terminal::render::{self, escaped, one_line, readable_url};
use crate::cli::terminal::wrap::{self, JOINER, wrapped};
use seedbank::model::{Block, BlockKind, Link, LinkKind, Media, MediaKind, Status};
use std::collections::{HashMap, HashSet};

/// The widest line, in columns: longer ones are hard to follow.
const WIDEST: usize = 80;
/// The least that a line of text gets, in columns, whatever stands before it.
const NARROWEST: usize = 20;
/// Deeper lists and quotes are indented no further.
const DEEPEST: usize = 6;

/// The page as text. `which` names the version, where it is not the one that stands; `all` shows
/// related articles and share bars too.
pub fn text(page: &Page, which: Option<&str>, all: bool, global: &Global) -> String {
    let width = render::terminal_width().unwrap_or(WIDEST).clamp(NARROWEST, WIDEST);
    let paint = |line: Line| match line.look {
        _ if line.text.is_empty() => "\n".to_owned(),
        Look::Plain => format!("{}\n", line.text),
        Look::Strong => format!("{}\n", render::heading(&line.text, global)),
        Look::Quiet => format!("{}\n", render::quiet(&line.text, global)),
    };
    lines(page, which, all, width).into_iter().map(paint).collect()
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

/// What a group of lines is, for the space between it and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Text,
    ListItem,
    Quote,
    Medium,
    /// What is not the article's own text.
    Aside,
}

fn lines(page: &Page, which: Option<&str>, all: bool, width: usize) -> Vec<Line> {
    let mut setting = Setting::new(page, all, width);
    setting.head(which);
    let mut at = 0;
    while at < page.paragraphs.len() {
        at = setting.block(at);
    }
    setting.media(None);
    if !setting.has_text {
        setting.group(Group::Text);
        setting.push(Look::Quiet, "[no text]");
    }
    setting.notes();
    setting.lines
}

/// A page being set, block by block.
struct Setting<'a> {
    page: &'a Page,
    /// Links with a text and media, by the paragraph that they belong to.
    links: HashMap<usize, Vec<&'a Link>>,
    media: HashMap<Option<usize>, Vec<&'a Media>>,
    shows_all: bool,
    width: usize,
    lines: Vec<Line>,
    last: Option<Group>,
    has_text: bool,
    /// Captions that stand beside their picture already.
    said: HashSet<&'a str>,
    /// The addresses to be listed at the end, and the number of each.
    addresses: Vec<&'a str>,
    numbers: HashMap<&'a str, usize>,
}

impl<'a> Setting<'a> {
    fn new(page: &'a Page, shows_all: bool, width: usize) -> Self {
        let (mut links, mut media) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for link in &page.links {
            let is_wanted = matches!(link.kind, LinkKind::Content | LinkKind::Related);
            // A text that is the address says it already.
            let says_it = link.text == link.url || link.text == link.href;
            if let Some(at) = link.block
                && is_wanted
                && !says_it
                && !link.text.is_empty()
            {
                links.entry(at).or_default().push(link);
            }
        }
        for medium in &page.media {
            media.entry(medium.block).or_default().push(medium);
        }
        Self {
            page,
            links,
            media,
            shows_all,
            width,
            lines: Vec::new(),
            last: None,
            has_text: false,
            said: HashSet::new(),
            addresses: Vec::new(),
            numbers: HashMap::new(),
        }
    }

    fn push(&mut self, look: Look, text: impl Into<String>) {
        self.lines.push(Line { look, text: text.into() });
    }

    /// Pushes a text as lines that fit.
    fn push_wrapped(&mut self, look: Look, text: &str, first: &str, rest: &str) {
        let width = self.width.max(wrap::columns(rest) + NARROWEST);
        for line in wrapped(text, width, first, rest) {
            self.push(look, line);
        }
    }

    /// Starts a group of lines, with the space that parts it from the last.
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

    /// The title, and quietly where and when it was published, and by whom.
    fn head(&mut self, which: Option<&str>) {
        let page = self.page;
        let title = if page.title.is_empty() { "[no title]" } else { &page.title };
        self.push_wrapped(Look::Strong, &one_line(title), "", "");
        let status = match (page.status, page.status_detail) {
            (Status::Ok, _) => None,
            (status, None) => Some(status.to_string()),
            (status, Some(detail)) => Some(format!("{status} ({detail})")),
        };
        let (time, precision) = (page.published_at, page.published_precision);
        let parts = [
            page.site.clone(),
            time.map(|_| render::published(time, precision)),
            page.author.clone(),
            status,
            which.map(str::to_owned),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        self.push_wrapped(Look::Quiet, &one_line(&parts.join(" · ")), "", "");
        // Whole, so that a terminal makes a link of it.
        let url = page.url.as_deref().map(readable_url);
        self.push(Look::Quiet, one_line(&url.unwrap_or_else(|| "no address".into())));
        self.last = Some(Group::Text);
    }

    /// Sets a block, or all rows of a table, with the media before; returns the next one's index.
    fn block(&mut self, at: usize) -> usize {
        let page = self.page;
        let block = &page.paragraphs[at];
        let kind = block.kind;
        let is_hidden = matches!(kind, BlockKind::Related | BlockKind::Boilerplate);
        if is_hidden && !self.shows_all {
            // A picture before a share bar may be the article's, before a related one it is not.
            if kind == BlockKind::Boilerplate {
                self.media(Some(at));
            }
            return at + 1;
        }
        if kind == BlockKind::TableRow {
            let is_row = |block: &&Block| block.kind == BlockKind::TableRow;
            let end = at + page.paragraphs[at..].iter().take_while(is_row).count();
            (at..end).for_each(|at| self.media(Some(at)));
            self.table(at, end);
            return end;
        }
        self.media(Some(at));
        if self.said.contains(block.text.as_str()) && kind == BlockKind::Caption {
            return at + 1;
        }
        self.has_text |= kind.is_content();
        match kind {
            BlockKind::Preformatted => self.preformatted(at),
            _ => {
                let mut text = escaped(&self.noted(at));
                if let Some(marker) = &block.marker
                    && kind != BlockKind::ListItem
                {
                    text = format!("{} {text}", escaped(marker));
                }
                self.flow(kind, block, &text);
            }
        }
        at + 1
    }

    fn flow(&mut self, kind: BlockKind, block: &Block, text: &str) {
        let depth = block.level.map_or(1, usize::from);
        let depth = depth.clamp(1, DEEPEST);
        match kind {
            BlockKind::Heading => {
                self.group(Group::Text);
                let mark = format!("{} ", "#".repeat(depth));
                self.push_wrapped(Look::Strong, text, &mark, &" ".repeat(mark.len()));
            }
            BlockKind::ListItem => {
                self.group(Group::ListItem);
                let indent = "  ".repeat(depth - 1);
                let bullet = if depth % 2 == 1 { "•" } else { "◦" };
                let mark = escaped(block.marker.as_deref().unwrap_or(bullet));
                let first = format!("{indent}{mark} ");
                let rest = " ".repeat(wrap::columns(&first));
                self.push_wrapped(Look::Plain, text, &first, &rest);
            }
            BlockKind::Quote => {
                self.group(Group::Quote);
                let bars = "│ ".repeat(depth);
                self.push_wrapped(Look::Plain, text, &bars, &bars);
            }
            kind if kind.is_content() => {
                self.group(Group::Text);
                self.push_wrapped(Look::Plain, text, "", "");
            }
            _ => {
                self.group(Group::Aside);
                self.push_wrapped(Look::Quiet, text, "· ", "  ");
            }
        }
    }

    /// As it is: its lines have their own form. The numbers of its links stand below.
    fn preformatted(&mut self, at: usize) {
        self.group(Group::Text);
        let block = &self.page.paragraphs[at];
        if let Some(marker) = &block.marker {
            self.push(Look::Plain, escaped(marker));
        }
        for line in escaped(&block.text).split('\n') {
            self.push(Look::Plain, line);
        }
        let links = self.links.remove(&at).unwrap_or_default();
        let numbers: Vec<String> = links.iter().map(|link| self.number(&link.url)).collect();
        if !numbers.is_empty() {
            self.push(Look::Quiet, numbers.join(" ").replace(JOINER, ""));
        }
    }

    /// In columns if they fit, else each row as a line of text.
    fn table(&mut self, start: usize, end: usize) {
        self.group(Group::Text);
        self.has_text = true;
        let rows: Vec<Vec<String>> = (start..end)
            .map(|at| {
                let text = escaped(&self.noted(at)).replace('\n', " ");
                text.split('\t').map(|cell| cell.trim().to_owned()).collect()
            })
            .collect();
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

    /// The media at or before a paragraph, a line each: what they show, or what they are called.
    fn media(&mut self, at: Option<usize>) {
        for medium in self.media.remove(&at).unwrap_or_default() {
            self.group(Group::Medium);
            let caption = medium.caption.as_deref().filter(|caption| self.said.insert(caption));
            let says = caption.or(medium.alt.as_deref()).filter(|says| !says.is_empty());
            let says = says.map(|says| format!(": {}", escaped(says).replace('\n', " ")));
            // What moves or sounds is only to be had at its address.
            let number = if medium.kind == MediaKind::Image {
                String::new()
            } else {
                self.number(&medium.url)
            };
            let text = format!("[{}{}]{number}", medium.kind, says.unwrap_or_default());
            self.push_wrapped(Look::Quiet, &text, "", " ");
        }
    }

    /// A paragraph's text, with a number behind each link.
    fn noted(&mut self, at: usize) -> String {
        let text = &self.page.paragraphs[at].text;
        // A link's own text has blanks where the paragraph breaks.
        let on_one_line = text.replace(['\n', '\t'], " ");
        let (mut noted, mut done, mut unplaced) = (String::new(), 0, String::new());
        for link in self.links.remove(&at).unwrap_or_default() {
            let number = self.number(&link.url);
            match on_one_line[done..].find(&link.text) {
                Some(start) => {
                    let end = done + start + link.text.len();
                    noted.push_str(&text[done..end]);
                    noted.push_str(&number);
                    done = end;
                }
                // It began in another paragraph.
                None => unplaced.push_str(&number),
            }
        }
        noted + &text[done..] + &unplaced
    }

    /// The mark of an address that is listed at the end: `[1]`, and never on another line than
    /// what is before it.
    fn number(&mut self, address: &'a str) -> String {
        let next = self.addresses.len() + 1;
        let number = *self.numbers.entry(address).or_insert(next);
        if number == next {
            self.addresses.push(address);
        }
        format!("{JOINER}[{number}]")
    }

    /// The numbered addresses, each whole on its line.
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
    use seedbank::derive::derive_article;

    fn page(html: &str) -> Page {
        let seed = format!(
            "<!--1711324800000-->\n[雨水的去处，以及它在城里走过的路](https://news.example/rain)\n\
             ------\n\n{html}\n"
        );
        derive_article(seed.as_bytes()).unwrap().into()
    }

    fn shown(html: &str, all: bool, width: usize) -> String {
        let mark = |line: Line| match line.look {
            _ if line.text.is_empty() => "\n".to_owned(),
            Look::Plain => format!("  {}\n", line.text),
            Look::Strong => format!("* {}\n", line.text),
            Look::Quiet => format!("- {}\n", line.text),
        };
        lines(&page(html), None, all, width).into_iter().map(mark).collect()
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
            let lines = lines(&page, None, true, width);
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
