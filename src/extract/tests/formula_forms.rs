//! The stored form of formulas.

use super::article;
use super::forms::check;

#[test]
fn formulas_are_written_once() {
    let wiki = "<p>即<span class='mwe-math-element'><span style='display:none'><math alttext='{\\displaystyle c^2}'><mi>c</mi></math></span><img src='/c.svg' alt='{\\displaystyle c^2}'></span>。</p>";
    let article = check(wiki, &["paragraph: 即c^2。"]);
    assert_eq!(article.media, []);
    check(
        "<p>即<mjx-container><mjx-math>𝑐2</mjx-math><mjx-assistive-mml><math><msup><mi>c</mi><mn>2</mn></msup></math></mjx-assistive-mml></mjx-container>。</p>",
        &["paragraph: 即c²。"],
    );
    check("<p>即<img class='latex' src='/c.png' alt='c^2'>。</p>", &["paragraph: 即c^2。"]);
    check(
        "<p>雨</p><div class='MathJax_Display'>c2</div><script type='math/tex; mode=display'>c^2</script>",
        &["paragraph: 雨", "paragraph: c^2"],
    );
    check("<p><span class='katex'>雨停了</span></p>", &["paragraph: 雨停了"]);
    check("<p><math><mi>x</mi> <mtext> if </mtext> <mi>y</mi></math></p>", &["paragraph: x if y"]);
    check(
        "<p><math><msqrt><mi>a</mi><mo>+</mo><mi>b</mi></msqrt></math></p>",
        &["paragraph: √(a+b)"],
    );
}

/// MathML without TeX beside it.
#[test]
fn parts_of_formulas_are_not_glued() {
    #[track_caller]
    fn math(inside: &str, text: &str) {
        check(&format!("<p>即<math>{inside}</math></p>"), &[&format!("paragraph: 即{text}")]);
    }
    let sum = "<mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow>";
    let half = "<mfrac><mn>1</mn><mn>2</mn></mfrac>";
    math(&format!("<msup><mn>3</mn>{half}</msup>"), "3^(1/2)");
    math(&format!("<msup>{half}<mn>2</mn></msup>"), "(1/2)²");
    math(&format!("<msup>{sum}<mn>2</mn></msup>"), "(a+b)²");
    math(&format!("<msup><mrow><mo>(</mo>{sum}<mo>)</mo></mrow><mn>2</mn></msup>"), "(a+b)²");
    math("<msup><mi>x</mi><msqrt><mn>2</mn></msqrt></msup>", "x^(√(2))");
    math("<mroot><mi>x</mi><mn>3</mn></mroot>", "x^(1/3)");
    math(&format!("<mroot>{sum}<mi>n</mi></mroot>"), "(a+b)^(1/n)");
    math(&format!("<mn>1</mn>{half}"), "1 1/2");
    math(&format!("<mfrac>{half}<mstyle>{sum}</mstyle></mfrac>"), "(1/2)/(a+b)");
    math("<mn>2</mn><mo>\u{2062}</mo><mi>x</mi>", "2x");
    math("<mn>2</mn><mo>\u{2062}</mo><mn>3</mn>", "2·3");
    math("<mi>sin</mi><mo>\u{2061}</mo><mi>x</mi>", "sin x");
    math("<mi>f</mi><mo>\u{2061}</mo><mrow><mo>(</mo><mi>x</mi><mo>)</mo></mrow>", "f(x)");
    math("<mn>2</mn><mi>sin</mi><mi>x</mi>", "2 sin x");
    math("<mi>x</mi><mn>2</mn>", "x 2");
    math("<msub><mi>a</mi><mrow><mi>i</mi><mn>1</mn></mrow></msub>", "aᵢ₁");
    math(
        "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>",
        "∑ᵢ₌₁ⁿ",
    );
    let row =
        |cells: [&str; 2]| format!("<mtr><mtd>{}</mtd> <mtd>{}</mtd></mtr>", cells[0], cells[1]);
    let rows = [row(["<mn>1</mn>", "<mn>2</mn>"]), row(["<mn>3</mn>", "<mn>4</mn>"])].concat();
    math(&format!("<mo>(</mo><mtable>{rows}</mtable><mo>)</mo>"), "(1 2; 3 4)");
    math("<mo>(</mo><mfrac linethickness=0><mi>n</mi><mi>k</mi></mfrac><mo>)</mo>", "(n; k)");
    math("<mfenced open='['><mi>a</mi><mi>b</mi></mfenced>", "(a, b)");
    math("<mfenced open='[' close=']'><mi>a</mi><mi>b</mi></mfenced>", "[a, b]");
    math(
        "<mmultiscripts><mi>C</mi><mn>6</mn><none/><mprescripts/><none/><mn>14</mn></mmultiscripts>",
        "C₆¹⁴",
    );
    math("<mi>f</mi><mspace width='0.2em'/><mi>d</mi><mi>x</mi>", "f dx");
}

