//! Sameness: which seeds are one article, which are one revision of it, which revision is current, and which
//! paragraphs of the others are in its text. Pure.
//!
//! All of this is decided from the seeds alone, never from the order of their import. That is why any order
//! of imports gives the same rows.

mod components;
mod current_text;
mod keys;
mod standing;
mod text_index;

pub(crate) use components::{GroupKeys, components};
pub(crate) use current_text::{CurrentText, packed};
pub(crate) use keys::{Key, LEAST_TEXT, key, pair_key};
pub(crate) use standing::{
    Earliest, RevisionPlan, SeedKeys, Standing, believed, change, earliest, standing,
};
