//! Panics: one in a document only rejects that document; any other is reported as an internal error.

use super::Global;
use crate::cli::outcome::Exit;
use crate::cli::terminal::log::Line;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

/// The message and the place of the last panic.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// Keeps panics off standard error, unless a backtrace is requested.
pub fn keep_quiet() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or(String::new(), |place| format!(" at {place}"));
        let message = panic.payload_as_str().unwrap_or("no message");
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{message}{place}"));
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            tell(panic);
        }
    }));
}

/// Runs a command; a panic that gets here is a failure.
pub fn told(global: &Global, command: impl FnOnce() -> Exit) -> Exit {
    catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
        Line::error(format!("internal error: {}", last.unwrap_or_default()))
            .with("code", Exit::Failed as u8)
            .with("hint", "please report it, with what RUST_BACKTRACE=1 shows")
            .write(global);
        Exit::Failed
    })
}
