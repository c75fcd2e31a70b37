//! The list of everything in an element that can be the address of its picture.

use crate::extract::address::MAX_ADDRESS;
use crate::extract::dom::Element;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// Attributes from which scripts load pictures late, with or without `data-` before them and with `_` for
/// `-`; the best first. They precede `src`.
const LAZY: &[&str] = &[
    "lazy-src",
    "original",
    "actualsrc",
    "lazy",
    "lazyload",
    "lazyload-src",
    "lazy-load-src",
    "lazy-original",
    "lazy-image",
    "lazy-img",
    "lazyimg",
    "lazysrc",
    "original-src",
    "originalsrc",
    "orig-src",
    "real-src",
    "realsrc",
    "true-src",
    "ori-src",
    "orisrc",
    "osrc",
    "o-src",
    "imgsrc",
    "img-src",
    "image-src",
    "load-src",
    "loadsrc",
    "defer-src",
    "deferred-src",
    "delay-src",
    "delayed-src",
    "async-src",
    "ks-lazyload",
    "echo",
    "breeze",
    "delayed-url",
    "aload",
    "unveil",
    "layzr",
    "layzr-normal",
    "cfsrc",
    "pagespeed-lazy-src",
    "nitro-lazy-src",
    "litespeed-src",
    "lzl-src",
    "ezsrc",
    "opt-src",
    "spai-src",
    "wood-src",
    "tf-src",
    "pk-src",
    "ll-src",
    "native-src",
    "flickity-lazyload",
    "flickity-lazyload-src",
    "splide-lazy",
    "croporisrc",
    "backsrc",
    "ng-src",
    "file",
    "zoomfile",
    "-src",
];

/// Attributes with another copy of the picture, used if `src` has none.
const COPIES: &[&str] = &[
    "orig-file",
    "large-file",
    "medium-file",
    "image",
    "img",
    "img-url",
    "image-url",
    "original-url",
    "origin",
    "orig",
    "origin-src",
    "canonical-src",
    "full-url",
    "full",
    "hires",
    "hi-res",
    "highres",
    "high-res",
    "large",
    "big",
    "retina",
    "zoom-image",
    "pin-media",
    "url",
    "preview",
    "photo",
    "picture",
    "webp",
];

/// All candidates for the address of an element's picture.
#[derive(Default)]
pub(in crate::extract) struct Sources<'a> {
    pub alt: Option<&'a str>,
    src: Option<&'a str>,
    /// With the index of the attribute in the list.
    lazy: Option<(usize, &'a str)>,
    lazy_set: Option<&'a str>,
    set: Option<&'a str>,
    copy: Option<&'a str>,
    /// An address with a placeholder for the width, and the available widths.
    template: Option<&'a str>,
    widths: Option<&'a str>,
}

/// The placeholder for a width in Shopify's scripts, and its escaped form in an address.
const WIDTH: [&str; 2] = ["{width}", "%7Bwidth%7D"];
/// A width that exists if the page lists none.
const USUAL_WIDTH: u32 = 1024;

impl<'a> Sources<'a> {
    pub fn of(element: &'a Element) -> Self {
        let mut found = Self::default();
        for (name, value) in element.attrs() {
            let value = value.trim();
            match name {
                "class" | "id" | "width" | "height" | "sizes" | "style" | "title" | "loading" => {}
                _ if value.is_empty() => {}
                "alt" => found.alt = Some(value),
                "src" => found.src = Some(value),
                "href" | "xlink:href" if element.name() == "image" => found.src = Some(value),
                "srcset" => found.set = Some(value),
                "data-widths" => found.widths = Some(value),
                "data-src" if is_address(value) => found.lazy = Some((0, value)),
                _ => found.add(name, value),
            }
        }
        found
    }

