//! How long the writer waits for what other programs have locked.

use crate::error::Result;
use crate::model::StopFlag;
use rusqlite::{Connection, Error, ffi};
use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::time::Duration;

/// So often at least it looks whether it is to stop.
const MOST_PAUSE: u64 = 20;
/// After some time of pauses, that many seconds, it gives up.
const PATIENCE: u64 = 30;
const PAUSES: u64 = PATIENCE * 1_000 / MOST_PAUSE;

/// Has a connection wait for locks, and no longer than until a flag is set. Outlives the connection.
pub(in crate::store) struct Patience {
    stop: Arc<StopFlag>,
}

impl Patience {
    pub fn new(stop: Option<&StopFlag>) -> Self {
        Self { stop: Arc::new(stop.cloned().unwrap_or_default()) }
    }

    /// The flag that ends the waiting.
    pub fn stop(&self) -> &StopFlag {
        &self.stop
    }

    /// From now on the connection waits so; `self` must outlive it.
    pub fn begin(&self, connection: &Connection) -> Result<()> {
        let stop = Arc::as_ptr(&self.stop).cast_mut().cast::<c_void>();
        // SAFETY: the handle is open, and the flag lives as long as `self`.
        let code = unsafe { ffi::sqlite3_busy_handler(connection.handle(), Some(wait), stop) };
        match code {
            ffi::SQLITE_OK => Ok(()),
            code => Err(Error::SqliteFailure(ffi::Error::new(code), None).into()),
        }
    }
}

/// Called by SQLite when a lock is another's, with how often it was called for this one.
unsafe extern "C" fn wait(stop: *mut c_void, pauses: c_int) -> c_int {
    // SAFETY: it is the flag that `begin` gave, which lives as long as the connection.
    let stop = unsafe { &*stop.cast::<StopFlag>() };
    if pauses as u64 >= PAUSES || stop.is_requested() {
        return 0;
    }
    std::thread::sleep(Duration::from_millis(MOST_PAUSE.min(pauses as u64 + 1)));
    1
}
