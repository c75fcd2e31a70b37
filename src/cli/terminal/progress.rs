//! How far a command has come.

use crate::cli::terminal::log::{Line, LogFormat};
use crate::cli::terminal::render::{bar, bytes};
use crate::cli::{Global, When};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use seedbank::Progress;
use seedbank::internals::view::{counted, grouped};
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// Between two lines, where there is no terminal.
const PAUSE: Duration = Duration::from_secs(30);
/// Of the bar, in columns.
const WIDTH: u64 = 20;

/// The progress of a command on standard error: an updated line on a terminal, elsewhere a line every half
/// minute.
pub struct ImportProgress<'a> {
    global: &'a Global,
    bar: Option<ProgressBar>,
    is_plain: bool,
    started: Instant,
    shown: Instant,
}

impl<'a> ImportProgress<'a> {
    pub fn new(global: &'a Global) -> Self {
        let is_terminal = io::stderr().is_terminal();
        let is_wanted = match global.progress {
            When::Always => true,
            When::Never => false,
            When::Auto => !global.quiet,
        };
        let is_bar = is_terminal && global.log_format == LogFormat::Text;
        let bar = (is_wanted && is_bar).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        let now = Instant::now();
        Self { global, is_plain: is_wanted && bar.is_none(), bar, started: now, shown: now }
    }

    /// Whether there is a line that shows how much is left.
    pub fn has_bar(&self) -> bool {
        self.bar.is_some()
    }

    /// Called for every file; prints only now and then.
    pub fn update(&mut self, progress: Progress<'_>) {
        // What was read of single files is for a preview, and would hide how far it has come.
        if let Progress::Read { .. } | Progress::NotTaken(_) = progress {
            return;
        }
        self.show(|seconds| match progress {
            Progress::Rederiving { seeds, total } => {
                format!("rebuilding the rows: {} of {}", grouped(seeds), counted(total, "seed"))
            }
            Progress::Indexing { articles, total } => {
                format!("indexing: {} of {}", grouped(articles), counted(total, "article"))
            }
            Progress::Reading { files_seen, bytes_read, share } => {
                let read = format!(
                    "{}, {} read, {} files/s",
                    counted(files_seen, "file"),
                    bytes(bytes_read),
                    grouped((files_seen as f64 / seconds) as u64),
                );
                share.map_or(read.clone(), |share| format!("{}{read}", share_line(share, seconds)))
            }
            _ => "working".into(),
        });
    }

    /// Prints `text` of the elapsed seconds, now and then.
    pub fn show(&mut self, text: impl FnOnce(f64) -> String) {
        let pause = match (&self.bar, self.is_plain) {
            (Some(_), _) => Duration::from_millis(100),
            (None, true) => PAUSE,
            (None, false) => return,
        };
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        let text = text(self.started.elapsed().as_secs_f64().max(0.001));
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None => Line::info(text).write(self.global),
        }
    }

    /// Clears the line.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A bar, the share in percent, and the time that is left if the rest takes as long as what is done.
fn share_line(share: f64, seconds: f64) -> String {
    /// Before that, a guess is worth nothing.
    const SURE: (f64, f64) = (0.02, 2.0);
    let done = bar((share * 1000.0) as u64, 1000, WIDTH);
    let padding = " ".repeat(WIDTH as usize - done.chars().count());
    let left = if share > SURE.0 && seconds > SURE.1 {
        format!("{} left, ", duration(seconds / share * (1.0 - share)))
    } else {
        String::new()
    };
    format!("{done}{padding} {:3} %, {left}", (share * 100.0).floor())
}

fn duration(seconds: f64) -> String {
    match seconds.ceil() as u64 {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds.div_ceil(60)),
        seconds => {
            let minutes = seconds.div_ceil(60);
            format!("{} h {} min", minutes / 60, minutes % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_is_left() {
        let check = |share: f64, seconds: f64, expected: &str| {
            assert_eq!(share_line(share, seconds), expected);
        };
        check(0.0, 1.0, "                       0 %, ");
        check(0.5, 1.0, "██████████            50 %, ");
        check(0.5, 30.0, "██████████            50 %, 30 s left, ");
        check(0.25, 30.0, "█████                 25 %, 2 min left, ");
        check(0.05, 600.0, "█                      5 %, 3 h 10 min left, ");
        check(1.0, 30.0, "████████████████████ 100 %, 0 s left, ");
    }
}
