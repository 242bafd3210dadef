#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, reason = "a command line tool speaks on standard output")]
#![expect(clippy::disallowed_methods, reason = "runs cargo, node and PostgreSQL, and git as the yardstick")]

mod bench;
mod package;
mod postgres;
mod prerequisites;
mod report;
mod screenshots;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What developers of Dovetail run")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run every check and test, and end with a summary.
    Test(test::Arguments),
    /// Take the pictures of the documentation.
    Screenshots(screenshots::Arguments),
    /// Make a Debian package.
    Package(package::Arguments),
    /// Measure how fast the product is.
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Test(arguments) => test::run(&arguments),
        Command::Screenshots(arguments) => screenshots::run(&arguments),
        Command::Package(arguments) => package::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    if let Err(error) = &outcome {
        println!("{error:#}");
    }
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
