//! Compares an import with other programs, its own parts, and the limits of the machine: one table, with
//! ratios.
//!
//! `cargo bench --bench compare [FOLDER]`; without a folder, the corpus beside the checkout. Every round runs
//! each command once, one after the other, each in its own process; the table shows medians, and medians of
//! the rounds' ratios. The other programs are Python scripts (`SEEDBANK_PEERS`, or those beside the
//! checkout), which need `selectolax`; without them the table has no ratios to them, with a note.

mod support;

use seedbank::internals::import::{Preparer, import};
use seedbank::internals::source::{Walk, read};
use seedbank::internals::store::{NewSighting, Writer};
use seedbank::{ImportOptions, IndexWriting, Timestamp};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::{Usage, folder, median, multiply, remove_database, run, timed};

const ROUNDS: usize = 9;
/// The number of files in the unchanged folder.
const UNCHANGED: usize = 5_685;
/// The argument with which this program runs itself, to import without the full-text index.
const ROWS_ONLY: &str = "--rows-only";
/// How many documents of the corpus an import commits at once.
const BATCH: usize = 550;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, folder, database] = &arguments[..]
        && mode == ROWS_ONLY
    {
        return import_rows(Path::new(folder), Path::new(database));
    }
    let Some(folder) = folder() else { return };
    let place = tempfile::tempdir().unwrap();
    let (files, bytes) = size_of(&folder);
    let input = bytes as f64;
    println!("{}: {files} files, {:.1} MiB; {ROUNDS} rounds in turn", folder.display(), mib(input));
    println!(
        "\n{:<42} wall s   cpu s  peak MiB  wall ratio",
        "a bulk import, in a process of its own"
    );
    let database = place.path().join("bench.db");
    let mut commands = peers(&folder, &place.path().join("peer.db"));
    if commands.is_empty() {
        println!("(no peers: there is no script, or no selectolax for python3)");
    }
    let rows_only = commands.len();
    let mut own = Command::new(std::env::current_exe().unwrap());
    own.arg(ROWS_ONLY).arg(&folder).arg(&database);
    commands.push(("seedbank: rows, originals".to_owned(), own));
    commands.push((
        "seedbank: rows, originals, full-text index".to_owned(),
        seedbank(&database, &folder),
    ));
    let rounds = in_turn(&mut commands, || remove_database(&database));
    for (at, (name, _)) in commands.iter().enumerate() {
        let ratio = median(rounds.iter().map(|round| round[at].wall / round[0].wall));
        print_row(
            name,
            rounds.iter().map(|round| round[at]),
            Some(ratio).filter(|_| rows_only > 0),
        );
    }
    let archive = std::fs::metadata(&database).unwrap().len() as f64;
    unchanged(&folder, place.path());
    parts(&folder);
    println!("\nthe database / the input: {:.3}", archive / input);
    dictionary(&folder);
}

fn peers(folder: &Path, database: &Path) -> Vec<(String, Command)> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/peers.py");
    let script = std::env::var_os("SEEDBANK_PEERS").map_or(beside, PathBuf::from);
    // The interpreter itself, since the command in the search path may be a script that looks for it.
    let find = ["-c", "import selectolax, sys; print(sys.executable)"];
    let found = Command::new("python3").args(find).output();
    let python = found.map(|found| String::from_utf8_lossy(&found.stdout).trim().to_owned());
    let python = python.unwrap_or_default();
    if !script.is_file() || python.is_empty() {
        return Vec::new();
    }
    let peer = |mode: &str| {
        let mut command = Command::new(&python);
        command.arg(&script).arg(mode).arg(folder).arg(database);
        (format!("Python, {mode}: rows"), command)
    };
    ["selectolax", "selectolaxbatch"].map(peer).into()
}

fn seedbank(database: &Path, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seedbank"));
    command.arg("--db").arg(database).args(["import", "-q"]).arg(folder);
    command
}

