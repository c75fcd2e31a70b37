//! The files in `contrib/` work as they are, except for their paths.

use crate::place::rows;
use crate::support::{Ran, TestEnv, seed};
use std::path::{Path, PathBuf};
use std::process::Command;

const JOBS: [&str; 4] = ["import", "backup", "verify", "health"];

fn contrib(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_seedbank"))
}

/// Replaces the paths in a file by this test's paths.
fn placed(text: &str, env: &TestEnv) -> String {
    let path = |name: &str| env.path(name).to_str().unwrap().to_owned();
    text.replace("/var/lib/seedbank", &path("archive"))
        .replace("/var/backups/seedbank", &path("copies"))
        .replace("/var/log/seedbank", &path("log"))
        .replace("/srv/drops", &path("drops"))
        .replace("/usr/local/bin/seedbank", program().to_str().unwrap())
        .replace("/usr/local/bin", program().parent().unwrap().to_str().unwrap())
}

/// The folders that the files name, with one article in the drops.
fn machine() -> TestEnv {
    let env = TestEnv::new();
    for folder in ["archive", "copies", "log"] {
        std::fs::create_dir(env.path(folder)).unwrap();
    }
    env.write("drops/a.txt", seed("标题", "https://news.example/a").as_bytes());
    env
}

/// The lines of the crontab: the variables that it sets, and its commands as cron passes them to the shell.
fn crontab(env: &TestEnv) -> (Vec<(String, String)>, Vec<String>) {
    let text = placed(&contrib("seedbank.cron"), env);
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (jobs, variables): (Vec<&str>, Vec<&str>) =
        lines.partition(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let command = |job: &str| {
        let (times, command) = job.split_once("  ").unwrap();
        let times: Vec<&str> = times.split(' ').collect();
        let is_time = |time: &&str| *time == "*" || time.parse::<u8>().is_ok();
        assert!(times.len() == 5 && times.iter().all(is_time), "{job}");
        // A percent sign without a backslash is a line break.
        assert!(!command.replace("\\%", "").contains('%'), "{job}");
        command.replace("\\%", "%")
    };
    let variable = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    (variables.into_iter().map(variable).collect(), jobs.into_iter().map(command).collect())
}

/// Runs a command of the crontab with the environment that cron gives it, and nothing else.
fn run_by_cron(env: &TestEnv, variables: &[(String, String)], command: &str) -> Ran {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).env_clear().env("HOME", env.path(".")).env("LOGNAME", "seedbank");
    shell.envs(variables.iter().map(|(name, value)| (name, value))).current_dir(env.path("."));
    env.ran(shell.output().unwrap())
}

#[track_caller]
fn is_silent(ran: Ran, command: &str) {
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{command}");
    ran.expect(0);
}

fn archive(env: &TestEnv) -> PathBuf {
    env.path("archive/seedbank.db")
}

#[test]
fn the_crontab_lines_run() {
    let env = machine();
    let (variables, commands) = crontab(&env);
    assert_eq!(variables.iter().map(|(name, _)| &name[..]).collect::<Vec<_>>(), ["SHELL", "PATH"]);
    assert_eq!(commands.len(), JOBS.len());
    for command in commands.iter().chain(&commands) {
        is_silent(run_by_cron(&env, &variables, command), command);
    }
    assert_eq!(rows(&archive(&env), "SELECT id FROM article"), ["1"]);
    let copies = std::fs::read_dir(env.path("copies")).unwrap();
    for copy in copies {
        assert_eq!(rows(&copy.unwrap().path(), "SELECT id FROM article"), ["1"]);
    }
    let state = std::fs::read_to_string(env.path("archive/health.state")).unwrap();
    assert!(state.starts_with("seedbank health -- version 1\narchive "), "{state}");
}

