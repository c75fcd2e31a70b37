//! The fast path gives the same tree as html5ever alone, for any HTML.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let html = String::from_utf8_lossy(bytes);
    assert!(seedbank::internals::extract::does_fast_path_agree(&html));
});
