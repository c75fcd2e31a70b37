use crate::cli::offered;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use anyhow::Result;
use clap::Args;
use clap_complete::Shell;
use clap_complete::env::Shells;

/// Generate shell completions
///
/// The script asks seedbank itself, so it also offers the hosts, articles and imports of the archive.
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

/// zsh runs a file in `$fpath` at the first key, as a function of its name.
const ZSH_AUTOLOADED: &[u8] =
    b"[[ ${funcstack[1]} = _seedbank ]] && _clap_dynamic_completer_seedbank \"$@\"\n";

pub fn run(args: &CompletionsArgs) -> Result<Exit> {
    let mut script = Vec::new();
    if let Some(shell) = Shells::builtins().completer(&args.shell.to_string()) {
        // By its name: the script shall survive the next version.
        shell.write_registration(
            offered::VARIABLE,
            "seedbank",
            "seedbank",
            "seedbank",
            &mut script,
        )?;
    }
    if args.shell == Shell::Zsh {
        script.extend_from_slice(ZSH_AUTOLOADED);
    }
    output::print_bytes(&script)?;
    Ok(Exit::Done)
}
