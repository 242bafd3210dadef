//! The same history by three roads: one request a commit, as Jira's own connector walks; pages of a hundred; git.

use std::time::{Duration, Instant};

use super::dovetail::Dovetail;
use super::forge::{Forge, Serves, Traffic};
use super::import::{Expected, import};
use super::place::Place;
use super::section::{Row, Section};
use super::series::Series;
use super::zookeeper;

/// From one look at the import to the next.
const LOOK: Duration = Duration::from_millis(10);
/// How many commits are asked for one by one; what that takes is scaled to all of them.
const SAMPLE: usize = 500;
/// Every how many commits one is asked for.
const EVERY: usize = 10;

/// Measures.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let mut forge = Forge::start(place, Serves::ZooKeeper)?;
    let expected = Expected { branches: zookeeper::BRANCHES, merge_requests: 0 };
    let commits: Vec<String> =
        zookeeper::commits(&forge.repository(1))?.into_iter().step_by(EVERY).take(SAMPLE).collect();
    let scale = zookeeper::COMMITS as f64 / commits.len() as f64;
    let (mut one_by_one, mut pages, mut git) = (Series::default(), Series::default(), Series::default());
    let (mut walked, mut paged, mut fetched) = Default::default();
    for _ in 0..place.runs {
        let (took, traffic) = walk(&mut forge, &commits).await?;
        one_by_one.push(took);
        walked = traffic;
        let (took, traffic) = by_rest(place, &mut forge).await?;
        pages.push(took);
        paged = traffic;
        let import = import(place, &mut forge, expected).await?;
        git.push(import.took);
        fetched = import.traffic;
    }
    let one_by_one = one_by_one.times(scale);
    let scaled = |number: u64| (number as f64 * scale) as u64;
    let about = format!(
        "The history of Apache ZooKeeper ({} commits) from the same stand-in, without latency. *One request a commit* is \
         `GET /repository/commits/:sha` over one connection ({} measured, scaled to all); the others are first imports into a fresh \
         `dovetail serve` on SQLite until the issues can be asked for, without and with git.",
        zookeeper::COMMITS,
        commits.len()
    );
    let mut section = Section::new("strategies", about);
    let row = Row::durations("one request a commit", &one_by_one);
    section.row(row.with_traffic(scaled(walked.bytes), scaled(walked.requests)));
    section.row(Row::durations("REST, pages of 100", &pages).with_traffic(paged.bytes, paged.requests));
    section.row(Row::durations("git", &git).with_traffic(fetched.bytes, fetched.requests));
    section.row(Row::ratios("one request a commit / git", &one_by_one.over(&git)));
    section.row(Row::ratios("REST pages / git", &pages.over(&git)));
    Ok(section)
}

async fn walk(forge: &mut Forge, commits: &[String]) -> anyhow::Result<(Duration, Traffic)> {
    forge.clear()?;
    let started = Instant::now();
    for commit in commits {
        forge.get(&format!("/api/v4/projects/1/repository/commits/{commit}")).await?;
    }
    Ok((started.elapsed(), forge.traffic()?))
}

async fn by_rest(place: &Place, forge: &mut Forge) -> anyhow::Result<(Duration, Traffic)> {
    let data = place.work()?;
    let dovetail = Dovetail::start_with(place, data.path(), None, &[("DOVETAIL_SYNC_GIT", "false")])?;
    forge.clear()?;
    let started = Instant::now();
    let account = dovetail.add_account(forge).await?;
    dovetail.imported(account, LOOK).await?;
    Ok((started.elapsed(), forge.traffic()?))
}
