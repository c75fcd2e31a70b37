//! The files in `contrib/` work as they are, except for their paths.

use crate::support::{TestEnv, seed};
use std::path::{Path, PathBuf};
use std::process::Command;

fn contrib(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib").join(name);
    std::fs::read_to_string(path).unwrap()
}

/// Replaces the paths in a file by this test's paths.
fn placed(text: &str, env: &TestEnv) -> String {
    let archive = env.path("archive/seedbank.db");
    text.replace("/var/lib/seedbank/seedbank.db", archive.to_str().unwrap())
        .replace("/usr/local/bin/seedbank", env!("CARGO_BIN_EXE_seedbank"))
        .replace("/srv/drops", env.path("drops").to_str().unwrap())
}

#[test]
fn the_crontab_lines_run() {
    let env = TestEnv::new();
    std::fs::create_dir(env.path("archive")).unwrap();
    env.write("drops/a.txt", seed("标题", "https://news.example/a").as_bytes());
    let program = Path::new(env!("CARGO_BIN_EXE_seedbank")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let lines = placed(&contrib("seedbank.cron"), &env);
    let jobs = lines.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let mut commands = 0;
    for job in jobs {
        let times: Vec<&str> = job.split_whitespace().take(5).collect();
        let is_time = |time: &&str| *time == "*" || time.parse::<u8>().is_ok();
        assert!(times.iter().all(is_time), "{job}");
        let (_, command) = job.split_once("  ").unwrap();
        // As cron does.
        let command = command.replace("\\%", "%");
        let ran = Command::new("sh").args(["-c", &command]).env("PATH", &path).output().unwrap();
        assert!(ran.status.success(), "{command}: {ran:?}");
        assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "{command}: {ran:?}");
        commands += 1;
    }
    assert_eq!(commands, 2);
    let articles = crate::place::rows(&env.path("archive/seedbank.db"), "SELECT id FROM article");
    assert_eq!(articles, ["1"]);
}

#[test]
fn the_systemd_units_are_valid() {
    let env = TestEnv::new();
    let units = ["seedbank-import.service", "seedbank-import.timer"]
        .map(|name| -> PathBuf { env.write(name, placed(&contrib(name), &env).as_bytes()) });
    let verified = Command::new("systemd-analyze").arg("verify").args(&units).output();
    let Ok(verified) = verified else {
        eprintln!("SKIPPED: no systemd-analyze here");
        return;
    };
    // It ends with 0 even for an unknown setting.
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success() && said.is_empty(), "{said}");

    let service = placed(&contrib("seedbank-import.service"), &env);
    let command = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    std::fs::create_dir(env.path("archive")).unwrap();
    env.write("drops/a.txt", seed("标题", "https://news.example/a").as_bytes());
    let ran = Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(ran.status.success() && ran.stdout.is_empty() && ran.stderr.is_empty(), "{ran:?}");
}
