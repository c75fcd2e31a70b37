//! Pictures and embeds: which address is the real one, and which pictures are ignored.

mod sources;

use self::sources::{Sources, data_type, is_address, is_empty_data, is_furniture, is_photograph};
use crate::extract::address::{is_web, resolve, unwrap_proxy};
use crate::extract::budget::Budget;
use crate::extract::cut::{Cut, Walked};
use crate::extract::dom::{Element, NodeRef};
use crate::extract::marks::{Marks, style_value};
use crate::model::{BlockKind, Media, MediaKind, MediaRole};
use std::collections::{HashMap, HashSet};
use url::Url;

/// The role of an `img`.
pub(in crate::extract) enum Picture {
    Real {
        src: String,
        alt: Option<String>,
        /// Whether another address beside it is preferred: the picture is in its own address, or the address
        /// was made from a template.
        is_last_resort: bool,
    },
    /// An emoji as an image: a piece of text.
    Glyph(String),
    /// A tracking pixel, an icon, a placeholder.
    Nothing,
}

/// Larger images have content; smaller ones are icons and buttons. In pixels, for either side.
const ICON_SIZE: f64 = 32.0;
/// The same in line heights.
const ICON_LINES: f64 = 2.0;

/// Whether an element is a picture, by its name.
pub(in crate::extract) fn is_image(name: &str) -> bool {
    matches!(name, "img" | "image" | "amp-img" | "amp-anim" | "mip-img")
}

/// Whether an address contains the picture itself.
pub(in crate::extract) fn is_data(src: &str) -> bool {
    src.starts_with("data:")
}

/// The role of an `img`; `beside` returns the address of the sources beside one that has none of its own.
pub(in crate::extract) fn picture(
    element: &Element,
    beside: impl FnOnce() -> Option<String>,
) -> Picture {
    let sources = Sources::of(element);
    let alt = || sources.alt.map(str::to_owned);
    let is_real = |src: &String| !is_furniture(src);
    let found = sources.best().map(str::to_owned).or_else(beside).or_else(|| sources.copy());
    let found = found.filter(is_real);
    let is_last_resort = found.is_none();
    let Some(src) = found.or_else(|| sources.filled()) else {
        let data = sources.data().filter(|data| sources.alt.is_some() || !is_empty_data(data));
        return match data.and_then(data_type) {
            Some(src) if !is_small(element) => Picture::Real { src, alt: alt(), is_last_resort },
            _ => Picture::Nothing,
        };
    };
    if is_glyph(element, &src) {
        return alt().map_or(Picture::Nothing, Picture::Glyph);
    }
    if is_small(element) {
        return sources
            .alt
            .filter(|alt| is_emoticon(alt))
            .map_or(Picture::Nothing, |alt| Picture::Glyph(alt.to_owned()));
    }
    Picture::Real { src, alt: alt(), is_last_resort }
}

/// The role of an `img` inside `noscript`, where tracking pixels often are.
pub(in crate::extract) fn picture_without_scripts(element: &Element) -> Picture {
    let is_sized = || ["width", "height"].iter().any(|name| element.attr(name).is_some());
    match picture(element, || None) {
        Picture::Real { src, alt, is_last_resort }
            if !is_hidden(element) && (alt.is_some() || is_sized() || is_photograph(&src)) =>
        {
            Picture::Real { src, alt, is_last_resort }
        }
        _ => Picture::Nothing,
    }
}

fn is_hidden(element: &Element) -> bool {
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase();
    ["none", "hidden", "-9999", "absolute"].iter().any(|word| style.contains(word))
}

/// The embedded content of an `iframe` inside `noscript`.
pub(in crate::extract) fn frame_without_scripts(node: NodeRef<'_>) -> Option<(MediaKind, String)> {
    let frame = node.element().filter(|element| element.name() == "iframe")?;
    embedded(node, frame).filter(|_| !is_hidden(frame) && !is_small(frame))
}

