//! Hostile files and folders through the whole program: the right outcome, counts that add up,
//! nothing lost, and no hang.

use crate::place::{rows, seed as seed_at, text};
use crate::support::{Ran, TestEnv, seed, set_mode};
use seedbank::internals::source::{Found, Walk, read};
use seedbank::{Reason, Rejection, Timestamp};
use serde_json::Value;
use std::ffi::CString;
use std::fs;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs an import that must end by itself, and checks its counts.
#[track_caller]
pub fn import(env: &TestEnv, command: &mut Command) -> (Ran, Value) {
    let ran = env.wait(command.spawn().unwrap());
    let summary: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran}"));
    let count = |name: &str| summary[name].as_u64().unwrap();
    let sum: u64 = ["new", "revised", "duplicate", "unchanged", "rejected"]
        .iter()
        .map(|name| count(name))
        .sum();
    assert_eq!(sum, count("files_seen"), "{ran}");
    (ran, summary)
}

#[track_caller]
pub fn import_drop(env: &TestEnv, status: i32) -> Value {
    let (ran, summary) = import(env, &mut env.command(&["import", "--json", "drop"]));
    ran.expect(status);
    summary
}

fn reasons(env: &TestEnv) -> Vec<String> {
    let sql = "SELECT g.path, r.reason, r.detail FROM rejection r
        JOIN sighting g ON g.id = r.sighting_id ORDER BY g.path";
    let drop = env.path("drop").canonicalize().unwrap();
    let rows = rows(&env.path("seedbank.db"), sql);
    rows.iter().map(|row| row.replace(&format!("{}/", drop.display()), "")).collect()
}

fn titles(env: &TestEnv) -> Vec<String> {
    rows(&env.path("seedbank.db"), "SELECT title FROM article ORDER BY title")
}

