//! Code shared by the benches: the documents, clocks, memory.

#![allow(dead_code, reason = "each bench uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The folder named on the command line, or the corpus beside the checkout; `None`, with a message, if there
/// is neither.
pub fn folder() -> Option<PathBuf> {
    let is_path =
        |argument: &String| !argument.starts_with('-') && argument.parse::<u64>().is_err();
    match std::env::args().skip(1).find(is_path) {
        Some(named) => existing(named.into()),
        None => corpus(),
    }
}

/// The corpus beside the checkout.
pub fn corpus() -> Option<PathBuf> {
    existing(Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/seeds"))
}

fn existing(folder: PathBuf) -> Option<PathBuf> {
    if !folder.is_dir() {
        println!("SKIPPED: there is no folder {}", folder.display());
        return None;
    }
    Some(folder)
}

pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = work();
    (started.elapsed(), result)
}

pub fn median(values: impl Iterator<Item = f64>) -> f64 {
    percentile(values, 0.5)
}

/// The value below which this share of all values lies.
pub fn percentile(values: impl Iterator<Item = f64>, part: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    values[((values.len() as f64 * part) as usize).min(last)]
}

/// The resources used by a process.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Seconds.
    pub wall: f64,
    /// Seconds, in user and kernel mode.
    pub cpu: f64,
    /// Bytes.
    pub peak_memory: u64,
}

/// Runs a command to its successful end, and discards its output.
pub fn run(command: &mut Command) -> Usage {
    let started = Instant::now();
    #[expect(clippy::zombie_processes, reason = "waited for by wait4, which says what it took")]
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // SAFETY: wait4 only fills what is passed; nobody else waits for this child.
    let (status, usage) = unsafe {
        let (mut status, mut usage) = (0, std::mem::zeroed::<libc::rusage>());
        assert!(libc::wait4(child.id() as i32, &mut status, 0, &mut usage) > 0);
        (status, usage)
    };
    assert_eq!(status, 0, "{command:?} failed");
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Usage {
        wall: started.elapsed().as_secs_f64(),
        cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        peak_memory: usage.ru_maxrss as u64 * 1024,
    }
}

/// Removes a database and its companions.
pub fn remove_database(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        let _ = std::fs::remove_file(file);
    }
}

/// In bytes, for the whole process so far.
pub fn peak_memory() -> u64 {
    // SAFETY: getrusage only fills the struct that is passed.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    usage.ru_maxrss as u64 * 1024
}

/// Makes a folder of many files of real size from the documents of another: each repetition has other
/// addresses and publication times, so that each file is an article of its own.
pub fn multiply(folder: &Path, files: usize, into: &Path) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let documents: Vec<String> =
        paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    for number in 0..files {
        let document = &documents[number % documents.len()];
        let (epoch, rest) = document.split_once('\n').unwrap();
        let (link, body) = rest.split_once('\n').unwrap();
        let link = link.trim_end().trim_end_matches(')');
        let milliseconds = 1_500_000_000_000 + number as u64 * 60_000;
        assert!(epoch.starts_with("<!--") && link.contains("]("), "an unexpected header: {epoch}");
        let subfolder = into.join((number / 1000).to_string());
        std::fs::create_dir_all(&subfolder).unwrap();
        let seed = format!("<!--{milliseconds}-->\n{link}?copy={number})\n{body}");
        std::fs::write(subfolder.join(format!("{number}.txt")), seed).unwrap();
    }
}
