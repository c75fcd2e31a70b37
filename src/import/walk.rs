//! The walk of an import: finds the inputs in order and sends them to the parsers.

use super::documents::Documents;
use super::queue::{ImportEnded, Input, Prepared, Senders};
use super::repository::{History, Walked};
use super::{ImportOptions, MOST_ENTRIES, MOST_REFUSED};
use crate::error::Result;
use crate::model::{Timestamp, path_label};
use crate::source::{self, Found, Limits, Members, Walk};
use crate::store::KnownFiles;
use std::sync::Arc;

/// The inputs of an import, in this order; the stream of the options is between the first two.
pub(super) struct Inputs {
    pub walk: Arc<Walk>,
    pub documents: Option<Documents>,
    pub history: Option<History>,
}

/// Sends all inputs, in order; returns what to remember of a history.
pub(super) fn walk_all(
    Inputs { walk, documents, history }: Inputs,
    mut places: Option<KnownFiles>,
    options: &ImportOptions,
    started: Timestamp,
    mut senders: Senders,
) -> Result<Option<Walked>, ImportEnded> {
    let limits = Limits {
        max_bytes: options.max_file_size,
        most_entries: MOST_ENTRIES,
        most_refused: MOST_REFUSED,
        started,
    };
    walk_files(&walk, places.as_mut(), limits, &mut senders)?;
    send_stream(options, limits, &mut senders)?;
    if let Some(documents) = documents {
        send_documents(documents, options, &mut senders)?;
    }
    let walked = match history {
        Some(history) => history.walk(places.as_ref(), limits, &mut senders)?,
        None => None,
    };
    senders.finish()?;
    Ok(walked)
}

fn walk_files(
    walk: &Walk,
    mut places: Option<&mut KnownFiles>,
    limits: Limits,
    senders: &mut Senders,
) -> Result<(), ImportEnded> {
    for root in walk.roots() {
        if let Some(places) = &mut places
            && root.is_dir()
            && let Err(error) = places.enter(&path_label(root))
        {
            return senders.prepared(Err(error));
        }
        for found in walk.files_of(root) {
            match unchanged_files(&found, places.as_deref()) {
                Ok(Some(files)) => senders.unchanged(files)?,
                Err(error) => senders.prepared(Err(error))?,
                Ok(None) => match source::members(&found, limits) {
                    None => {
                        let bytes = found.metadata.as_ref().map_or(0, std::fs::Metadata::len);
                        senders.work(bytes, Input::File(Box::new(found)))?;
                    }
                    Some(members) => send_members(members, senders)?,
                },
            }
        }
    }
    Ok(())
}

/// Sends the members of a container, each as a file of the run.
fn send_members(mut members: Members, senders: &mut Senders) -> Result<(), ImportEnded> {
    for member in members.by_ref() {
        senders.member(member)?;
    }
    match members.finish() {
        Some(container) => senders.prepared(Ok(Prepared::ReadContainer(Box::new(container)))),
        None => Ok(()),
    }
}

fn send_stream(
    options: &ImportOptions,
    limits: Limits,
    senders: &mut Senders,
) -> Result<(), ImportEnded> {
    let Some(stream) = options.stream.clone() else { return Ok(()) };
    senders.set_stream(true);
    send_members(source::stream_members(stream, limits, options.stop.clone()), senders)?;
    if options.stop.is_requested() {
        // Sends what was read; nothing after it is started.
        senders.flush()?;
        return Err(ImportEnded);
    }
    senders.set_stream(false);
    Ok(())
}

/// Sends all documents on, as they come.
fn send_documents(
    documents: Documents,
    options: &ImportOptions,
    senders: &mut Senders,
) -> Result<(), ImportEnded> {
    // Like a stream, they cannot be had again.
    senders.set_stream(true);
    for document in documents {
        if options.stop.is_requested() {
            // What was taken goes its way; of what follows, nothing is begun.
            senders.flush()?;
            return Err(ImportEnded);
        }
        let bytes = document.bytes.len() as u64;
        senders.work(bytes, Input::Document(Box::new(document)))?;
    }
    senders.set_stream(false);
    Ok(())
}

/// How many files this one counts for, if its place and state are known.
fn unchanged_files(found: &Found, places: Option<&KnownFiles>) -> Result<Option<u64>> {
    match (places, &found.metadata, found.modified_ns()) {
        (Some(places), Ok(metadata), Some(modified_ns)) if metadata.is_file() => {
            let (path, length) = (&found.label, metadata.len());
            if places.is_unchanged(path, length, modified_ns)? {
                Ok(Some(1))
            } else {
                places.unchanged_members(path, length, modified_ns)
            }
        }
        _ => Ok(None),
    }
}