    fn add(&mut self, name: &str, value: &'a str) {
        if name.ends_with("srcset") {
            self.lazy_set.get_or_insert(value);
            return;
        }
        if !names_picture(value) {
            let has_sign = value.bytes().any(|byte| matches!(byte, b'{' | b'%'));
            if has_sign && WIDTH.iter().any(|width| value.contains(width)) {
                self.template.get_or_insert(value);
            }
            return;
        }
        let bare = name.strip_prefix("data-").unwrap_or(name);
        let is_it = |known: &&str| {
            known.len() == bare.len()
                && known
                    .bytes()
                    .zip(bare.bytes())
                    .all(|(a, b)| a == if b == b'_' { b'-' } else { b })
        };
        if let Some(at) = LAZY.iter().position(is_it) {
            if self.lazy.is_none_or(|(best, _)| at + 1 < best) {
                self.lazy = Some((at + 1, value));
            }
        } else if COPIES.iter().any(is_it) || is_source(bare) {
            self.copy.get_or_insert(value);
        }
    }

    /// The address of the picture, if it has one that is not a placeholder.
    pub fn best(&self) -> Option<&'a str> {
        let is_real = |src: &&str| is_address(src) && !is_furniture(src);
        let lazy = self.lazy.map(|(_, value)| one_of(value)).filter(is_real);
        let src = || self.src.filter(is_real);
        let sets = || [self.lazy_set, self.set].into_iter().flatten().find_map(largest);
        lazy.or_else(src).or_else(sets)
    }

    /// The address of another copy, for a picture without any other.
    pub fn copy(&self) -> Option<String> {
        self.copy.map(|value| one_of(value).to_owned())
    }

    /// The address made from a template, for a picture without any other.
    pub fn filled(&self) -> Option<String> {
        let has_width = |text: &&str| WIDTH.iter().any(|width| text.contains(width));
        let template = self.template.or(self.src).filter(has_width)?;
        let listed = self.widths.unwrap_or_default().split(|c: char| !c.is_ascii_digit());
        let width = listed.filter_map(|width| width.parse::<u32>().ok()).max();
        let width = width.unwrap_or(USUAL_WIDTH).to_string();
        let filled = WIDTH.iter().fold(template.to_owned(), |src, at| src.replace(at, &width));
        Some(filled).filter(|src| is_address(src) && !is_furniture(src))
    }

    /// The picture itself, if its address contains it.
    pub fn data(&self) -> Option<&'a str> {
        self.src.filter(|src| starts(src, "data:"))
    }
}

/// Whether an unknown attribute is likely to have the address of the picture, and not of a smaller one.
fn is_source(name: &str) -> bool {
    const LESSER: [&str; 9] =
        ["thumb", "small", "tiny", "mini", "blur", "low", "placeholder", "fallback", "error"];
    (name.contains("src") || name.contains("lazy"))
        && !LESSER.iter().any(|word| name.contains(word))
}

/// Whether a value can be the address of a picture, and not a setting.
fn names_picture(value: &str) -> bool {
    is_address(value)
        && !value.starts_with(['{', '[', '#', '<', '('])
        && !starts(value, "javascript:")
        && (value.contains('/')
            || is_photograph(value)
            || matches!(extension(value).as_str(), "gif" | "svg" | "bmp"))
}

/// The best address in a value that lists several, or the whole value.
fn one_of(value: &str) -> &str {
    if value.contains(|c: char| c.is_ascii_whitespace()) {
        largest(value).unwrap_or(value)
    } else {
        value
    }
}

