//! Pictures and embeds: which address is the real one, and what is no picture at all.

use super::address::{MAX_ADDRESS, resolve, unwrap_proxy};
use super::budget::Budget;
use super::cut::{Cut, Walked};
use super::dom::{Element, NodeRef};
use super::marks::Marks;
use crate::model::{BlockKind, Media, MediaKind};
use std::collections::HashSet;
use url::Url;

/// What an `img` is.
pub(super) enum Picture {
    Real {
        src: String,
        alt: Option<String>,
    },
    /// An emoji set as an image: a piece of text.
    Glyph(String),
    /// A pixel that counts readers, an icon, a placeholder.
    Nothing,
}

/// Larger images carry content; smaller ones are icons and buttons. Pixels, either side.
const ICON_SIZE: f64 = 32.0;

/// What an `img` is; `beside` gives the address of the sources beside one that has none of its own.
pub(super) fn picture(element: &Element, beside: impl FnOnce() -> Option<String>) -> Picture {
    let alt = element.attr("alt").map(str::trim).filter(|alt| !alt.is_empty());
    let Some(src) = address(element).or_else(beside) else {
        return Picture::Nothing;
    };
    if is_glyph(element, &src) {
        return alt.map_or(Picture::Nothing, |alt| Picture::Glyph(alt.to_owned()));
    }
    if is_small(element) || is_furniture(&src) {
        return Picture::Nothing;
    }
    Picture::Real { src, alt: alt.map(str::to_owned) }
}

/// The first lazy attribute, then `src`, then the largest of `srcset`; never a `data:` placeholder.
fn address(element: &Element) -> Option<String> {
    let plain = ["data-src", "data-lazy-src", "data-original", "src"]
        .iter()
        .filter_map(|name| element.attr(name))
        .map(str::trim)
        .find(|src| is_address(src));
    plain.map(str::to_owned).or_else(|| {
        ["data-srcset", "data-lazy-srcset", "srcset"]
            .iter()
            .filter_map(|name| element.attr(name))
            .find_map(largest)
    })
}

fn is_address(src: &str) -> bool {
    let start = src.get(..5).unwrap_or(src);
    !src.is_empty()
        && src.len() <= MAX_ADDRESS
        && !start.eq_ignore_ascii_case("data:")
        && !src.starts_with("about:")
}

/// The candidate of a `srcset` with the greatest descriptor.
fn largest(srcset: &str) -> Option<String> {
    let mut best: Option<(f64, &str)> = None;
    // Addresses hold commas, so candidates end at a comma with a blank behind it.
    for candidate in srcset.split(", ").flat_map(|part| part.split(",\n")) {
        let mut words = candidate.trim().trim_end_matches(',').split_ascii_whitespace();
        let Some(src) = words.next().filter(|src| is_address(src)) else {
            continue;
        };
        let size = words.next().and_then(|size| size.trim_end_matches(['w', 'x']).parse().ok());
        let size = size.unwrap_or(1.0);
        if best.is_none_or(|(greatest, _)| size > greatest) {
            best = Some((size, src));
        }
    }
    best.map(|(_, src)| src.to_owned())
}

/// The address that the sources of a `picture` give.
pub(super) fn source_of(picture: NodeRef<'_>) -> Option<String> {
    // In html5ever's tree the sources may hold the image when they were not closed.
    let sources = picture.children().filter_map(|child| child.element());
    sources.filter(|source| source.name() == "source").filter_map(address).last()
}

fn is_glyph(element: &Element, src: &str) -> bool {
    let has_class = |names: &[&str]| element.classes().any(|class| names.contains(&class));
    has_class(&["emoji", "wp-smiley", "emojione", "twemoji"])
        || src.contains("/emoji/")
        || src.contains("/twemoji/")
}

fn is_small(element: &Element) -> bool {
    ["width", "height"].iter().filter_map(|name| element.attr(name)).any(|size| {
        !size.contains('%')
            && size.trim_end_matches("px").trim().parse().is_ok_and(|size: f64| size <= ICON_SIZE)
    })
}

fn is_furniture(src: &str) -> bool {
    let path = src.split(['?', '#']).next().unwrap_or(src);
    let file = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = file.split('.').next().unwrap_or(&file);
    stem.split(['-', '_']).any(|part| {
        matches!(part, "icon" | "pixel" | "spacer" | "blank" | "1x1" | "transparent" | "favicon")
    })
}

/// What an element embeds, other than an image.
pub(super) fn embedded(node: NodeRef<'_>, element: &Element) -> Option<(MediaKind, String)> {
    let kind = match element.name() {
        "video" => MediaKind::Video,
        "audio" => MediaKind::Audio,
        "iframe" | "embed" | "object" => MediaKind::Embed,
        _ => return None,
    };
    let own = match element.name() {
        "object" => element.attr("data").map(str::to_owned).filter(|src| is_address(src)),
        _ => address(element),
    };
    let inner = || {
        let sources = node.children().filter_map(|child| child.element());
        sources.filter(|source| source.name() == "source").find_map(address)
    };
    let src = own.or_else(inner)?;
    let is_player = ["youtube.com/embed", "youtube-nocookie.com/embed", "player.vimeo.com"]
        .iter()
        .any(|player| src.contains(player));
    Some((if is_player { MediaKind::Video } else { kind }, src))
}

/// The rows: addresses made absolute, proxies unwrapped, one row per picture, none of share bars.
pub(super) fn rows(
    walked: &Walked,
    kinds: &[BlockKind],
    base: Option<&Url>,
    budget: &Budget,
) -> Vec<Media> {
    let in_share =
        walked.inherited(false, |is_in, at| is_in || walked.containers[at].marks.has(Marks::SHARE));
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for medium in walked.media.iter().filter(|medium| !in_share[medium.container]) {
        let resolved = resolve(&medium.src, base);
        let url = resolved.map_or_else(|| medium.src.clone(), |url| unwrap_proxy(url).into());
        if !seen.insert(url.clone()) {
            continue;
        }
        let caption = medium.cut.and_then(|cut| caption_at(cut, &walked.cuts, kinds));
        if !budget.put_out(url.len() + caption.map_or(0, str::len)) {
            break;
        }
        rows.push(Media {
            block: medium.cut,
            kind: medium.kind,
            caption: caption.map(str::to_owned),
            url,
            src: medium.src.clone(),
            alt: medium.alt.clone(),
        });
    }
    rows
}

/// The caption that a picture stands in or before, with at most a credit and a placeholder between.
fn caption_at<'a>(cut: usize, cuts: &'a [Cut], kinds: &[BlockKind]) -> Option<&'a str> {
    let is_between = |kind: &BlockKind| matches!(kind, BlockKind::Credit | BlockKind::Boilerplate);
    let at = (cut..kinds.len().min(cut + 3)).find(|&at| !is_between(&kinds[at]))?;
    (kinds[at] == BlockKind::Caption).then_some(cuts[at].text.as_str())
}
