//! How a long job runs: the number of threads, and a flag that stops it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks a long operation to end early, in an orderly way. Clones share one flag; it is never reset.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// One that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets it. May be called from another thread, or from a signal handler.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is set.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// More threads only cost memory: no machine that reads drops has more processors.
const MOST: usize = 256;

/// The number of threads for the option `jobs`; 0 means one per processor that this process may use. Results
/// do not depend on it.
pub fn threads(jobs: usize) -> usize {
    match jobs {
        0 => std::thread::available_parallelism().map_or(1, usize::from).min(MOST),
        jobs => jobs.min(MOST),
    }
}
