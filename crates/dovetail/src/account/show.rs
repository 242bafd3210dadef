//! `dovetail account show`.

use serde_json::json;

use super::find;
use super::wire::{Account, Repository};
use crate::Failure;
use crate::commands::Format;
use crate::explain::harmless;
use crate::server::Server;
use crate::server::table::Table;

/// Runs the command.
pub async fn run(server: &Server, word: &str, format: Format) -> Result<(), Failure> {
    let account = find::account(server, word).await?;
    let (repositories, _) = server.repositories(account.id).await?;
    match format {
        Format::Json => println!("{}", json!({ "account": account, "repositories": repositories })),
        Format::Text => print(&account, &repositories),
    }
    Ok(())
}

fn print(account: &Account, repositories: &[Repository]) {
    println!("{} (account {})", harmless(&account.name), account.id);
    println!("path:       {}", harmless(&account.path));
    println!("host:       {}", harmless(&account.host_url));
    println!("state:      {}", account.state.replace('_', " "));
    println!("linked:     {} of {} repositories", account.linked, account.repositories);
    println!("last read:  {}", account.listed_at.as_deref().unwrap_or("never"));
    if let Some(error) = &account.error {
        println!("error:      {}", harmless(error));
    }
    if repositories.is_empty() {
        return;
    }
    println!();
    let mut table = Table::new(["id", "repository", "state", "last sync", "next sync"]);
    for repository in repositories {
        table.row(&[
            repository.id.to_string(),
            repository.path.clone(),
            state(repository),
            repository.synced_at.clone().unwrap_or_else(|| "never".to_owned()),
            repository.next_sync_at.clone().unwrap_or_default(),
        ]);
    }
    print!("{table}");
    for failed in repositories.iter().filter(|repository| repository.error.is_some()) {
        println!("{}: {}", harmless(&failed.path), harmless(failed.error.as_deref().unwrap_or_default()));
    }
}

/// How a repository is doing, in words.
fn state(repository: &Repository) -> String {
    match repository {
        Repository { visible: false, .. } => "no longer listed".to_owned(),
        Repository { linked: false, .. } => "not linked".to_owned(),
        Repository { paused: true, .. } => "paused".to_owned(),
        other => other.state.replace('_', " "),
    }
}
