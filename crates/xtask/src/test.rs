//! `cargo xtask test`: every check and test, on both databases, with a browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::postgres::{Cluster, Storage};
use crate::prerequisites;
use crate::report::Report;

/// What to run.
#[derive(clap::Args)]
pub struct Arguments {
    /// Only this step; see --list.
    #[arg(long, value_name = "STEP")]
    only: Option<String>,
    /// Name the steps and end.
    #[arg(long)]
    list: bool,
    /// Handed to the test runner of the step `tests` (a name to filter by).
    #[arg(trailing_var_arg = true)]
    filter: Vec<String>,
}

const STEPS: &[&str] = &["format", "lints", "tests", "browser"];

/// Runs the steps.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.list {
        println!("{}", STEPS.join("\n"));
        return Ok(());
    }
    if let Some(only) = arguments.only.as_deref().filter(|only| !STEPS.contains(only)) {
        bail!("no step {only}; there are: {}", STEPS.join(", "));
    }
    let wanted = |step: &str| arguments.only.as_deref().is_none_or(|only| only == step);
    prerequisites::ensure()?;
    let mut report = Report::begin()?;
    if wanted("format") {
        report.step("format", || cargo(&["fmt", "--all", "--check"], &[]));
    }
    if wanted("tests") || wanted("browser") {
        let cluster = Cluster::start(Storage::Memory).context("PostgreSQL for the tests does not start")?;
        let url = cluster.url();
        let environment = [("DOVETAIL_TEST_POSTGRES", url.as_str())];
        if wanted("tests") {
            report.step("tests", || tests(&arguments.filter, &environment));
        }
        if wanted("browser") {
            report.step("browser", || browser(&environment));
        }
    }
    if wanted("lints") {
        report.step("lints", lints);
    }
    if report.finish() { Ok(()) } else { bail!("not everything passed") }
}

/// The measurements are code too: built with everything else they cost nothing.
const WITH_BENCH: &str = "--features=xtask/bench";

fn lints() -> anyhow::Result<()> {
    cargo(&["clippy", "--workspace", WITH_BENCH, "--all-targets", "--", "-D", "warnings"], &[])
}

fn tests(filter: &[String], environment: &[(&str, &str)]) -> anyhow::Result<()> {
    // Tests that want it pass without it, and say so.
    npm_packages(&workspace().join("tests/github"))?;
    let mut arguments = if has_nextest() {
        vec!["nextest", "run", "--workspace", WITH_BENCH, "--no-fail-fast"]
    } else {
        vec!["test", "--workspace", WITH_BENCH, "--no-fail-fast"]
    };
    arguments.extend(filter.iter().map(String::as_str));
    cargo(&arguments, environment)
}

fn has_nextest() -> bool {
    Command::new("cargo").args(["nextest", "--version"]).output().is_ok_and(|output| output.status.success())
}

fn browser(environment: &[(&str, &str)]) -> anyhow::Result<()> {
    // With the tests, whose own dependencies bring features of others: without them half would be built a second time.
    cargo(&["build", "--workspace", WITH_BENCH, "--bins", "--tests"], &[])?;
    let folder = workspace().join("tests/browser");
    let node = prerequisites::find("node").context("node is missing")?;
    npm_packages(&folder)?;
    let binary = target().join("debug/dovetail");
    let chromium = prerequisites::find("chromium").context("chromium is missing")?;
    succeed(
        Command::new(node)
            // Without the forced exit a program that a failed test left running would be waited for without end.
            .args(["--test", "--test-reporter=spec", "--test-concurrency=2", "--test-force-exit"])
            .current_dir(&folder)
            .env("DOVETAIL_BINARY", binary)
            .env("DOVETAIL_CHROMIUM", chromium)
            .envs(environment.iter().copied()),
    )
}

/// Installs the packages that a folder's lock file names, unless they are there.
fn npm_packages(folder: &Path) -> anyhow::Result<()> {
    let changed_at = |file: &str| folder.join(file).metadata().and_then(|file| file.modified());
    let (locked_at, installed_at) = (changed_at("package-lock.json")?, changed_at("node_modules/.package-lock.json"));
    // npm writes its own list last.
    if installed_at.is_ok_and(|installed_at| installed_at >= locked_at) {
        return Ok(());
    }
    let npm = prerequisites::find("npm").context("npm is missing")?;
    succeed(Command::new(npm).args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(folder))
}

/// Runs cargo in the workspace.
pub fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<()> {
    succeed(Command::new("cargo").args(arguments).current_dir(workspace()).envs(environment.iter().copied()))
}

/// Runs a command to its end; fails when it does.
pub fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = command.stdin(std::process::Stdio::null()).status();
    match status.with_context(|| format!("{} does not start", command.get_program().display()))? {
        status if status.success() => Ok(()),
        status => bail!("{} {status}", command.get_program().display()),
    }
}

/// The root of the checkout.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}
