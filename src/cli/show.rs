use super::outcome::Exit;
use super::render::{self, one_line};
use super::{Global, named_article, open_reader};
use anyhow::{Context, Result, bail};
use clap::Args;
use seedbank::derive::derive;
use seedbank::model::{Article, BlockKind, Sha256};
use seedbank::store::Derivation;
use serde_json::{Value, json};
use sha2::Digest;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Show how an article was cut
///
/// Its blocks with their numbers and kinds (a dot marks what is not content), its links and media.
/// With --file, of any file, without an archive.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank show 12 --blocks
  seedbank show --file drops/2024-05/a.txt --blocks")]
pub struct ShowArgs {
    /// The article's id or address
    #[arg(value_name = "ID|URL", required_unless_present = "file")]
    article: Option<String>,
    /// A file, as an import would cut it
    #[arg(long, value_name = "PATH", conflicts_with = "article")]
    file: Option<PathBuf>,
    /// The blocks with their numbers and kinds
    #[arg(long, required = true)]
    blocks: bool,
}

pub fn run(args: &ShowArgs, global: &Global) -> Result<Exit> {
    let article = match (&args.file, &args.article) {
        (Some(path), _) => article_of_file(path)?,
        (None, name) => stored_article(name.as_deref().unwrap_or_default(), global)?,
    };
    let text = match global.json {
        true => format!("{:#}\n", as_json(&article)),
        false => as_blocks(&article),
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(Exit::Done)
}

fn article_of_file(path: &Path) -> Result<Article> {
    let name = || format!("\"{}\"", path.display());
    let bytes = std::fs::read(path).with_context(name)?;
    derived(&bytes).with_context(name)
}

/// Cut again from the bytes of its current seed: what the rows were made from.
fn stored_article(name: &str, global: &Global) -> Result<Article> {
    let reader = open_reader(global)?;
    let article = named_article(name, &reader, global)?;
    let revisions = reader.revisions(article.id)?;
    let current = revisions.iter().find(|revision| revision.is_current);
    let current = current.context("the article has no current revision")?;
    derived(&reader.seed_bytes(&current.seed_sha256)?)
}

fn derived(bytes: &[u8]) -> Result<Article> {
    let sha256: Sha256 = sha2::Sha256::digest(bytes).into();
    match derive(bytes, &sha256) {
        Derivation::Article { article, .. } => Ok(*article),
        Derivation::Rejected(rejection) => {
            let detail = rejection.detail.map(|detail| format!(" ({detail})"));
            bail!("no article: {}{}", rejection.reason.as_str(), detail.unwrap_or_default())
        }
    }
}

fn as_json(article: &Article) -> Value {
    let time = article.published_at.map(|time| time.to_string());
    let blocks = article.blocks.iter().map(
        |block| json!({"kind": block.kind.as_str(), "level": block.level, "text": block.text}),
    );
    let links = article.links.iter().map(|link| {
        json!({
            "block": link.block,
            "kind": link.kind.as_str(),
            "url": link.url,
            "href": link.href,
            "text": link.text,
            "is_internal": link.is_internal,
        })
    });
    let media = article.media.iter().map(|media| {
        json!({
            "block": media.block,
            "kind": media.kind.as_str(),
            "url": media.url,
            "src": media.src,
            "alt": media.alt,
            "caption": media.caption,
        })
    });
    let tags = article.tags.iter().map(|tag| json!({"kind": tag.kind, "name": tag.name}));
    json!({
        "url": article.url,
        "canonical_url": article.canonical_url,
        "title": article.title,
        "title_raw": article.title_raw,
        "author": article.author,
        "dateline": article.dateline,
        "script": article.script.as_str(),
        "published_at": time,
        "status": article.status.as_str(),
        "status_detail": article.status_detail,
        "char_count": article.text_length,
        "blocks": blocks.collect::<Vec<_>>(),
        "links": links.collect::<Vec<_>>(),
        "media": media.collect::<Vec<_>>(),
        "tags": tags.collect::<Vec<_>>(),
    })
}

fn as_blocks(article: &Article) -> String {
    let mut text = format!("{}\n", one_line(&article.title));
    let time = article.published_at.map(|time| time.to_string());
    let fields = [
        ("as written", article.title_raw.clone()),
        ("address", article.url.clone()),
        ("published", time.map(|time| render::time(Some(&time)))),
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
    for (at, block) in article.blocks.iter().enumerate() {
        let mark = if block.kind.is_content() { ' ' } else { '·' };
        let level = block.level.filter(|_| block.kind != BlockKind::Paragraph);
        let kind =
            format!("{}{}", block.kind.as_str(), level.map(|l| l.to_string()).unwrap_or_default());
        let lines = render::escaped(&block.text).replace('\n', "\n                      ");
        text.push_str(&format!("{at:>4} {mark} {kind:<14} {lines}\n"));
    }
    let place = |block: Option<usize>| block.map_or_else(|| "-".into(), |at| at.to_string());
    if !article.links.is_empty() {
        text.push_str("\nLinks\n");
    }
    for link in &article.links {
        let (at, kind) = (place(link.block), link.kind.as_str());
        let line = format!("{at:>4}   {kind:<14} {} <{}>", link.text, link.url);
        text.push_str(&format!("{}\n", one_line(&line)));
    }
    if !article.media.is_empty() {
        text.push_str("\nMedia\n");
    }
    for media in &article.media {
        let (at, kind) = (place(media.block), media.kind.as_str());
        let says = media.caption.as_ref().or(media.alt.as_ref());
        let says = says.map(|text| format!(" {text}")).unwrap_or_default();
        let line = format!("{at:>4}   {kind:<14} <{}>{says}", media.url);
        text.push_str(&format!("{}\n", one_line(&line)));
    }
    text
}

fn status(article: &Article) -> String {
    let detail = article.status_detail.as_ref().map(|detail| format!(" ({detail})"));
    let characters = article.text_length;
    let status = article.status.as_str();
    format!(
        "{status}{}, {characters} characters, {}",
        detail.unwrap_or_default(),
        article.script.as_str()
    )
}

fn tags(article: &Article) -> Option<String> {
    let names: Vec<&str> = article.tags.iter().map(|tag| tag.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
