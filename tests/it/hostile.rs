//! Hostile files, folders and disks, through the whole program: correct outcomes, correct totals, nothing
//! lost, no hang.

use crate::place::{Place, dump_without_ids, rows, seed as seed_at, text};
use crate::support::{Ran, TestEnv, is_root, seed, set_mode};
use seedbank::format::envelope::Envelope;
use seedbank::model::{Reason, Rejection, Timestamp};
use seedbank::source::{Found, Walk, read};
use serde_json::Value;
use std::ffi::CString;
use std::fs;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs an import that must end by itself, and checks its counts.
#[track_caller]
fn import(env: &TestEnv, command: &mut Command) -> (Ran, Value) {
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
fn import_drop(env: &TestEnv, status: i32) -> Value {
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

fn sound(database: &Path) {
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
fn what_may_not_be_read() {
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

/// A drop that takes some hundred KiB in a database.
fn large_drop(env: &TestEnv) {
    for number in 0..120_u32 {
        // Hardly compressible.
        let mut state = number.wrapping_mul(2_654_435_761) | 1;
        let letters = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from_u32(0x4e00 + (state >> 16) % 0x5000).unwrap()
        });
        let html = format!("<p>{}</p>", letters.take(4000).collect::<String>());
        let url = format!("https://news.example/{number}");
        env.write(&format!("drop/{number:03}.md"), seed_at("NaN", "长", &url, &html).as_bytes());
    }
}

/// The rows of an import of that drop without any trouble.
fn undisturbed(env: &TestEnv) -> Vec<String> {
    let calm = Place::new();
    calm.import_with(|options| options.paths = vec![env.path("drop")]);
    dump_without_ids(&calm.database())
}

#[test]
fn files_that_may_not_grow() {
    for limit in [20_000, 200_000, 900_000] {
        let env = TestEnv::new();
        large_drop(&env);
        let mut command = env.command(&["import", "--json", "drop"]);
        // SAFETY: `setrlimit` may be called between fork and exec.
        unsafe {
            command.pre_exec(move || {
                let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
                match libc::setrlimit(libc::RLIMIT_FSIZE, &limit) {
                    0 => Ok(()),
                    _ => Err(std::io::Error::last_os_error()),
                }
            });
        }
        let ran = env.wait(command.spawn().unwrap()).expect(1);
        assert!(ran.stderr.starts_with("error: \"./seedbank.db\": "), "{limit}: {ran}");
        assert!(ran.stderr.contains("hint: "), "{limit}: {ran}");
        import_drop(&env, 0);
        sound(&env.path("seedbank.db"));
        assert_eq!(dump_without_ids(&env.path("seedbank.db")), undisturbed(&env));
    }
}

/// A small file system of its own; removed at the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        let options = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at);
        let mounted = mount.output().is_ok_and(|ran| ran.status.success());
        (is_root() && mounted).then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_disk_that_is_full() {
    let env = TestEnv::new();
    large_drop(&env);
    let at = env.path("disk");
    fs::create_dir(&at).unwrap();
    let Some(_disk) = SmallDisk::mount(&at, "1500k") else {
        eprintln!("SKIPPED: no file system can be mounted here");
        return;
    };
    let arguments = ["--db", "disk/seedbank.db", "import", "--json", "drop"];
    let ran = env.wait(env.command(&arguments).spawn().unwrap()).expect(1);
    assert!(
        ran.stderr.starts_with("error: \"disk/seedbank.db\": database or disk is full"),
        "{ran}"
    );
    let summary: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(summary["status"], "failed");
    sound(&at.join("seedbank.db"));
    assert!(
        Command::new("mount").args(["-o", "remount,size=64m"]).arg(&at).status().unwrap().success()
    );
    let (ran, _) = import(&env, &mut env.command(&arguments));
    ran.expect(0);
    sound(&at.join("seedbank.db"));
    assert_eq!(dump_without_ids(&at.join("seedbank.db")), undisturbed(&env));
}

#[test]
fn what_may_not_be_written() {
    let env = TestEnv::new();
    env.write("folder/drop/a.md", seed("标题", "https://news.example/a").as_bytes());
    set_mode(&env.path("folder"), 0o777);
    let run = |arguments: &[&str], status: i32| {
        let arguments = [&["--db", "folder/seedbank.db"], arguments].concat();
        env.wait(env.command_of_stranger(&arguments).spawn().unwrap()).expect(status)
    };
    run(&["import", "-q", "folder/drop"], 0);
    env.write("folder/drop/b.md", seed("新", "https://news.example/b").as_bytes());
    let database = env.path("folder/seedbank.db");
    let before = fs::read(&database).unwrap();

    // The database alone, then its folder alone, then both.
    for (file, folder) in [(0o444, 0o777), (0o644, 0o555), (0o444, 0o555)] {
        set_mode(&env.path("folder"), 0o777);
        let _ = fs::remove_file(env.path("folder/seedbank.db-wal"));
        let _ = fs::remove_file(env.path("folder/seedbank.db-shm"));
        set_mode(&database, file);
        set_mode(&env.path("folder"), folder);
        let ran = run(&["import", "folder/drop"], 1);
        assert!(ran.stderr.contains("\"folder/seedbank.db"), "{ran}");
        assert!(ran.stderr.contains("hint: "), "{ran}");
        // Reading still works.
        let ran = run(&["sql", "--format", "csv", "SELECT title FROM article"], 0);
        assert_eq!(ran.stdout, "title\n标题\n");
        run(&["stats", "-q"], 0);
        assert_eq!(fs::read(&database).unwrap(), before);
    }
    set_mode(&database, 0o644);
    set_mode(&env.path("folder"), 0o777);
    run(&["import", "folder/drop"], 0);
    assert_eq!(rows(&database, "SELECT title FROM article ORDER BY id"), ["标题", "新"]);

    // A new database in a folder without write permission.
    set_mode(&env.path("folder"), 0o555);
    let ran = env.wait(
        env.command_of_stranger(&["--db", "folder/new.db", "import", "folder/drop"])
            .spawn()
            .unwrap(),
    );
    assert!(ran.expect(1).stderr.contains("hint: "));
    set_mode(&env.path("folder"), 0o777);
}

/// Small pages that a parser without limits turns into gigabytes or hours.
fn bombs() -> Vec<(&'static str, String, &'static str)> {
    let nested = |tag: &str, times: usize| format!("<{tag}>").repeat(times);
    vec![
        ("deep", nested("div", 100_000), "too_deep"),
        ("deep_inline", nested("span", 100_000), "too_deep"),
        ("deep_lists", nested("ul><li", 50_000), "too_deep"),
        ("deep_tables", nested("table><tr><td", 50_000), "too_deep"),
        ("deep_svg", format!("<svg>{}", nested("g", 100_000)), "too_deep"),
        ("deep_template", nested("template", 100_000), "too_deep"),
        (
            "formatting",
            (0..4_000).map(|n| format!("<p><font color={n}>x")).collect(),
            "too_many_nodes",
        ),
        ("siblings", "<b>x</b>".repeat(300_000), "too_many_nodes"),
        ("comments", "<!-- x --><br>".repeat(200_000), "too_many_nodes"),
        (
            "attributes",
            format!("<p {}>x", (0..1_000_000).map(|n| format!("a{n} ")).collect::<String>()),
            "too_many_attributes",
        ),
        ("anchors", "<a href=x><p>".repeat(30_000), ""),
        ("foster", format!("<table>{}", "<b>x<tr>".repeat(60_000)), "too_many_nodes"),
        ("select", "<select><option><select>x".repeat(50_000), ""),
        ("unclosed_comment", format!("<!--{}", "-".repeat(2_000_000)), ""),
        ("unclosed_tag", format!("<p {}", "<".repeat(2_000_000)), ""),
        ("entities", "&amp&lt;&#x4e00;&bogus;".repeat(100_000), ""),
        ("one_line", "好".repeat(3_000_000), ""),
        ("spaces", format!("<p>{}x", " \n".repeat(2_000_000)), ""),
        ("links", "<a href='//x.example/?a=b'>x</a> ".repeat(50_000), ""),
    ]
}

/// The same for features of whole pages, and for unusual pages.
fn whole_bombs() -> Vec<(&'static str, String, &'static str)> {
    let page = |head: &str, body: &str| format!("<!doctype html><html><head>{head}</head>{body}");
    let json = |json: &str| page(&format!("<script type=application/ld+json>{json}</script>"), "");
    let text = "<p>雨停了。".repeat(20);
    let frame = page("", &text).replace('"', "&quot;");
    vec![
        ("deep", page("", &"<div>".repeat(100_000)), "too_deep"),
        ("metas", page(&"<meta name=author content=某甲>".repeat(100_000), &text), ""),
        ("long_json", json(&format!("[\"{}\"]", "x".repeat(10 << 20))), ""),
        ("many_objects", json(&format!("[{}1]", "{\"@type\":\"Article\"},".repeat(400_000))), ""),
        ("deep_json", json(&"[".repeat(10_000)), ""),
        ("deep_objects", json(&"{\"@graph\":".repeat(10_000)), ""),
        ("one_script", format!("<script>{}", "a('<p>');".repeat(100_000)), ""),
        ("comments", "<!-- x -->".repeat(100_000) + &page("", &text), ""),
        ("titles", page(&"<title>x</title>".repeat(60_000), ""), ""),
        ("half", format!("{}<div class=\"a", page("", &text)), ""),
        ("page_in_a_page", page("", &(text.clone() + &page("", &text))), ""),
        ("frame", page("", &format!("<iframe srcdoc=\"{frame}\"></iframe>")), ""),
        (
            "picture",
            page("", &format!("{text}<img src='data:image/png;base64,{}'>", "A".repeat(60 << 20))),
            "",
        ),
        (
            "year",
            page("<meta property=article:published_time content=9999-12-31T23:59:59Z>", &text),
            "",
        ),
        ("other_label", page("<meta charset=utf-16><meta charset=koi8-r>", &text), ""),
    ]
}

#[test]
fn pages_that_explode() {
    let env = TestEnv::new();
    let bombs = bombs();
    for (name, html, _) in &bombs {
        let url = format!("https://news.example/{name}");
        env.write(&format!("drop/{name}.md"), seed_at("NaN", name, &url, html).as_bytes());
    }
    check_bombs(&env, &bombs, "SELECT title, status_detail FROM article ORDER BY title");
}

#[test]
fn whole_pages_that_explode() {
    let env = TestEnv::new();
    let bombs = whole_bombs();
    for (name, html, _) in &bombs {
        let url = format!("https://news.example/{name}");
        let bytes = Envelope::new(&url, None).around(html.as_bytes());
        env.write(&format!("drop/{name}"), &bytes);
    }
    let sql = "SELECT substr(url, 22), status_detail FROM article ORDER BY url";
    check_bombs(&env, &bombs, sql);
    // Existing text is found; impossible times are not believed.
    let texts = "SELECT substr(url, 22) FROM article WHERE status = 'ok' AND published_at IS NULL ORDER BY url";
    let with_text =
        ["comments", "frame", "half", "metas", "other_label", "page_in_a_page", "picture", "year"];
    assert_eq!(rows(&env.path("seedbank.db"), texts), with_text);
}

/// Imports the drop within limits of memory and time: every page becomes an article, as far as its limit
/// allows.
fn check_bombs(env: &TestEnv, bombs: &[(&str, String, &str)], sql: &str) {
    let mut command = env.command(&["import", "--json", "--jobs", "2", "drop"]);
    // SAFETY: `setrlimit` may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            // Address space, including what threads and allocators only reserve, and seconds of CPU.
            for (what, limit) in [(libc::RLIMIT_AS, 2 << 30), (libc::RLIMIT_CPU, 170)] {
                let limit = libc::rlimit { rlim_cur: limit, rlim_max: limit };
                if libc::setrlimit(what, &limit) != 0 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
    let (ran, summary) = import(env, &mut command);
    ran.expect(3);
    assert_eq!(summary["new"], bombs.len());
    for row in rows(&env.path("seedbank.db"), sql) {
        let (title, detail) = row.split_once('|').unwrap();
        let (_, _, expected) = bombs.iter().find(|(name, ..)| *name == title).unwrap();
        assert_eq!(detail, *expected, "{row}");
    }
    sound(&env.path("seedbank.db"));
}
