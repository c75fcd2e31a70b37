//! What the commands say about one version of an article.

use seedbank::internals::store::Reader;
use seedbank::{Format, RevisionRow, Sha256};
use serde_json::{Value, json};

/// A version, as in `history --json`.
pub fn revision_as_json(reader: &Reader, revision: &RevisionRow) -> Value {
    json!({
        "sequence": revision.sequence,
        "is_current": revision.is_current,
        "change": revision.change,
        "status": revision.status,
        "title": revision.title,
        "published_at": revision.published_at,
        "published_precision": revision.published_precision,
        "observed_at": revision.observed_at,
        "char_count": revision.char_count,
        "format": revision.format,
        "saver": saver(reader, revision.format, &revision.seed_sha256),
        "seed_sha256": revision.seed_sha256,
        "path": revision.place.as_ref().map(|place| &place.path),
        "member": revision.place.as_ref().and_then(|place| place.member.as_ref()),
    })
}

/// The program that saved a page, since another program saves another version of the same page. `None` for a
/// damaged seed.
pub fn saver(reader: &Reader, format: Option<Format>, sha256: &Sha256) -> Option<&'static str> {
    let is_page = format == Some(Format::Page);
    let bytes = is_page.then(|| reader.seed_bytes(sha256).ok()).flatten()?;
    seedbank::internals::format::saver(&bytes)
}

/// `A`, `page`, `page by SingleFile`.
pub fn format_name(reader: &Reader, format: Option<Format>, sha256: &Sha256) -> String {
    let by = saver(reader, format, sha256).map(|saver| format!(" by {saver}"));
    format!("{}{}", format.map_or("-", |format| format.as_str()), by.unwrap_or_default())
}
