//! From a seed's bytes to what they say: format → normalize, with nothing that can stop a run.

use crate::format;
use crate::model::{Article, Reason, Rejection, Sha256};
use crate::normalize;
use crate::store::Derivation;
use sha2::Digest;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads what a seed's bytes say. A panic is this one document's rejection, not the run's end.
pub fn derive(bytes: &[u8], sha256: &Sha256) -> Derivation {
    let derived = catch_unwind(AssertUnwindSafe(|| {
        let parsed = format::parse(bytes)?;
        let article = Box::new(normalize::normalize(&parsed, sha256));
        Ok(Derivation::Article { article, format: parsed.format, encoding: parsed.encoding })
    }));
    match derived {
        Ok(Ok(derivation)) => derivation,
        Ok(Err(rejection)) => Derivation::Rejected(rejection),
        Err(_) => Derivation::Rejected(Rejection::new(Reason::Crashed)),
    }
}

/// The article that a seed's bytes give, if they give one.
pub fn derive_article(bytes: &[u8]) -> Option<Article> {
    match derive(bytes, &sha2::Sha256::digest(bytes).into()) {
        Derivation::Article { article, .. } => Some(*article),
        Derivation::Rejected(_) => None,
    }
}
