//! Decides the kind of each cut, most certain rules first: element, class, links inside, position and shape,
//! and finally the words at the end. Undecided cuts are paragraphs: a wrong guess must cost a mark, never the
//! text.

use super::counts::{LABEL_LETTERS, Links};
use super::dates;
use super::endings;
use super::links::Target;
use super::place::Place;
use crate::extract::cut::{Cut, Shape, Walked};
use crate::extract::marks::Marks;
use crate::extract::marks::parts::Parts;
use crate::extract::region::Region;
use crate::extract::text::{folded_text, letters};
use crate::model::BlockKind;

/// A block of this many bytes is text, whatever the names of the elements around it: two lines of Chinese,
/// some sixty English words.
const LONG_TEXT: usize = 360;
/// A bold block up to this long is a heading; a longer first one is the lead.
const HEADING_LETTERS: usize = 40;
const CAPTION_LETTERS: usize = 80;
/// In a figure, twice that, and this many bytes: some eighty English words.
const CAPTION_BYTES: usize = 480;
/// A publisher's or author's name, alone in a block.
const NAME_LETTERS: usize = 12;

/// The kind of each cut by marks, links and lists; `None` if these do not decide it.
pub(in crate::extract) fn by_marks(walked: &Walked, targets: &[Target]) -> Vec<Option<BlockKind>> {
    let links = Links::count(walked, targets);
    let places = Place::of_all(walked, &links);
    let by_place: Vec<Option<BlockKind>> =
        walked.cuts.iter().map(|cut| by_container(cut, &places[cut.container])).collect();
    let lists = ListVerdict::of(walked, &links, &by_place);
    let mut kinds: Vec<Option<BlockKind>> = (by_place.into_iter().enumerate())
        .map(|(at, kind)| kind.or_else(|| by_links(walked, at, &links, &lists)))
        .collect();
    for (at, kind) in kinds.iter_mut().enumerate() {
        let cut = &walked.cuts[at];
        let is_text = cut.letters > 0 || cut.shape == Shape::TableRow;
        if kind.is_none() && !is_text && !has_emoji(&cut.text) {
            *kind = Some(BlockKind::Boilerplate);
        }
    }
    kinds
}

/// Decides for a whole page which cuts are its article: nothing in it is furniture because of a name or a
/// link, and everything outside is.
pub(in crate::extract) fn keep_to(
    region: &Region,
    walked: &Walked,
    kinds: &mut [Option<BlockKind>],
) {
    for (at, kind) in kinds.iter_mut().enumerate() {
        if region.is_text[at] {
            *kind = None;
        } else if !region.is_text[at] && kind.is_none() {
            let look = walked.containers[walked.cuts[at].container].look;
            let is_related = look.parts.has(Parts::RELATED);
            *kind = Some(if is_related { BlockKind::Related } else { BlockKind::Boilerplate });
        }
    }
}

/// The kinds of all cuts, given the decided ones in `kinds`: the rest follows from position, shape and words.
pub(in crate::extract) fn complete(
    walked: &Walked,
    mut kinds: Vec<Option<BlockKind>>,
    titles: &[&str],
) -> Vec<BlockKind> {
    mark_titles(walked, titles, &mut kinds);
    by_position(walked, &mut kinds);
    endings::mark(&walked.cuts, &mut kinds);
    mark_related_headings(walked, &mut kinds);
    mark_related_cards(walked, &mut kinds);
    mark_last_headings(walked, &mut kinds);
    kinds
        .iter()
        .zip(&walked.cuts)
        .map(|(kind, cut)| kind.unwrap_or_else(|| of_shape(cut.shape)))
        .collect()
}

/// Whether a text without letters is meaningful because of emoji. Discs and squares are ornaments.
fn has_emoji(text: &str) -> bool {
    use unicode_properties::UnicodeEmoji;
    use unicode_properties::emoji::EmojiStatus;
    let is_ornament = |c: char| {
        matches!(c,
            '\u{25a0}'..='\u{25ff}' | '⚪' | '⚫' | '⬛' | '⬜' | '⭕'
            | '\u{1f534}'..='\u{1f53d}' | '\u{1f7e0}'..='\u{1f7eb}')
    };
    let is_shown = |c: char| {
        matches!(
            c.emoji_status(),
            EmojiStatus::EmojiPresentation
                | EmojiStatus::EmojiPresentationAndModifierBase
                | EmojiStatus::EmojiPresentationAndEmojiComponent
                | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
        )
    };
    let behind = text.chars().skip(1).chain([' ']);
    let mut pairs = text.chars().zip(behind).filter(|(c, _)| !c.is_ascii());
    // A variation selector turns a sign into an emoji.
    pairs.any(|(c, behind)| !is_ornament(c) && (is_shown(c) || behind == '\u{fe0f}'))
}

