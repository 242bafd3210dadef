//! The first import of an account, beside `git clone` from the same server.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::Value;

use super::dovetail::Dovetail;
use super::forge::{Forge, Serves, Traffic};
use super::peak::{self, Watch};
use super::place::Place;
use super::section::{Row, Section};
use super::series::{self, Series};
use super::yardstick::{timed, treeless_clone};
use super::{scan, zookeeper};

/// The most memory that `dovetail serve` may take, in bytes.
const MEMORY: u64 = 150_000_000;

/// From one look at the import to the next.
const LOOK: Duration = Duration::from_millis(10);

/// What an import must have brought.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// Branches of all repositories.
    pub branches: u64,
    /// Merge requests of all repositories.
    pub merge_requests: u64,
}

/// One import or clone.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    /// How long it took.
    pub took: Duration,
    /// What went over the network.
    pub traffic: Traffic,
    /// The most memory that `dovetail serve` had, in bytes; 0 of a clone.
    pub peak: u64,
}

/// Measures ZooKeeper.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let mut forge = Forge::start(place, Serves::ZooKeeper)?;
    let about = format!(
        "The history of Apache ZooKeeper ({} commits, {} branches): from the request that adds the account to a fresh \
         `dovetail serve` on SQLite until its issues can be asked for, and `git clone --bare --filter=tree:0`.",
        zookeeper::COMMITS,
        zookeeper::BRANCHES
    );
    let expected = Expected { branches: zookeeper::BRANCHES, merge_requests: 0 };
    check_an_issue(place, &mut forge).await?;
    compare(place, &mut forge, Section::new("import", about), expected, Some(3.0)).await
}

/// Imports and clones in turn, and once more to see what git's processes take.
pub async fn compare(
    place: &Place,
    forge: &mut Forge,
    mut section: Section,
    expected: Expected,
    most: Option<f64>,
) -> anyhow::Result<Section> {
    let (mut imports, mut clones, mut peaks) = (Series::default(), Series::default(), Series::default());
    let (mut imported, mut cloned) = (Traffic::default(), Traffic::default());
    for _ in 0..place.runs {
        let import = import(place, forge, expected).await?;
        let clone = clone_all(place, forge).await?;
        imports.push(import.took);
        clones.push(clone.took);
        peaks.push_number(import.peak as f64);
        (imported, cloned) = (import.traffic, clone.traffic);
    }
    let ratio = imports.over(&clones);
    section.row(Row::durations("import", &imports).with_traffic(imported.bytes, imported.requests));
    section.row(Row::durations("clone", &clones).with_traffic(cloned.bytes, cloned.requests));
    let row = Row::ratios("import / clone", &ratio);
    section.row(match most {
        Some(most) => row.with_target(&format!("≤ {most} ×"), ratio.median() <= most),
        None => row,
    });
    let row = Row::sizes("peak memory of `dovetail serve`", &peaks);
    section.row(row.with_target("< 150 MB", peaks.greatest() < MEMORY as f64));
    section.note(children(place, forge, expected).await?);
    Ok(section)
}

/// Imports the forge's group into a fresh server.
pub async fn import(place: &Place, forge: &mut Forge, expected: Expected) -> anyhow::Result<Done> {
    let data = place.work()?;
    let dovetail = Dovetail::start(place, data.path(), None)?;
    forge.clear()?;
    let started = Instant::now();
    let account = dovetail.add_account(forge).await?;
    dovetail.imported(account, LOOK).await?;
    let took = started.elapsed();
    let (traffic, peak) = (forge.traffic()?, peak::of(dovetail.process()));
    check(&dovetail, account, expected).await?;
    Ok(Done { took, traffic, peak })
}

/// Clones all projects of the forge's group, one after the other.
pub async fn clone_all(place: &Place, forge: &mut Forge) -> anyhow::Result<Done> {
    let work = place.work()?;
    let projects = forge.projects().await?;
    forge.clear()?;
    let mut took = Duration::ZERO;
    for (at, project) in projects.iter().enumerate() {
        let url = format!("{}/{project}.git", forge.url);
        took += timed(&mut treeless_clone(&url, forge.token_text(), &work.path().join(at.to_string())))?;
    }
    Ok(Done { took, traffic: forge.traffic()?, peak: 0 })
}

/// What is fast must also be right.
async fn check(dovetail: &Dovetail, account: i64, expected: Expected) -> anyhow::Result<()> {
    let repositories = dovetail.get(&format!("/api/v1/accounts/{account}/repositories")).await?;
    let repositories = repositories.as_array().context("no list of repositories")?;
    let sum = |name: &str| repositories.iter().filter_map(|it| it[name].as_u64()).sum::<u64>();
    let (branches, merge_requests) = (sum("branches"), sum("merge_requests"));
    ensure!(repositories.iter().all(|it| it["state"] == "up_to_date"), "not all repositories are up to date");
    ensure!(
        (branches, merge_requests) == (expected.branches, expected.merge_requests),
        "imported {branches} branches and {merge_requests} merge requests, expected {expected:?}"
    );
    Ok(())
}

/// The issue with the most commits has as many after an import as `dovetail scan` finds on the disk.
async fn check_an_issue(place: &Place, forge: &mut Forge) -> anyhow::Result<()> {
    let found = scan::found(place, &forge.repository(1))?;
    let (key, commits) = busiest(&found).context("no issue in the history")?;
    let data = place.work()?;
    let dovetail = Dovetail::start(place, data.path(), None)?;
    let account = dovetail.add_account(forge).await?;
    dovetail.imported(account, LOOK).await?;
    let issue = dovetail.get(&format!("/api/v1/issues/{key}")).await?;
    ensure!(issue["commits"] == commits, "{key} has {commits} commits on the disk, but {issue}");
    Ok(())
}

fn busiest(found: &Value) -> Option<(&str, usize)> {
    let issues = found["issues"].as_array()?.iter();
    issues
        .filter_map(|issue| Some((issue["key"].as_str()?, issue["commits"].as_array()?.len())))
        .max_by_key(|(_, count)| *count)
}

/// An import whose processes are watched, which costs it time.
async fn children(place: &Place, forge: &Forge, expected: Expected) -> anyhow::Result<String> {
    let data = place.work()?;
    let dovetail = Dovetail::start(place, data.path(), None)?;
    let watch = Watch::children_of(dovetail.process());
    let account = dovetail.add_account(forge).await?;
    dovetail.imported(account, LOOK).await?;
    let (seen, most) = watch.end();
    check(&dovetail, account, expected).await?;
    Ok(format!(
        "In one more run, looked at every 5 ms: {seen} processes of git were seen below `dovetail serve`; the largest took {}. The \
         database has {} then, the git cache {}.",
        series::bytes(most),
        series::bytes(database(data.path())),
        series::bytes(super::place::size(&data.path().join("cache")))
    ))
}

fn database(data: &Path) -> u64 {
    ["dovetail.db", "dovetail.db-wal"].iter().map(|name| super::place::size(&data.join(name))).sum()
}
