//! A weighted sum as it is added up, one feature after the other.

/// The weights of both scores, in the order in which their features are added up; a constant last.
#[derive(Debug, Clone, Copy)]
pub struct Weights<'a> {
    pub first: &'a [f64],
    pub second: &'a [f64],
}

/// The features of one block.
pub(super) struct Row<'a> {
    weights: &'a [f64],
    at: usize,
    score: f64,
    /// The features themselves, for who fits the weights.
    trace: Option<&'a mut Vec<f64>>,
}

impl<'a> Row<'a> {
    pub fn new(weights: &'a [f64], trace: Option<&'a mut Vec<f64>>) -> Self {
        Self { weights, at: 0, score: 0.0, trace }
    }

    #[inline]
    pub fn put(&mut self, value: f64) {
        self.score += self.weights.get(self.at).unwrap_or(&0.0) * value;
        self.at += 1;
        if let Some(trace) = &mut self.trace {
            trace.push(value);
        }
    }

    pub fn put_if(&mut self, holds: bool) {
        self.put(f64::from(u8::from(holds)));
    }

    /// The sum, and how many features it is of.
    pub fn score(self) -> (f64, usize) {
        (self.score + self.weights.get(self.at).unwrap_or(&0.0), self.at)
    }
}

/// A count as a share of 1, half of it at `half`. Only sums and quotients: every machine gets the same.
#[inline]
pub(super) fn up_to_one(count: f64, half: f64) -> f64 {
    count / (count + half)
}
