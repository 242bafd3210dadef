//! `dovetail account add`: by an access token, or a folder; OAuth needs a browser, so its address is printed.

use serde_json::json;

use super::sentences;
use super::wire::NewAccount;
use crate::Failure;
use crate::commands::{Format, Kind, NewAccountArguments};
use crate::explain::harmless;
use crate::server::Server;
use crate::server::token;

/// Runs the command.
pub async fn run(server: &Server, arguments: &NewAccountArguments, format: Format) -> Result<(), Failure> {
    let host_kind = match (arguments.kind, &arguments.token_file) {
        (Kind::Gitlab | Kind::Github, None) => return open_for_oauth(server, format).await,
        (Kind::Gitlab, Some(_)) => "gitlab",
        (Kind::Github, Some(_)) => "github",
        (Kind::Folder, None) => "folder",
        (Kind::Folder, Some(_)) => return Err(Failure::Usage("a folder takes no --token-file".to_owned())),
    };
    if arguments.kind != Kind::Folder && arguments.path.is_empty() {
        return Err(Failure::Usage("name the path of the group, subgroup, organisation or user to add".to_owned()));
    }
    let new = NewAccount {
        host_kind,
        host_url: arguments.host_url.clone(),
        path: arguments.path.clone(),
        token: arguments.token_file.as_deref().map(token::from_file).transpose()?,
        auto_link: !arguments.no_auto_link,
        smart_commits: !arguments.no_smart_commits,
    };
    let account = server.add(&new).await?;
    match format {
        Format::Json => println!("{}", serde_json::to_string(&account)?),
        Format::Text => {
            let (id, path) = (account.id, harmless(&account.path));
            println!(
                "{path} is account {id}; its import has begun. `dovetail account sync {id} --wait` shows how far it is."
            );
        }
    }
    Ok(())
}

/// Asks the server first, so that nobody is sent to an address where it is not.
async fn open_for_oauth(server: &Server, format: Format) -> Result<(), Failure> {
    server.accounts().await?;
    let page = server.address("/accounts/new");
    match format {
        Format::Json => println!("{}", json!({ "open": page })),
        Format::Text => println!("{}", sentences::open_for_oauth(&page)),
    }
    Ok(())
}