fn of_shape(shape: Shape) -> BlockKind {
    match shape {
        Shape::Flow => BlockKind::Paragraph,
        Shape::Heading(_) => BlockKind::Heading,
        Shape::ListItem(_) => BlockKind::ListItem,
        Shape::Quote(_) => BlockKind::Quote,
        Shape::Preformatted => BlockKind::Preformatted,
        Shape::TableRow => BlockKind::TableRow,
    }
}

fn by_container(cut: &Cut, place: &Place) -> Option<BlockKind> {
    let &Place { in_figure, has_picture, .. } = place;
    let is_share_bar = place.is_share_bar && !is_said(cut);
    let marks = place.marks.with(cut.inline);
    let is_long = cut.text.len() >= LONG_TEXT && cut.linked * 2 < cut.letters;
    // Readers write long texts too, and so do authors of captions.
    let is_theirs = marks.has(Marks::COMMENT_LIST)
        || ((has_picture || cut.follows_picture) && marks.has(Marks::CAPTION));
    let marks = if is_long && !is_theirs { marks.without_named() } else { marks };
    if marks.has(Marks::HIDDEN) || endings::is_placeholder(&cut.text) {
        return Some(BlockKind::Boilerplate);
    }
    if endings::is_credit(&cut.text) {
        return Some(BlockKind::Credit);
    }
    if marks.has(Marks::COMMENT.with(Marks::COMMENT_LIST)) {
        return Some(BlockKind::Boilerplate);
    }
    if marks.has(Marks::RELATED) {
        return Some(BlockKind::Related);
    }
    if is_share_bar || marks.has(Marks::SHARE.with(Marks::PROMO).with(Marks::ASIDE)) {
        return Some(BlockKind::Boilerplate);
    }
    if marks.has(Marks::CAPTION) {
        return Some(BlockKind::Caption);
    }
    if marks.has(Marks::CREDIT) {
        return Some(BlockKind::Credit);
    }
    if marks.has(Marks::COPYRIGHT) {
        return Some(if in_figure { BlockKind::Credit } else { BlockKind::Boilerplate });
    }
    if cut.inline.has(Marks::TIME) && !marks.has(Marks::META) {
        return Some(BlockKind::Dateline);
    }
    if marks.has(Marks::BYLINE) {
        return Some(BlockKind::Byline);
    }
    if marks.has(Marks::META) {
        return Some(BlockKind::Boilerplate);
    }
    let is_short = cut.letters <= 2 * CAPTION_LETTERS || cut.text.len() <= CAPTION_BYTES;
    let is_quote = matches!(cut.shape, Shape::Quote(_));
    (has_picture && is_short && !is_quote).then_some(BlockKind::Caption)
}

/// Whether somebody is quoted with more than links.
fn is_said(cut: &Cut) -> bool {
    matches!(cut.shape, Shape::Quote(_)) && cut.linked < cut.letters
}

/// Lists: of links only, or the content itself.
struct ListVerdict {
    /// By container: the outermost list that contains it.
    outermost: Vec<Option<usize>>,
    /// By outermost list: whether every item is one link.
    is_related: Vec<bool>,
}

