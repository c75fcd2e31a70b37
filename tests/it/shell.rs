//! `seedbank completions` and `man`, read by a shell and a pager.

use crate::support::{TestEnv, bytes_of, seed};

/// What a shell offers for the last word of a command line, as it shows it; `None` if it is not installed.
fn offered(env: &TestEnv, shell: &str, line: &str) -> Option<Vec<String>> {
    let script = env.run(&["completions", shell]).expect(0).stdout;
    env.write("script", script.as_bytes());
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_seedbank")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
    let (last, number) = (words.last().unwrap(), words.len());
    let words = words.join(" ");
    let (flag, call) = match shell {
        "bash" => (
            "--norc",
            format!(
                "COMP_WORDS=({words}); COMP_CWORD={}; COMP_TYPE=9
                _clap_complete_seedbank seedbank {last} x; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
                number - 1
            ),
        ),
        "zsh" => {
            ("-f", format!("words=({words}); CURRENT={number}; _clap_dynamic_completer_seedbank"))
        }
        _ => ("--no-config", format!("complete -C '{line}'")),
    };
    // What zsh has only at a terminal.
    let stubs = if shell == "zsh" {
        "compdef() { }; _describe() { print -l -- ${(P)argv[-1]} }; "
    } else {
        ""
    };
    let program = format!("export PATH='{path}'; {stubs}source ./script; {call}");
    let shown = env.tool(shell, &[flag, "-c", &program])?;
    Some(shown.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

#[test]
fn shells_offer_what_the_archive_has() {
    let env = TestEnv::with_article();
    env.write("drop/b.txt", seed("二\u{1b}[2J", "https://news.example/b").as_bytes());
    env.write("drop/c.txt", seed("三", "https://other.example/c").as_bytes());
    env.run(&["import", "-q", "drop"]).expect(0);
    std::fs::rename(env.path("seedbank.db"), env.path("news.db")).unwrap();
    for shell in ["bash", "zsh", "fish"] {
        // fish describes with a tab, zsh with a colon, bash not at all.
        let names = |line: &str| -> Option<Vec<String>> {
            let shown = offered(&env, shell, line)?;
            assert!(!shown.iter().any(|line| line.contains('\u{1b}')), "{shown:?}");
            let name = |line: &String| line.split(['\t', ':']).next().unwrap().to_owned();
            let mut names: Vec<String> = shown.iter().map(name).collect();
            names.retain(|name| !name.starts_with('-'));
            names.sort();
            Some(names)
        };
        let Some(commands) = names("seedbank exp") else { continue };
        assert_eq!(commands, ["explain", "export"], "{shell}");
        let check = |line: &str, expected: &[&str]| {
            assert_eq!(names(line).unwrap(), expected, "{shell}: {line}");
        };
        check("seedbank --db news.db search 台风 --site n", &["news.example"]);
        check("seedbank --db=news.db show ", &["1", "2", "3"]);
        check("seedbank --db news.db runs ", &["1", "2"]);
        check("seedbank stats --db news.db --run l", &["last"]);
        check("seedbank --db news.db schema article_l", &["article_list"]);
        check("seedbank export --format csv --table article_l", &["article_list"]);
        // No archive, or another program's.
        check("seedbank show ", &[]);
        check("seedbank --db script show ", &[]);
    }
    assert!(!env.path("seedbank.db").exists());
}

#[test]
fn every_shell_has_a_script() {
    let env = TestEnv::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = env.run(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("SEEDBANK_COMPLETE") && script.contains("seedbank"), "{shell}");
    }
    env.run(&["completions", "cmd"]).expect(2);
}

/// Writes the pages; returns the names of their files.
fn pages(env: &TestEnv) -> Vec<String> {
    let ran = env.run(&["man", "-o", "share"]).expect(0);
    let commands = env.commands();
    let names = commands.iter().map(|command| format!("share/man1/seedbank-{command}.1"));
    let others = ["man1/seedbank.1", "man5/seedbank-schema.5", "man7/seedbank-query.7"];
    let names: Vec<String> = names.chain(others.map(|name| format!("share/{name}"))).collect();
    assert_eq!(
        (ran.stdout, ran.stderr),
        (String::new(), format!("{} pages in \"share\"\n", names.len()))
    );
    names
}

fn page(env: &TestEnv, name: &str) -> String {
    String::from_utf8(bytes_of(&env.path(name))).unwrap()
}

#[test]
fn a_manual_page_for_every_command() {
    let env = TestEnv::new();
    for name in pages(&env).iter().filter(|name| name.ends_with(".1")) {
        let text = page(&env, name);
        for heading in ["NAME", "SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"] {
            let heading =
                if heading.contains(' ') { format!("\"{heading}\"") } else { heading.into() };
            assert_eq!(text.matches(&format!("\n.SH {heading}\n")).count(), 1, "{name}: {heading}");
        }
        let has_examples = text.contains("\n.SH EXAMPLES\n.nf\nseedbank ");
        assert_eq!(has_examples, name != "share/man1/seedbank.1", "{name}");
    }
    let main = env.run(&["man"]).expect(0).stdout;
    assert_eq!(main, page(&env, "share/man1/seedbank.1"));
    assert!(main.contains("\n.TP\n\\fB13\\fR\nthe SQL was refused"), "{main}");
    for command in env.commands() {
        assert!(main.contains(&format!("\n\\fBseedbank\\-{command}\\fR(1),\n")), "{command}");
    }
}

/// Nothing that a formatter complains about, except for long lines and other matters of style.
#[test]
fn formatters_read_the_manual() {
    let env = TestEnv::new();
    let pages = pages(&env);
    let lint = ["-T", "lint", "-W", "warning"].into_iter();
    let lint: Vec<&str> = lint.chain(pages.iter().map(String::as_str)).collect();
    if let Some(complaints) = env.tool("mandoc", &lint) {
        assert_eq!(complaints, "");
    }
    for name in &pages {
        if let Some(shown) = env.tool("groff", &["-ww", "-Kutf8", "-man", "-Tutf8", name]) {
            assert!(shown.contains("seedbank"), "{shown}");
        }
    }
}

#[test]
fn the_tables_and_the_query_language_have_pages() {
    let env = TestEnv::new();
    pages(&env);
    let schema = page(&env, "share/man5/seedbank-schema.5");
    for text in [
        "\n.SS article_list\n",
        "\n.TP\n\\fBseed_id\\fR INTEGER, of \\fIseed\\fR\n",
        "\\fBmodified_ns\\fR INTEGER\nsince 1970\n",
    ] {
        assert!(schema.contains(text), "{text}: {schema}");
    }
    let query = page(&env, "share/man7/seedbank-query.7");
    for text in [
        "\n.SH SEARCHING\n",
        "\n.SH FIELDS\n",
        "\n.TP\n\\fB台风 OR 暴雨\\fR\n",
        "\n.SH \"SEE ALSO\"\n",
    ] {
        assert!(query.contains(text), "{text}: {query}");
    }
}

/// A variable that the program reads is in the manual.
#[test]
fn every_variable_is_in_the_manual() {
    let env = TestEnv::new();
    let main = env.run(&["man"]).expect(0).stdout;
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    let mut found = 0;
    for entry in walkdir::WalkDir::new(source) {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let named = ["var_os(\"", "var(\"", "_VARIABLE: &str = \""].iter().flat_map(|before| {
            text.split(before).skip(1).filter_map(|rest| rest.split('"').next())
        });
        for name in named {
            found += 1;
            assert!(main.contains(&format!("\n\\fB{name}\\fR\n")), "{name}");
        }
    }
    assert!(found >= 6, "{found}");
}
