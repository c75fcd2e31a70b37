//! The end of a question whose own limit of time does not reach it.
//!
//! SQLite looks at the clock between two steps of its machine, but one step can take hours: `LIKE`
//! with many `%`, `replace` or `instr` on long texts. Nothing can interrupt those but the end of the
//! process, which is harmless to a reader; so this stands here, and not in the library.

use super::Global;
use crate::cli::outcome;
use seedbank::{Error, SqlRefusal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long after its limit a question may still end by itself.
const GRACE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(50);

/// Ends the process where a question goes on after its limit.
pub struct Deadline {
    /// Whether SQLite is at work, and not whoever takes the rows.
    is_inside: Arc<AtomicBool>,
}

impl Deadline {
    /// Counts from now on; without a limit, never ends anything. Before the end comes `before_end`.
    pub fn start(
        limit: Option<Duration>,
        global: &Global,
        before_end: impl FnOnce() + Send + 'static,
    ) -> Self {
        let is_inside = Arc::new(AtomicBool::new(true));
        if let Some(limit) = limit {
            let seen = Arc::clone(&is_inside);
            let global = global.clone();
            std::thread::spawn(move || {
                let mut spent = Duration::ZERO;
                while spent < limit.saturating_add(GRACE) {
                    std::thread::sleep(TICK);
                    if seen.load(Ordering::Relaxed) {
                        spent += TICK;
                    }
                }
                before_end();
                end(limit, &global);
            });
        }
        Self { is_inside }
    }

    /// Does what is no part of the question.
    pub fn outside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.is_inside.store(false, Ordering::Relaxed);
        let done = work();
        self.is_inside.store(true, Ordering::Relaxed);
        done
    }
}

impl Drop for Deadline {
    /// The question has ended; what follows takes the time that it takes.
    fn drop(&mut self) {
        self.is_inside.store(false, Ordering::Relaxed);
    }
}

fn end(limit: Duration, global: &Global) -> ! {
    let exit = outcome::report(&Error::from(SqlRefusal::TooSlow(limit)).into(), global);
    std::process::exit(exit as i32)
}
