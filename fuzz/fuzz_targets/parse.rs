//! Any bytes are a document or a rejection, and a canonical address stays the same when made canonical again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seedbank::internals::extract::canonical_url;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = seedbank::internals::format::parse(bytes) else { return };
    let Some(canonical) = document.url.as_deref().and_then(canonical_url) else { return };
    assert_eq!(canonical_url(&canonical.url), Some(canonical));
});