impl ListVerdict {
    fn of(walked: &Walked, links: &Links, by_place: &[Option<BlockKind>]) -> Self {
        let containers = &walked.containers;
        let mut outermost = vec![None; containers.len()];
        for at in 1..containers.len() {
            outermost[at] =
                outermost[containers[at].parent].or(containers[at].is_list.then_some(at));
        }
        let mut is_related = vec![false; containers.len()];
        for (at, container) in containers.iter().enumerate() {
            is_related[at] =
                container.is_list && outermost[at] == Some(at) && links.count[at].all > 0;
        }
        // Letters of content in lists, and beside them.
        let (mut in_lists, mut beside) = (0, 0);
        for (at, cut) in walked.cuts.iter().enumerate() {
            if cut.letters == 0 {
                continue;
            }
            let is_marked = by_place[at].is_some();
            match outermost[cut.container] {
                Some(list) => {
                    // The text introduces it, and it names no other articles: "these are the sources:".
                    let before = at.checked_sub(1).map(|before| &walked.cuts[before]);
                    if let Some(before) = before
                        && outermost[before.container] != Some(list)
                        && endings::introduces(&before.text)
                        && !cut.text.starts_with('《')
                        && links.to_own_site[list] * 2 < links.count[list].all
                    {
                        is_related[list] = false;
                    }
                    in_lists += if is_marked { 0 } else { cut.letters };
                    is_related[list] &= cut.linked == cut.letters && links.of_cut[at].all == 1;
                }
                None => beside += if is_marked { 0 } else { cut.letters },
            }
        }
        if in_lists > beside {
            is_related.fill(false);
        }
        Self { outermost, is_related }
    }
}

fn by_links(walked: &Walked, at: usize, links: &Links, lists: &ListVerdict) -> Option<BlockKind> {
    let cut = &walked.cuts[at];
    if lists.outermost[cut.container].is_some_and(|list| lists.is_related[list]) {
        return Some(BlockKind::Related);
    }
    let count = links.of_cut[at];
    if count.is_bar(cut.letters, cut.linked, LABEL_LETTERS) && !is_said(cut) {
        return Some(BlockKind::Boilerplate);
    }
    if count.all > 0 && endings::opens_related(&cut.text) && cut.letters - cut.linked <= 12 {
        return Some(BlockKind::Related);
    }
    None
}

