//! Counts what an import will find, ahead of its own walk, which waits for the writer.

use crate::model::StopFlag;
use crate::source::Walk;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};

/// A file counts for at least this many bytes, since a small one takes time too.
const LEAST: u64 = 16 << 10;

/// How much there is to walk, and how much of it was walked.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// In bytes; 0 until it is known.
    total: AtomicU64,
    walked: AtomicU64,
}

impl Ahead {
    /// Starts to count. The thread ends with the import, or before it.
    pub fn start(walk: &Arc<Walk>, stop: &StopFlag) -> Arc<Self> {
        let ahead = Arc::new(Self::default());
        let (walk, stop, weak) = (Arc::clone(walk), stop.clone(), Arc::downgrade(&ahead));
        std::thread::spawn(move || count(&walk, &stop, &weak));
        ahead
    }

    /// Adds a file of this length, which was sent, or all of its members.
    pub fn walked(&self, length: u64) {
        self.walked.fetch_add(length.max(LEAST), Relaxed);
    }

    /// Which share of everything is stored, if `waiting` bytes of what was walked are not; `None` while the
    /// total is not known.
    pub fn share(&self, waiting: u64) -> Option<f64> {
        let total = self.total.load(Relaxed);
        let stored = self.walked.load(Relaxed).saturating_sub(waiting).min(total);
        (total > 0).then(|| stored as f64 / total as f64)
    }
}

fn count(walk: &Walk, stop: &StopFlag, ahead: &Weak<Ahead>) {
    let mut total = 0;
    for found in walk.files() {
        if stop.is_requested() || ahead.strong_count() == 0 {
            return;
        }
        total += found.length().max(LEAST);
    }
    if let Some(ahead) = ahead.upgrade() {
        ahead.total.store(total, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_what_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        for (name, length) in [("a", 1), ("b/c", 48 << 10), ("b/d", 0)] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, vec![0; length]).unwrap();
        }
        let database = folder.path().join("archive.db");
        let walk = Walk::new(&[folder.path().to_owned()], &database).unwrap();
        let ahead = Arc::new(Ahead::default());
        ahead.walked(1);
        assert_eq!(ahead.share(0), None);
        count(&walk, &StopFlag::new(), &Arc::downgrade(&ahead));
        assert_eq!(ahead.share(0), Some(0.2));
        ahead.walked(48 << 10);
        assert_eq!((ahead.share(0), ahead.share(16 << 10)), (Some(0.8), Some(0.6)));
        ahead.walked(0);
        assert_eq!((ahead.share(0), ahead.share(1 << 30)), (Some(1.0), Some(0.0)));
        // Stopped, it knows nothing.
        let (stopped, stop) = (Arc::new(Ahead::default()), StopFlag::new());
        stop.request();
        count(&walk, &stop, &Arc::downgrade(&stopped));
        assert_eq!(stopped.share(0), None);
    }
}
