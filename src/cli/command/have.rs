use crate::cli::lines::given_names;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, counted, grouped};
use crate::cli::{Global, open_reader};
use anyhow::Result;
use clap::Args;
use seedbank::Error;
use seedbank::internals::extract::canonical_url;
use seedbank::internals::store::Reader;
use serde_json::{Value, json};
use std::io::Write;

/// Tell which addresses are in the archive
///
/// Prints a line for each address, in the same order: the id of its article, or - if there is none, and
/// the address as written. Spellings of one address are the same, as in an import, and so are all
/// addresses under which an article was seen.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank have https://news.example/2024/02/05/a
  seedbank have - < addresses.txt
  seedbank have --missing - < addresses.txt | wget --input-file -      only what is new
  seedbank have --json - < addresses.txt | jq '.[].article_id'")]
pub struct HaveArgs {
    /// The addresses; - reads them from standard input, one per line
    #[arg(required = true, value_name = "URL")]
    addresses: Vec<String>,
    /// Print only the addresses that are not in the archive, as written
    #[arg(long)]
    missing: bool,
}

/// An address, and its article if it has one.
struct Known {
    address: String,
    canonical: Option<String>,
    article_id: Option<i64>,
}

pub fn run(args: &HaveArgs, global: &Global) -> Result<Exit> {
    let addresses = given_names(&args.addresses)?;
    let reader = open_reader(global)?;
    let mut known = Vec::new();
    for address in addresses {
        known.push(look_up(address, &reader)?);
    }
    let here = known.iter().filter(|one| one.article_id.is_some()).count();
    let unread = known.iter().filter(|one| one.canonical.is_none()).count();
    let all = known.len();
    if args.missing {
        known.retain(|one| one.article_id.is_none());
    }
    if global.json {
        output::print_json(&known.iter().map(as_json).collect())?;
    } else {
        print(&known, args.missing).map_err(Error::Output)?;
    }
    let text = format!("{} of {}", grouped(here as u64), counted(all as u64, "line"));
    render::note(&format!("{text} in the archive"), global);
    if unread > 0 {
        let text = format!("{} without a web address", counted(unread as u64, "line"));
        render::note(&text, global);
    }
    Ok(Exit::Done)
}

fn look_up(address: String, reader: &Reader) -> seedbank::Result<Known> {
    let canonical = canonical_url(&address).map(|canonical| canonical.url);
    let article_id = match &canonical {
        Some(canonical) => reader.article_at(canonical)?,
        None => None,
    };
    Ok(Known { address, canonical, article_id })
}

fn as_json(one: &Known) -> Value {
    json!({"url": one.address, "canonical_url": one.canonical, "article_id": one.article_id})
}

fn print(known: &[Known], is_address_only: bool) -> std::io::Result<()> {
    let mut out = output::data();
    for Known { address, article_id, .. } in known {
        match article_id {
            _ if is_address_only => writeln!(out, "{address}")?,
            Some(id) => writeln!(out, "{id}\t{address}")?,
            None => writeln!(out, "-\t{address}")?,
        }
    }
    out.flush()
}
