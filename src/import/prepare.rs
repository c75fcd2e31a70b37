//! Prepares documents for the writer, on several threads: everything except their place in the archive.

use super::addresses::Enveloper;
use crate::derive::derive;
use crate::model::{
    Article, Codec, Derivation, Document, Origin, Original, Reason, Sha256, Timestamp,
};
use crate::source::believable;
use crate::store::NewSighting;
use crate::store::fts5::{Inverted, Inverter};

/// 0.075 CPU s per 1,000 real documents, to 0.339 of their size. Level 3 reduces them to 0.332 and takes a
/// quarter longer: 2 % of an import for 0.4 % of a database. `.cargo/config.toml` leaves the levels above 3
/// out.
const ZSTD_LEVEL: i32 = 2;

/// Larger buffers (in bytes) are not kept for the next document.
const KEPT_ROOM: usize = 4 << 20;

/// Prepares documents for storing. Each thread has its own, whose tables are reused.
pub struct Preparer {
    compressor: Option<zstd::bulk::Compressor<'static>>,
    packed: Vec<u8>,
    /// `None` if no index is written.
    inverter: Option<Inverter>,
    keep_rejected: bool,
    /// `None` if no addresses are given.
    enveloper: Option<Enveloper>,
    started: Timestamp,
}

impl Preparer {
    /// With or without what the full-text index needs.
    pub fn new(with_index: bool) -> Self {
        Self {
            // Without a compressor, originals are stored uncompressed.
            compressor: zstd::bulk::Compressor::new(ZSTD_LEVEL).ok(),
            packed: Vec::new(),
            inverter: with_index.then(Inverter::default),
            keep_rejected: false,
            enveloper: None,
            started: Timestamp::now(),
        }
    }

    /// Sets the start of the run: later times are not believed.
    pub fn started(mut self, started: Timestamp) -> Self {
        self.started = started;
        self
    }

    /// Sets the source of addresses for pages that do not name one.
    pub(super) fn enveloper(mut self, enveloper: Enveloper) -> Self {
        self.enveloper = Some(enveloper);
        self
    }

    /// Whether to store the bytes of files in a git history that are not articles. Usually not, since the
    /// repository is an archive itself.
    pub fn keep_rejected(mut self, keep: bool) -> Self {
        self.keep_rejected = keep;
        self
    }

    /// Prepares a document for storing.
    pub fn sighting(&mut self, document: Document) -> NewSighting {
        let document = match &self.enveloper {
            Some(enveloper) => enveloper.enveloped(document),
            None => document,
        };
        let Document { mut origin, bytes, .. } = document;
        let sha256 = Sha256::of(&bytes);
        let derivation = derive(&bytes, &sha256);
        if let Derivation::Article { saved_at: Some(at), .. } = &derivation {
            self.see_saved(&mut origin, *at);
        }
        let byte_length = bytes.len() as u64;
        let is_kept = match &derivation {
            Derivation::Article { .. } => true,
            Derivation::Rejected(rejection) if rejection.reason == Reason::Binary => false,
            Derivation::Rejected(rejection) => {
                rejection.reason.is_refusal() || self.keep_rejected || origin.object_id.is_none()
            }
        };
        let packed = if is_kept { self.pack(&bytes) } else { None };
        let (codec, body) = match packed {
            Some(packed) => (Codec::Zstd, Some(packed)),
            None => (Codec::Plain, is_kept.then_some(bytes)),
        };
        let original = Some(Original { sha256, byte_length, codec, body });
        let inverted = match &derivation {
            Derivation::Article { article, .. } => self.invert(article),
            Derivation::Rejected(_) => None,
        };
        NewSighting { origin, original, derivation, inverted }
    }

    /// Uses the time of saving as evidence that a page existed; it is usually earlier than the time of the
    /// file. For a file from git, git's time counts.
    fn see_saved(&self, origin: &mut Origin, saved_at: Timestamp) {
        let ns = saved_at.seconds().saturating_mul(1_000_000_000);
        let saved_at = believable(ns, self.started).filter(|_| origin.object_id.is_none());
        origin.observed_at = [origin.observed_at, saved_at].into_iter().flatten().min();
    }

    /// A document's bytes compressed; `None` if that does not make them smaller.
    fn pack(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.packed.capacity() > KEPT_ROOM {
            self.packed = Vec::new();
        }
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
        self.compressor.as_mut()?.compress_to_buffer(bytes, &mut self.packed).ok()?;
        (self.packed.len() < bytes.len()).then(|| self.packed.as_slice().to_vec())
    }

    /// If this fails, the writer meets the same error.
    fn invert(&mut self, article: &Article) -> Option<Inverted> {
        self.inverter.as_mut()?.invert_article(article).ok()
    }
}
