//! Recognises blocks by their words: credits, and the lines with which publishers end an article.
//!
//! All patterns are anchored at the start of a line, and endings are only searched in the last blocks: the
//! same words in the middle of an article are its text.

use super::author;
use crate::extract::cut::Cut;
use crate::extract::text::letters;
use crate::model::BlockKind;

/// How many blocks from the end an ending may start.
const LAST_BLOCKS: usize = 8;
/// A longer line is text, however it starts.
const TAIL_LETTERS: usize = 240;
/// In bytes, so that the letters of longer texts need not be counted.
const LONGEST_CREDIT: usize = 480;

/// Marks endings among the undecided blocks, from the last one back to the first that is not an ending.
pub(in crate::extract) fn mark(cuts: &[Cut], kinds: &mut [Option<BlockKind>]) {
    let mut looked = 0;
    for at in (0..cuts.len()).rev() {
        if kinds[at].is_some_and(|kind| !kind.is_content()) {
            continue;
        }
        looked += 1;
        match ending(&cuts[at].text) {
            Some(kind) if looked <= LAST_BLOCKS => kinds[at] = Some(kind),
            _ => break,
        }
    }
}

/// The byte offsets at which the last lines of a block begin, as far as they are endings and not the only
/// line.
pub(in crate::extract) fn last_line_endings(text: &str) -> Vec<usize> {
    let mut rest = text;
    let mut starts = Vec::new();
    while let Some(at) = rest.rfind('\n').map(|newline| newline + 1)
        && ending(&rest[at..]).is_some()
    {
        starts.push(at);
        rest = rest[..at].trim_end();
    }
    starts.reverse();
    starts
}

/// Beginnings of lines about the page or the site.
const NOTICES: [&str; 50] = [
    "©",
    "(c)",
    "版权",
    "版權",
    "copyright",
    "all rights reserved",
    "转载",
    "轉載",
    "未经许可",
    "未經許可",
    "未经授权",
    "本文版权",
    "如需转载",
    "分享：",
    "分享:",
    "分享 :",
    "分享到",
    "分享至",
    "获取更多rss",
    "feed enhanced by",
    "点击查看本文",
    "點擊查看本文",
    "查看本文英文版",
    "欢迎订阅",
    "歡迎訂閱",
    "订阅我们",
    "感谢阅读",
    "感謝閱讀",
    "关注我们",
    "關注我們",
    "欢迎关注",
    "歡迎關注",
    "continue reading",
    "阅读全文",
    "閱讀全文",
    "read more",
    "阅读更多",
    "tagged",
    "posted in",
    "filed under",
    "the post ",
    "原文链接",
    "原文鏈接",
    "原文连接",
    "本文首发",
    "扫码",
    "微信搜索",
    "微信搜尋",
    "请微信搜索",
    "請微信搜尋",
];
/// Beginnings of such lines if they are short.
const SHORT_NOTICES: [&str; 8] =
    ["来源：", "來源：", "原文：", "出处：", "share this", "更多", "赞过", "长按"];

/// The kind of a closing line.
fn ending(text: &str) -> Option<BlockKind> {
    let line = text.trim();
    let line =
        line.trim_start_matches(['*', '-', '—', '　', '▲', '▼', '•', '#', '【', '[']).trim_start();
    let count = letters(line);
    if count == 0 || count > TAIL_LETTERS {
        return None;
    }
    let line = line.to_lowercase();
    let line = line.as_str();
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let names_cover = line.starts_with("题图") || line.starts_with("題圖");
    if is_credit(text) || (names_cover && count <= 60) {
        return Some(BlockKind::Credit);
    }
    if count <= 60
        && (is_byline(text)
            || ["责编：", "责编:", "網編：", "网编：", "責編："].iter().any(|w| line.contains(w)))
    {
        return Some(BlockKind::Byline);
    }
    if count <= 200 && is_about_author(line) {
        return Some(BlockKind::Byline);
    }
    if opens_related(text) && count <= 60 {
        return Some(BlockKind::Related);
    }
    let is_notice = starts(&NOTICES) || (count <= 40 && starts(&SHORT_NOTICES));
    if (is_notice && !is_more_of_something(line)) || is_provenance(line) {
        return Some(BlockKind::Boilerplate);
    }
    None
}

