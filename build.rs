//! Names the build: `0.2.0-dev (1caed33f2a4b)`, its version and the commit that it was made from. Lists the
//! migrations.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env("CARGO_PKG_VERSION");
    // A development build is compiled after every change, and should not be after every commit.
    let commit = if env("PROFILE") == "release" { commit() } else { None };
    let version = commit.map_or(version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=SEEDBANK_VERSION={version}");
    let list = Path::new(&env("OUT_DIR")).join("migrations.rs");
    std::fs::write(list, migrations()).expect("a writable folder of cargo");
}

/// The files of `migrations/` in order, as Rust: a file that is there is one that is run.
fn migrations() -> String {
    println!("cargo::rerun-if-changed=migrations");
    let files = std::fs::read_dir("migrations").expect("the folder of migrations");
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".sql")).collect();
    names.sort();
    for (at, name) in names.iter().enumerate() {
        let number = format!("{:04}_", at + 1);
        assert!(name.starts_with(&number), "migrations/{name} is in the place of {number}…");
    }
    let folder = "concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/migrations/";
    let line = |name: &String| format!("include_str!({folder}{name}\")),\n");
    format!("&[{}]", names.iter().map(line).collect::<String>())
}

/// The first digits of the commit, from this package's own repository or as `cargo package` recorded it.
fn commit() -> Option<String> {
    let noted = ".cargo_vcs_info.json";
    let full = if Path::new(".git").exists() {
        // Written whenever another commit is checked out.
        println!("cargo::rerun-if-changed={}", git(&["rev-parse", "--git-path", "logs/HEAD"])?);
        git(&["rev-parse", "HEAD"])?
    } else {
        println!("cargo::rerun-if-changed={noted}");
        let text = std::fs::read_to_string(noted).ok()?;
        text.split("\"sha1\": \"").nth(1)?.split('"').next()?.to_owned()
    };
    full.get(..12).map(str::to_owned)
}

fn git(arguments: &[&str]) -> Option<String> {
    let ran = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(ran.stdout).ok()?;
    ran.status.success().then(|| text.trim().to_owned())
}

/// A variable that cargo sets.
fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}