pub fn sound(database: &Path) {
    assert_eq!(rows(database, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(rows(database, "PRAGMA foreign_key_check"), [""; 0]);
}

#[test]
fn what_is_no_file_is_neither_opened_nor_waited_for() {
    let env = TestEnv::new();
    env.write("drop/good.md", seed("好", "https://news.example/good").as_bytes());
    env.write("outside/secret.md", seed("密", "https://news.example/secret").as_bytes());
    let at = |name: &str| env.path("drop").join(name);
    let path = |name: &str| CString::new(at(name).as_os_str().as_bytes()).unwrap();
    // SAFETY: the path is a C string.
    assert_eq!(unsafe { libc::mkfifo(path("1.fifo").as_ptr(), 0o666) }, 0);
    let _socket = std::os::unix::net::UnixListener::bind(at("2.socket")).unwrap();
    symlink("3.loop", at("3.loop")).unwrap();
    symlink("..", at("4.up")).unwrap();
    symlink("../outside/secret.md", at("5.out.md")).unwrap();
    symlink("../outside", at("6.outside")).unwrap();
    symlink("nowhere", at("7.dangling")).unwrap();
    let mut expected: Vec<String> =
        vec!["1.fifo|not_regular|FIFO".into(), "2.socket|not_regular|socket".into()];
    for name in ["3.loop", "4.up", "5.out.md", "6.outside", "7.dangling"] {
        expected.push(format!("{name}|not_regular|symbolic link"));
    }
    // Reading this one would never end; only root can make it. SAFETY: as above.
    let made =
        unsafe { libc::mknod(path("8.zero").as_ptr(), libc::S_IFCHR | 0o666, libc::makedev(1, 5)) };
    match made {
        0 => expected.push("8.zero|not_regular|device".into()),
        _ => eprintln!("SKIPPED: a device cannot be made here"),
    }
    let summary = import_drop(&env, 0);
    assert_eq!(summary["new"], 1);
    assert_eq!(reasons(&env), expected);
    assert_eq!(titles(&env), ["好"]);
    assert_eq!(import_drop(&env, 0)["unchanged"], 1);
}

#[test]
fn five_gigabytes_of_nothing() {
    let env = TestEnv::new();
    let sparse = fs::File::create(env.write("drop/sparse.md", b"")).unwrap();
    sparse.set_len(5 << 30).unwrap();
    env.write("drop/good.md", seed("好", "https://news.example/good").as_bytes());
    let summary = import_drop(&env, 3);
    assert!(summary["bytes_read"].as_u64().unwrap() < 1_000_000);
    assert_eq!(reasons(&env), ["sparse.md|too_large|5368709120 bytes; the limit is 67108864"]);
    assert_eq!(titles(&env), ["好"]);
    // The same files are not reported again.
    import_drop(&env, 0);
}

/// Finds a file, lets `change` change it, and reads it.
#[track_caller]
fn check_changing(change: fn(&Path), reason: Reason) {
    let env = TestEnv::new();
    let path = env.write("drop/a.md", seed("好", "https://news.example/a").as_bytes());
    let walk = Walk::new(&[env.path("drop")], &env.path("seedbank.db")).unwrap();
    let found: Vec<Found> = walk.files().collect();
    change(&path);
    let read = read(&found[0], 1 << 20, Timestamp::now());
    match read {
        Err(Rejection { reason: found, .. }) => assert_eq!(found, reason),
        Ok(document) => panic!("{document:?}"),
    }
}

#[test]
fn files_that_change_between_the_look_and_the_reading() {
    let append = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes.extend(b"<p>more</p>");
        fs::write(path, bytes).unwrap();
    };
    check_changing(append, Reason::ChangedWhileReading);
    check_changing(|path| fs::write(path, b"").unwrap(), Reason::ChangedWhileReading);
    check_changing(|path| crate::place::set_time(path, 1), Reason::ChangedWhileReading);
    check_changing(|path| fs::remove_file(path).unwrap(), Reason::Unreadable);
    let grow = |path: &Path| {
        fs::OpenOptions::new().write(true).open(path).unwrap().set_len(5 << 30).unwrap();
    };
    check_changing(grow, Reason::TooLarge);
    let replace = |path: &Path| {
        let other = path.with_extension("other");
        fs::copy(path, &other).unwrap();
        fs::rename(other, path).unwrap();
    };
    check_changing(replace, Reason::ChangedWhileReading);
    let link = |path: &Path| {
        fs::remove_file(path).unwrap();
        symlink("/etc/passwd", path).unwrap();
    };
    check_changing(link, Reason::Unreadable);
    let fifo = |path: &Path| {
        fs::remove_file(path).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    check_changing(fifo, Reason::NotRegular);
    let folder = |path: &Path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    };
    check_changing(folder, Reason::NotRegular);
}

#[test]
fn a_drop_that_changes_all_the_time() {
    let env = TestEnv::new();
    let versions = ["甲", "乙"].map(|version| {
        let words = text(version).repeat(200);
        seed_at("NaN", "变", "https://news.example/changing", &words)
    });
    for number in 0..40 {
        env.write(&format!("drop/{number}.md"), versions[0].as_bytes());
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut turn = 0;
            while !is_over.load(Ordering::Relaxed) {
                turn += 1;
                let path = env.path(&format!("drop/{}.md", turn % 40));
                let other = env.path("next");
                fs::write(&other, &versions[turn % 2]).unwrap();
                fs::rename(other, &path).unwrap();
                let vanishing = env.path("drop/vanishing.md");
                fs::write(&vanishing, &versions[0]).unwrap();
                fs::remove_file(vanishing).unwrap();
            }
        });
        for _ in 0..6 {
            let command = &["import", "--json", "--full", "drop"];
            let (ran, _) = import(&env, &mut env.command(command));
            assert!(matches!(ran.status, 0 | 3), "{ran}");
        }
        is_over.store(true, Ordering::Relaxed);
    });
    import_drop(&env, 0);
    // Every original is one of the two, or an unfinished version of the file that comes and goes.
    let database = env.path("seedbank.db");
    let whole = rows(&database, "SELECT count(*) FROM seed WHERE byte_length > 100");
    assert!(matches!(whole[0].as_str(), "1" | "2"), "{whole:?}");
    assert_eq!(rows(&database, "SELECT count(*) FROM article"), ["1"]);
    sound(&database);
}

