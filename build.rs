//! Names the build: `0.2.0-dev (1caed33f2a4b)`, its version and the commit that it was made from.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env("CARGO_PKG_VERSION");
    // A development build is compiled after every change, and should not be after every commit.
    let commit = if env("PROFILE") == "release" { commit() } else { None };
    let version = commit.map_or(version.clone(), |commit| format!("{version} ({commit})"));
    println!("cargo::rustc-env=SEEDBANK_VERSION={version}");
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
