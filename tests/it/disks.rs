//! Disks that are full, files that may not grow, folders that may not be written.

use crate::hostile::{import, import_drop, sound};
use crate::place::{Place, dump_without_ids, rows, seed as seed_at};
use crate::support::{TestEnv, is_root, seed, set_mode};
use serde_json::Value;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

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

/// What was reported is remembered as before, and nothing is printed that the next run would not repeat.
#[test]
fn a_state_on_a_disk_that_is_full() {
    let env = TestEnv::with_article();
    let at = env.path("disk");
    fs::create_dir(&at).unwrap();
    let Some(_disk) = SmallDisk::mount(&at, "64k") else {
        eprintln!("SKIPPED: no file system can be mounted here");
        return;
    };
    assert!(fs::write(at.join("fill"), vec![0; 1 << 20]).is_err());
    let ran = env.run(&["stats", "--health", "--state", "disk/state"]).expect(1);
    assert_eq!(ran.stdout, "");
    insta::assert_snapshot!(ran.stderr, @r#"
    error: "disk/state": No space left on device (os error 28)
    hint: free some space and run it again
    "#);
    let names = fs::read_dir(&at).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), ["fill"]);
}

#[test]
fn read_only_files_and_folders() {
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
