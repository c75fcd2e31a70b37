//! Names that a command takes from its arguments, or from standard input.

use crate::cli::outcome::UsageError;
use anyhow::Result;
use seedbank::Error;
use std::io::Read;

/// More than all addresses of a very large crawl.
const MOST_BYTES: u64 = 1 << 30;

/// The names of the arguments, where `-` stands for the lines of standard input. Blank lines are ignored.
pub fn given_names(arguments: &[String]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for argument in arguments {
        if argument != "-" {
            names.push(argument.clone());
            continue;
        }
        let input = read_input()?;
        let lines = input.lines().map(str::trim).filter(|line| !line.is_empty());
        names.extend(lines.map(str::to_owned));
    }
    if names.is_empty() {
        return Err(UsageError::new(
            "standard input has no line",
            "write ids or addresses to it, one per line",
        )
        .into());
    }
    Ok(names)
}

fn read_input() -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin().take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(Error::at("-"))?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!("standard input has more than {MOST_BYTES} bytes");
        return Err(UsageError::new(message, "name fewer articles at once").into());
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
