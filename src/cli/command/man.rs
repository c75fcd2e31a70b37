use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, counted};
use crate::cli::{Cli, Global};
use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_mangen::Man;
use seedbank::Error;
use seedbank::internals::files::{ArchiveFiles, NewFile, Taken};
use seedbank::internals::model::path_label;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write the manual pages
///
/// Writes one page per command into a folder, replacing those that are there; without a folder, prints
/// the main page.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank man | man -l -
  seedbank man -o ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The folder; created if it does not exist
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

pub fn run(args: &ManArgs, global: &Global) -> Result<Exit> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.output else {
        output::print_bytes(&page(command)?)?;
        return Ok(Exit::Done);
    };
    let pages = write_pages(command, folder, &ArchiveFiles::of(&global.db).for_everybody())?;
    let text = format!("{} in \"{}\"", counted(pages, "page"), path_label(folder));
    render::note(&text, global);
    Ok(Exit::Done)
}

fn write_pages(command: clap::Command, folder: &Path, own: &ArchiveFiles) -> Result<u64> {
    std::fs::create_dir_all(folder).map_err(Error::at(folder))?;
    let mut pages = 0;
    for command in command.get_subcommands().cloned().chain([command.clone()]) {
        let name = command.get_display_name().unwrap_or("seedbank");
        let path = folder.join(format!("{name}.1"));
        let mut file = NewFile::create(&path, Taken::Replaced, own)?;
        file.write_all(&page(command)?).map_err(Error::at(&path))?;
        file.finish()?;
        pages += 1;
    }
    Ok(pages)
}

fn page(command: clap::Command) -> Result<Vec<u8>> {
    let heading = if command.has_subcommands() { "\"EXIT STATUS\"" } else { "EXAMPLES" };
    let source = format!("seedbank {}", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    Man::new(command).source(source).manual("seedbank").render(&mut page)?;
    let page = String::from_utf8(page)?;
    // The text after the options has its own line breaks, which must not be refilled.
    let page = page.replacen(".SH EXTRA\n", &format!(".SH {heading}\n.nf\n"), 1);
    let page = page.replacen("\n.SH VERSION\n", "\n.fi\n.SH VERSION\n", 1);
    Ok(format!("{}\n", page.trim_end()).into_bytes())
}
