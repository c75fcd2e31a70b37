//! What counts as a picture, and what does not.

use super::article;

/// The addresses of the pictures, without the host, and their descriptions in parentheses.
fn pictures(html: &str) -> Vec<String> {
    let found = article(&format!("<p>天亮以前下过雨。</p>{html}<p>雨停了。</p>")).media;
    let shown = found.into_iter().map(|media| {
        let url = media.url.trim_start_matches("https://p.example/").to_owned();
        media.alt.map_or(url.clone(), |alt| format!("{url} ({alt})"))
    });
    shown.collect()
}

#[track_caller]
fn check(html: &str, expected: &[&str]) {
    let html = html.replace("//p/", "https://p.example/");
    assert_eq!(pictures(&html), expected, "{html}");
}

#[test]
fn lazy_attributes() {
    for name in "data-src data-lazy-src data-original data-lazy data-lazyload data-actualsrc real_src \
         data-real-src data-realsrc data-original-src data-orig-src data-echo data-ks-lazyload \
         data-cfsrc data-pagespeed-lazy-src data-ezsrc data-opt-src data-litespeed-src file zoomfile \
         _src lazysrc lazy-src data-defer-src data-imgsrc data-img-src data-splide-lazy \
         data-flickity-lazyload data-croporisrc data-lazy-original data-lazy-load-src data-unveil \
         data-nitro-lazy-src data-wood_src data-spai-src original orisrc data-load-src"
        .split_ascii_whitespace()
    {
        for src in ["", "src=//p/thumb.jpg", "src='data:image/gif;base64,R0lG'", "src=/loading.gif"] {
            check(&format!("<img {src} {name}=//p/a.jpg>"), &["a.jpg"]);
        }
    }
    // Settings, and other copies.
    check(
        "<img src=//p/a.jpg data-lazy=true data-lazyload=1 data-file='{\"a\": \"b/c\"}'>",
        &["a.jpg"],
    );
    check("<img src=//p/a.jpg data-large-file=//p/b.jpg data-zoom-image=//p/c.jpg>", &["a.jpg"]);
    check("<img src=/blank.gif data-large-file=//p/b.jpg>", &["b.jpg"]);
    check("<img data-media-src=//p/b.jpg data-thumb-src=//p/c.jpg>", &["b.jpg"]);
    check("<img src=//p/a.jpg data-src=/img/loading.gif>", &["a.jpg"]);
    check("<img data-src='//p/s.jpg 400w, //p/l.jpg 800w'>", &["l.jpg"]);
}

#[test]
fn what_no_script_has_filled_is_no_address() {
    for empty in "undefined null {{url}} ${src} //p/a_{size}x.jpg //p/%7Bsize%7D.jpg # \
         javascript:void(0) https://"
        .split_ascii_whitespace()
    {
        check(&format!("<img data-src='{empty}' src=//p/a.jpg>"), &["a.jpg"]);
        check(&format!("<img src='{empty}'>"), &[]);
    }
    for name in ["data-breeze", "data-delayed-url", "data-aload"] {
        check(&format!("<img {name}=//p/a.jpg src=//p/thumb.jpg>"), &["a.jpg"]);
    }
    check("<img src='//p/{3F2504E0-4F89}.jpg'>", &["%7B3F2504E0-4F89%7D.jpg"]);
}

#[test]
fn a_face_that_is_named_in_brackets_is_text() {
    let text = |html: &str| article(html).blocks[0].text.clone();
    let small = "style='width:1em; height:1em'";
    assert_eq!(text(&format!("<p>走好<img alt=[泪] src=/e/l.png {small}>。</p>")), "走好[泪]。");
    assert_eq!(text(&format!("<p>走好<img alt=泪 src=/e/l.png {small}>。</p>")), "走好。");
    check("<img alt=[图片] src=//p/a.jpg>", &["a.jpg ([图片])"]);
}

#[test]
fn a_caption_is_that_of_its_own_figure() {
    let captions = |html: &str| -> Vec<Option<String>> {
        let html = format!("<p>天亮以前下过雨。</p>{html}<p>雨停了。</p>");
        article(&html).media.into_iter().map(|media| media.caption).collect()
    };
    let gate = || Some("门口".to_owned());
    let second = "<figure><img src=b.jpg><figcaption>门口</figcaption></figure>";
    assert_eq!(captions(&format!("<figure><img src=a.jpg></figure>{second}")), [None, gate()]);
    assert_eq!(captions(&format!("<img src=a.jpg>{second}")), [None, gate()]);
    assert_eq!(
        captions(
            "<figure><figure><img src=a.jpg></figure><figure><img src=b.jpg></figure>\
             <figcaption>门口</figcaption></figure>"
        ),
        [gate(), gate()]
    );
    assert_eq!(captions("<figure><img src=a.jpg></figure><p class=caption>门口</p>"), [gate()]);
    let above = "<figure><figcaption>门口</figcaption><img src=a.jpg></figure>";
    assert_eq!(captions(above), [gate()]);
    let named =
        "<figure><img src=a.jpg><figcaption class=figure-caption>门口</figcaption></figure>";
    assert_eq!(captions(named), [gate()]);
}