/// Whether a sentence uses the word for "more" without pointing to anything: "更多人留了下来。"
fn is_more_of_something(line: &str) -> bool {
    const POINTS: [&str; 20] = [
        "请", "請", "关注", "關注", "点击", "點擊", "订阅", "訂閱", "阅读", "閱讀", "扫", "掃",
        "下载", "下載", "尽在", "盡在", "详见", "詳見", "参见", "參見",
    ];
    line.starts_with("更多")
        && line.ends_with(['。', '？', '！'])
        && !POINTS.iter().any(|word| line.contains(word))
}

/// Whether a line introduces the author: "甲（Jia）是《某报》驻某地记者", "甲系某大学博士研究生".
fn is_about_author(line: &str) -> bool {
    const TRADES: [&str; 16] = [
        "记者",
        "記者",
        "撰稿人",
        "编辑",
        "編輯",
        "主编",
        "主編",
        "专栏",
        "專欄",
        "作家",
        "教授",
        "研究生",
        "研究员",
        "研究員",
        "讲师",
        "导演",
    ];
    let line = line.strip_prefix("作者").unwrap_or(line);
    let is_name = |name: &str| {
        let letters = letters(name);
        (2..=30).contains(&letters)
            && !name.contains(['，', '。', '：', '“', '《'])
            && !name.starts_with(['这', '這', '该', '該', '此', '本', '一', '关', '關', '联', '聯'])
    };
    ["是《", "系"].iter().any(|verb| {
        line.split_once(verb).is_some_and(|(name, rest)| {
            let trade: String = rest.chars().take(60).collect();
            let is_word = rest.starts_with(['列', '统', '統']);
            is_name(name) && !is_word && TRADES.iter().any(|word| trade.contains(word))
        })
    })
}

/// Whether a line names where the whole article was first published, or by whose permission it is here:
/// "本文经作者授权转载", "（原文刊於某週刊）", "英文原文载于某报".
fn is_provenance(line: &str) -> bool {
    const SUBJECTS: [&str; 7] = ["本文", "原文", "原载", "原載", "英文原文", "全文", "此文"];
    const VERBS: [&str; 20] = [
        "授权",
        "授權",
        "转载",
        "轉載",
        "刊发",
        "刊發",
        "首发",
        "首發",
        "原载",
        "原載",
        "载于",
        "載於",
        "刊於",
        "刊于",
        "發表在",
        "发表在",
        "發佈於",
        "发布于",
        "来稿",
        "来源于",
    ];
    let line = line.trim_start_matches(['（', '(', '※', '＊', '*']);
    line.starts_with("本文系")
        || letters(line) <= 60
            && SUBJECTS.iter().any(|subject| line.starts_with(subject))
            && VERBS.iter().any(|verb| line.contains(verb))
}

/// Whether a line only names the writers, editors or translators.
pub(in crate::extract) fn is_byline(text: &str) -> bool {
    const ROLES: [&str; 30] = [
        "记者",
        "記者",
        "作者",
        "撰文",
        "撰稿",
        "责编",
        "責編",
        "责任编辑",
        "責任編輯",
        "编辑",
        "編輯",
        "网编",
        "網編",
        "翻译",
        "翻譯",
        "译者",
        "譯者",
        "校对",
        "校對",
        "编译",
        "編譯",
        "文字",
        "文",
        "by",
        "采写",
        "採訪",
        "整理",
        "编者",
        "监制",
        "审校",
    ];
    let line = text.trim();
    if line.contains('\n') || line.ends_with(['。', '？', '！']) || letters(line) > 40 {
        return false;
    }
    let line = line.to_lowercase();
    let names_by_role = ROLES.iter().any(|role| {
        line.strip_prefix(role).is_some_and(|rest| {
            let rest = rest.trim_start();
            let is_divided = rest.starts_with(['：', ':', '/', '／', '|', '丨', '｜']);
            is_divided && letters(rest) > 0 && !author::reads_on(rest)
        })
    });
    names_by_role || author::reporter(text).is_some() || is_by(text.trim(), &line)
}