/// Marks headings that only repeat the title: of the first rank, or among the first blocks; also a line
/// formatted as one before everything else, but not if it is the whole text.
fn mark_titles(walked: &Walked, titles: &[&str], kinds: &mut [Option<BlockKind>]) {
    // By letters alone, since themes change dashes and quotation marks.
    let key_of =
        |text: &str| folded_text(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let keys: Vec<String> = titles.iter().map(|title| key_of(title)).collect();
    let repeats = |cut: &Cut| {
        let key = key_of(&cut.text);
        !key.is_empty() && keys.contains(&key)
    };
    // A name or two may be above it.
    let mut before = (0, 0);
    for at in 0..kinds.len() {
        if kinds[at].is_some() {
            continue;
        }
        let cut = &walked.cuts[at];
        let is_among_first = before.0 < 3 && before.1 <= 2 * NAME_LETTERS;
        let behind = kinds[at + 1..].iter().zip(&walked.cuts[at + 1..]);
        let mut text_behind = behind.filter(|(kind, cut)| kind.is_none() && !repeats(cut));
        let can_be = match cut.shape {
            Shape::Heading(1) => true,
            Shape::Heading(_) => is_among_first,
            Shape::Flow => is_among_first && is_set_as_title(walked, cut),
            _ => false,
        };
        let is_top = cut.shape == Shape::Heading(1);
        if can_be && repeats(cut) && (is_top || text_behind.next().is_some()) {
            kinds[at] = Some(BlockKind::Boilerplate);
            continue;
        }
        before = (before.0 + 1, before.1 + cut.letters);
    }
}

/// Whether a line other than a heading looks like one, by its weight or its class.
fn is_set_as_title(walked: &Walked, cut: &Cut) -> bool {
    let marks = walked.containers[cut.container].marks.with(cut.inline);
    cut.bold == cut.letters || marks.has(Marks::TITLE)
}

/// Dates and names before the text, the lead, bold headings, captions after pictures.
fn by_position(walked: &Walked, kinds: &mut [Option<BlockKind>]) {
    let mut seen = 0;
    for (at, cut) in walked.cuts.iter().enumerate() {
        if kinds[at].is_some() {
            continue;
        }
        if seen < 2 && dates::is_date_line(&cut.text) {
            kinds[at] = Some(BlockKind::Dateline);
            continue;
        }
        if seen < 2 && endings::is_byline(&cut.text) {
            kinds[at] = Some(BlockKind::Byline);
            continue;
        }
        if is_caption(walked, cut) {
            kinds[at] = Some(BlockKind::Caption);
            continue;
        }
        if cut.shape == Shape::Flow {
            kinds[at] = by_weight(walked, cut, seen == 0);
        }
        seen += 1;
    }
}

fn by_weight(walked: &Walked, cut: &Cut, is_first: bool) -> Option<BlockKind> {
    let is_bold = cut.bold == cut.letters;
    let is_starred = cut.text.len() > 4 && cut.text.starts_with("**") && cut.text.ends_with("**");
    if (is_bold || is_starred) && is_heading_text(&cut.text) {
        return Some(BlockKind::Heading);
    }
    let is_named_lead = walked.containers[cut.container].marks.has(Marks::LEAD);
    (is_first && (is_bold || is_named_lead)).then_some(BlockKind::Lead)
}

/// Whether a bold line reads like a heading: one short line that does not end a sentence, and is not a
/// question of an interview.
pub(in crate::extract) fn is_heading_text(text: &str) -> bool {
    const STOPS: [char; 4] = ['。', '！', '？', '?'];
    let text = text.trim();
    let ends_sentence = text.ends_with(['。', '！', '；', '…', '.', '，', ',']);
    let body = text.trim_end_matches(STOPS);
    let asks = body.len() < text.len() && text.chars().take(12).any(|c| matches!(c, '：' | ':'));
    (1..=HEADING_LETTERS).contains(&letters(text))
        && !ends_sentence
        && !text.contains('\n')
        && !body.contains(STOPS)
        && !asks
}

/// Short text directly after a picture, formatted like a caption.
fn is_caption(walked: &Walked, cut: &Cut) -> bool {
    let can_be = (1..=CAPTION_LETTERS).contains(&cut.letters) && cut.shape == Shape::Flow;
    if !cut.follows_picture || !can_be {
        return false;
    }
    let container = &walked.containers[cut.container];
    let is_small = cut.inline.has(Marks::SMALL) || container.marks.has(Marks::SMALL);
    let is_slanted = cut.italic == cut.letters;
    let shares_box = container.pictures == 1 && !cut.text.ends_with(['。', '！', '？']);
    is_small
        || endings::opens_caption(&cut.text)
        || (is_slanted && !cut.text.ends_with('。'))
        || (container.is_centred && cut.bold < cut.letters)
        || (shares_box && cut.bold < cut.letters && letters(&cut.text) <= 40)
}

/// "相关阅读" above a list of links belongs to it.
fn mark_related_headings(walked: &Walked, kinds: &mut [Option<BlockKind>]) {
    for at in (0..kinds.len()).rev() {
        let is_over_related = kinds.get(at + 1) == Some(&Some(BlockKind::Related));
        let is_free = matches!(kinds[at], None | Some(BlockKind::Heading));
        if is_over_related
            && is_free
            && endings::opens_related(&walked.cuts[at].text)
            && walked.cuts[at].letters <= 20
        {
            kinds[at] = Some(BlockKind::Related);
        }
    }
}

/// Headings at the end without any text below, after furniture, are furniture of the page.
fn mark_last_headings(walked: &Walked, kinds: &mut [Option<BlockKind>]) {
    let is_heading = |at: usize| matches!(walked.cuts[at].shape, Shape::Heading(_));
    let is_content = |kind: &Option<BlockKind>| kind.is_none_or(BlockKind::is_content);
    let Some(last) = (0..kinds.len()).rev().find(|&at| !(is_content(&kinds[at]) && is_heading(at)))
    else {
        return;
    };
    if matches!(kinds[last], Some(BlockKind::Related | BlockKind::Boilerplate)) {
        for kind in kinds[last + 1..].iter_mut() {
            *kind = Some(BlockKind::Boilerplate);
        }
    }
}

/// Cuts completely in links, after a bare "Related", are its cards.
fn mark_related_cards(walked: &Walked, kinds: &mut [Option<BlockKind>]) {
    let mut is_behind = false;
    for (kind, cut) in kinds.iter_mut().zip(&walked.cuts) {
        if cut.letters <= 12 && endings::opens_related(&cut.text) {
            is_behind = true;
            if kind.is_none_or(BlockKind::is_content) {
                *kind = Some(BlockKind::Related);
            }
        } else if is_behind && kind.is_none_or(BlockKind::is_content) {
            is_behind = cut.linked == cut.letters;
            if is_behind {
                *kind = Some(BlockKind::Related);
            }
        }
    }
}