fn starts(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

/// Whether this leads to a resource outside of the page.
pub(in crate::extract) fn is_address(src: &str) -> bool {
    !src.is_empty()
        && src.len() <= MAX_ADDRESS
        && !starts(src, "data:")
        && !starts(src, "about:")
        && !starts(src, "blob:")
        && !is_unfilled(src)
}

/// Whether a script has not filled in the address, or nothing is loaded from it.
fn is_unfilled(src: &str) -> bool {
    const NOTHING: [&str; 11] = [
        "undefined",
        "null",
        "nan",
        "false",
        "true",
        "[object object]",
        "http://",
        "https://",
        "//",
        "http:",
        "https:",
    ];
    let is_variable = |(open, close): (&str, &str)| {
        src.split(open).skip(1).any(|behind| {
            behind.split_once(close).is_some_and(|(name, _)| {
                !name.is_empty()
                    && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            })
        })
    };
    // All of them have one of these bytes, and few addresses do.
    let has_variable = || {
        memchr::memchr3(b'{', b'%', b'[', src.as_bytes()).is_some()
            && (["{{", "${", "<%", "[["].iter().any(|start| src.contains(start))
                || [("{", "}"), ("%7B", "%7D"), ("%7b", "%7d")].into_iter().any(is_variable))
    };
    NOTHING.iter().any(|nothing| src.eq_ignore_ascii_case(nothing))
        || src.starts_with('#')
        || starts(src, "javascript:")
        || has_variable()
}

/// The candidate of a `srcset` with the greatest descriptor.
fn largest(srcset: &str) -> Option<&str> {
    let mut best: Option<(f64, &str)> = None;
    for (src, size) in candidates(srcset) {
        let is_picture = is_address(src) && !is_furniture(src);
        if is_picture && best.is_none_or(|(greatest, _)| size > greatest) {
            best = Some((size, src));
        }
    }
    best.map(|(_, src)| src)
}

/// The addresses of a `srcset` with their sizes, as HTML specifies: an address ends at white space, and may
/// contain commas; a descriptor ends at a comma.
fn candidates(srcset: &str) -> impl Iterator<Item = (&str, f64)> {
    let mut rest = srcset;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
            if rest.is_empty() {
                return None;
            }
            let (src, behind) = rest.split_at(end_of_address(rest));
            let bare = src.trim_end_matches(',');
            let (descriptor, behind) = if bare.len() == src.len() {
                behind.split_once(',').unwrap_or((behind, ""))
            } else {
                ("", behind)
            };
            rest = behind;
            if let Some(size) = size_of(descriptor) {
                return Some((bare, size));
            }
        }
    })
}