/// Whether a line is "by" and a capitalised name; not "by contrast".
fn is_by(line: &str, lower: &str) -> bool {
    let start = ["by ", "translated by "].into_iter().find(|role| lower.starts_with(role));
    let behind = start.and_then(|start| line.get(start.len()..));
    line.split_whitespace().count() <= 5
        && !(line.ends_with('.') && line.split_whitespace().count() > 3)
        && behind.is_some_and(|behind| {
            let has_name = author::by_whom(behind).is_some() && author::name(line).is_some();
            has_name && !behind.starts_with(char::is_lowercase)
        })
}

/// Whether a block only names the source of a picture or a report.
pub(in crate::extract) fn is_credit(text: &str) -> bool {
    let text = text.trim();
    if text.len() > LONGEST_CREDIT || text.contains('\n') {
        return false;
    }
    const OPENINGS: [&str; 18] = [
        "图像来源",
        "圖像來源",
        "图片来源",
        "圖片來源",
        "照片来源",
        "照片來源",
        "图源",
        "圖源",
        "摄影：",
        "攝影：",
        "摄影:",
        "摄 影",
        "图片：",
        "圖片：",
        "Credit",
        "Photo by",
        "Photograph by",
        "Photo:",
    ];
    if OPENINGS.iter().any(|opening| text.starts_with(opening)) {
        return !text.ends_with('。') && letters(text) <= 80;
    }
    let inside = text.strip_prefix(['（', '(']).and_then(|rest| rest.strip_suffix(['）', ')']));
    let Some(inside) = inside.filter(|inside| (1..=40).contains(&letters(inside))) else {
        return false;
    };
    let names_picture = ["供图", "供圖", "图片", "圖片", "摄", "攝", "图", "圖"]
        .iter()
        .any(|word| inside.ends_with(word));
    names_picture || inside.split(['、', '，', ',', '/', ' ', '及', '和']).all(is_agency)
}

fn is_agency(name: &str) -> bool {
    let name = name.trim();
    const AGENCIES: [&str; 12] = [
        "afp",
        "reuters",
        "ap",
        "dpa",
        "法新",
        "路透",
        "美联",
        "德新",
        "中央社",
        "新华社",
        "彭博",
        "综合报道",
    ];
    name.is_empty()
        || AGENCIES.contains(&name.to_lowercase().as_str())
        || (name.chars().count() <= 4 && name.ends_with(['社', '署']))
        || (name.chars().count() <= 6 && (name.ends_with("通讯社") || name.ends_with("通訊社")))
        || matches!(name, "等" | "综合" | "編譯" | "编译" | "报道" | "報導")
}

/// "相关阅读" and the like.
pub(in crate::extract) fn opens_related(text: &str) -> bool {
    const OPENINGS: [&str; 24] = [
        "相关阅读",
        "相關閱讀",
        "相关报道",
        "相關報導",
        "相关报导",
        "相关文章",
        "相關文章",
        "相关新闻",
        "相關新聞",
        "相关链接",
        "相關連結",
        "相关内容",
        "延伸阅读",
        "延伸閱讀",
        "推荐阅读",
        "推薦閱讀",
        "更多阅读",
        "拓展阅读",
        "热门文章",
        "猜你喜欢",
        "related",
        "further reading",
        "see also",
        "相关：",
    ];
    const LONGEST: usize = "further reading".len();
    let text = text.trim_start_matches(['*', '【', '[', '-', '▶', '►', '>', ' ', '（', '(']);
    let line = text[..text.floor_char_boundary(LONGEST)].to_lowercase();
    OPENINGS.iter().any(|opening| line.starts_with(opening))
}