#[test]
fn unreadable_files_and_folders() {
    let env = TestEnv::new();
    env.write("drop/good.md", seed("好", "https://news.example/good").as_bytes());
    set_mode(&env.write("drop/locked.md", seed("锁", "https://news.example/a").as_bytes()), 0o000);
    env.write("drop/folder/inside.md", seed("里", "https://news.example/b").as_bytes());
    set_mode(&env.path("drop/folder"), 0o000);
    let run = || import(&env, &mut env.command_of_stranger(&["import", "--json", "drop"]));
    let (ran, summary) = run();
    ran.expect(3);
    assert_eq!((&summary["new"], &summary["rejected"]), (&1.into(), &2.into()));
    let found = reasons(&env);
    assert!(found[0].starts_with("folder|unreadable|"), "{found:?}");
    assert!(found[1].starts_with("locked.md|unreadable|Permission denied"), "{found:?}");
    run().0.expect(0);
    // Once they are readable, they are read.
    set_mode(&env.path("drop/folder"), 0o755);
    set_mode(&env.path("drop/locked.md"), 0o644);
    let (ran, summary) = run();
    ran.expect(0);
    assert_eq!((&summary["new"], &summary["unchanged"]), (&2.into(), &1.into()));
}

#[test]
fn bytes_in_any_encoding() {
    let env = TestEnv::new();
    let encoded = |encoding: &'static encoding_rs::Encoding, title: &str| {
        let seed = seed(title, &format!("https://news.example/{title}"));
        encoding.encode(&seed).0.into_owned()
    };
    env.write("drop/big5.md", &encoded(encoding_rs::BIG5, "繁體"));
    env.write("drop/gbk.md", &encoded(encoding_rs::GBK, "国标"));
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain(seed("双字节", "https://news.example/utf16").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    env.write("drop/utf16.md", &utf16);
    let words = text("雨停了").repeat(9);
    let mut broken =
        seed_at("NaN", "三个坏字节", "https://news.example/broken", &words).into_bytes();
    let at = broken.len() - 100;
    for (index, byte) in [(at, 0xff), (at + 30, 0xc0), (at + 60, 0xfe)] {
        broken[index] = byte;
    }
    env.write("drop/broken.md", &broken);
    env.write("drop/empty.md", b"");
    env.write("drop/noise.md", &(0..4096u32).map(|n| (n * n % 251) as u8).collect::<Vec<_>>());
    // No magic number matches the noise, so it is refused with its bytes kept, not taken for a binary.
    import_drop(&env, 3);
    assert_eq!(titles(&env), ["三个坏字节", "双字节", "国标", "繁體"]);
    assert_eq!(
        rows(
            &env.path("seedbank.db"),
            "SELECT encoding FROM seed WHERE article_id IS NOT NULL ORDER BY encoding"
        ),
        ["big5", "gb18030", "utf-16le", "utf-8 (lossy)"]
    );
    assert_eq!(reasons(&env)[0], "empty.md|empty_file|");
    assert!(reasons(&env)[1].starts_with("noise.md|undecodable|"), "{:?}", reasons(&env));
    // The exported files equal the imported ones, bad bytes included.
    env.run(&["export", "--format", "seeds", "-o", "out"]).expect(0);
    assert_eq!(fs::read(env.path("out/broken.md")).unwrap(), broken);
    assert_eq!(fs::read(env.path("out/utf16.md")).unwrap(), utf16);
}