fn import_rows(folder: &Path, database: &Path) {
    let mut options = ImportOptions::new([folder]);
    options.index = IndexWriting::Later;
    import(database, &options, &mut |_| {}).unwrap();
}

/// Runs all commands in each round, after calling `before` for each.
fn in_turn(commands: &mut [(String, Command)], before: impl Fn()) -> Vec<Vec<Usage>> {
    let mut round = || {
        let measure = |(_, command): &mut (String, Command)| {
            before();
            run(command)
        };
        commands.iter_mut().map(measure).collect()
    };
    // Once, to fill the caches.
    let _: Vec<Usage> = round();
    (0..ROUNDS).map(|_| round()).collect()
}

fn print_row(name: &str, usages: impl Iterator<Item = Usage> + Clone, ratio: Option<f64>) {
    let column = |of: fn(&Usage) -> f64| median(usages.clone().map(|usage| of(&usage)));
    let (wall, cpu) = (column(|usage| usage.wall), column(|usage| usage.cpu));
    let peak = mib(column(|usage| usage.peak_memory as f64));
    let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:11.2}"));
    println!("{name:<42} {wall:6.3}  {cpu:6.3}  {peak:8.0} {ratio}");
}

/// The steps of an import one after the other on one thread, compared with the import on two cores.
fn parts(folder: &Path) {
    println!("\n{:<42} wall s  import / bound", "parts on one thread, in this process");
    for (name, with_index) in [("without the index", false), ("with the index", true)] {
        let rounds: Vec<[f64; 4]> = (0..ROUNDS)
            .map(|_| {
                let (prepare, mut sightings) = timed(|| prepare(folder, with_index));
                let insert = insert(&mut sightings, with_index);
                drop(sightings);
                let whole = whole(folder, with_index);
                let bound = ((prepare + insert) / 2).max(insert);
                [prepare, insert, bound, whole].map(|part| part.as_secs_f64())
            })
            .collect();
        for (at, part) in ["prepare", "insert", "bound", "import"].iter().enumerate() {
            let seconds = median(rounds.iter().map(|round| round[at]));
            let ratio = match *part {
                "import" => {
                    format!("{:15.2}", median(rounds.iter().map(|round| round[3] / round[2])))
                }
                _ => String::new(),
            };
            println!("{:<42} {seconds:6.3} {ratio}", format!("{part}, {name}"));
        }
    }
    println!("(bound: the greater of (prepare + insert) / 2 and insert, which has one writer)");
}

/// Reads, hashes, parses, cuts and compresses; and inverts, if there is an index.
fn prepare(folder: &Path, with_index: bool) -> Vec<NewSighting> {
    let walk = Walk::new(&[folder.to_owned()], Path::new("bench.db")).unwrap();
    let now = Timestamp::now();
    let mut preparer = Preparer::new(with_index);
    let documents = walk.files().filter_map(|found| read(&found, u64::MAX >> 1, now).ok());
    documents.map(|document| preparer.sighting(document)).collect()
}

fn insert(sightings: &mut [NewSighting], with_index: bool) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("bench.db");
    let insert = || {
        let mut writer = Writer::open(&database, Duration::ZERO).unwrap();
        if !with_index {
            writer.give_up_index().unwrap();
        }
        writer.start_run(Timestamp::now(), "[]", None).unwrap();
        for batch in sightings.chunks_mut(BATCH) {
            let mut stored = writer.batch().unwrap();
            for sighting in batch {
                stored.store(sighting).unwrap();
            }
            stored.commit(&|_| None).unwrap();
        }
        writer.checkpoint().unwrap();
    };
    timed(insert).0
}

fn whole(folder: &Path, with_index: bool) -> Duration {
    let place = tempfile::tempdir().unwrap();
    let mut options = ImportOptions::new([folder]);
    options.index = if with_index { IndexWriting::Bulk } else { IndexWriting::Later };
    let run = || import(&place.path().join("bench.db"), &options, &mut |_| {}).unwrap();
    timed(run).0
}