/// What a machine can do to them: each says what is wrong, and nothing is lost.
#[test]
fn the_crontab_lines_say_what_is_wrong() {
    let env = machine();
    let (variables, commands) = crontab(&env);
    let run = |number: usize| run_by_cron(&env, &variables, &commands[number]);
    is_silent(run(0), "import");
    // The disks are not mounted: the folder of the drops is empty, and that of the copies is not there.
    std::fs::remove_file(env.path("drops/a.txt")).unwrap();
    std::fs::remove_dir(env.path("copies")).unwrap();
    insta::assert_snapshot!(run(0).expect(5), @r#"
    status 5
    --- stdout
    --- stderr
    error: no files in "[FOLDER]/drops"
    hint: check that its disk is mounted
    "#);
    insta::assert_snapshot!(run(1).expect(2), @r#"
    status 2
    --- stdout
    --- stderr
    error: --keep needs a folder, and "[FOLDER]/copies" is not one
    hint: name a folder that exists, or leave --keep out
    "#);
    // The archive is not there.
    std::fs::rename(env.path("archive"), env.path("elsewhere")).unwrap();
    env.write("drops/a.txt", seed("标题", "https://news.example/a").as_bytes());
    for number in [0, 2, 3] {
        let status = if number == 0 { 1 } else { 10 };
        assert_ne!(run(number).expect(status).stderr, "");
    }
    assert!(!env.path("archive").exists());
}

#[test]
fn the_systemd_units_are_valid() {
    let env = machine();
    let names = JOBS
        .iter()
        .flat_map(|job| [format!("seedbank-{job}.service"), format!("seedbank-{job}.timer")]);
    let units: Vec<PathBuf> =
        names.map(|name| env.write(&name, placed(&contrib(&name), &env).as_bytes())).collect();
    let verified = Command::new("systemd-analyze").arg("verify").args(&units).output();
    let Ok(verified) = verified else {
        eprintln!("SKIPPED: no systemd-analyze here");
        return;
    };
    // It ends with 0 even for an unknown setting.
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(verified.status.success() && said.is_empty(), "{said}");
}

#[test]
fn the_commands_of_the_systemd_units_run() {
    let env = machine();
    for job in JOBS {
        let service = placed(&contrib(&format!("seedbank-{job}.service")), &env);
        let command = service.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
        // As systemd reads it.
        let command = command.replace("%%", "%").replace("$$", "$");
        is_silent(run_by_cron(&env, &[("PATH".into(), "/usr/bin:/bin".into())], &command), job);
    }
}

/// A limit that one of them lacks would be missed.
#[test]
fn the_systemd_units_have_the_same_limits() {
    let limits = |job: &&str| -> String {
        let service = contrib(&format!("seedbank-{job}.service"));
        let (_, limits) = service.split_once("Nice=10\n").unwrap();
        let own = |line: &&str| {
            !line.starts_with("ReadWritePaths=/var/lib/seedbank") && !line.starts_with('#')
        };
        limits.lines().filter(own).collect::<Vec<_>>().join("\n")
    };
    let all: Vec<String> = JOBS.iter().map(limits).collect();
    assert!(
        all[0].contains("ProtectSystem=strict") && all.iter().all(|one| *one == all[0]),
        "{all:#?}"
    );
}

#[test]
fn the_log_is_rotated() {
    let env = machine();
    let user = Command::new("id").arg("-un").output().unwrap();
    let group = Command::new("id").arg("-gn").output().unwrap();
    let name = |output: Vec<u8>| String::from_utf8(output).unwrap().trim().to_owned();
    let owner = format!("{} {}", name(user.stdout), name(group.stdout));
    let rules = placed(&contrib("seedbank.logrotate"), &env).replace("seedbank seedbank", &owner);
    let rules = env.write("rules", rules.as_bytes());
    env.write("log/cron.log", b"{}\n");
    let rotated = Command::new("logrotate")
        .args(["--force", "--state"])
        .args([env.path("state"), rules])
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output();
    let Ok(rotated) = rotated else {
        eprintln!("SKIPPED: no logrotate here");
        return;
    };
    let said = String::from_utf8_lossy(&rotated.stderr);
    assert!(rotated.status.success() && said.is_empty(), "{said}");
    assert!(env.path("log/cron.log.1.gz").exists());
    assert_eq!(std::fs::read(env.path("log/cron.log")).unwrap(), b"");
}
