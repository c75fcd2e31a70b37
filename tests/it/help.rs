//! The complete help, in one place for reading.

use crate::support::TestEnv;

#[test]
fn help_of_all_commands() {
    let env = TestEnv::new();
    let mut text = String::new();
    let commands = env.commands();
    for command in std::iter::once("").chain(commands.iter().map(String::as_str)) {
        let arguments: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
        let ran = env.run(&arguments).expect(0);
        assert_eq!(ran.stderr, "");
        let title = arguments.join(" ");
        text.push_str(&format!("$ seedbank {title}\n{}\n", ran.stdout));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn every_command_shows_examples() {
    let env = TestEnv::new();
    let commands = env.commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands.iter().map(String::as_str).chain(["query"]) {
        let help = env.run(&[command, "--help"]).expect(0).stdout;
        let example = format!("Examples:\n  seedbank {command}");
        let of_alias = "Examples:\n  seedbank sql";
        assert!(help.contains(&example) || help.contains(of_alias), "{command}: {help}");
    }
}