/// The address in the sources of a `picture`.
pub(in crate::extract) fn source_of(picture: NodeRef<'_>) -> Option<String> {
    // In html5ever's tree, unclosed sources may contain the image.
    let sources = picture.children().filter_map(|child| child.element());
    let sources = sources.filter(|source| source.name() == "source");
    sources.filter_map(|source| Sources::of(source).best().map(str::to_owned)).last()
}

/// Emoji as images: by their class, or by the folder of the well-known sets.
fn is_glyph(element: &Element, src: &str) -> bool {
    let has_class = |names: &[&str]| element.classes().any(|class| names.contains(&class));
    has_class(&["emoji", "wp-smiley", "emojione", "twemoji"])
        || ((src.contains("/emoji/") || src.contains("/twemoji/")) && !is_photograph(src))
}

/// Whether a text names an emoticon, as social networks write those that are small pictures: `[泪]`.
fn is_emoticon(alt: &str) -> bool {
    const LETTERS: usize = 12;
    let name = alt.strip_prefix('[').and_then(|alt| alt.strip_suffix(']'));
    name.is_some_and(|name| {
        (1..=LETTERS).contains(&name.chars().count()) && name.chars().all(char::is_alphanumeric)
    })
}

fn is_small(element: &Element) -> bool {
    let by_attributes =
        ["width", "height"].iter().filter_map(|name| element.attr(name)).any(|size| {
            !size.contains('%')
                && size
                    .trim_end_matches("px")
                    .trim()
                    .parse()
                    .is_ok_and(|size: f64| size <= ICON_SIZE)
        });
    // Some only give their aspect ratio there.
    let is_ratio = matches!(element.attr("layout"), Some("responsive" | "fill"));
    (by_attributes && !is_ratio) || element.attr("style").is_some_and(is_small_style)
}

fn is_small_style(style: &str) -> bool {
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let style = style.to_ascii_lowercase();
    ["width", "height", "max-width", "max-height"].iter().any(|name| {
        let Some(value) = style_value(&style, name) else {
            return false;
        };
        let digits = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
        let (size, unit) = value.split_at(digits);
        size.parse().is_ok_and(|size: f64| match unit {
            "px" => size <= ICON_SIZE,
            "em" | "rem" | "ex" | "ch" => size <= ICON_LINES,
            "" => size == 0.0,
            _ => false,
        })
    })
}

/// The embedded content of an element other than an image.
pub(in crate::extract) fn embedded(
    node: NodeRef<'_>,
    element: &Element,
) -> Option<(MediaKind, String)> {
    let of_service = |player: &str| {
        let id = ["data-videoid", "video-id", "videoid"]
            .into_iter()
            .find_map(|name| element.attr(name))?;
        let is_id = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        is_id.then(|| (MediaKind::Video, format!("{player}{id}")))
    };
    let kind = match element.name() {
        "video" | "amp-video" | "mip-video" => MediaKind::Video,
        "audio" | "amp-audio" | "mip-audio" => MediaKind::Audio,
        "iframe" | "embed" | "object" | "amp-iframe" => MediaKind::Embed,
        "amp-youtube" | "lite-youtube" => return of_service("https://www.youtube.com/embed/"),
        "amp-vimeo" => return of_service("https://player.vimeo.com/video/"),
        _ => return None,
    };
    let own = match element.name() {
        "object" => element.attr("data").filter(|src| is_address(src)).map(str::to_owned),
        _ => Sources::of(element).best().map(str::to_owned),
    };
    let inner = || {
        let sources = node.children().filter_map(|child| child.element());
        let mut sources = sources.filter(|source| source.name() == "source");
        sources.find_map(|source| Sources::of(source).best().map(str::to_owned))
    };
    let src = own.or_else(inner)?;
    let is_player = ["youtube.com/embed", "youtube-nocookie.com/embed", "player.vimeo.com"]
        .iter()
        .any(|player| src.contains(player));
    Some((if is_player { MediaKind::Video } else { kind }, src))
}

