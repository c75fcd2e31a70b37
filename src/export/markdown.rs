//! An article as a Markdown file: YAML front matter, then its content, so escaped that CommonMark
//! and its GitHub dialect show the very text.

use super::content::{self, Content, Linked, Nested, Part, Piece, safe_address};
use super::folder::{ExportFolder, Kind};
use super::{FileNames, is_unsafe_to_show};
use crate::error::Result;
use crate::files::ArchiveFiles;
use crate::model::{ArticleRecord, MediaKind, MediaRecord, Timestamp};
use crate::store::{ArticleFilter, ArticleOrder, Bytes, Reader, Selection};
use std::fmt::Write;
use std::path::Path;

/// Writes a file per article into a folder, named by day and title; returns how many, and their
/// bytes. See [`ExportFolder::create`] for a folder that is not empty.
pub fn write_markdown(
    reader: &Reader,
    filter: &ArticleFilter,
    folder: &Path,
    force: bool,
) -> Result<(u64, u64)> {
    let own = ArchiveFiles::of(reader.path());
    let mut pages = ExportFolder::create(folder, force, Kind::Markdown, own)?;
    let order = ArticleOrder::OldestFirst;
    let selection = Selection { filter: filter.clone(), order, limit: None };
    // Names start with the day and days come in order, so only one day's are ever remembered.
    let mut day = String::new();
    let mut names = FileNames::default();
    reader.on_one_state(|reader| {
        reader.article_records(&selection, Bytes::LeftOut, &mut |article| {
            if day != day_of(&article) {
                day = day_of(&article);
                names = FileNames::default();
            }
            pages.write_page(&names.take(&file_name(&article)), &markdown(&article))
        })
    })?;
    pages.finish()
}

fn day_of(article: &ArticleRecord) -> String {
    article.published_at.map_or_else(|| "undated".to_owned(), |time| time.day().to_string())
}

/// Whether a file of that name can be one of these: a day, a title, and `.md`.
pub(super) fn is_page_name(name: &str) -> bool {
    let Some(name) = name.strip_suffix(".md").filter(|name| !name.contains('/')) else {
        return false;
    };
    let day = |name: &str| {
        name.is_char_boundary(11) && super::has_shape(&name[..11.min(name.len())], "0000-00-00-")
    };
    name.starts_with("undated-") || (name.len() >= 11 && day(name))
}

fn file_name(article: &ArticleRecord) -> String {
    let title = match article.title.as_str() {
        "" => "untitled".to_owned(),
        title => title.replace('/', "_"),
    };
    format!("{}-{title}.md", day_of(article))
}

/// The whole file.
pub fn markdown(article: &ArticleRecord) -> String {
    let mut text = front_matter(article);
    let content = Content::of(article);
    for part in &content.parts {
        let part = part_text(part);
        if !part.is_empty() {
            let _ = write!(text, "\n{part}\n");
        }
    }
    if !content.other_links.is_empty() {
        text.push_str("\n* * *\n\n");
    }
    for link in content.other_links {
        let _ = writeln!(text, "- {}", Inline::of(&vec![link], Breaks::Hard));
    }
    text
}

fn front_matter(article: &ArticleRecord) -> String {
    // An import knows by this that it is no original.
    let mut text = format!("---\nexported_by: seedbank\ntitle: {}\n", yaml(&article.title));
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    let (published_at, updated_at) = (time(article.published_at), time(article.updated_at));
    let fields = [
        ("url", article.url.as_deref()),
        ("site", article.site.as_deref()),
        ("author", article.author.as_deref()),
        ("published_at", published_at.as_deref()),
        ("updated_at", updated_at.as_deref()),
        ("dateline", article.dateline.as_deref()),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            let _ = writeln!(text, "{name}: {}", yaml(value));
        }
    }
    if !article.tags.is_empty() {
        text.push_str("tags:\n");
    }
    for tag in &article.tags {
        let _ = writeln!(text, "  - {}", yaml(&tag.name));
    }
    if let Some(language) = &article.language {
        let _ = writeln!(text, "language: {}", yaml(language.as_str()));
    }
    let _ = write!(
        text,
        "status: {}\nscript: {}\nrevisions: {}\nid: {}\nsha256: {}\n---\n",
        yaml(article.status.as_str()),
        yaml(article.script.as_str()),
        article.revisions.len(),
        article.id,
        yaml(&article.seed_sha256.to_string()),
    );
    text
}

