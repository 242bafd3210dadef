#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, reason = "a command line tool answers on standard output")]

mod account;
mod api_token;
mod check;
mod commands;
mod config;
#[cfg(feature = "sandbox")]
mod demo;
mod explain;
mod logging;
mod open;
mod openapi;
mod program;
mod report;
mod scan;
mod serve;
mod server;
mod site;
mod user;
mod workshop;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::commands::{Arguments, Command};

/// Why a command did not do what was asked; decides the exit code (design §8).
#[derive(Debug)]
pub enum Failure {
    /// It was used wrongly: exit code 2, one clear line.
    Usage(String),
    /// It failed: exit code 1.
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// How long threads that still read or hash may hold up the end.
const LAST_GRACE: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    logging::start();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return report(&Failure::Failed(error.into())),
    };
    let outcome = runtime.block_on(run(arguments.command));
    runtime.shutdown_timeout(LAST_GRACE);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(arguments) => serve::run(arguments).await,
        #[cfg(feature = "sandbox")]
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Check(arguments) => check::run(&arguments).await,
        Command::Scan(arguments) => scan::run(arguments).await,
        Command::Explain(arguments) => explain::run(&arguments).await,
        Command::Account(arguments) => account::run(arguments).await,
        Command::Site(arguments) => site::run(arguments).await,
        Command::User(arguments) => user::run(arguments).await,
        Command::Token(arguments) => api_token::run(arguments).await,
        Command::Openapi => openapi::run(),
    }
}

#[expect(clippy::print_stderr, reason = "the last words of a command that failed")]
fn report(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Usage(line) => {
            eprintln!("dovetail: {line}");
            ExitCode::from(2)
        }
        Failure::Failed(error) => {
            eprintln!("dovetail: {error:#}");
            ExitCode::FAILURE
        }
    }
}
