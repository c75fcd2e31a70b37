//! The axis of the values: round numbers.

/// No more lines than this above zero.
const MOST_LINES: u64 = 6;

/// From zero to a round number.
pub(super) struct Scale {
    step: u64,
    lines: u64,
}

impl Scale {
    /// The scale on which this is the greatest value.
    pub fn up_to(greatest: u64) -> Self {
        let greatest = greatest.max(1);
        // 1, 2, 5, 10, 20, 50 …
        let rounds =
            (0..20).flat_map(|zeros| [1, 2, 5].map(|one: u64| one.checked_mul(10_u64.pow(zeros))));
        let fits = |step: &u64| greatest.div_ceil(*step) <= MOST_LINES;
        let step = rounds.flatten().find(fits).unwrap_or(greatest);
        Self { step, lines: greatest.div_ceil(step) }
    }

    /// Each line, as its share of the height, and its number.
    pub fn ticks(&self) -> impl Iterator<Item = (f64, String)> {
        let number = |line: u64| grouped(line.saturating_mul(self.step));
        (0..=self.lines).map(move |line| (line as f64 / self.lines as f64, number(line)))
    }

    /// The share of the height that a value takes.
    pub fn share_of(&self, value: u64) -> f64 {
        (value as f64 / (self.lines as f64 * self.step as f64)).min(1.0)
    }
}

/// `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_round() {
        let ticks =
            |greatest| Scale::up_to(greatest).ticks().map(|tick| tick.1).collect::<Vec<_>>();
        assert_eq!(ticks(0), ["0", "1"]);
        assert_eq!(ticks(3), ["0", "1", "2", "3"]);
        assert_eq!(ticks(7), ["0", "2", "4", "6", "8"]);
        assert_eq!(ticks(1234), ["0", "500", "1,000", "1,500"]);
        for greatest in [1, 6, 7, 999, 1 << 40, u64::MAX] {
            let scale = Scale::up_to(greatest);
            assert!(scale.lines <= MOST_LINES, "{greatest}");
            let share = scale.share_of(greatest);
            assert!(share > 0.49 && share <= 1.0, "{greatest}: {share}");
        }
    }
}
