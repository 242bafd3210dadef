//! `dovetail account list`.

use super::wire::Account;
use crate::Failure;
use crate::commands::Format;
use crate::server::Server;
use crate::server::table::Table;

/// Runs the command.
pub async fn run(server: &Server, format: Format) -> Result<(), Failure> {
    let accounts = server.accounts().await?;
    match format {
        Format::Json => println!("{}", serde_json::to_string(&accounts)?),
        Format::Text if accounts.is_empty() => println!("There are no accounts yet; `dovetail account add` adds one."),
        Format::Text => print!("{}", table(&accounts)),
    }
    Ok(())
}

fn table(accounts: &[Account]) -> Table {
    let mut table = Table::new(["id", "path", "host", "state", "linked", "failed", "last read"]);
    for account in accounts {
        table.row(&[
            account.id.to_string(),
            account.path.clone(),
            account.host_url.clone(),
            account.state.replace('_', " "),
            format!("{} of {}", account.linked, account.repositories),
            account.failed.to_string(),
            account.listed_at.clone().unwrap_or_else(|| "never".to_owned()),
        ]);
    }
    table
}
