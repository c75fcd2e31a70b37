//! What is the same: which seeds are one article, which are one revision of it, which one is current,
//! and what of the others still stands in its text. Pure.
//!
//! Everything here is decided from seeds alone, never from the order they came in: that is what makes
//! any order of imports give the same rows.

mod components;
mod current_text;
mod keys;
mod standing;
mod text_index;

pub(crate) use components::{GroupKeys, components};
pub(crate) use current_text::{CurrentText, packed};
pub(crate) use keys::{Key, LEAST_TEXT, key, pair_key};
pub(crate) use standing::{Earliest, RevisionPlan, SeedKeys, Standing, change, standing};