#[test]
fn pictures_of_formulas() {
    for picture in [
        "class=ee_img eeimg=1 alt='\\frac{a}{b}' src=/a.svg",
        "eeimg=1 alt='[公式]' data-formula='\\frac{a}{b}' src=/a.svg",
        "alt='[公式]' src='https://www.zhihu.com/equation?tex=%5Cfrac%7Ba%7D%7Bb%7D'",
        "alt='formula' src='https://s0.wp.com/latex.php?latex=%5Cfrac%7Ba%7D%7Bb%7D&bg=fff'",
    ] {
        let article =
            check(&format!("<p>即<img {picture}>。</p>"), &["paragraph: 即\\frac{a}{b}。"]);
        assert_eq!(article.media, []);
    }
    check(
        "<p>即<span class=ztext-math data-eeimg=1 data-tex='a^2'>a2</span>。</p>",
        &["paragraph: 即a^2。"],
    );
    check("<p><span class=ztext-math data-tex='a^2'>雨停了</span></p>", &["paragraph: 雨停了"]);
    assert_eq!(article("<p>雨。</p><img alt='公式' src=/a.jpg>").media.len(), 1);
}

/// An element with more content than its formula keeps it, whatever its name.
#[test]
fn what_stands_beside_a_formula_is_kept() {
    let katex = "<span class='katex'><span class='katex-mathml'><math><semantics><mi>c</mi>\
        <annotation encoding='application/x-tex'>c^2</annotation></semantics></math></span>\
        <span class='katex-html' aria-hidden='true'>c2</span></span>";
    check(
        "<div class='MathJax'><p>雨停了。</p><p>设 <math><mi>x</mi></math> 为水位。</p></div>",
        &["paragraph: 雨停了。", "paragraph: 设 x 为水位。"],
    );
    check(&format!("<div class='katex'>即 {katex} 的水。</div>"), &["paragraph: 即 c^2 的水。"]);
    check(
        &format!("<span class='mwe-math-element'>{katex}和{katex}</span>"),
        &["paragraph: c^2和c^2"],
    );
    check(
        "<span class='MathJax_Display'>雨停了</span><script type='math/tex'>c^2</script>",
        &["paragraph: 雨停了c^2"],
    );
    let picture = "<p class=katex>即<img src=/a.jpg><math><mi>x</mi></math></p>";
    assert_eq!(article(picture).media.len(), 1);
    // Shown in another alphabet, and repeated for screen readers.
    check(
        "<p>即<span class='MathJax_Preview'>α</span><span class='MathJax'>𝛼2</span>\
         <script type='math/tex'>\\alpha^2</script></p>",
        &["paragraph: 即\\alpha^2"],
    );
}

#[test]
fn formulas_without_the_elements_of_their_mathml() {
    check(
        "<p>即<span class=katex><span class=katex-mathml>⏎  x⏎  2⏎⏎  x^2⏎ </span><span class=katex-html>\
         <span>x</span><span>2</span></span></span>。</p>",
        &["paragraph: 即x^2。"],
    );
    let else_written =
        "<p>即<span class=katex><span class=katex-mathml>x⏎y</span><span>x甲</span></span>。</p>";
    assert!(article(else_written).blocks[0].text.contains("x甲"));
}
