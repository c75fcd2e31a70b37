//! A weighted sum of features, added up one by one.

/// The weights of both scores, in the order of their features; a constant comes last.
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
    /// The features themselves, to fit the weights.
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

    /// The sum, and the number of features.
    pub fn score(self) -> (f64, usize) {
        (self.score + self.weights.get(self.at).unwrap_or(&0.0), self.at)
    }
}

/// A count mapped to 0 up to 1, with one half at `half`. Uses only sums and quotients, so every machine gives
/// the same result.
#[inline]
pub(super) fn up_to_one(count: f64, half: f64) -> f64 {
    count / (count + half)
}
