//! `dovetail serve`: the server.

use crate::commands::ServeArguments;
use crate::program::{Program, listen};
use crate::{Failure, open};

/// Runs the command until it is asked to stop.
pub async fn run(arguments: ServeArguments) -> Result<(), Failure> {
    let config = open::config(arguments.config.config.as_deref())?;
    let store = open::store(&config).await?;
    let listener = listen(config.server.listen).await?;
    let program = Program::start(&config, store, listener).await?;
    println!("Dovetail listens at {}", program.url(&config));
    if let Some(link) = web::setup_link(&program.state).await? {
        println!("Nobody can log in yet. Open this link within a day to become its administrator:\n\n    {link}\n");
    }
    program.run_until_stopped().await
}
