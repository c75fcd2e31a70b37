mod page;
mod query;
mod schema;

use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, counted};
use crate::cli::{Cli, Global};
use anyhow::Result;
use clap::{Args, CommandFactory};
use seedbank::Error;
use seedbank::internals::files::{ArchiveFiles, NewFile, Taken};
use seedbank::internals::model::path_label;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Write the manual pages
///
/// Writes a page for each command, the tables of an archive (seedbank-schema(5)) and the language of searches
/// (seedbank-query(7)) into the folders man1, man5 and man7, replacing those that are there; without a folder, prints
/// the main page.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank man | man -l -
  seedbank man -o ~/.local/share/man
  man seedbank-query")]
pub struct ManArgs {
    /// The folder for man1, man5 and man7; created if it does not exist
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

pub fn run(args: &ManArgs, global: &Global) -> Result<Exit> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.output else {
        output::print_bytes(page::of_command(&command, &command)?.as_bytes())?;
        return Ok(Exit::Done);
    };
    let own = ArchiveFiles::of(&global.db).for_everybody();
    let mut pages = vec![
        ("man5/seedbank-schema.5".to_owned(), schema::page()?),
        ("man7/seedbank-query.7".to_owned(), query::page()),
    ];
    for one in command.get_subcommands().chain([&command]) {
        let name = one.get_display_name().unwrap_or("seedbank");
        pages.push((format!("man1/{name}.1"), page::of_command(one, &command)?));
    }
    for (name, text) in &pages {
        write_page(&folder.join(name), text, &own)?;
    }
    let text = format!("{} in \"{}\"", counted(pages.len() as u64, "page"), path_label(folder));
    render::note(&text, global);
    Ok(Exit::Done)
}

fn write_page(path: &Path, text: &str, own: &ArchiveFiles) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).map_err(Error::at(folder))?;
    let mut file = NewFile::create(path, Taken::Replaced, own)?;
    file.write_all(text.as_bytes()).map_err(Error::at(path))?;
    file.finish()?;
    Ok(())
}