/// The rows: addresses made absolute, proxies unwrapped, one row per picture, none of share bars.
pub(in crate::extract) fn rows(
    walked: &Walked,
    kinds: &[BlockKind],
    base: Option<&Url>,
    budget: &Budget,
) -> Vec<Media> {
    let in_share = in_share(walked, kinds);
    let figures = figures(walked);
    let captions = captions(walked, kinds, &figures);
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for medium in walked.media.iter().filter(|medium| !in_share[medium.container]) {
        // For pictures in the page itself, only the type is kept, which does not distinguish them.
        let is_data = is_data(&medium.src);
        let resolved = if is_data { None } else { resolve(&medium.src, base) };
        let url = resolved.map_or_else(|| medium.src.clone(), |url| unwrap_proxy(url).into());
        if !is_data && !seen.insert(url.clone()) {
            continue;
        }
        let caption = medium.cut.and_then(|cut| caption_at(cut, &walked.cuts, kinds));
        let caption = caption.filter(|caption| {
            // The caption in a figure belongs to the pictures in it.
            let figure = figures[caption.container];
            figure.is_none_or(|figure| walked.is_inside(medium.container, figure))
        });
        let before = || captions.get(&figures[medium.container]?).copied().flatten();
        let caption = caption.or_else(before).map(|caption| caption.text.as_str());
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
            role: None,
        });
    }
    rows
}

/// Marks the picture that represents a page, which need not be on it.
pub(super) fn set_lead(rows: &mut Vec<Media>, src: &str, base: Option<&Url>) {
    let resolved = resolve(src, base).filter(is_web);
    let Some(url) = resolved.map(|url| String::from(unwrap_proxy(url))) else { return };
    let role = Some(MediaRole::Lead);
    match rows.iter_mut().find(|medium| medium.url == url) {
        Some(medium) => medium.role = role,
        None => {
            let src = src.to_owned();
            let kind = MediaKind::Image;
            rows.push(Media { block: None, kind, url, src, alt: None, caption: None, role });
        }
    }
}

/// For each container, whether it is in a share bar, which has no text of the article.
fn in_share(walked: &Walked, kinds: &[BlockKind]) -> Vec<bool> {
    let mut has_content = vec![false; walked.containers.len()];
    for (cut, kind) in walked.cuts.iter().zip(kinds) {
        has_content[cut.container] |= kind.is_content();
    }
    for at in (1..has_content.len()).rev() {
        has_content[walked.containers[at].parent] |= has_content[at];
    }
    walked.inherited(false, |is_in, at| {
        (is_in || walked.containers[at].marks.has(Marks::SHARE)) && !has_content[at]
    })
}

/// For each container, the innermost figure with a picture that it is or that contains it.
fn figures(walked: &Walked) -> Vec<Option<usize>> {
    // A caption can be named like its figure.
    let is_figure = |at: usize| {
        let container = &walked.containers[at];
        container.pictures > 0 && container.marks.has(Marks::FIGURE)
    };
    walked.inherited(None, |around, at| if is_figure(at) { Some(at) } else { around })
}

/// The caption in each figure, which can be before the picture; `None` if there are several.
fn captions<'a>(
    walked: &'a Walked,
    kinds: &[BlockKind],
    figures: &[Option<usize>],
) -> HashMap<usize, Option<&'a Cut>> {
    let mut captions = HashMap::new();
    for (cut, _) in walked.cuts.iter().zip(kinds).filter(|(_, kind)| **kind == BlockKind::Caption) {
        if let Some(figure) = figures[cut.container] {
            captions.entry(figure).and_modify(|one| *one = None).or_insert(Some(cut));
        }
    }
    captions
}

/// The caption that contains a picture or follows it, with at most a credit and a placeholder between.
fn caption_at<'a>(cut: usize, cuts: &'a [Cut], kinds: &[BlockKind]) -> Option<&'a Cut> {
    let is_between = |kind: &BlockKind| matches!(kind, BlockKind::Credit | BlockKind::Boilerplate);
    let at = (cut..kinds.len().min(cut + 3)).find(|&at| !is_between(&kinds[at]))?;
    (kinds[at] == BlockKind::Caption).then_some(&cuts[at])
}
