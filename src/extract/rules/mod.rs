//! What each cut is, and what the words of a page give away: kinds, links, names, dates, endings.

pub(super) mod author;
pub(super) mod counts;
pub(super) mod dates;
pub(super) mod endings;
pub(super) mod kinds;
pub(super) mod links;
pub(super) mod people;
mod place;
pub(super) mod title;
pub(super) mod walls;