/// Whether a block introduces the list after it as part of the text, and not as pointers to more articles.
pub(in crate::extract) fn introduces(text: &str) -> bool {
    const MORE: [&str; 14] = [
        "更多",
        "在这里看",
        "在這裡看",
        "错过",
        "錯過",
        "延伸",
        "参见",
        "參見",
        "详见",
        "詳見",
        "推荐",
        "推薦",
        "相关",
        "相關",
    ];
    let line = text.rsplit('\n').next().unwrap_or(text).trim_end();
    line.ends_with(['：', ':'])
        && letters(line) > 4
        && !opens_related(line)
        && !MORE.iter().any(|word| line.contains(word))
}

/// A word in the place of a picture or an advertisement, or a reading time.
pub(in crate::extract) fn is_placeholder(text: &str) -> bool {
    let is_reading_time = || {
        text.strip_suffix(" min read")
            .is_some_and(|minutes| minutes.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(
        text,
        "Image" | "Video" | "Photo" | "Advertisement" | "广告" | "廣告" | "图片" | "圖片"
    ) || is_reading_time()
}

/// Words at the beginning of captions.
pub(in crate::extract) fn opens_caption(text: &str) -> bool {
    const OPENINGS: [&str; 19] = [
        "图为",
        "圖為",
        "图：",
        "圖：",
        "图/",
        "图片说明",
        "資料圖",
        "资料图",
        "资料照",
        "資料照",
        "资料图片",
        "图像加注文字",
        "圖像加註文字",
        "▲",
        "△",
        "↑",
        "图1",
        "图注",
        "（图",
    ];
    OPENINGS.iter().any(|opening| text.starts_with(opening))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_ending(text: &str, kind: Option<BlockKind>) {
        assert_eq!(ending(text), kind, "{text}");
    }

    #[test]
    fn endings() {
        use BlockKind::{Boilerplate, Byline, Credit, Related};
        check_ending("© 2020 AFP", Some(Boilerplate));
        check_ending("（法新社、路透社）", Some(Credit));
        check_ending("(AFP)", Some(Credit));
        check_ending("（记者甲供图）", Some(Credit));
        check_ending("记者：甲　责编：乙", Some(Byline));
        check_ending("某台特约记者甲报道  责编：乙  网编：丙", Some(Byline));
        check_ending("翻译：甲", Some(Byline));
        check_ending("By Anna Example", Some(Byline));
        check_ending("By contrast, Berlin is cheap.", None);
        check_ending("By Christmas Eve", None);
        check_ending("By 1990 it was over.", None);
        check_ending("作者：无名之辈也有春天", None);
        check_ending("記者某甲／台北報導", Some(Byline));
        check_ending("相关阅读：甲", Some(Related));
        check_ending("欢迎订阅我们的通讯。", Some(Boilerplate));
        check_ending("阅读全文", Some(Boilerplate));
        check_ending("本文经作者授权转载", Some(Boilerplate));
        check_ending("甲乙(Jia Yi)是《某报》驻某地记者，也写书。", Some(Byline));
        check_ending("作者甲乙系某大学历史学系博士研究生。", Some(Byline));
        check_ending("这一系列事件之后，记者离开了那里。", None);
        check_ending("他说，那是《某报》记者写的。", None);
        check_ending("（原文刊於某週刊，此為初版）", Some(Boilerplate));
        check_ending("英文原文载于某报，中文版由某网编译", Some(Boilerplate));
        check_ending("微信搜索“某刊”：重塑文字", Some(Boilerplate));
        check_ending("题图为电影《雨》剧照", Some(Credit));
        check_ending("Photograph by Anna Example/Some Agency, via Another Agency", Some(Credit));
        check_ending("本文写到这里，雨也停了。", None);
        check_ending("原文是另一种语言。", None);
        check_ending("记者说，雨还要下两天。", None);
        check_ending("（他后来改口）", None);
        check_ending("编辑部昨天搬了家。", None);
        check_ending("分享是一种美德。", None);
    }

    #[test]
    fn last_lines() {
        let text = "正文。\n翻译：乙\n校对：甲";
        let first = "正文。\n".len();
        assert_eq!(last_line_endings(text), [first, first + "翻译：乙\n".len()]);
        assert_eq!(last_line_endings("正文。\n又一行。"), [0; 0]);
        assert_eq!(last_line_endings("翻译：乙"), [0; 0]);
    }
}