#[test]
fn widths_of_templates_are_filled() {
    let widths = "data-widths='[180, 720, 360]'";
    check(&format!("<img data-src=//p/a_{{width}}x.jpg {widths} alt=壶>"), &["a_720x.jpg (壶)"]);
    check("<img src=//p/a_%7Bwidth%7Dx.jpg>", &["a_1024x.jpg"]);
    check("<img src=//p/a.jpg data-src=//p/a_{width}x.jpg>", &["a.jpg"]);
    check(
        "<img data-src=//p/a_{width}x.jpg><noscript><img src=//p/a_600x.jpg></noscript>",
        &["a_600x.jpg"],
    );
}

#[test]
fn players_that_wait_for_a_click() {
    let player = "https://www.youtube.com/embed/aB1";
    check("<lite-youtube videoid=aB1></lite-youtube>", &[player]);
    check(&format!("<noscript><iframe src={player}></iframe></noscript>"), &[player]);
    let frame = format!("<iframe data-src={player}></iframe>");
    check(&format!("{frame}<noscript><iframe src={player}></iframe></noscript>"), &[player]);
    check("<noscript><iframe src=https://g.example/ns height=0 width=0></iframe></noscript>", &[]);
}

#[test]
fn sets_of_sources() {
    for (set, best) in [
        ("//p/s.jpg 1x, //p/l.jpg 2x", "l.jpg"),
        ("//p/s.jpg 320w,//p/l.jpg 640w", "l.jpg"),
        ("//p/l.jpg 640w,//p/s.jpg 320w", "l.jpg"),
        ("//p/l.jpg 640w 480h, //p/s.jpg 320w 240h", "l.jpg"),
        ("//p/s.jpg,//p/l.jpg 2x", "l.jpg"),
        ("//p/a,b.jpg 1x,//p/w_3,h_4/c.jpg 2x", "w_3,h_4/c.jpg"),
        ("data:image/gif;base64,R0lG,AA 1w, //p/l.jpg 640w", "l.jpg"),
        ("data:image/gif;base64,R0lG 900w,//p/l.jpg 640w", "l.jpg"),
        ("\n //p/s.jpg\n 320w,\n //p/l.jpg 640w\n", "l.jpg"),
        ("//p/l.jpg", "l.jpg"),
        (", //p/l.jpg,", "l.jpg"),
        ("//p/l.jpg 1.5x, //p/x.jpg size(1, 2)", "l.jpg"),
    ] {
        for name in ["srcset", "data-srcset", "data-lazy-srcset", "data-opt-srcset"] {
            check(&format!("<img {name}='{set}'>"), &[best]);
            check(
                &format!("<picture><source {name}='{set}'><img src=/blank.gif></picture>"),
                &[best],
            );
        }
    }
    check("<img src=//p/a.jpg srcset='//p/l.jpg 2x'>", &["a.jpg"]);
    check("<img src=/loading.gif srcset='//p/l.jpg 2x'>", &["l.jpg"]);
    check(
        "<picture><source data-srcset='//p/l.webp'><img data-src=//p/a.jpg></picture>",
        &["a.jpg"],
    );
}

#[test]
fn readers_without_scripts() {
    let real = "<noscript><img src=//p/a.jpg alt=桥></noscript>";
    check(real, &["a.jpg (桥)"]);
    check(&format!("<img src='data:image/gif;base64,R0lG'>{real}"), &["a.jpg (桥)"]);
    check(&format!("<img src=/img/loading.gif class=lazy>\n{real}"), &["a.jpg (桥)"]);
    check(&format!("{real}<img src=/img/loading.gif>"), &["a.jpg (桥)"]);
    // The same picture in another size.
    check(&format!("<img data-src=//p/b.jpg>{real}"), &["b.jpg"]);
    check(&format!("<figure><p><img data-src=//p/b.jpg></p>{real}</figure>"), &["b.jpg"]);
    check(&format!("<picture><img data-src=//p/b.jpg></picture> {real}"), &["b.jpg"]);
    check(&format!("{real} <img class=lazy data-src=//p/b.jpg>"), &["b.jpg"]);
    // Another picture.
    check(&format!("<img src=//p/b.jpg><p>桥。</p>{real}"), &["b.jpg", "a.jpg (桥)"]);
    check(&format!("<img src=//p/b.jpg>桥。{real}"), &["b.jpg", "a.jpg (桥)"]);
    check(
        "<noscript>桥。<p><img src=//p/a.jpg><img src=//p/b.jpg></noscript>",
        &["a.jpg", "b.jpg"],
    );
    // Tracking pixels.
    for counter in [
        "src='https://s.example/tr?id=1&noscript=1' height=1 width=1 style='display:none'",
        "src='https://s.example/watch/1' style='position:absolute; left:-9999px;' alt=''",
        "src='https://s.example/hm.gif?si=1'",
        "src='https://s.example/p?c1=2&c2=3'",
    ] {
        check(&format!("<noscript><img {counter}></noscript>"), &[]);
    }
    check("<noscript></noscript><noscript>桥。</noscript>", &[]);
}

