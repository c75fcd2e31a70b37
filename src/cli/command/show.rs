use crate::cli::filter::ZoneArgs;
use crate::cli::lines::given_names;
use crate::cli::offered;
use crate::cli::outcome::{Exit, UsageError};
use crate::cli::terminal::output;
use crate::cli::terminal::reading::{self, Head};
use crate::cli::terminal::render::{self, counted, one_line};
use crate::cli::{Global, named_article, open_reader};
use anyhow::{Context, Result};
use clap::Args;
use seedbank::internals::format::envelope;
use seedbank::internals::import::DEFAULT_MAX_FILE_SIZE;
use seedbank::internals::source::{Limits, only_document};
use seedbank::internals::store::{Bytes, NamedArticle, Reader};
use seedbank::internals::view::{named_revision, revision};
use seedbank::{ArticleView, Error, Language, Reason, Rejection, Timestamp};
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Show an article for reading
///
/// Shows the current text in lines of at most 80 columns, with links numbered and listed at the end.
/// Only its own text is shown; captions and credits are kept, marked with a dot.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank show 12
  seedbank show https://news.example/2024/02/05/a | less
  seedbank show 12 --revision 1
  seedbank show 12 --raw > original.html
  seedbank show 12 --json | jq -r .paragraphs[].text
  seedbank show 12 13 14
  seedbank search 台风 --format jsonl | jq .article_id | seedbank show -
  seedbank show --file drops/2024-05/a.txt --blocks")]
pub struct ShowArgs {
    /// The id or the address of each article; - reads them from standard input, one per line
    #[arg(value_name = "ID|URL", required_unless_present = "file", add = offered::articles())]
    articles: Vec<String>,
    /// Show a file as an import would read it, compressed ones too (gz, zst); needs no archive
    #[arg(long, value_name = "PATH", conflicts_with = "articles")]
    file: Option<PathBuf>,
    /// A revision other than the current one, by its number in `history`
    #[arg(long, value_name = "N", conflicts_with = "file")]
    revision: Option<i64>,
    /// Also show what is not the article's own text: related articles, share bars; with --blocks, every
    /// block of a whole page, menus and footer too
    #[arg(long, conflicts_with = "raw")]
    all: bool,
    /// Show how the page was cut: every block with its number and kind, the links and the media
    #[arg(long, conflicts_with = "raw")]
    blocks: bool,
    /// Print the original file, byte for byte, without the address that an import gave it
    #[arg(long, conflicts_with_all = ["file", "json"])]
    raw: bool,
    #[command(flatten)]
    zone: ZoneArgs,
}

pub fn run(args: &ShowArgs, global: &Global) -> Result<Exit> {
    if let Some(path) = &args.file {
        return print(&article_of_file(path, args.blocks && args.all)?, None, args, global);
    }
    let reader = open_reader(global)?;
    match &args.articles[..] {
        [name] if name != "-" => {
            show(&named_article(name, &reader, global)?, &reader, args, global)
        }
        _ => show_several(&reader, args, global),
    }
}

/// Shows articles one after the other, as an array in JSON. Nothing is printed if one of them does not exist.
fn show_several(reader: &Reader, args: &ShowArgs, global: &Global) -> Result<Exit> {
    if args.raw || args.revision.is_some() {
        let option = if args.raw { "--raw" } else { "--revision" };
        return Err(UsageError::new(
            format!("{option} is for one article"),
            "name one article, by its id or address",
        )
        .into());
    }
    let names = given_names(&args.articles)?;
    let articles: Vec<NamedArticle> = names
        .iter()
        .map(|name| named_article(name, reader, global))
        .collect::<seedbank::Result<_>>()?;
    if global.json {
        let mut records = Vec::new();
        for article in &articles {
            let record = reader.article_record(article.id, Bytes::LeftOut)?;
            records.push(serde_json::to_value(&record)?);
        }
        output::print_json(&records.into())?;
        return Ok(Exit::Done);
    }
    for (at, article) in articles.iter().enumerate() {
        if at > 0 {
            output::print("\n\n")?;
        }
        show(article, reader, args, global)?;
    }
    Ok(Exit::Done)
}

fn show(article: &NamedArticle, reader: &Reader, args: &ShowArgs, global: &Global) -> Result<Exit> {
    if args.raw {
        let (_, bytes) = bytes_of(article, reader, args.revision)?;
        let mut out = output::data();
        out.write_all(envelope::body(&bytes)).and_then(|()| out.flush()).map_err(Error::Output)?;
        return Ok(Exit::Done);
    }
    if args.blocks && args.all {
        let (sequence, bytes) = bytes_of(article, reader, args.revision)?;
        let article_id = article.id;
        let no_article = |why| Error::NoArticleAnyMore { article_id, sequence, why };
        let view = ArticleView::all_of_bytes(&bytes).map_err(no_article)?;
        return print(&view, None, args, global);
    }
    if let Some(sequence) = args.revision {
        let which = format!("revision {sequence} of {}", article.revision_count);
        let view = revision(reader, article, sequence)?.article;
        return print(&view, Some(&which), args, global);
    }
    let record = reader.article_record(article.id, Bytes::LeftOut)?;
    if global.json {
        output::print_json(&serde_json::to_value(&record)?)?;
        return Ok(Exit::Done);
    }
    let view = record.article;
    print(&view, None, args, global)?;
    if !args.blocks {
        notes(&view, article.id, global).iter().for_each(|text| render::note(text, global));
    }
    Ok(Exit::Done)
}

