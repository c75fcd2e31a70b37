use crate::cli::Cli;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Generate shell completions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank completions bash > ~/.local/share/bash-completion/completions/seedbank
  seedbank completions zsh > ~/.zfunc/_seedbank
  seedbank completions fish > ~/.config/fish/completions/seedbank.fish")]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: &CompletionsArgs) -> Result<Exit> {
    // Into memory first: writing to a closed pipe would panic.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "seedbank", &mut script);
    output::print_bytes(&script)?;
    Ok(Exit::Done)
}
