//! `dovetail account remove`.

use std::io::{BufRead, IsTerminal};

use serde_json::json;

use super::find;
use super::wire::Account;
use crate::Failure;
use crate::commands::Format;
use crate::explain::harmless;
use crate::server::Server;

/// Runs the command.
pub async fn run(server: &Server, word: &str, yes: bool, format: Format) -> Result<(), Failure> {
    let account = find::account(server, word).await?;
    if !yes && std::io::stdin().is_terminal() && !confirmed(&account)? {
        return Err(Failure::Usage("nothing was removed".to_owned()));
    }
    server.remove(account.id).await?;
    match format {
        Format::Json => println!("{}", json!({ "removed": account.id })),
        Format::Text => println!("{} is removed; its data goes in the background.", harmless(&account.path)),
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a question is no answer")]
fn confirmed(account: &Account) -> std::io::Result<bool> {
    eprint!(
        "Remove {} of {} with {} linked repositories? Type its path to go on: ",
        harmless(&account.path),
        harmless(&account.host_url),
        account.linked
    );
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == account.path)
}
