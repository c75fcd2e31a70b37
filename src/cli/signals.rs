//! Signals: the first SIGINT, SIGTERM or SIGHUP asks a command that writes to end in good order, the second
//! ends the program at once, and so does time, whatever the command waits for or works on. A command
//! that only reads has nothing to put in order: the first ends it. All end with the documented codes.
//!
//! Three calls of `libc`, which is here already, against a crate with threads and pipes of its own.

use crate::cli::outcome::Exit;
use seedbank::model::StopFlag;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};

static STOP: OnceLock<StopFlag> = OnceLock::new();
/// The first signal; 0 before it.
static RECEIVED: AtomicI32 = AtomicI32::new(0);

/// How many seconds an end in good order may take. What it loses then was not committed yet; an archive
/// takes no harm.
const GRACE: libc::c_uint = 10;

/// A file that may not grow any more is then an error of the writing call, which is told and
/// recovered from, and not the end of the process.
pub fn ignore_file_size_limit() {
    // SAFETY: it only sets a disposition, before there is another thread.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}

/// Has signals end the program at once, with their exit codes: right as long as nothing is half made.
pub fn end_by_signals() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // What the caller had ignored, as `nohup` does, stays ignored.
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

fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: the structure is valid, zeroed being an empty mask and no flags.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action);
        action.sa_sigaction == libc::SIG_IGN
    }
}

fn handle(signal: libc::c_int, handler: extern "C" fn(libc::c_int)) {
    // SAFETY: the structure is valid, zeroed being an empty mask and no flags, and our handlers only do
    // what a handler may.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(signal, &action, std::ptr::null_mut());
    }
}

/// The exit code that the first signal asks for, if there was one.
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

/// Touches atomics only, and ends without running anything else.
extern "C" fn on_signal(signal: libc::c_int) {
    let is_first = RECEIVED.swap(signal, Ordering::Relaxed) == 0;
    let Some(stop) = STOP.get().filter(|_| is_first) else { end(signal) };
    // SAFETY: it is made for handlers.
    unsafe {
        libc::alarm(GRACE);
    }
    stop.request();
}

extern "C" fn on_alarm(_: libc::c_int) {
    let signal = RECEIVED.load(Ordering::Relaxed);
    // Without one, it is somebody else's alarm, which is a signal to end too.
    end(if signal == 0 { libc::SIGTERM } else { signal });
}

fn end(signal: libc::c_int) -> ! {
    // SAFETY: it is made for handlers.
    unsafe { libc::_exit(exit(signal) as i32) }
}
