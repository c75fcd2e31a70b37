//! Signals. For a command that writes, the first SIGINT, SIGTERM or SIGHUP asks it to stop in an orderly way;
//! the second ends the process at once, and so does a time limit after the first, whatever the command is
//! doing. A command that only reads ends at the first signal. All end with the documented exit codes.
//!
//! Three calls of `libc`, which is a dependency already, instead of a crate with threads and pipes of its
//! own.

use crate::cli::outcome::Exit;
use seedbank::internals::files::{ArchiveFiles, NewFile, Taken};
use seedbank::{Error, StopFlag};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

static STOP: OnceLock<StopFlag> = OnceLock::new();
/// The first signal; 0 before it.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// How many seconds stopping in an orderly way may take. Anything lost after that was not committed yet; the
/// archive stays intact.
const GRACE: libc::c_uint = 10;
/// How often a thread looks for a signal.
const LOOK: Duration = Duration::from_millis(50);

/// A file that reaches its size limit then makes the write fail, which is reported, instead of killing the
/// process.
pub fn ignore_file_size_limit() {
    // SAFETY: it only sets a disposition, before there is another thread.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

/// Makes signals end the process at once, with their exit codes. Used while nothing is half-written.
pub fn end_by_signals() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // A signal that the caller ignores, as `nohup` does, stays ignored.
        if !is_ignored(signal) {
            handle(signal, on_signal);
        }
    }
}

/// The flag that the first signal sets from now on.
pub fn stop_flag() -> StopFlag {
    let stop = STOP.get_or_init(StopFlag::new).clone();
    handle(libc::SIGALRM, on_alarm);
    stop
}

/// Creates a file that the first signal removes before it ends the process, until the file has its final name.
pub fn new_file(path: &Path, taken: Taken, own: &ArchiveFiles) -> Result<NewFile, Error> {
    // A signal that comes before the file is there is seen too.
    stop_flag();
    let file = NewFile::create(path, taken, own)?;
    end_without(file.temporary().to_owned());
    Ok(file)
}

/// From now on the first signal removes this unfinished file and ends the process, whatever the process is doing.
fn end_without(unfinished: PathBuf) {
    std::thread::spawn(move || {
        let exit = loop {
            match received() {
                Some(exit) => break exit,
                None => std::thread::sleep(LOOK),
            }
        };
        // It may have its final name already.
        let _ = std::fs::remove_file(unfinished);
        std::process::exit(exit as i32)
    });
}

fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: the structure is valid, zeroed being an empty mask and no flags.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action);
        action.sa_sigaction == libc::SIG_IGN
    }
}

fn handle(signal: libc::c_int, handler: extern "C" fn(libc::c_int)) {
    // SAFETY: the structure is valid, zeroed being an empty mask and no flags, and our handlers only do what
    // a handler may.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &action, std::ptr::null_mut());
    }
}

/// The exit code for the first signal, if there was one.
pub fn received() -> Option<Exit> {
    match RECEIVED.load(Ordering::Relaxed) {
        0 => None,
        signal => Some(exit(signal)),
    }
}

fn exit(signal: i32) -> Exit {
    match signal {
        libc::SIGINT => Exit::Interrupted,
        _ => Exit::Terminated,
    }
}

/// Touches only atomics, and exits without running anything else.
extern "C" fn on_signal(signal: libc::c_int) {
    let is_first = RECEIVED.swap(signal, Ordering::Relaxed) == 0;
    let Some(stop) = STOP.get().filter(|_| is_first) else { end(signal) };
    // SAFETY: this call is allowed in signal handlers.
    unsafe {
        libc::alarm(GRACE);
    }
    stop.request();
}

extern "C" fn on_alarm(_: libc::c_int) {
    let signal = RECEIVED.load(Ordering::Relaxed);
    // An alarm without a signal is somebody else's, and a signal to end too.
    end(if signal == 0 { libc::SIGTERM } else { signal });
}

fn end(signal: libc::c_int) -> ! {
    // SAFETY: this call is allowed in signal handlers.
    unsafe { libc::_exit(exit(signal) as i32) }
}