/// Prints an article in the requested form. `which` describes the version, if it is not the current text.
fn print(
    article: &ArticleView,
    which: Option<&str>,
    args: &ShowArgs,
    global: &Global,
) -> Result<Exit> {
    if global.json {
        output::print_json(&article.to_json()?)?;
        return Ok(Exit::Done);
    }
    let published = args.zone.published(article.published_at, article.published_precision);
    let published = article.published_at.map(|_| published);
    let text = if args.blocks {
        as_blocks(article, published)
    } else {
        reading::text(article, Head { published, which }, args.all, global)
    };
    output::print(&text)?;
    Ok(Exit::Done)
}

/// The number and the original of a revision; without a number, of the current one.
fn bytes_of(
    article: &NamedArticle,
    reader: &Reader,
    sequence: Option<i64>,
) -> Result<(i64, Vec<u8>)> {
    let revisions = reader.revisions(article.id)?;
    let revision = match sequence {
        Some(sequence) => named_revision(article, revisions, sequence)?,
        None => {
            let current = revisions.into_iter().find(|revision| revision.is_current);
            current.context("the article has no current revision")?
        }
    };
    Ok((revision.sequence, reader.seed_bytes(&revision.seed_sha256)?))
}

fn article_of_file(path: &Path, has_all: bool) -> Result<ArticleView> {
    let no_article = |why| Error::NoArticle { path: path.to_owned(), why };
    let file = File::open(path).map_err(Error::at(path))?;
    let mut bytes = Vec::new();
    file.take(DEFAULT_MAX_FILE_SIZE + 1).read_to_end(&mut bytes).map_err(Error::at(path))?;
    if bytes.len() as u64 > DEFAULT_MAX_FILE_SIZE {
        let detail = format!("more than {DEFAULT_MAX_FILE_SIZE} bytes, which is the limit");
        return Err(no_article(Rejection::because(Reason::TooLarge, detail)).into());
    }
    let limits = Limits {
        max_bytes: DEFAULT_MAX_FILE_SIZE,
        most_entries: u64::MAX,
        most_refused: u64::MAX,
        started: Timestamp::now(),
    };
    let document = only_document(bytes, limits).map_err(no_article)?;
    let bytes = document.ok_or_else(|| Error::SeveralDocuments(path.to_owned()))?;
    let read = if has_all { ArticleView::all_of_bytes } else { ArticleView::of_bytes };
    Ok(read(&bytes).map_err(no_article)?)
}

/// Notes on an article that are printed beside the current text.
fn notes(article: &ArticleView, id: i64, global: &Global) -> Vec<String> {
    let seedbank = render::seedbank_command(global);
    let mut notes = Vec::new();
    if article.revisions.len() > 1 {
        let number = article.revisions.len();
        notes.push(format!("{number} revisions; see `{seedbank} history {id}`"));
    }
    let former = article.revisions.iter().flat_map(|revision| &revision.former_paragraphs);
    let former: HashSet<&str> = former.map(|paragraph| paragraph.text.as_str()).collect();
    if !former.is_empty() {
        let number = counted(former.len() as u64, "paragraph");
        let sql = format!("SELECT text FROM removed_text WHERE article_id = {id}");
        notes.push(format!("{number} of other revisions left out; see `{seedbank} sql \"{sql}\"`"));
    }
    notes
}

fn as_blocks(article: &ArticleView, published: Option<String>) -> String {
    let mut text = format!("{}\n", one_line(&article.title));
    let fields = [
        ("as written", article.title_raw.clone()),
        ("address", article.url.clone()),
        ("published", published),
        ("author", article.author.clone()),
        ("dateline", article.dateline.clone()),
        ("status", Some(status(article))),
        ("tags", tags(article)),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            text.push_str(&format!("  {name:<10} {}\n", one_line(&value)));
        }
    }
    text.push('\n');
    for (at, block) in article.paragraphs.iter().enumerate() {
        let is_content = block.kind.is_content();
        let mark = if is_content { ' ' } else { '·' };
        let level = block.level.map(|level| level.to_string()).unwrap_or_default();
        let marker = block.marker.as_deref().map(|marker| format!(" {}", one_line(marker)));
        let kind = format!("{}{level}{}", block.kind, marker.unwrap_or_default());
        let lines = render::escaped(&block.text).replace('\n', "\n                      ");
        text.push_str(&format!("{at:>4} {mark} {kind:<14} {lines}\n"));
    }
    let place =
        |paragraph: Option<usize>| paragraph.map_or_else(|| "-".into(), |at| at.to_string());
    if !article.links.is_empty() {
        text.push_str("\nLinks\n");
    }
    for link in &article.links {
        let (at, kind) = (place(link.block), link.kind);
        let line = format!("{at:>4}   {kind:<14} {} <{}>", link.text, link.url);
        text.push_str(&format!("{}\n", one_line(&line)));
    }
    if !article.media.is_empty() {
        text.push_str("\nMedia\n");
    }
    for media in &article.media {
        let (at, kind) = (place(media.block), media.kind);
        let says = media.caption.as_ref().or(media.alt.as_ref());
        let says = says.map(|text| format!(" {text}")).unwrap_or_default();
        let line = format!("{at:>4}   {kind:<14} <{}>{says}", media.url);
        text.push_str(&format!("{}\n", one_line(&line)));
    }
    text
}

fn status(article: &ArticleView) -> String {
    let detail = article.status_detail.map(|detail| format!(" ({detail})"));
    let (status, characters) = (article.status, article.char_count);
    let other = article.language.as_ref().filter(|language| !language.is_chinese());
    let language = other.map_or(article.script.as_str(), Language::as_str);
    format!("{status}{}, {characters} characters, {language}", detail.unwrap_or_default())
}

fn tags(article: &ArticleView) -> Option<String> {
    let names: Vec<&str> = article.tags.iter().map(|tag| tag.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
