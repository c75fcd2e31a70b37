//! The walk of an import: finds the inputs in order and sends them to the parsers.

use super::ahead::Ahead;
use super::documents::Documents;
use super::queue::{ImportEnded, Input, Prepared, Senders};
use super::repository::{History, Walked};
use super::{ImportOptions, MOST_ENTRIES, MOST_REFUSED, PageAddress};
use crate::error::{Error, Result};
use crate::model::{Document, Timestamp, path_label};
use crate::source::{self, Asked, Found, Limits, Member, Members, Walk};
use crate::store::KnownFiles;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The inputs of an import, in this order; the stream of the options is between the first two.
pub(super) struct Inputs {
    pub walk: Arc<Walk>,
    pub ahead: Option<Arc<Ahead>>,
    pub documents: Option<Documents>,
    pub history: Option<History>,
}

impl Inputs {
    pub fn of_files(walk: &Arc<Walk>, ahead: &Option<Arc<Ahead>>) -> Self {
        Self { walk: Arc::clone(walk), ahead: ahead.clone(), documents: None, history: None }
    }
}

/// What is known when all inputs were sent.
pub(super) struct WalkEnd {
    /// The named folders without a file.
    pub empty_paths: Vec<PathBuf>,
    pub history: Option<Walked>,
}

/// Sends all inputs, in order.
pub(super) fn walk_all(
    Inputs { walk, ahead, documents, history }: Inputs,
    mut places: Option<KnownFiles>,
    options: &ImportOptions,
    started: Timestamp,
    mut senders: Senders,
) -> Result<WalkEnd, ImportEnded> {
    let limits = limits(options, started);
    let empty_paths = walk_files(&walk, ahead.as_deref(), places.as_mut(), limits, &mut senders)?;
    send_stream(options, limits, &mut senders)?;
    if let Some(documents) = documents {
        send_documents(documents, options, &mut senders)?;
    }
    let history = match history {
        Some(history) => history.walk(places.as_ref(), limits, &mut senders)?,
        None => None,
    };
    senders.finish()?;
    Ok(WalkEnd { empty_paths, history })
}

fn limits(options: &ImportOptions, started: Timestamp) -> Limits {
    Limits {
        max_bytes: options.max_file_size,
        most_entries: MOST_ENTRIES,
        most_refused: MOST_REFUSED,
        started,
    }
}

/// Finds what is to be walked. Fails if one of the files has several documents and there is only one address. A
/// stream shows that when it is read.
pub(super) fn find(database: &Path, options: &ImportOptions) -> Result<Walk> {
    let walk = Walk::new(&options.paths, database)?.filtered(&options.filter);
    if let PageAddress::Known { .. } = options.address {
        let limits = limits(options, Timestamp::now());
        for found in walk.files() {
            let first = source::members(&found, limits).and_then(|mut members| members.next());
            if first.is_some_and(|member| is_one_of_many(&member)) {
                return Err(Error::SeveralDocuments(found.path));
            }
        }
    }
    Ok(walk)
}

fn is_one_of_many(member: &Member) -> bool {
    let (Ok(Document { origin, .. }) | Err((origin, _))) = member;
    origin.place.member.is_some()
}

fn walk_files(
    walk: &Walk,
    ahead: Option<&Ahead>,
    mut places: Option<&mut KnownFiles>,
    limits: Limits,
    senders: &mut Senders,
) -> Result<Vec<PathBuf>, ImportEnded> {
    let mut empty_paths = Vec::new();
    for root in walk.roots() {
        if let Some(places) = &mut places
            && root.is_dir()
            && let Err(error) = places.enter(&path_label(root))
        {
            senders.prepared(Err(error))?;
            return Ok(empty_paths);
        }
        let mut is_empty = true;
        for found in walk.files_of(root) {
            let (is_asked, length) = (found.asked.is_itself(), found.length());
            match unchanged_files(&found, places.as_deref()) {
                Ok(Some(files)) => {
                    is_empty &= files == 0;
                    senders.unchanged(files)?;
                }
                Err(error) => senders.prepared(Err(error))?,
                Ok(None) => match source::members(&found, limits) {
                    None if !is_asked => {}
                    None => {
                        is_empty = false;
                        senders.work(length, Input::File(Box::new(found)))?;
                    }
                    Some(members) => {
                        is_empty = false;
                        send_members(members, false, senders)?;
                    }
                },
            }
            if let Some(ahead) = ahead {
                ahead.walked(length);
            }
        }
        if is_empty {
            empty_paths.push(root.clone());
        }
    }
    Ok(empty_paths)
}

/// Sends the members of a container, each as a file of the run. `has_address` if there is an address for only one.
fn send_members(
    mut members: Members,
    has_address: bool,
    senders: &mut Senders,
) -> Result<(), ImportEnded> {
    for member in members.by_ref() {
        if has_address && is_one_of_many(&member) {
            return senders.prepared(Err(Error::SeveralDocuments("-".into())));
        }
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
    let has_address = matches!(options.address, PageAddress::Known { .. });
    let asked = Asked::of_all(&options.filter);
    let members = source::stream_members(stream, limits, options.stop.clone(), asked);
    send_members(members, has_address, senders)?;
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
                Ok(Some(u64::from(found.asked.is_itself())))
            } else {
                places.unchanged_members(path, length, modified_ns, &found.asked.remembered())
            }
        }
        _ => Ok(None),
    }
}
