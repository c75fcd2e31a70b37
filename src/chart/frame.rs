//! Where things stand: lengths along the groups and shares of the greatest value become places.

use super::Stance;

/// The area of the bars, in pixels.
pub(super) struct Frame {
    pub stance: Stance,
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Frame {
    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// The length of the axis that the groups stand on.
    pub fn along(&self) -> f64 {
        match self.stance {
            Stance::Upright => self.width,
            Stance::Lying => self.height,
        }
    }

    /// The line of a value, given as its share of the greatest one.
    pub fn line_at(&self, share: f64, class: &str) -> String {
        let (x1, y1, x2, y2) = match self.stance {
            Stance::Upright => {
                let y = self.bottom() - share * self.height;
                (self.left, y, self.left + self.width, y)
            }
            Stance::Lying => {
                let x = self.left + share * self.width;
                (x, self.top, x, self.bottom())
            }
        };
        format!(
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>\n"
        )
    }

    /// The number beside that line.
    pub fn number_at(&self, share: f64, text: &str) -> String {
        match self.stance {
            Stance::Upright => {
                let y = self.bottom() - share * self.height + 4.0;
                let x = self.left - 8.0;
                format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{text}</text>\n")
            }
            Stance::Lying => {
                let (x, y) = (self.left + share * self.width, self.top - 6.0);
                format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{text}</text>\n")
            }
        }
    }

    /// The name of a group whose middle is here.
    pub fn name_at(&self, middle: f64, text: &str) -> String {
        let (x, y, anchor) = match self.stance {
            Stance::Upright => (self.left + middle, self.bottom() + 18.0, "middle"),
            Stance::Lying => (self.left - 8.0, self.top + middle + 4.0, "end"),
        };
        format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>\n")
    }

    /// A bar with its title.
    pub fn bar(&self, start: f64, thickness: f64, share: f64, title: &str) -> String {
        let (x, y, width, height) = match self.stance {
            Stance::Upright => {
                let height = share * self.height;
                (self.left + start, self.bottom() - height, thickness, height)
            }
            Stance::Lying => (self.left, self.top + start, share * self.width, thickness),
        };
        format!(
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\">\
             <title>{title}</title></rect>\n"
        )
    }
}
