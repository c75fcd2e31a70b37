//! Rules that recognise kinds of cuts, links, names, dates and endings.

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
