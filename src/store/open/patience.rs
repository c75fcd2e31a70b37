//! How long the writer waits for locks of other programs.

use crate::error::Result;
use crate::model::StopFlag;
use rusqlite::{Connection, Error, ffi};
use std::ffi::{c_int, c_void};
use std::sync::Arc;
use std::time::Duration;

/// The longest pause between two checks of the stop flag, in milliseconds.
const MOST_PAUSE: u64 = 20;
/// After about this many seconds of pauses it gives up.
const PATIENCE: u64 = 30;
const PAUSES: u64 = PATIENCE * 1_000 / MOST_PAUSE;

/// Makes a connection wait for locks until a flag is set. Must outlive the connection.
pub(in crate::store) struct Patience {
    stop: Arc<StopFlag>,
}

impl Patience {
    pub fn new(stop: Option<&StopFlag>) -> Self {
        Self { stop: Arc::new(stop.cloned().unwrap_or_default()) }
    }

    /// The flag that ends the wait.
    pub fn stop(&self) -> &StopFlag {
        &self.stop
    }

    /// Installs the wait on the connection; `self` must outlive it.
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

/// Called by SQLite when another connection holds a lock, with the number of earlier calls for this lock.
unsafe extern "C" fn wait(stop: *mut c_void, pauses: c_int) -> c_int {
    // SAFETY: `begin` passed this flag, and it lives as long as the connection.
    let stop = unsafe { &*stop.cast::<StopFlag>() };
    if pauses as u64 >= PAUSES || stop.is_requested() {
        return 0;
    }
    std::thread::sleep(Duration::from_millis(MOST_PAUSE.min(pauses as u64 + 1)));
    1
}
