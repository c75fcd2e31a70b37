use crate::cli::command::versions::saver;
use crate::cli::filter::ZoneArgs;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, bytes};
use crate::cli::{Global, named_article, open_reader};
use anyhow::Result;
use clap::Args;
use seedbank::internals::model::{MatchedBy, SightingOutcome, path_label, path_of_label};
use seedbank::internals::store::{Reader, SeedStory, SightingStory};
use seedbank::{Error, Place, Status};
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Explain why a file was new, revised, duplicate, unchanged or rejected
///
/// Shows where and when each version of the file was seen, its outcome, and which file it matched and
/// how. For an article, shows the same for every file that belongs to it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank explain drops/2024-05/a.txt
  seedbank explain 12
  seedbank explain 75779c2d936dc71a3898bfa3529d6c162c8e0e60238baf791eb8149becb84e1b")]
pub struct ExplainArgs {
    /// A file, an article's id or address, or a seed's SHA-256
    #[arg(value_name = "PATH|ID|SHA256")]
    what: OsString,
    #[command(flatten)]
    zone: ZoneArgs,
}

/// A seed and its sightings.
struct Story {
    seed: SeedStory,
    sightings: Vec<SightingStory>,
    /// The program that saved a page.
    saver: Option<&'static str>,
}

pub fn run(args: &ExplainArgs, global: &Global) -> Result<Exit> {
    let reader = open_reader(global)?;
    let (seeds, unread) = find(&args.what, &reader, global)?;
    let mut stories = Vec::new();
    for seed in seeds {
        let sightings = reader.sightings_of_seed(seed.id)?;
        let saver = saver(&reader, seed.format, &seed.sha256);
        stories.push(Story { seed, sightings, saver });
    }
    if global.json {
        output::print_json(&as_json(&stories, &unread))?;
    } else {
        output::print(&as_text(&stories, &unread, &args.zone, global))?;
    }
    Ok(Exit::Done)
}

/// The requested seeds, and the sightings of files that were not read completely.
fn find(
    what: &OsStr,
    reader: &Reader,
    global: &Global,
) -> Result<(Vec<SeedStory>, Vec<SightingStory>)> {
    let path = Path::new(what);
    let text = what.to_str().unwrap_or_default();
    if text.parse::<i64>().is_ok() || text.contains("://") {
        let article = named_article(text, reader, global)?;
        return Ok((reader.seeds_of_article(article.id)?, Vec::new()));
    }
    if let Ok(sha256) = text.parse() {
        let seeds = reader.seeds_of_hash(&sha256)?;
        return if seeds.is_empty() {
            Err(Error::NoSuchSeed(text.to_owned()).into())
        } else {
            Ok((seeds, Vec::new()))
        };
    }
    for label in labels(path) {
        let (seeds, unread) = (reader.seeds_of_path(&label)?, reader.unread_sightings(&label)?);
        if !seeds.is_empty() || !unread.is_empty() {
            return Ok((seeds, unread));
        }
    }
    Err(Error::NeverSeen(path.to_owned()).into())
}

/// The possible names of a file in the archive, most likely first: as found now, as it would be named if it
/// existed, the same with its name spelled as stored, and exactly as given.
fn labels(path: &Path) -> Vec<String> {
    let places = |path: &Path| -> Vec<PathBuf> {
        let (real, absolute) = (std::fs::canonicalize(path), std::path::absolute(path));
        real.into_iter().chain(absolute).collect()
    };
    let mut labels: Vec<String> = places(path).iter().map(|place| path_label(place)).collect();
    if let Some(text) = path.to_str() {
        labels.extend(places(&path_of_label(text)).iter().map(|place| path_label(place)));
        labels.push(text.to_owned());
    }
    labels
}