/// A text as a YAML scalar in double quotes.
fn yaml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // YAML calls these not printable; a byte order mark it may drop.
            '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            other if is_unsafe_to_show(other) => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(other));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A part without the blank lines around it.
fn part_text(part: &Part<'_>) -> String {
    match part {
        Part::Heading { rank, text } => {
            format!("{} {}", "#".repeat((rank + 2).min(6)), Inline::of(text, Breaks::Entity))
        }
        Part::Lead(text) | Part::Paragraph(text) => Inline::of(text, Breaks::Hard),
        Part::List(items) => list(items),
        Part::Quote(lines) => quote(lines),
        Part::Preformatted(text) => fenced(text),
        Part::Table(rows) => table(rows),
        Part::Note(text) => emphasised(&Inline::of(text, Breaks::Hard)),
        Part::Media(media) => media_text(media),
    }
}

/// A list that is open where an item is written.
struct OpenList {
    /// How far the texts of its items are indented.
    indent: usize,
    /// Of its last item; `None` in a list without numbers.
    number: Option<u32>,
    /// Stands behind its numbers. Another one begins another list: of a list's numbers, only the first
    /// is shown, and the others count on from it.
    end: char,
}

fn list(items: &[Nested<'_>]) -> String {
    let mut out = String::new();
    let mut open: Vec<OpenList> = Vec::new();
    for item in items {
        if let Some(around) = open.get(item.depth - 1).filter(|_| item.goes_on) {
            let start = format!("\n{}", " ".repeat(around.indent));
            let text = Inline::of(&item.text, Breaks::Hard).replace('\n', &start);
            let _ = write!(out, "\n{start}{text}");
            open.truncate(item.depth);
            continue;
        }
        let is_deeper = item.depth > open.len();
        let before = open.drain(item.depth - 1..).next();
        let start = open.last().map_or(0, |around| around.indent);
        let number = item.number();
        let end = match before {
            Some(OpenList { number: last @ Some(_), end, .. }) => {
                let counts_on = last.map(|last| last + 1) == number;
                if counts_on == (end == '.') { '.' } else { ')' }
            }
            _ => '.',
        };
        let mark = number.map_or_else(|| "-".to_owned(), |number| format!("{number}{end}"));
        let indent = start + mark.len() + 1;
        if !out.is_empty() {
            out.push('\n');
        }
        // Directly below a line of text, only a list from 1 begins.
        if is_deeper && !out.is_empty() && number.is_some_and(|number| number != 1) {
            out.push('\n');
        }
        let text = Inline::marked(item).replace('\n', &format!("\n{}", " ".repeat(indent)));
        let _ = write!(out, "{}{mark} {text}", " ".repeat(start));
        open.push(OpenList { indent, number, end });
    }
    out
}

fn quote(lines: &[Nested<'_>]) -> String {
    let mut text = String::new();
    let mut before = None;
    for run in content::runs(lines) {
        let depth = run[0].depth;
        if let Some(before) = before {
            let common = depth.min(before);
            let _ = write!(text, "\n{}\n", "> ".repeat(common).trim_end());
        }
        let mark = "> ".repeat(depth);
        let inside = match content::as_list(run) {
            Some(items) => list(&items),
            None => Inline::of(&run[0].text, Breaks::Hard),
        };
        text.push_str(&mark);
        text.push_str(&inside.replace('\n', &format!("\n{mark}")));
        before = Some(depth);
    }
    text
}

/// The fence is longer than any in the text.
fn fenced(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    // To Markdown, each of them ends a line.
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    format!("{fence}\n{lines}\n{fence}")
}

/// The first row is the head: Markdown knows no table without.
fn table(rows: &[Vec<Linked<'_>>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::from("|");
        for cell in row {
            let _ = write!(line, " {} |", Inline::of(cell, Breaks::Element));
        }
        // Only the head has to have all columns; filling up all rows would multiply the two.
        if index == 0 {
            line.push_str(&"  |".repeat(columns - row.len()));
        }
        lines.push(line);
        if index == 0 {
            lines.push(format!("|{}", " --- |".repeat(columns)));
        }
    }
    lines.join("\n")
}

/// A picture is shown; a video, a sound, something embedded is a link.
fn media_text(media: &MediaRecord) -> String {
    let alt = escaped(media.alt.as_deref().unwrap_or_default(), Breaks::Entity);
    let caption = escaped(media.caption.as_deref().unwrap_or_default(), Breaks::Hard);
    let shown = match (safe_address(&media.url), media.kind) {
        (Some(url), MediaKind::Image) => format!("![{alt}]({})", destination(url)),
        (Some(url), kind) if alt.is_empty() => format!("[{kind}]({})", destination(url)),
        (Some(url), kind) => format!("[{kind}: {alt}]({})", destination(url)),
        (None, _) => alt,
    };
    let parts = [shown, emphasised(&caption)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn emphasised(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!("*{text}*"),
    }
}

fn escaped(text: &str, breaks: Breaks) -> String {
    let mut inline = Inline { out: String::new(), breaks, is_line_start: true };
    inline.push(text);
    inline.finish()
}

/// What a line break becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// A hard break; the line behind it starts anew.
    Hard,
    /// A character that breaks no line of the Markdown, where all must stand in one.
    Entity,
    /// `<br>`, which cells of tables take.
    Element,
}

/// A text with its links, being escaped.
struct Inline {
    out: String,
    breaks: Breaks,
    is_line_start: bool,
}

impl Inline {
    fn of(pieces: &Linked<'_>, breaks: Breaks) -> String {
        let mut inline = Self { out: String::new(), breaks, is_line_start: true };
        for piece in pieces {
            match piece.url {
                Some(url) => {
                    inline.out.push('[');
                    inline.is_line_start = false;
                    inline.push(piece.text);
                    let _ = write!(inline.out, "]({})", destination(url));
                }
                None => inline.push(piece.text),
            }
        }
        inline.finish()
    }

    /// The text of a list's item, after its marker where Markdown has none such.
    fn marked(item: &Nested<'_>) -> String {
        match item.marker.filter(|_| item.number().is_none()) {
            Some(marker) => {
                let marker = Piece { text: marker, url: None };
                let blank = Piece { text: " ", url: None };
                let mut text = vec![marker, blank];
                text.extend(&item.text);
                Self::of(&text, Breaks::Hard)
            }
            None => Self::of(&item.text, Breaks::Hard),
        }
    }

    fn push(&mut self, text: &str) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let behind = &rest[character.len_utf8()..];
            let opens_line = std::mem::take(&mut self.is_line_start);
            match character {
                '\n' => self.push_break(),
                ' ' | '\t' if opens_line => self.push_entity(character),
                '\0' => self.out.push('\u{fffd}'),
                other if other.is_control() => self.push_entity(other),
                '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '&' | '#' | '~' | '|' | '$' | '^' => {
                    self.out.extend(['\\', character]);
                }
                // Attributes of headings, and templates, are read before escapes are.
                '{' => self.push_entity(character),
                '>' | '-' | '+' | '=' | ':' if opens_line => self.out.extend(['\\', character]),
                // With a link behind it, it would be a picture.
                '!' if behind.is_empty() => self.out.push_str("\\!"),
                '0'..='9' if opens_line => {
                    rest = self.push_number(rest);
                    continue;
                }
                other => self.out.push(other),
            }
            rest = behind;
        }
    }

    /// A line that starts `1.` or `1)` would be an item of a list.
    fn push_number<'a>(&mut self, text: &'a str) -> &'a str {
        let behind = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
        self.out.push_str(&text[..text.len() - behind.len()]);
        match behind.strip_prefix(['.', ')']) {
            Some(rest) => {
                self.out.push('\\');
                self.out.push_str(&behind[..1]);
                rest
            }
            None => behind,
        }
    }

    fn push_break(&mut self) {
        match self.breaks {
            // Nothing to break at the start of a line.
            Breaks::Hard if self.out.is_empty() || self.out.ends_with('\n') => {
                self.push_entity('\n');
            }
            Breaks::Hard => {
                self.guard_end();
                self.out.push_str("\\\n");
                self.is_line_start = true;
            }
            Breaks::Entity => self.push_entity('\n'),
            Breaks::Element => self.out.push_str("<br>"),
        }
    }

    fn push_entity(&mut self, character: char) {
        let _ = write!(self.out, "&#{};", u32::from(character));
    }

    /// Blanks at the end of a line would be dropped.
    fn guard_end(&mut self) {
        let bare = self.out.trim_end_matches([' ', '\t']).len();
        let blanks = self.out.split_off(bare);
        for blank in blanks.chars() {
            self.push_entity(blank);
        }
    }

    fn finish(mut self) -> String {
        // A break needs a line behind it.
        while self.out.ends_with("\\\n") {
            self.out.truncate(self.out.len() - 2);
            self.push_entity('\n');
        }
        self.guard_end();
        self.out
    }
}

