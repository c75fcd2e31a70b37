//! Languages by their ISO 639 codes.

use super::{UnknownWord, as_text};
use std::fmt;
use std::str::FromStr;

/// A language: the primary subtag of BCP 47 in lower case, from ISO 639 (`zh`, `en`, `yue`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Language([u8; 3]);

impl Language {
    /// Old codes of ISO 639 that pages still use.
    const OLD_NAMES: [(&str, &str); 5] =
        [("iw", "he"), ("in", "id"), ("ji", "yi"), ("jw", "jv"), ("mo", "ro")];

    /// From a tag (`zh-Hant-TW`, `en_US`, `eng`); `None` for one that names no language (`und`, `x-none`,
    /// `cn`).
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        let primary = primary.to_ascii_lowercase();
        let is_code =
            matches!(primary.len(), 2 | 3) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_code || matches!(&*primary, "und" | "mul" | "zxx" | "mis") {
            return None;
        }
        let old = Self::OLD_NAMES.iter().find(|(old, _)| *old == primary);
        let code = old.map_or(&*primary, |(_, name)| name);
        // Codes are separated by blanks and commas.
        let named = CODES.split(',').map(str::trim_start).find(|names| {
            if code.len() == 2 { names.starts_with(code) } else { names[2..].contains(code) }
        });
        match named {
            Some(names) => Some(Self::of_code(&names[..2])),
            None => (code.len() == 3).then(|| Self::of_code(code)),
        }
    }

    /// From a code of two or three letters.
    pub(crate) const fn of_code(code: &str) -> Self {
        let code = code.as_bytes();
        Self([code[0], code[1], if code.len() > 2 { code[2] } else { 0 }])
    }

    /// Whether it is Chinese, or one of the Chinese languages with a code of their own in ISO 639-3.
    pub fn is_chinese(self) -> bool {
        const CODES: [&str; 14] = [
            "zh", "yue", "nan", "hak", "wuu", "gan", "hsn", "cdo", "cjy", "mnp", "cpx", "czh",
            "czo", "lzh",
        ];
        CODES.contains(&self.as_str())
    }

    /// Whether it is written from right to left.
    pub fn is_right_to_left(self) -> bool {
        ["ar", "fa", "he", "ur", "ug", "yi", "ps", "sd", "ckb", "ks", "dv"].contains(&self.as_str())
    }

    /// Its code, of two or three letters.
    pub fn as_str(&self) -> &str {
        let length = if self.0[2] == 0 { 2 } else { 3 };
        // Always made of letters.
        std::str::from_utf8(&self.0[..length]).unwrap_or_default()
    }
}

/// From a code as stored; [`Language::of_tag`] reads the tags of pages.
impl FromStr for Language {
    type Err = UnknownWord;

    fn from_str(code: &str) -> Result<Self, UnknownWord> {
        let is_code =
            matches!(code.len(), 2 | 3) && code.bytes().all(|byte| byte.is_ascii_lowercase());
        let unknown = || UnknownWord { kind: "Language", word: code.to_owned() };
        is_code.then(|| Self::of_code(code)).ok_or_else(unknown)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

as_text!(Language);

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_str())
    }
}

/// The codes of ISO 639-1, each followed by those of ISO 639-2 and 639-3 for the same written language. `kr`
/// (Kanuri) and `tw` (Twi) are left out: pages use them for the countries, like `cn` and `jp`.
const CODES: &str = "aa aar, ab abk, ae ave, af afr, ak aka, am amh, an arg, ar ara arb, as asm, av ava, ay aym, \
    az aze azj, ba bak, be bel, bg bul, bi bis, bm bam, bn ben, bo bod tib, br bre, bs bos, \
    ca cat, ce che, ch cha, co cos, cr cre, cs ces cze, cu chu, cv chv, cy cym wel, da dan, \
    de deu ger, dv div, dz dzo, ee ewe, el ell gre, en eng, eo epo, es spa, et est ekk, \
    eu eus baq, fa fas per pes, ff ful, fi fin, fj fij, fo fao, fr fra fre, fy fry, ga gle, \
    gd gla, gl glg, gn grn, gu guj, gv glv, ha hau, he heb, hi hin, ho hmo, hr hrv, ht hat, \
    hu hun, hy hye arm, hz her, ia ina, id ind, ie ile, ig ibo, ii iii, ik ipk, io ido, \
    is isl ice, it ita, iu iku, ja jpn, jv jav, ka kat geo, kg kon, ki kik, kj kua, kk kaz, \
    kl kal, km khm, kn kan, ko kor, ks kas, ku kur, kv kom, kw cor, ky kir, la lat, lb ltz, \
    lg lug, li lim, ln lin, lo lao, lt lit, lu lub, lv lav lvs, mg mlg, mh mah, mi mri mao, \
    mk mkd mac, ml mal, mn mon khk, mr mar, ms msa may zsm, mt mlt, my mya bur, na nau, nb nob, \
    nd nde, ne nep npi, ng ndo, nl nld dut, nn nno, no nor, nr nbl, nv nav, ny nya, oc oci, \
    oj oji, om orm, or ori ory, os oss, pa pan, pi pli, pl pol, ps pus, pt por, qu que, rm roh, \
    rn run, ro ron rum, ru rus, rw kin, sa san, sc srd, sd snd, se sme, sg sag, sh hbs, si sin, \
    sk slk slo, sl slv, sm smo, sn sna, so som, sq sqi alb, sr srp, ss ssw, st sot, su sun, \
    sv swe, sw swa, ta tam, te tel, tg tgk, th tha, ti tir, tk tuk, tl tgl, tn tsn, to ton, \
    tr tur, ts tso, tt tat, ty tah, ug uig, uk ukr, ur urd, uz uzb uzn, ve ven, vi vie, vo vol, \
    wa wln, wo wol, xh xho, yi yid ydd, yo yor, za zha, zh zho chi cmn, zu zul";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        let read = |tag: &str| Language::of_tag(tag).map(|language| language.as_str().to_owned());
        for (tag, name) in [
            ("zh-Hant-TW", Some("zh")),
            ("EN_us", Some("en")),
            (" yue ", Some("yue")),
            ("cmn-Hans", Some("zh")),
            ("iw", Some("he")),
            ("eng", Some("en")),
            ("ger-AT", Some("de")),
            ("fra", Some("fr")),
            ("fre", Some("fr")),
            ("zho", Some("zh")),
            ("jpn", Some("ja")),
            ("zu", Some("zu")),
            ("fil", Some("fil")),
            ("cn", None),
            ("jp", None),
            ("kr", None),
            ("tw", None),
            ("und", None),
            ("x-default", None),
            ("", None),
            ("english", None),
            ("e1", None),
        ] {
            assert_eq!(read(tag).as_deref(), name, "{tag}");
        }
    }
}
