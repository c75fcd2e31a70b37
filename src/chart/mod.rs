//! Draws bars as SVG: data in, text out.
//!
//! A drawing stands alone as a file or inside a page. It loads nothing, follows the reader's light or dark colours,
//! and names each bar with a `<title>`, which a browser shows under the pointer.

mod frame;
mod labels;
mod scale;

use self::frame::Frame;
use self::labels::{escaped, shortened, width_of};
use self::scale::Scale;
use std::fmt::Write as _;

/// More series than this cannot be told apart by their colours.
pub const MOST_SERIES: usize = 8;

/// Width of a drawing in pixels; its height follows from its content.
const WIDTH: f64 = 880.0;
/// Of the area of upright bars.
const PLOT_HEIGHT: f64 = 300.0;
const MARGIN: f64 = 16.0;
/// Between the baselines of two lines of text.
const LINE: f64 = 18.0;
/// A lying bar, and the blank between two groups of them.
const LYING_BAR: f64 = 14.0;
const LYING_GAP: f64 = 8.0;
/// Of few groups, the bars are no thicker.
const THICKEST: f64 = 72.0;
/// A longer name of a lying group ends in `…`.
const LONGEST_NAME: f64 = 260.0;

/// The colours, for light and for dark surroundings. Classes instead of variables: not every program that draws SVG
/// knows those.
const STYLE: &str = "\
.chart text{font:12px system-ui,sans-serif;fill:#45454f}\
.chart .head{font-size:15px;font-weight:600;fill:#17171c}\
.chart .paper{fill:#fff}.chart .grid{stroke:#e2e2e8}.chart .axis{stroke:#8a8a96}\
.chart .s0{fill:#2b6cb0}.chart .s1{fill:#d9730d}.chart .s2{fill:#2f855a}.chart .s3{fill:#b83280}\
.chart .s4{fill:#0e8a94}.chart .s5{fill:#8a6d00}.chart .s6{fill:#6b46c1}.chart .s7{fill:#6f6f7a}\
@media (prefers-color-scheme:dark){\
.chart text{fill:#b9b9c4}.chart .head{fill:#f2f2f5}\
.chart .paper{fill:#17171c}.chart .grid{stroke:#33333d}.chart .axis{stroke:#7c7c88}\
.chart .s0{fill:#63a4e8}.chart .s1{fill:#f6a04d}.chart .s2{fill:#68c28f}.chart .s3{fill:#ef7dbb}\
.chart .s4{fill:#4fc3cc}.chart .s5{fill:#d8b93c}.chart .s6{fill:#a58bf0}.chart .s7{fill:#a5a5b0}}";

/// How the bars stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// Side by side, for times: names that do not fit are left out.
    Upright,
    /// One below the other, for names: all of them are shown.
    Lying,
}

/// Bars in groups, each with one bar of every series.
#[derive(Debug, Clone)]
pub struct BarChart {
    /// Above the drawing.
    pub title: String,
    /// What the bars count, at their axis.
    pub unit: String,
    /// How the bars stand.
    pub stance: Stance,
    /// The name of each group, in order.
    pub groups: Vec<String>,
    /// At most [`MOST_SERIES`]; of several, a legend shows the names.
    pub series: Vec<Series>,
}

/// Bars of one colour.
#[derive(Debug, Clone)]
pub struct Series {
    /// In the legend.
    pub name: String,
    /// One for each group.
    pub bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// Its length.
    pub value: u64,
    /// What a reader is told about it.
    pub title: String,
}

