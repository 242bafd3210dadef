//! The first import on a slow network, beside asking for one commit after the other.

use std::time::{Duration, Instant};

use super::forge::{Forge, Serves};
use super::import::{Expected, import};
use super::place::Place;
use super::section::{Row, Section};
use super::series::Series;
use super::zookeeper;

/// What every request waits for.
const LATENCY: Duration = Duration::from_millis(20);
/// How many commits are asked for; what that takes is scaled to all of them.
const SAMPLE: usize = 500;
/// Every how many commits one is asked for, so that the sample lies all over the history.
const EVERY: usize = 10;

/// Measures with and without latency.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let mut forge = Forge::start(place, Serves::ZooKeeper)?;
    let sample = if place.quick { SAMPLE / 10 } else { SAMPLE };
    let commits: Vec<String> =
        zookeeper::commits(&forge.repository(1))?.into_iter().step_by(EVERY).take(sample).collect();
    let about = format!(
        "The history of Apache ZooKeeper again: the import, and `GET /repository/commits/:sha` for one commit after the other over one \
         connection ({sample} measured, scaled to all {}). First each request of the stand-in waits {} ms, then not at all.",
        zookeeper::COMMITS,
        LATENCY.as_millis()
    );
    let mut section = Section::new("latency", about);
    for (latency, least) in [(LATENCY, Some(50.0)), (Duration::ZERO, None)] {
        let (imports, walks) = compare(place, &mut forge, latency, &commits).await?;
        let at = format!("{} ms a request", latency.as_millis());
        let ratio = walks.over(&imports);
        section.row(Row::durations(format!("import, {at}"), &imports));
        section.row(Row::durations(format!("one commit after the other, {at}"), &walks));
        let row = Row::ratios(format!("one after the other / import, {at}"), &ratio);
        section.row(match least {
            Some(least) => row.with_target(&format!("≥ {least} ×"), ratio.median() >= least),
            None => row,
        });
    }
    Ok(section)
}

async fn compare(
    place: &Place,
    forge: &mut Forge,
    latency: Duration,
    commits: &[String],
) -> anyhow::Result<(Series, Series)> {
    let (mut imports, mut walks) = (Series::default(), Series::default());
    let expected = Expected { branches: zookeeper::BRANCHES, merge_requests: 0 };
    forge.latency(latency)?;
    for _ in 0..place.runs {
        imports.push(import(place, forge, expected).await?.took);
        walks.push(walk(forge, commits).await?);
    }
    Ok((imports, walks.times(zookeeper::COMMITS as f64 / commits.len() as f64)))
}

async fn walk(forge: &Forge, commits: &[String]) -> anyhow::Result<Duration> {
    let started = Instant::now();
    for commit in commits {
        forge.get(&format!("/api/v4/projects/1/repository/commits/{commit}")).await?;
    }
    Ok(started.elapsed())
}
