use crate::cli::offered;
use crate::cli::outcome::Exit;
use crate::cli::terminal::output;
use crate::cli::terminal::render::{self, Grid};
use crate::cli::{Global, open_reader};
use anyhow::Result;
use clap::Args;
use seedbank::internals::store::{ColumnStory, TableStory};
use serde_json::{Value, json};

/// Show tables, views and columns, for writing SQL
///
/// With what a row is, the type of each column, the table whose id it is (→), and what the declaration
/// says about it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  seedbank schema
  seedbank schema article
  seedbank schema --json | jq -r '.tables[].name'
  seedbank sql --raw \"SELECT sql FROM sqlite_schema WHERE name = 'article'\"")]
pub struct SchemaArgs {
    /// Only this table or view
    #[arg(value_name = "TABLE", add = offered::tables())]
    table: Option<String>,
}

pub fn run(args: &SchemaArgs, global: &Global) -> Result<Exit> {
    let tables = open_reader(global)?.tables(args.table.as_deref())?;
    if global.json {
        output::print_json(&json!({"tables": tables.iter().map(as_json).collect::<Value>()}))?;
    } else {
        let tables: Vec<String> = tables.iter().map(|table| as_text(table, global)).collect();
        output::print(&tables.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn as_json(table: &TableStory) -> Value {
    let column = |column: &ColumnStory| {
        json!({
            "name": column.name,
            "type": column.value_type,
            "key": column.is_key,
            "nullable": column.is_nullable,
            "refers_to": column.refers_to,
            "comment": column.comment,
        })
    };
    let columns: Value = table.columns.iter().map(column).collect();
    json!({"name": table.name, "kind": table.kind, "about": table.about, "columns": columns})
}

fn as_text(table: &TableStory, global: &Global) -> String {
    let kind = match table.kind {
        "table" => "",
        "index" => " (full-text index)",
        _ => " (view)",
    };
    let title = render::heading(&render::one_line(&table.name), global);
    let mut grid = Grid::plain(global);
    for column in &table.columns {
        let key = if column.is_key { " key" } else { "" };
        let to = column.refers_to.as_ref().map(|table| format!(" → {table}"));
        let value = format!("{}{key}{}", column.value_type, to.unwrap_or_default());
        let comment = column.comment.as_deref().unwrap_or_default();
        grid.row([
            (column.name.as_str().into(), false),
            (value.into(), false),
            (comment.into(), false),
        ]);
    }
    let about = table.about.map(|about| format!(" {about}\n")).unwrap_or_default();
    format!("{title}{kind}\n{about}{}", grid.text())
}
