//! From a seed's bytes to an article or a rejection: format → extract, without anything that can stop a run.

use crate::extract;
use crate::format;
use crate::model::{Article, Derivation, ParsedDocument, Reason, Rejection, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Derives what a seed's bytes are. A panic rejects this document and does not end the run.
pub fn derive(bytes: &[u8], sha256: &Sha256) -> Derivation {
    derive_by(bytes, sha256, extract::extract)
}

/// The same, including the blocks around the article of a whole page, which are not stored.
pub fn derive_all(bytes: &[u8], sha256: &Sha256) -> Derivation {
    derive_by(bytes, sha256, extract::extract_all)
}

fn derive_by(
    bytes: &[u8],
    sha256: &Sha256,
    extract: fn(&ParsedDocument, &Sha256) -> Article,
) -> Derivation {
    guarded(|| {
        let parsed = format::parse(bytes)?;
        let article = Box::new(extract(&parsed, sha256));
        let ParsedDocument { format, encoding, saved_at, .. } = parsed;
        Ok(Derivation::Article { article, format, encoding, saved_at })
    })
}

fn guarded(work: impl FnOnce() -> Result<Derivation, Rejection>) -> Derivation {
    let rejection = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(derivation)) => return derivation,
        Ok(Err(rejection)) => rejection,
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            Rejection { detail: message.map(str::to_owned), ..Rejection::new(Reason::Crashed) }
        }
    };
    Derivation::Rejected(rejection)
}

/// The article of a seed's bytes, if they are one.
pub fn derive_article(bytes: &[u8]) -> Option<Article> {
    match derive(bytes, &Sha256::of(bytes)) {
        Derivation::Article { article, .. } => Some(*article),
        Derivation::Rejected(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_documents_rejection() {
        let crashed = |work: fn() -> Result<Derivation, Rejection>| match guarded(work) {
            Derivation::Rejected(Rejection { reason: Reason::Crashed, detail, .. }) => detail,
            other => panic!("{other:?}"),
        };
        assert_eq!(crashed(|| panic!("at {}", 3)).as_deref(), Some("at 3"));
        assert_eq!(crashed(|| panic!("plain")).as_deref(), Some("plain"));
        assert_eq!(crashed(|| std::panic::panic_any(3)), None);
    }
}
