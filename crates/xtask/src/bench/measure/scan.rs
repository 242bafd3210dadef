//! `dovetail scan` of a repository on the disk, beside `git log` and perceval.

use std::path::Path;
use std::process::Command;

use anyhow::ensure;
use serde_json::Value;

use super::perceval::{self, Perceval};
use super::place::Place;
use super::section::{Row, Section};
use super::series::Series;
use super::yardstick::{answer, git, timed};
use super::zookeeper;

/// Measures.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let work = place.work()?;
    let repository = work.path().join("zookeeper.git");
    zookeeper::bare(&repository)?;
    let perceval = Perceval::install(place)?;
    let scan = || -> anyhow::Result<Command> { scan(place, &repository) };
    check(&mut scan()?, &perceval, &repository)?;

    let (mut scans, mut logs, mut percevals) = (Series::default(), Series::default(), Series::default());
    for _ in 0..place.runs {
        scans.push(timed(&mut scan()?)?);
        logs.push(timed(&mut log(&repository))?);
        percevals.push(timed(&mut perceval.read(&repository))?);
    }
    Ok(section(&scans, &logs, &percevals))
}

/// What `dovetail scan` found in a repository: the answer of `--format json`.
pub fn found(place: &Place, repository: &Path) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(&answer(&mut scan(place, repository)?)?)?)
}

fn scan(place: &Place, repository: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(place.binary("dovetail")?);
    command.args(["scan", "--format", "json"]).arg(repository);
    Ok(command)
}

fn log(repository: &Path) -> Command {
    let mut command = git(&["log", "--branches", "--format=%H%x00%B"]);
    command.current_dir(repository);
    command
}

/// All of them read the same commits. Also warms the disk's cache.
fn check(scan: &mut Command, perceval: &Perceval, repository: &Path) -> anyhow::Result<()> {
    let found: Value = serde_json::from_str(&answer(scan)?)?;
    let (commits, branches) = (&found["repositories"][0]["commits"], &found["repositories"][0]["branches"]);
    ensure!(
        *commits == zookeeper::COMMITS && *branches == zookeeper::BRANCHES,
        "scan found {commits} commits on {branches} branches"
    );
    let read = perceval.count(repository)?;
    ensure!(read == zookeeper::COMMITS, "perceval read {read} commits");
    timed(&mut log(repository)).map(|_| ())
}

fn section(scans: &Series, logs: &Series, percevals: &Series) -> Section {
    let about = format!(
        "The history of Apache ZooKeeper ({} commits, {} branches) in a bare repository on the disk: every process from its start \
         to its end, its output thrown away.",
        zookeeper::COMMITS,
        zookeeper::BRANCHES
    );
    let mut section = Section::new("scan", about);
    section.row(Row::durations("`dovetail scan --format json`", scans));
    section.row(Row::durations("`git log --branches --format=%H%x00%B`", logs));
    section.row(Row::durations(format!("perceval {}, `Git.fetch`", perceval::VERSION), percevals));
    let (to_log, to_perceval) = (scans.over(logs), percevals.over(scans));
    section.row(Row::ratios("scan / git log", &to_log).with_target("≤ 2 ×", to_log.median() <= 2.0));
    section.row(Row::ratios("perceval / scan", &to_perceval).with_target("≥ 10 ×", to_perceval.median() >= 10.0));
    section
}
