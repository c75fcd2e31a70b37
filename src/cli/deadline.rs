//! Ends the process if an SQL query continues beyond its time limit.
//!
//! SQLite checks the clock between two steps of its virtual machine, but one step can take hours: `LIKE` with
//! many `%`, `replace` or `instr` on long texts. Only the end of the process can interrupt these. That is
//! harmless to a reader, but belongs into the command and not into the library.

use super::Global;
use crate::cli::outcome;
use seedbank::{Error, SqlRefusal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long after its limit a query may still end by itself.
const GRACE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(50);

/// Ends the process if a query continues after its limit.
pub struct Deadline {
    /// Whether SQLite is working, and not the receiver of the rows.
    is_inside: Arc<AtomicBool>,
}

impl Deadline {
    /// Starts the time; without a limit, the process is never ended. `before_end` runs before the end.
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

    /// Runs work that does not count as part of the query.
    pub fn outside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.is_inside.store(false, Ordering::Relaxed);
        let done = work();
        self.is_inside.store(true, Ordering::Relaxed);
        done
    }
}

impl Drop for Deadline {
    /// The query has ended; there is no limit on what follows.
    fn drop(&mut self) {
        self.is_inside.store(false, Ordering::Relaxed);
    }
}

fn end(limit: Duration, global: &Global) -> ! {
    let exit = outcome::report(&Error::from(SqlRefusal::TooSlow(limit)).into(), global);
    std::process::exit(exit as i32)
}