#[test]
fn names_that_drive_a_terminal_or_are_no_text() {
    let env = TestEnv::new();
    let names: [&[u8]; 5] =
        [b"a\nb.md", b"\x1b[2J\x1b]0;x\x07.md", b"\xff\xfe.md", "\u{202e}dm.exe".as_bytes(), b"-q"];
    for (number, name) in names.iter().enumerate() {
        let path = env.path("drop").join(std::ffi::OsString::from_vec(name.to_vec()));
        fs::create_dir_all(env.path("drop")).unwrap();
        fs::write(&path, seed(&format!("名{number}"), &format!("https://news.example/{number}")))
            .unwrap();
        crate::place::set_time(&path, crate::place::TIME);
    }
    // A file that cannot be imported, so that names are shown.
    let path = env.path("drop").join(std::ffi::OsString::from_vec(b"\x1b[31m\xe2\n.md".to_vec()));
    fs::write(path, vec![b'x'; 3000]).unwrap();
    let import = ["import", "--max-file-size", "2k", "drop"];
    let ran = env.wait(env.command(&import).spawn().unwrap()).expect(3);
    assert!(ran.stdout.contains(r"\u001b[31m\xe2\n.md"), "{ran}");
    assert!(!ran.stdout.contains(['\u{1b}', '\u{202e}']), "{ran}");
    assert_eq!(titles(&env).len(), 5);
    assert_eq!(import_drop(&env, 0)["unchanged"], 5);
    let paths = "SELECT DISTINCT path FROM sighting WHERE path LIKE '%\\xff\\xfe.md'";
    assert_eq!(rows(&env.path("seedbank.db"), paths).len(), 1);
}

/// Makes a folder in an open one, and opens it: a path can be longer than any call accepts.
fn dig(parent: &OwnedFd, name: &str) -> OwnedFd {
    let name = CString::new(name).unwrap();
    // SAFETY: the name is a C string, the descriptor is open, and the opened one is owned here alone.
    unsafe {
        assert_eq!(libc::mkdirat(parent.as_raw_fd(), name.as_ptr(), 0o755), 0);
        let flags = libc::O_RDONLY | libc::O_DIRECTORY;
        OwnedFd::from_raw_fd(libc::openat(parent.as_raw_fd(), name.as_ptr(), flags))
    }
}

/// Writes a file into an open folder.
fn put(parent: &OwnedFd, bytes: &[u8]) {
    let flags = libc::O_CREAT | libc::O_WRONLY;
    // SAFETY: as above.
    let mut file = unsafe {
        fs::File::from_raw_fd(libc::openat(parent.as_raw_fd(), c"a.md".as_ptr(), flags, 0o644))
    };
    file.write_all(bytes).unwrap();
}

#[test]
fn folders_deeper_than_a_path_may_be_long() {
    let env = TestEnv::new();
    env.write("drop/good.md", seed("好", "https://news.example/good").as_bytes());
    let mut folder = OwnedFd::from(fs::File::open(env.path("drop")).unwrap());
    for level in 0..60 {
        folder = dig(&folder, &format!("{level}-{}", "x".repeat(80)));
        if level == 30 {
            put(&folder, seed("深", "https://news.example/deep").as_bytes());
        }
    }
    put(&folder, seed("太深", "https://news.example/too-deep").as_bytes());
    let summary = import_drop(&env, 3);
    assert_eq!(titles(&env), ["好", "深"]);
    assert_eq!((&summary["new"], &summary["rejected"]), (&2.into(), &1.into()));
    let found = reasons(&env);
    assert!(
        found[0].contains("|unreadable|") && found[0].contains("File name too long"),
        "{found:?}"
    );
}

#[test]
fn ten_thousand_tiny_files() {
    let env = TestEnv::new();
    fs::create_dir(env.path("drop")).unwrap();
    for number in 0..10_000 {
        let bytes = match number % 100 {
            0 => seed(&format!("题{number}"), &format!("https://news.example/{number}")),
            _ => format!("note {number}\n"),
        };
        fs::write(env.path(&format!("drop/{number}.md")), bytes).unwrap();
    }
    let summary = import_drop(&env, 0);
    assert_eq!((&summary["new"], &summary["rejected"]), (&100.into(), &9_900.into()));
    sound(&env.path("seedbank.db"));
}