#[test]
fn elements_of_fast_pages() {
    let size = "width=16 height=9 layout=responsive";
    check(&format!("<amp-img src=//p/a.jpg alt=桥 {size}></amp-img>"), &["a.jpg (桥)"]);
    check(
        "<amp-anim srcset='//p/a.gif 2x'></amp-anim><mip-img src=//p/b.jpg></mip-img>",
        &["a.gif", "b.jpg"],
    );
    check("<amp-img src=//p/a.jpg><noscript><img src=//p/b.jpg></noscript></amp-img>", &["a.jpg"]);
    check("<amp-img src=//p/a.jpg><img src=//p/a.jpg></amp-img>", &["a.jpg"]);
    check(
        "<amp-img src=//p/a.jpg><amp-img placeholder src=//p/s.jpg></amp-img></amp-img>",
        &["a.jpg"],
    );
    check("<amp-img src=//p/i.jpg width=16 height=16></amp-img>", &[]);
    check(
        "<amp-video src=//p/v.mp4></amp-video><amp-audio src=//p/a.mp3></amp-audio>",
        &["v.mp4", "a.mp3"],
    );
    check("<amp-youtube data-videoid=aB1></amp-youtube>", &["https://www.youtube.com/embed/aB1"]);
    // Their content is kept.
    let blocks = article("<p>甲<amp-img src=a.jpg><b>乙</b></amp-img>丙</p>").blocks;
    assert_eq!(blocks[0].text, "甲乙丙");
}

#[test]
fn pictures_that_are_in_the_page() {
    check("<img alt=图表 src='data:image/png;base64,iVBORw0KGgo='>", &["data:image/png (图表)"]);
    check("<img src='DATA:image/JPEG;base64,/9j/4AAQ'>", &["data:image/jpeg"]);
    check("<img alt=图 src='data:image/svg+xml;utf8,<svg/>'>", &["data:image/svg+xml (图)"]);
    let chart = "<img src='data:image/svg+xml,%3Csvg%3E%3Cpath d=\"M0 0\"/%3E%3C/svg%3E'>";
    check(&format!("{chart}{chart}"), &["data:image/svg+xml", "data:image/svg+xml"]);
    let media = article("<p>雨。</p><img src='data:image/png;base64,iVBORw0KGgo='>").media;
    assert_eq!(media[0].src, "data:image/png");
    // Placeholders.
    check("<img src='data:image/png;base64,iVBORw0KGgo=' data-src=//p/a.jpg>", &["a.jpg"]);
    check("<img src='data:image/svg+xml,%3Csvg viewBox=\"0 0 3 2\"%3E%3C/svg%3E'>", &[]);
    let pixel = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
    check(&format!("<img src='data:image/gif;base64,{pixel}'>"), &[]);
    for size in ["width=16", "height=24px", "style='width:16px'", "style='height: 1.2em'"] {
        check(&format!("<img alt=图 {size} src='data:image/png;base64,iVBORw0KGgo='>"), &[]);
    }
    check("<img src='data:text/plain,a'><img src='data:,'><img src='data:'>", &[]);
}

#[test]
fn names_of_files() {
    for name in "google-pixel-9-review.jpg icon-of-the-seas.jpg pixel-art.png loading-dock.jpg \
         transparent-government.jpg blank-check.jpg spacer-bar-history.jpg 1024x768.jpg grey.jpg \
         the-empty-quarter.jpg favicon-history.png facebook-icons-1999.png photo-icon.jpg"
        .split_ascii_whitespace()
    {
        check(&format!("<img src=//p/{name}>"), &[name]);
    }
    for name in "pixel.gif icon.png spacer.gif blank.gif 1x1.png transparent-1x1.png favicon.ico \
         loading.gif zoom-icon.png icon_facebook.svg placeholder.png image-placeholder.png none.gif \
         grey.gif ajax-loader.gif spacer.gif?v=2 blank.gif#a lazy_placeholder.gif icon-32x32.png"
        .split_ascii_whitespace()
    {
        check(&format!("<img src=//p/{name}>"), &[]);
    }
    for size in
        ["width=1 height=1", "width=24", "style='width:24px;height:24px'", "style='max-width:1em'"]
    {
        check(&format!("<img src=//p/a.jpg {size}>"), &[]);
    }
    for size in ["width=100%", "style='width:100%'", "style='width:auto;height:40px'", "width=600"]
    {
        check(&format!("<img src=//p/a.jpg {size}>"), &["a.jpg"]);
    }
    check("<img src=//p/emoji/history.jpg alt=表情的历史>", &["emoji/history.jpg (表情的历史)"]);
}

#[test]
fn pictures_beside_buttons() {
    check("<div class=share><img src=//p/a.jpg>分享</div>", &[]);
    let text = "桥修好了，水退了，人都来了。".repeat(30);
    check(&format!("<div class=share><img src=//p/a.jpg><p>{text}</p></div>"), &["a.jpg"]);
}
