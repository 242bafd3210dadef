//! `cargo xtask screenshots`: the pictures of the documentation, taken from the demo by a browser.

use std::process::Command;

use anyhow::Context;

use crate::prerequisites;
use crate::test::{cargo, succeed, target, workspace};

/// Where the pictures go.
#[derive(clap::Args)]
pub struct Arguments {
    /// The folder to write to.
    #[arg(long, default_value = "docs/images")]
    into: String,
}

/// Builds the program, runs the script.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    prerequisites::ensure()?;
    cargo(&["build", "--release", "--package", "dovetail"], &[])?;
    let folder = workspace().join("tests/browser");
    let npm = prerequisites::find("npm").context("npm is missing")?;
    succeed(Command::new(npm).args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    let node = prerequisites::find("node").context("node is missing")?;
    let into = workspace().join(&arguments.into);
    succeed(
        Command::new(node)
            .arg("screenshots.mjs")
            .arg(into)
            .current_dir(&folder)
            .env("DOVETAIL_BINARY", target().join("release/dovetail"))
            .env("DOVETAIL_CHROMIUM", prerequisites::find("chromium").context("chromium is missing")?),
    )
}
