//! Streams that may block for a long time.

use crate::model::StopFlag;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A stream that may block for a long time without preventing an import from stopping.
pub struct Stoppable {
    stream: Arc<File>,
    stop: StopFlag,
    /// Whether reading was stopped before the end.
    pub(in crate::source) cut_off: Arc<AtomicBool>,
}

impl Stoppable {
    /// Once the flag is set, reading fails at once and permanently.
    pub fn new(stream: Arc<File>, stop: StopFlag) -> Self {
        Self { stream, stop, cut_off: Arc::default() }
    }
}

impl Read for Stoppable {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const LOOK_MS: libc::c_int = 100;
        loop {
            let mut waiting =
                libc::pollfd { fd: self.stream.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one structure, which is ours. An error here occurs again when reading.
            let ready = unsafe { libc::poll(&mut waiting, 1, LOOK_MS) };
            if self.stop.is_requested() {
                self.cut_off.store(true, Ordering::Relaxed);
                return Err(io::Error::other("the import was stopped"));
            }
            if ready != 0 {
                return self.stream.read(buffer);
            }
        }
    }
}

/// Opens a file that may be a pipe without a writer, for which opening would block. Fails when the flag is
/// set.
pub fn open_stoppable(path: &Path, stop: StopFlag) -> io::Result<Stoppable> {
    let own = path.to_owned();
    let opening = std::thread::spawn(move || File::open(own));
    while !opening.is_finished() {
        if stop.is_requested() {
            return Err(io::Error::other("the import was stopped"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let file = opening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(Stoppable::new(Arc::new(file), stop))
}
