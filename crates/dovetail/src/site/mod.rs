//! `dovetail site`: the Jiras of a running server, over its REST API.

mod add;
mod list;
mod remove;
mod sentences;
mod test;
mod wire;

use crate::Failure;
use crate::commands::{SiteArguments, SiteCommand};
use crate::server::Server;

/// Where the API has them.
const ROOT: &str = "/api/v1/sites";

/// Runs the command.
pub async fn run(arguments: SiteArguments) -> Result<(), Failure> {
    let server = Server::named(&arguments.server)?;
    let format = arguments.server.format;
    match arguments.command {
        SiteCommand::List => list::run(&server, format).await,
        SiteCommand::Add(arguments) => add::run(&server, &arguments, format).await,
        SiteCommand::Test { id } => test::run(&server, id, format).await,
        SiteCommand::Remove { id, yes } => remove::run(&server, id, yes, format).await,
    }
}
