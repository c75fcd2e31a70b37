//! `seedbank completions` and `man`, read by a shell and a pager.

use crate::support::{TestEnv, bytes_of};

#[test]
fn completions_of_every_command() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = env.run(&["completions", shell]).expect(0).stdout;
        for command in env.commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
    }
    env.run(&["completions", "cmd"]).expect(2);
}

#[test]
fn bash_completes() {
    let env = TestEnv::new();
    env.write("script", env.run(&["completions", "bash"]).expect(0).stdout.as_bytes());
    let program = "source ./script; COMP_WORDS=(seedbank exp); COMP_CWORD=1;
        _seedbank seedbank exp seedbank; echo \"${COMPREPLY[@]}\"";
    if let Some(answer) = env.tool("bash", &["--norc", "-c", program]) {
        assert_eq!(answer, "export explain\n");
    }
}

#[test]
fn a_manual_page_for_every_command() {
    let env = TestEnv::new();
    let ran = env.run(&["man", "-o", "share/man1"]).expect(0);
    let commands = env.commands();
    let number = commands.len() + 1;
    assert_eq!(
        (ran.stdout, ran.stderr),
        (String::new(), format!("{number} pages in \"share/man1\"\n"))
    );
    for command in &commands {
        let page = format!("share/man1/seedbank-{command}.1");
        let text = String::from_utf8(bytes_of(&env.path(&page))).unwrap();
        assert!(text.contains(".SH EXAMPLES\n.nf\n"), "{command}: {text}");
        if let Some(shown) = env.tool("groff", &["-ww", "-Kutf8", "-man", "-Tutf8", &page]) {
            assert!(shown.contains(&format!("seedbank {command}")), "{shown}");
        }
    }
    let main = env.run(&["man"]).expect(0).stdout;
    assert_eq!(main.as_bytes(), bytes_of(&env.path("share/man1/seedbank.1")));
    assert!(main.contains("\n  13  the SQL was refused"), "{main}");
    assert!(commands.iter().all(|command| main.contains(&format!("seedbank\\-{command}(1)"))));
}