/// An address as the target of a link, on one line and without what would end it.
fn destination(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    for (at, character) in url.char_indices() {
        match character {
            '(' | ')' => out.extend(['\\', character]),
            '&' if is_entity(&url[at..]) => out.push_str("\\&"),
            // Such characters are no part of an address; written so, they mean the same.
            '<' | '>' | '\\' | '|' | '`' => {
                let _ = write!(out, "%{:02X}", u32::from(character));
            }
            other if other.is_whitespace() || is_unsafe_to_show(other) => {
                let mut buffer = [0; 4];
                for byte in other.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a text starts with something that Markdown reads as an entity.
fn is_entity(text: &str) -> bool {
    // No entity has a longer name than 32 letters.
    let behind = text.bytes().skip(1).take(33);
    let mut behind = behind.skip_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
    behind.next() == Some(b';')
}

#[cfg(test)]
mod tests {
    use super::super::content::tests::{article, link, picture};
    use super::*;
    use crate::model::{TagKind, TagRecord};
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    use saphyr_parser::Event as Yaml;

    /// What a Markdown reader makes of it: each block's kind, text and depth, and where links lead.
    fn read(text: &str) -> (Vec<(&'static str, String)>, Vec<String>) {
        // Everything that dialects add, but for what changes letters.
        let options = Options::all()
            - Options::ENABLE_SMART_PUNCTUATION
            - Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            - Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
        let (mut blocks, mut links) = (Vec::new(), Vec::new());
        let mut open: Option<(&str, String)> = None;
        let mut is_item = false;
        for event in Parser::new_ext(text, options) {
            let push = |open: &mut Option<(&str, String)>, text: &str| {
                open.get_or_insert(("loose", String::new())).1.push_str(text);
            };
            match event {
                Event::Start(Tag::Paragraph) if !is_item => open = Some(("paragraph", "".into())),
                Event::Start(Tag::Heading { .. }) => open = Some(("heading", "".into())),
                Event::Start(Tag::CodeBlock(_)) => open = Some(("preformatted", "".into())),
                Event::Start(Tag::TableCell) => open = Some(("cell", "".into())),
                Event::Start(Tag::Item) => {
                    blocks.extend(open.take());
                    is_item = true;
                    open = Some(("list_item", "".into()));
                }
                Event::End(TagEnd::Item) => {
                    is_item = false;
                    blocks.extend(open.take());
                }
                Event::End(
                    TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::TableCell,
                ) => blocks.extend(open.take()),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    links.push(dest_url.into_string());
                }
                Event::Text(text) => push(&mut open, &text),
                Event::HardBreak => push(&mut open, "\n"),
                Event::InlineHtml(html) if &*html == "<br>" => push(&mut open, "\n"),
                Event::Start(
                    Tag::BlockQuote(None)
                    | Tag::List(None)
                    | Tag::Table(_)
                    | Tag::TableHead
                    | Tag::TableRow
                    | Tag::Emphasis
                    | Tag::Paragraph,
                )
                | Event::End(_) => {}
                other => panic!("{other:?} in {text:?}"),
            }
        }
        (blocks, links)
    }

    fn body(file: &str) -> &str {
        file.split_once("\n---\n").unwrap().1
    }

    /// Marks of Markdown, blanks, digits and letters, thickly mixed.
    fn marks() -> impl Strategy<Value = String> {
        "[-+*_~`#>|<&!\\[\\](){}\\\\=:$^.)0-9ax;\"'/@ \t\n\r\u{b}\u{a0}\u{3000}甲，“]{1,24}"
    }

    #[test]
    fn a_wide_table_is_as_long_as_its_cells() {
        let wide = vec!["a"; 1_000].join("\t");
        let rows: Vec<(&str, &str)> = [("table_row", "b")]
            .into_iter()
            .chain([("table_row", &*wide)])
            .cycle()
            .take(2_000)
            .collect();
        assert!(markdown(&article(&rows)).len() < 5_000_000);
        let file = markdown(&article(&[("table_row", "b"), ("table_row", "c\td")]));
        assert!(file.contains("| b |  |\n| --- | --- |\n| c | d |"), "{file}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn the_very_text_is_shown(
            kinds in prop::collection::vec((0usize..5, marks()), 1..5),
            linked in 0usize..3,
        ) {
            const KINDS: [&str; 5] = ["paragraph", "heading2", "list_item1", "quote1", "lead"];
            let paragraphs: Vec<(&str, &str)> =
                kinds.iter().map(|(kind, text)| (KINDS[*kind], text.as_str())).collect();
            let mut article = article(&paragraphs);
            if let Some((_, text)) = paragraphs.get(linked) {
                let middle: String = text.chars().skip(1).take(3).collect();
                article.links = vec![link(linked, &middle, "https://a.example/")];
            }
            let (blocks, _) = read(body(&markdown(&article)));
            let shown: Vec<(&str, &str)> =
                blocks.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
            let expected: Vec<(&str, &str)> = paragraphs
                .iter()
                .map(|(kind, text)| match *kind {
                    "heading2" => ("heading", *text),
                    "list_item1" => ("list_item", *text),
                    _ => ("paragraph", *text),
                })
                .collect();
            prop_assert_eq!(shown, expected);
        }

        #[test]
        fn the_very_cells_are_shown(
            cells in prop::collection::vec("[-|*_`:\\\\<&\na甲]{1,8}", 4)
        ) {
            let rows = [cells[..2].join("\t"), cells[2..].join("\t")];
            let article = article(&[("table_row", &rows[0]), ("table_row", &rows[1])]);
            let (blocks, _) = read(body(&markdown(&article)));
            let shown: Vec<&String> = blocks.iter().map(|(_, text)| text).collect();
            prop_assert_eq!(shown, cells.iter().collect::<Vec<_>>());
        }

        #[test]
        fn code_stays_as_it_is(text in "[`~ \na>#*&\\\\甲]{1,24}") {
            let article = article(&[("preformatted", &text)]);
            let (blocks, _) = read(body(&markdown(&article)));
            prop_assert_eq!(&blocks, &[("preformatted", format!("{text}\n"))]);
        }

        #[test]
        fn links_lead_where_they_led(
            path in "[-a-z0-9()&;#?=%_*~!'\\[\\]{}\"甲.,/]{0,24}", title in marks()
        ) {
            let url = format!("https://a.example/{path}");
            let mut article = article(&[("paragraph", &title)]);
            article.links = vec![link(0, &title, &url)];
            let (blocks, links) = read(body(&markdown(&article)));
            prop_assert_eq!(&blocks, &[("paragraph", title)]);
            prop_assert_eq!(links, [url]);
        }

        #[test]
        fn any_text_survives_yaml(text in any::<String>(), tag in marks()) {
            let mut article = article(&[]);
            article.title = text.clone();
            article.tags = vec![TagRecord { name: tag.clone(), kind: TagKind::Tag }];
            let file = markdown(&article);
            let yaml = file.strip_prefix("---\n").unwrap().split_once("\n---\n").unwrap().0;
            let mut scalars = Vec::new();
            for event in saphyr_parser::Parser::new_from_str(yaml) {
                if let Yaml::Scalar(text, ..) = event.unwrap().0 {
                    scalars.push(text.into_owned());
                }
            }
            prop_assert_eq!(&scalars[2..4], &["title".to_owned(), text]);
            prop_assert!(scalars.contains(&tag));
        }

        #[test]
        fn any_title_is_a_name(title in any::<String>()) {
            let article = ArticleRecord { title, ..article(&[]) };
            let name = FileNames::default().take(&file_name(&article));
            prop_assert!(name.len() <= 200 && name.ends_with(".md") && !name.contains('/'));
            prop_assert!(name.starts_with("2024-03-05-"));
        }
    }

    #[test]
    fn items_have_their_own_numbers() {
        let items = [
            ("list_item1", "3.", "甲"),
            ("list_item2", "7.", "乙"),
            ("list_item2", "9.", "丙"),
            ("list_item2", "", "丁"),
            ("list_item2", "", "丁二"),
            ("list_item1", "4.", "戊"),
            ("list_item2", "", "点"),
            ("list_item2", "", "又点"),
            ("list_item1", "", "戊二"),
            ("list_item1", "2.", "己"),
            ("list_item1", "1.", "庚"),
            ("list_item1", "2.", "辛"),
            ("list_item2", "1.", "壬"),
            ("list_item1", "b)", "癸"),
            ("list_item1", "-1.", "子"),
            ("list_item1", "999999999.", "丑"),
        ];
        let texts: Vec<String> =
            items.iter().map(|(_, marker, text)| format!("{marker}\u{1}{text}")).collect();
        let paragraphs: Vec<(&str, &str)> =
            items.iter().zip(&texts).map(|(item, text)| (item.0, text.as_str())).collect();
        let mut article = article(&paragraphs);
        for paragraph in &mut article.paragraphs {
            paragraph.marker = paragraph.marker.take().filter(|marker| !marker.is_empty());
        }
        let file = markdown(&article);
        let mut shown = Vec::new();
        let mut open = Vec::new();
        for event in Parser::new(body(&file)) {
            match event {
                Event::Start(Tag::List(first)) => open.push(first),
                Event::End(TagEnd::List(_)) => drop(open.pop()),
                Event::Start(Tag::Item) => {
                    let depth = open.len();
                    let number = open.last_mut().unwrap();
                    let mark = number.map_or_else(String::new, |number| format!("{number}. "));
                    *number = number.map(|number| number + 1);
                    shown.push(format!("{depth} {mark}"));
                }
                Event::Start(Tag::Paragraph) if !shown.last().unwrap().ends_with(' ') => {
                    shown.last_mut().unwrap().push_str(" / ");
                }
                Event::Text(text) => shown.last_mut().unwrap().push_str(&text),
                _ => {}
            }
        }
        let expected = [
            "1 3. 甲",
            "2 7. 乙",
            "2 9. 丙 / 丁 / 丁二",
            "1 4. 戊",
            "2 点",
            "2 又点 / 戊二",
            "1 2. 己",
            "1 1. 庚",
            "1 2. 辛",
            "2 1. 壬",
            "1 b) 癸",
            "1 -1. 子",
            "1 999999999. 丑",
        ];
        assert_eq!(shown, expected, "{file}");
    }

    #[test]
    fn a_list_in_a_quotation_is_both() {
        let article = article(&[
            ("quote1", "他说："),
            ("quote1", "1.\u{1}甲"),
            ("quote1", "2.\u{1}乙"),
            ("quote1", "•\u{1}丙"),
            ("quote2", "丁"),
        ]);
        let quoted = "> 他说：\n>\n> 1. 甲\n> 2. 乙\n> - 丙\n>\n> > 丁\n";
        assert_eq!(body(&markdown(&article)).trim_start(), quoted);
    }

    #[test]
    fn a_whole_file() {
        let mut article = article(&[
            ("heading3", "一、# 雨"),
            ("paragraph", "1. *雨*停了。\n见报道<b>。"),
            ("list_item1", "伞"),
            ("list_item2", "+ 黑的"),
            ("quote1", "“走吧。”"),
            ("quote2", "好。"),
            ("preformatted", "```\nlet a = 1;"),
            ("table_row", "日\t人数"),
            ("table_row", "一|二\t三"),
            ("credit", "图：馆方"),
            ("related", "更多"),
        ]);
        article.title = "他说：\"雨\"\n# 后".into();
        article.links = vec![
            link(1, "报道", "https://a.example/一_(二)"),
            link(1, "不在文中", "https://b.example/"),
            link(1, "雨", "javascript:alert(1)"),
        ];
        article.media = vec![
            picture(Some(1), Some("雨中[图]"), Some("雨中的*图书馆*。")),
            crate::model::MediaRecord { kind: MediaKind::Video, ..picture(None, None, None) },
        ];
        insta::assert_snapshot!(markdown(&article));
    }
}
