//! The budget of one document, counted and never timed: results do not depend on how busy the machine is.
//!
//! Both allowances grow with the document, so that they limit the cost of each of its bytes, plus a constant
//! for the needs of small documents. `docs/limits.md` lists them.

use crate::model::PageLimit;
use std::cell::Cell;

/// Steps that any document may take; the largest real ones take some hundred thousand.
const WORK: u64 = 100_000_000;
/// Further steps for each of its bytes. Real documents take less than one.
const WORK_PER_BYTE: u64 = 16;
/// Bytes that its rows may have besides its text: addresses and captions, which can be copied.
const OUTPUT: u64 = 16 << 20;
/// Further such bytes for each byte of the document.
const OUTPUT_PER_BYTE: u64 = 8;

/// The allowances of one document, and how much of them is used.
#[derive(Debug)]
pub(super) struct Budget {
    worked: Cell<u64>,
    most_work: u64,
    put_out: Cell<u64>,
    most_output: u64,
}

impl Budget {
    /// For a document of this size.
    pub fn of(bytes: usize) -> Self {
        let bytes = bytes as u64;
        Self {
            worked: Cell::new(0),
            most_work: WORK + WORK_PER_BYTE * bytes,
            put_out: Cell::new(0),
            most_output: OUTPUT + OUTPUT_PER_BYTE * bytes,
        }
    }

    /// Counts steps: an open element inspected, two attributes compared.
    #[inline]
    pub fn work(&self, steps: u64) {
        // 2⁶⁴ steps would take centuries.
        self.worked.set(self.worked.get().wrapping_add(steps));
    }

    /// Counts bytes of rows; returns whether there was room. After the first refusal, all are refused.
    pub fn put_out(&self, bytes: usize) -> bool {
        self.put_out.set(self.put_out.get().saturating_add(bytes as u64));
        self.put_out.get() <= self.most_output
    }

    /// The exhausted allowance, as in `status_detail`.
    #[inline]
    pub fn broken(&self) -> Option<PageLimit> {
        if self.worked.get() > self.most_work {
            return Some(PageLimit::TooMuchWork);
        }
        (self.put_out.get() > self.most_output).then_some(PageLimit::TooMuchOutput)
    }

    /// Steps so far.
    pub fn worked(&self) -> u64 {
        self.worked.get()
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;
    use crate::extract::tests::{article, document};
    use crate::extract::{canonical_url, dom, extract};
    use crate::model::{LinkKind, PageLimit, ParsedDocument, Sha256};

    /// Small pages in which one quantity is multiplied by another.
    #[test]
    fn what_multiplies_is_refused() {
        let of = |html: &str| article(html).status_detail;
        let long = "y".repeat(60_000);
        let caption = format!("<figcaption>{}</figcaption>", "图 ".repeat(5_000));
        let text = "文".repeat(20_000);
        let with_address = |html: String| {
            let url = Some(format!("https://news.example/{long}/"));
            extract(&ParsedDocument { url, ..document("雨后", &html) }, &Sha256::default())
                .status_detail
        };
        let output = Some(PageLimit::TooMuchOutput);
        // An unclosed link is repeated in every paragraph.
        assert_eq!(
            of(&format!("<p><a href='//x.example/{long}'>{}", "<p>文".repeat(5_000))),
            output
        );
        assert_eq!(with_address("<a href=x>文</a>".repeat(9_000)), output);
        let pictures: String =
            (0..9_000).map(|n| format!("<img src=//x.example/{n}.jpg>")).collect();
        assert_eq!(of(&format!("<p>{text}</p><figure>{pictures}{caption}</figure>")), output);
        let source = format!("<source srcset='//x.example/{long} 1w'>");
        assert_eq!(of(&format!("<picture>{source}{}", "<img>".repeat(9_000))), output);
    }

    /// Small pages that are slow in html5ever, with the budget of one a hundredth as long.
    #[test]
    fn work_is_counted() {
        #[track_caller]
        fn check(html: &str) {
            let budget = Budget { most_work: super::WORK / 100, ..Budget::of(0) };
            assert_eq!(dom::parse(html, &budget).err(), Some(PageLimit::TooMuchWork));
        }
        let words = "share ".repeat(10_000);
        check(&format!("<p><b class='{words}'>{}", "<p>文".repeat(300)));
        check(&format!("{}{}", "<span>".repeat(1_000), "</i></q>".repeat(1_000)));
        let attributes: String = (0..900).map(|n| format!(" a{n}")).collect();
        check(&format!("<p {attributes}>").repeat(20));
        check(&format!("<font {attributes}><svg><desc>{}", "</font>".repeat(2_000)));
        check(&format!("<font {attributes}>{}", "<font a>".repeat(1_000)));
        let names =
            |tag: usize| (0..900).map(|n| format!(" longname{tag}x{n}")).collect::<String>();
        check(&(0..40).map(|tag| format!("<p{}>", names(tag))).collect::<String>());
        check(&format!("<html {attributes}><html b{attributes}>").repeat(20));
    }

    /// A document with a great quantity of one thing costs as much as its length.
    #[test]
    fn what_only_is_long_is_cut() {
        let endings = "翻译：甲<br>".repeat(30_000);
        assert_eq!(article(&format!("<p>文。<br>{endings}")).blocks.len(), 30_001);
        let openings = "<p><b>雨后</b><br>文。".repeat(30_000);
        assert_eq!(article(&openings).blocks.len(), 60_000);
        let title = "a_".repeat(400_000);
        let url = Some("https://news.example/".to_owned());
        let titled =
            extract(&ParsedDocument { url, title, ..document("", "文") }, &Sha256::default());
        assert_eq!(titled.title.len(), 800_000);
    }

    /// Servers accept addresses of some 8 KiB; no article has one of 64.
    #[test]
    fn an_address_that_is_too_long_is_none() {
        let long = format!("https://news.example/{}", "y".repeat(64 << 10));
        assert_eq!(canonical_url(&long), None);
        assert!(canonical_url(&long[..64 << 10]).is_some());
        let url = Some(long.clone());
        let html = format!("<a href=b>文</a><a href='{long}'>文</a><img src='{long}'>");
        let article =
            extract(&ParsedDocument { url, ..document("雨后", &html) }, &Sha256::from([1; 32]));
        assert_eq!(article.canonical_url, format!("urn:sha256:{}", "01".repeat(32)));
        assert_eq!((article.host, article.media), (None, Vec::new()));
        let links: Vec<_> = article.links.iter().map(|link| (link.kind, link.url.len())).collect();
        assert_eq!(links, [(LinkKind::Other, 1), (LinkKind::Other, long.len())]);
    }
}