/// Importing an unchanged folder, compared with listing it.
fn unchanged(folder: &Path, place: &Path) {
    let (drop, database) = (place.join("drop"), place.join("unchanged.db"));
    multiply(folder, UNCHANGED, &drop);
    run(&mut seedbank(&database, &drop));
    let mut find = Command::new("find");
    find.arg(&drop).args(["-type", "f", "-printf", "%s %T@ %p\\n"]);
    let mut commands = [
        ("find -type f -printf '%s %T@ %p\\n'".to_owned(), find),
        ("seedbank import".to_owned(), seedbank(&database, &drop)),
    ];
    let rounds = in_turn(&mut commands, || {});
    println!(
        "\n{:<42} wall s   cpu s  peak MiB   cpu ratio",
        format!("{UNCHANGED} unchanged files")
    );
    for (at, (name, _)) in commands.iter().enumerate() {
        let ratio = median(rounds.iter().map(|round| round[at].cpu / round[0].cpu));
        print_row(name, rounds.iter().map(|round| round[at]), Some(ratio));
    }
}

/// The size of the originals if they were compressed with a dictionary that is stored in the database and, as
/// in a real import, trained on the first of them.
fn dictionary(folder: &Path) {
    const SIZES: [usize; 2] = [112 << 10, 256 << 10];
    const TRAINED_ON: [usize; 2] = [4 << 20, 16 << 20];
    const LEVEL: i32 = 3;
    let walk = Walk::new(&[folder.to_owned()], Path::new("bench.db")).unwrap();
    let now = Timestamp::now();
    let documents: Vec<Vec<u8>> = walk
        .files()
        .filter_map(|found| Some(read(&found, u64::MAX >> 1, now).ok()?.bytes))
        .collect();
    let input: usize = documents.iter().map(Vec::len).sum();
    let packed = |documents: &[Vec<u8>], dictionary: &[u8]| -> usize {
        let mut compressor = zstd::bulk::Compressor::with_dictionary(LEVEL, dictionary).unwrap();
        documents.iter().map(|bytes| compressor.compress(bytes).unwrap().len()).sum()
    };
    let part = |bytes: usize| bytes as f64 / input as f64;
    let (seconds, plain) = timed(|| packed(&documents, &[]));
    println!("originals / the input: {:.3} ({:.3} s)", part(plain), seconds.as_secs_f64());
    for (trained_on, size) in TRAINED_ON.into_iter().flat_map(|on| SIZES.map(|size| (on, size))) {
        let mut bytes = 0;
        let first = documents.iter().take_while(|document| {
            bytes += document.len();
            bytes <= trained_on
        });
        let first = first.count();
        let train = || zstd::dict::from_samples(&documents[..first], size);
        let (training, Ok(dictionary)) = timed(train) else { continue };
        // Those it was trained on are stored before it exists.
        let before = packed(&documents[..first], &[]);
        let (seconds, after) = timed(|| packed(&documents[first..], &dictionary));
        println!(
            "  with a dictionary of {} KiB, trained on the first {} MiB in {:.3} s: {:.3} ({:.3} s)",
            size >> 10,
            trained_on >> 20,
            training.as_secs_f64(),
            part(before + after + dictionary.len()),
            seconds.as_secs_f64() * input as f64 / (input - bytes.min(input)) as f64,
        );
    }
}

/// The number of files and of their bytes.
fn size_of(folder: &Path) -> (usize, u64) {
    let walk = Walk::new(&[folder.to_owned()], Path::new("bench.db")).unwrap();
    let lengths = walk.files().filter_map(|found| found.metadata.ok()).map(|found| found.len());
    lengths.fold((0, 0), |(files, bytes), length| (files + 1, bytes + length))
}

fn mib(bytes: f64) -> f64 {
    bytes / f64::from(1 << 20)
}
