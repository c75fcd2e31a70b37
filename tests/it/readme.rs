//! What README.md shows is what the program prints.

use std::path::Path;
use std::process::Command;

#[test]
fn the_readme_shows_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_seedbank")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut commands = 0;
    for block in readme.split("```console\n$ ").skip(1) {
        let (command, rest) = block.split_once('\n').unwrap();
        let (shown, _) = rest.split_once("```").unwrap();
        let ran = Command::new("sh")
            .args(["-c", command])
            .current_dir(root)
            .env("PATH", &path)
            .env("SEEDBANK_DB", folder.path().join("seedbank.db"))
            .output()
            .unwrap();
        let printed = String::from_utf8(ran.stdout).unwrap();
        // What to do next is left out there, and no two runs take the same time.
        let printed = printed.split("\nNext: ").next().unwrap();
        assert_eq!(without_times(printed), without_times(shown), "{command}");
        assert!(ran.status.success(), "{command}");
        commands += 1;
    }
    assert_eq!(commands, 10);
}

/// When a file was observed is the time of the checkout.
fn without_times(text: &str) -> String {
    let line = |line: &str| {
        let line = line.split(" read in ").next().unwrap();
        match line.split_once("observed ") {
            Some((before, after)) => format!("{before}{}", &after["2024-02-05 00:00:00".len()..]),
            None => line.to_owned(),
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_readme_starts_with_two_commands() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.unwrap();
    let blocks: Vec<&str> = readme.split("```sh\n").skip(1).collect();
    assert_eq!(blocks.len(), 1);
    assert!(blocks[0].starts_with("cargo run --release -- import seeds\ncargo test\n```"));
}
