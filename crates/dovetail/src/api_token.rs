//! `dovetail token`: tokens for the REST API, made on the data directory.

use model::secret::{ExposeSecret, random_token, token_hash};
use store::tokens::Scope;

use crate::commands::{self, TokenArguments, TokenCommand};
use crate::{Failure, open};

/// Runs the command.
pub async fn run(arguments: TokenArguments) -> Result<(), Failure> {
    let config = open::config(arguments.config.config.as_deref())?;
    let store = open::store(&config).await?;
    let TokenCommand::Create { scope, name } = arguments.command;
    let scope = match scope {
        commands::Scope::Read => Scope::Read,
        commands::Scope::Admin => Scope::Admin,
    };
    let token = random_token("dvt_");
    store.api_token_insert(&token_hash(token.expose_secret()), &name, scope, open::clock().now()).await?;
    println!("{}", token.expose_secret());
    Ok(())
}
