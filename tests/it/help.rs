//! The whole help, in one place to be read.

use crate::support::TestEnv;

#[test]
fn help_of_all_commands() {
    let env = TestEnv::new();
    let mut text = String::new();
    for command in [&[][..], &["import"], &["sql"], &["stats"], &["export"]] {
        let arguments = [command, &["--help"]].concat();
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
    for command in ["import", "sql", "query", "stats", "export"] {
        let help = env.run(&[command, "--help"]).expect(0).stdout;
        assert!(help.contains("Examples:\n  seedbank "), "{command}: {help}");
    }
}