/// The end of the first address of a `srcset`: at white space; or at a comma without a blank, if an extension
/// before it and another address after it show that it joins two.
fn end_of_address(text: &str) -> usize {
    let is_data = starts(text, "data:");
    let joins = |at: usize| {
        let (before, behind) = (&text[..at], &text[at + 1..]);
        let is_behind =
            behind.starts_with('/') || starts(behind, "http:") || starts(behind, "https:");
        let is_file = || {
            [".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif"].iter().any(|end| {
                before
                    .len()
                    .checked_sub(end.len())
                    .and_then(|from| before.get(from..))
                    .is_some_and(|found| found.eq_ignore_ascii_case(end))
            })
        };
        !is_data && is_behind && is_file()
    };
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b',' if joins(at) => return at + 1,
            _ if byte.is_ascii_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

/// The width of a candidate, or its pixel density; `None` for anything else.
fn size_of(descriptor: &str) -> Option<f64> {
    let mut size = None;
    for word in descriptor.split_ascii_whitespace() {
        let number = word.get(..word.len() - 1).unwrap_or_default().parse::<f64>().ok()?;
        match word.as_bytes()[word.len() - 1] {
            b'w' | b'x' => size = Some(number),
            b'h' => {}
            _ => return None,
        }
    }
    Some(size.unwrap_or(1.0))
}

/// The last part of an address's path.
fn file_of(src: &str) -> &str {
    let bytes = src.as_bytes();
    let end = memchr::memchr2(b'?', b'#', bytes).unwrap_or(bytes.len());
    let start = memchr::memrchr(b'/', &bytes[..end]).map_or(0, |slash| slash + 1);
    &src[start..end]
}

/// In lower case; empty without one.
fn extension(src: &str) -> String {
    let extension = file_of(src).rsplit_once('.').map(|(_, extension)| extension);
    extension.filter(|extension| extension.len() <= 5).unwrap_or_default().to_ascii_lowercase()
}

/// Whether the file's name ends like those of photographs and drawings, and not like those of emoji and
/// tracking pixels.
pub(in crate::extract) fn is_photograph(src: &str) -> bool {
    match extension(src).as_str() {
        "jpg" | "jpeg" | "webp" | "avif" | "jfif" | "heic" => true,
        "png" => !src.contains("emoji"),
        _ => false,
    }
}

/// Whether a file is named as invisible (`pixel.gif`, `zoom-icon.png`): by its whole name, never by a word in
/// it.
pub(in crate::extract) fn is_furniture(src: &str) -> bool {
    let file = file_of(src).to_ascii_lowercase();
    let (stem, extension) = file.split_once('.').unwrap_or((&file, ""));
    let is_drawing = matches!(extension, "gif" | "png" | "svg");
    let mut is_named = false;
    let words = stem.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    for word in words {
        is_named |= match word {
            "icon" | "icons" | "pixel" | "spacer" | "blank" | "1x1" | "transparent" | "favicon"
            | "placeholder" | "loading" | "loader" | "lazyload" | "spinner" => true,
            "grey" | "gray" | "none" | "clear" | "dot" | "empty" | "space" | "lazy" | "load"
                if is_drawing =>
            {
                true
            }
            "image" | "img" | "ajax" | "zoom" | "share" | "print" | "email" | "search" | "menu"
            | "close" | "play" | "arrow" | "rss" | "facebook" | "twitter" | "weibo" | "wechat"
            | "small" | "large" | "gif" => false,
            // Sizes and counts, but not years.
            _ if word.bytes().all(|byte| byte.is_ascii_digit()) && word.len() < 4 => false,
            _ if word.contains('x') && word.bytes().all(|b| b.is_ascii_digit() || b == b'x') => {
                false
            }
            _ => return false,
        };
    }
    is_named
}

/// `data:image/png` of an address that contains the picture itself.
pub(in crate::extract) fn data_type(data: &str) -> Option<String> {
    let kind = data.get("data:".len()..)?.split([';', ',']).next()?.trim();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/.+-".contains(&byte);
    let is_picture = starts(kind, "image/") && kind.len() <= 64 && kind.bytes().all(is_part);
    is_picture.then(|| format!("data:{}", kind.to_ascii_lowercase()))
}

/// The maximum side of an icon in pixels.
const ICON: u32 = 32;

/// Whether such a picture shows nothing, as far as its first bytes indicate: at most an icon, or an empty
/// drawing.
pub(in crate::extract) fn is_empty_data(data: &str) -> bool {
    let Some((head, body)) = data.split_once(',') else {
        return true;
    };
    if starts(head, "data:image/svg") {
        let drawn = if head.contains("base64") {
            decoded(body, body.len())
        } else {
            body.replace("%3C", "<").replace("%3c", "<").into_bytes()
        };
        const SHAPES: [&[u8]; 8] =
            [b"<path", b"<circle", b"<text", b"<image", b"<line", b"<poly", b"<use", b"<ellipse"];
        return !SHAPES.iter().any(|shape| memchr::memmem::find(&drawn, shape).is_some());
    }
    let bytes = decoded(body, 32);
    let size = match bytes.as_slice() {
        [b'G', b'I', b'F', _, _, _, w, w2, h, h2, ..] => {
            [u32::from(*w) | u32::from(*w2) << 8, u32::from(*h) | u32::from(*h2) << 8]
        }
        [0x89, b'P', b'N', b'G', ..] if bytes.len() >= 24 => [16, 20].map(|at| {
            bytes[at..at + 4].iter().fold(0, |size: u32, &byte| size << 8 | u32::from(byte))
        }),
        _ => return false,
    };
    size.iter().any(|&side| side <= ICON)
}

/// The bytes in the first characters of base64.
fn decoded(body: &str, characters: usize) -> Vec<u8> {
    let kept = body.bytes().filter(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte));
    let mut kept: Vec<u8> = kept.take(characters).collect();
    kept.truncate(kept.len() / 4 * 4);
    STANDARD_NO_PAD.decode(kept).unwrap_or_default()
}