fn as_json(stories: &[Story], unread: &[SightingStory]) -> Value {
    let sighting = |sighting: &SightingStory| {
        json!({
            "run_id": sighting.run_id,
            "path": sighting.place.path,
            "member": sighting.place.member,
            "observed_at": sighting.observed_at,
            "outcome": sighting.outcome,
            "matched_by": sighting.matched_by,
            "matched_with": sighting.partner.as_ref().map(Place::to_string),
            "reason": sighting.reason,
            "detail": sighting.detail,
        })
    };
    let story = |story: &Story| {
        let seed = &story.seed;
        json!({
            "sha256": seed.sha256,
            "byte_length": seed.byte_length,
            "format": seed.format,
            "saver": story.saver,
            "encoding": seed.encoding,
            "status": seed.status,
            "article_id": seed.article.as_ref().map(|article| article.id),
            "revision": seed.revision,
            "is_current": seed.is_current,
            "sightings": story.sightings.iter().map(sighting).collect::<Vec<_>>(),
        })
    };
    json!({
        "seeds": stories.iter().map(story).collect::<Vec<_>>(),
        "not_read": unread.iter().map(sighting).collect::<Vec<_>>(),
    })
}

fn as_text(
    stories: &[Story],
    unread: &[SightingStory],
    zone: &ZoneArgs,
    global: &Global,
) -> String {
    let mut text = String::new();
    for Story { seed, sightings, saver } in stories {
        let title = format!("Seed {}", seed.sha256);
        text.push_str(&format!("{}\n", render::heading(&title, global)));
        text.push_str(&format!("  {}\n", what_it_is(seed, *saver)));
        if let Some(article) = &seed.article {
            let revision = seed.revision.unwrap_or(0);
            let current = if seed.is_current { ", the current text" } else { "" };
            text.push_str(&format!(
                "  article {}, revision {revision} of {}{current}: {}\n",
                article.id,
                article.revision_count,
                render::one_line(&article.title)
            ));
        }
        for sighting in sightings {
            text.push_str(&sighting_lines(sighting, zone));
        }
        text.push('\n');
    }
    if !unread.is_empty() {
        text.push_str(&format!("{}\n", render::heading("Not read whole", global)));
        for sighting in unread {
            text.push_str(&sighting_lines(sighting, zone));
        }
        text.push('\n');
    }
    text.pop();
    text
}

fn what_it_is(seed: &SeedStory, saver: Option<&str>) -> String {
    let by = saver.map(|saver| format!(" by {saver}")).unwrap_or_default();
    let format = seed.format.map(|format| format!("format {format}{by}"));
    let parts = [Some(bytes(seed.byte_length)), format, seed.encoding.clone()];
    let status =
        seed.status.filter(|&status| status != Status::Ok).map(|status| status.to_string());
    parts.into_iter().chain([status]).flatten().collect::<Vec<_>>().join(", ")
}

fn sighting_lines(sighting: &SightingStory, zone: &ZoneArgs) -> String {
    let observed = match sighting.observed_at {
        Some(_) => format!(", from {}", render::time(zone.clock(sighting.observed_at))),
        None => String::new(),
    };
    format!(
        "  run {}: {}{observed}\n      {}\n",
        sighting.run_id,
        render::one_line(&sighting.place.to_string()),
        render::one_line(&why(sighting))
    )
}

fn why(sighting: &SightingStory) -> String {
    let partner = sighting.partner.as_ref().map(|partner| format!(" as {partner}"));
    let partner = partner.unwrap_or_default();
    match (sighting.outcome, sighting.matched_by) {
        (SightingOutcome::Duplicate, Some(MatchedBy::Bytes)) => {
            format!("duplicate: the same bytes{partner}")
        }
        (SightingOutcome::Duplicate, Some(MatchedBy::Url)) => {
            format!("duplicate: the same address{partner}, with a text and title known there")
        }
        (SightingOutcome::Duplicate, Some(MatchedBy::Text) | None) => {
            format!("duplicate: the same text at the same time on the same site{partner}")
        }
        (SightingOutcome::Revised, Some(MatchedBy::Text)) => format!(
            "revised: another title; the same text at the same time on the same site{partner}"
        ),
        (SightingOutcome::Revised, _) => {
            format!("revised: another text or title; the same address{partner}")
        }
        (SightingOutcome::New, _) => {
            "new: no earlier file had its address, or its text and time".into()
        }
        (outcome @ SightingOutcome::Rejected, _) => {
            let reason = sighting.reason.map(|reason| format!(": {reason}"));
            let detail = sighting.detail.as_ref().map(|detail| format!(" ({detail})"));
            format!("{outcome}{}{}", reason.unwrap_or_default(), detail.unwrap_or_default())
        }
    }
}
