//! Bytes to a parsed document: header grammars and encodings. Pure.

use crate::model::{ParsedDocument, Rejection};

/// Reads a seed's header and decodes its text.
pub fn parse(_bytes: &[u8]) -> Result<ParsedDocument, Rejection> {
    Err(Rejection::new(crate::model::Reason::NoHeader))
}
