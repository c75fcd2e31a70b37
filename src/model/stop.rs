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