impl BarChart {
    /// The drawing, as an SVG document that can also stand inside a page.
    pub fn svg(&self) -> String {
        let greatest =
            self.series.iter().flat_map(|series| &series.bars).map(|bar| bar.value).max();
        let scale = Scale::up_to(greatest.unwrap_or(0));
        let mut body = String::new();
        let top = self.head(&mut body);
        let frame = self.frame(&scale, top);
        self.values(&scale, &frame, &mut body);
        self.names(&frame, &mut body);
        self.bars(&scale, &frame, &mut body);
        let height = frame.bottom().ceil()
            + if self.stance == Stance::Upright { 2.2 * LINE } else { MARGIN };
        let title = escaped(&self.title);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" role=\"img\" \
             viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" height=\"{height:.0}\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n\
             <rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{body}</svg>\n"
        )
    }

    /// Title and legend. Returns where they end.
    fn head(&self, out: &mut String) -> f64 {
        let mut y = MARGIN + 12.0;
        let title = escaped(&shortened(&self.title, (WIDTH - 2.0 * MARGIN) * 0.78));
        let _ = writeln!(out, "<text class=\"head\" x=\"{MARGIN}\" y=\"{y}\">{title}</text>");
        if self.series.len() > 1 {
            y += 1.4 * LINE;
            let mut x = MARGIN;
            for (at, series) in self.series.iter().enumerate() {
                let name = shortened(&series.name, LONGEST_NAME);
                let width = 18.0 + width_of(&name) + 16.0;
                if x > MARGIN && x + width > WIDTH - MARGIN {
                    (x, y) = (MARGIN, y + LINE);
                }
                let _ = writeln!(
                    out,
                    "<rect class=\"s{}\" x=\"{x:.0}\" y=\"{:.0}\" width=\"12\" height=\"12\"/>\
                     <text x=\"{:.0}\" y=\"{y:.0}\">{}</text>",
                    at % MOST_SERIES,
                    y - 10.0,
                    x + 18.0,
                    escaped(&name)
                );
                x += width;
            }
        }
        // The unit stands above the axis, and the numbers of lying bars below the unit.
        y + if self.stance == Stance::Upright { 2.2 * LINE } else { 2.9 * LINE }
    }

    fn frame(&self, scale: &Scale, top: f64) -> Frame {
        let widest = |texts: &mut dyn Iterator<Item = f64>| texts.fold(0.0, f64::max);
        match self.stance {
            Stance::Upright => {
                let left = MARGIN + widest(&mut scale.ticks().map(|tick| width_of(&tick.1))) + 8.0;
                let size = (WIDTH - MARGIN - left, PLOT_HEIGHT);
                Frame { stance: self.stance, left, top, width: size.0, height: size.1 }
            }
            Stance::Lying => {
                let names = &mut self.groups.iter().map(|name| width_of(name).min(LONGEST_NAME));
                let left = MARGIN + widest(names) + 8.0;
                let of_group = LYING_BAR * self.series.len() as f64 + LYING_GAP;
                let height = of_group * self.groups.len() as f64;
                // The last number stands half to the right of its line.
                let width = WIDTH - 2.0 * MARGIN - left;
                Frame { stance: self.stance, left, top, width, height }
            }
        }
    }

    /// The lines and numbers of the values, and what they count.
    fn values(&self, scale: &Scale, frame: &Frame, out: &mut String) {
        for (share, text) in scale.ticks() {
            let class = if share == 0.0 { "axis" } else { "grid" };
            out.push_str(&frame.line_at(share, class));
            out.push_str(&frame.number_at(share, &escaped(&text)));
        }
        let unit = escaped(&self.unit);
        let y = frame.top - if self.stance == Stance::Upright { 12.0 } else { 1.4 * LINE };
        let _ = writeln!(out, "<text x=\"{MARGIN}\" y=\"{y:.0}\">{unit}</text>");
    }

    /// The names of the groups, as many as fit.
    fn names(&self, frame: &Frame, out: &mut String) {
        let size = frame.along() / self.groups.len().max(1) as f64;
        let (first, step) = match self.stance {
            Stance::Lying => (0, 1),
            Stance::Upright => labels::fitting(&self.groups, size),
        };
        for (at, name) in self.groups.iter().enumerate().skip(first).step_by(step) {
            let text = escaped(&shortened(name, LONGEST_NAME));
            out.push_str(&frame.name_at((at as f64 + 0.5) * size, &text));
        }
    }

    fn bars(&self, scale: &Scale, frame: &Frame, out: &mut String) {
        let size = frame.along() / self.groups.len().max(1) as f64;
        // Bars of a pixel or two stand without a blank between them.
        let blank = if size < 4.0 { 0.0 } else { (size * 0.2).min(LYING_GAP) };
        let count = self.series.len().max(1) as f64;
        let blank = blank.max(size - count * THICKEST);
        let thickness = (size - blank) / count;
        for (number, series) in self.series.iter().enumerate() {
            let _ = writeln!(out, "<g class=\"s{}\">", number % MOST_SERIES);
            for (at, bar) in series.bars.iter().enumerate().filter(|(_, bar)| bar.value > 0) {
                let start = at as f64 * size + blank / 2.0 + number as f64 * thickness;
                let share = scale.share_of(bar.value);
                out.push_str(&frame.bar(start, thickness, share, &escaped(&bar.title)));
            }
            out.push_str("</g>\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use roxmltree::{Document, Node};

    fn chart(stance: Stance, groups: &[&str], series: &[(&str, &[u64])]) -> BarChart {
        let bars = |name: &str, values: &[u64]| {
            let bar = |(group, &value): (&&str, &u64)| Bar {
                value,
                title: format!("{name}, {group}: {value}"),
            };
            groups.iter().zip(values).map(bar).collect()
        };
        let series = series.iter();
        BarChart {
            title: "雨 & <风>".into(),
            unit: "articles".into(),
            stance,
            groups: groups.iter().map(|&name| name.into()).collect(),
            series: series
                .map(|&(name, values)| Series { name: name.into(), bars: bars(name, values) })
                .collect(),
        }
    }

    fn bars<'a>(document: &'a Document<'_>) -> Vec<Node<'a, 'a>> {
        let is_bar = |node: &Node<'_, '_>| {
            node.has_tag_name("rect") && node.children().any(|child| child.has_tag_name("title"))
        };
        document.descendants().filter(is_bar).collect()
    }

    #[test]
    fn upright_bars() {
        let months = ["2023-11", "2023-12", "2024-01"];
        insta::assert_snapshot!(chart(Stance::Upright, &months, &[("雨", &[3, 0, 12])]).svg());
    }

    #[test]
    fn lying_bars_of_two_series() {
        let sites = ["news.example", "<river>.example"];
        let series: [(&str, &[u64]); 2] = [("雨", &[1200, 7]), ("风", &[30, 0])];
        insta::assert_snapshot!(chart(Stance::Lying, &sites, &series).svg());
    }

    #[test]
    fn nothing_to_draw() {
        for stance in [Stance::Upright, Stance::Lying] {
            let svg = chart(stance, &[], &[]).svg();
            assert!(bars(&Document::parse(&svg).unwrap()).is_empty(), "{svg}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn lengths_are_in_proportion() {
        let svg = chart(Stance::Upright, &["a", "b", "c"], &[("x", &[10, 5, 1])]).svg();
        let document = Document::parse(&svg).unwrap();
        let height =
            |node: &Node<'_, '_>| node.attribute("height").unwrap().parse::<f64>().unwrap();
        let heights: Vec<f64> = bars(&document).iter().map(height).collect();
        assert!((heights[0] / heights[1] - 2.0).abs() < 0.01, "{heights:?}");
        assert!((heights[0] / heights[2] - 10.0).abs() < 0.1, "{heights:?}");
    }

    proptest! {
        /// Whatever it is given: XML in which every bar has its title and lies inside the drawing.
        #[test]
        fn any_chart_is_xml(
            names in prop::collection::vec(any::<String>(), 0..40),
            values in prop::collection::vec(any::<u64>(), 40),
            series in 0..10usize,
            lies in any::<bool>(),
        ) {
            let stance = if lies { Stance::Lying } else { Stance::Upright };
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let name = names.first().copied().unwrap_or("x");
            let values = &values[..names.len()];
            let svg = chart(stance, &names, &vec![(name, values); series]).svg();
            let document = Document::parse(&svg).unwrap();
            let bars = bars(&document);
            let expected = values.iter().filter(|&&value| value > 0).count() * series;
            prop_assert_eq!(bars.len(), expected);
            let height: f64 = document.root_element().attribute("height").unwrap().parse().unwrap();
            for bar in bars {
                let number = |name: &str| bar.attribute(name).unwrap().parse::<f64>().unwrap();
                prop_assert!(number("x") >= 0.0 && number("x") + number("width") <= WIDTH);
                prop_assert!(number("y") >= 0.0 && number("y") + number("height") <= height);
            }
        }
    }
}
