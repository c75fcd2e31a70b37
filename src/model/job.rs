//! How a long job is run: on how many threads, and until when.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks a long operation to end early, in good order. Clones are one flag; it is never taken back.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    pub fn new() -> Self {
        Self::default()
    }

    /// May be called from another thread, or from a signal handler.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// More threads than this only cost memory: no machine that reads drops has as many processors.
const MOST: usize = 256;

/// How many threads a wish for `jobs` gets: for 0, one per processor that this process may use. What
/// comes of their work does not depend on it.
pub fn threads(jobs: usize) -> usize {
    match jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from).min(MOST),
        jobs => jobs.min(MOST),
    }
}
