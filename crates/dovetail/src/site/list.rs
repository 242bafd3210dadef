//! `dovetail site list`.

use super::ROOT;
use super::wire::Site;
use crate::Failure;
use crate::commands::Format;
use crate::server::Server;
use crate::server::table::Table;

/// Runs the command.
pub async fn run(server: &Server, format: Format) -> Result<(), Failure> {
    let sites: Vec<Site> = server.read(ROOT).await?;
    match format {
        Format::Json => println!("{}", serde_json::to_string(&sites)?),
        Format::Text if sites.is_empty() => println!("There are no sites yet; `dovetail site add` adds one."),
        Format::Text => print!("{}", table(&sites)),
    }
    Ok(())
}

fn table(sites: &[Site]) -> Table {
    let mut table = Table::new(["id", "name", "kind", "url", "state", "last error"]);
    for site in sites {
        table.row(&[
            site.id.to_string(),
            site.name.clone(),
            site.kind.replace('_', " "),
            site.url.clone(),
            site.state.clone(),
            site.error.clone().unwrap_or_default(),
        ]);
    }
    table
}
