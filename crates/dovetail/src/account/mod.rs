//! `dovetail account`: accounts of a running server, over its REST API (design §8).

mod add;
mod calls;
mod events;
mod find;
mod list;
mod pending;
mod progress;
mod remove;
mod sentences;
mod show;
mod sync;
pub mod wire;

use crate::Failure;
use crate::commands::{AccountArguments, AccountCommand};
use crate::server::Server;

/// Runs the command.
pub async fn run(arguments: AccountArguments) -> Result<(), Failure> {
    let server = Server::named(&arguments.server)?;
    let format = arguments.server.format;
    match arguments.command {
        AccountCommand::List => list::run(&server, format).await,
        AccountCommand::Add(arguments) => add::run(&server, &arguments, format).await,
        AccountCommand::Show { account } => show::run(&server, &account, format).await,
        AccountCommand::Sync(arguments) => sync::run(&server, &arguments, format).await,
        AccountCommand::Remove { account, yes } => remove::run(&server, &account, yes, format).await,
    }
}
