//! A refresh of very many repositories in which nothing happened.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use super::dovetail::Dovetail;
use super::forge::{Forge, Serves};
use super::peak;
use super::place::Place;
use super::section::{Row, Section};
use super::series::Series;

/// How many repositories.
const REPOSITORIES: usize = 1_000;
/// Requests beside the one a repository: the project list and the group's merge requests.
const LISTS: u64 = 20;
/// Repositories at a time.
const WORKERS: &str = "8";
/// From one look to the next: looking must not be the load.
const LOOK: Duration = Duration::from_millis(250);
/// The longest refresh that is waited for.
const LONGEST: Duration = Duration::from_secs(300);

/// Measures.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let count = if place.quick { REPOSITORIES / 10 } else { REPOSITORIES };
    let mut forge = Forge::start(place, Serves::Many(count))?;
    let data = place.work()?;
    let dovetail = Dovetail::start_with(place, data.path(), None, &[("DOVETAIL_SYNC_WORKERS", WORKERS)])?;
    let account = dovetail.add_account(&forge).await?;
    dovetail.imported(account, LOOK).await?;
    let (mut times, mut requests) = (Series::default(), Series::default());
    let mut bytes = 0;
    for _ in 0..place.runs {
        let since = synced(&dovetail, account).await?;
        forge.clear()?;
        let started = Instant::now();
        dovetail.post(&format!("/api/v1/accounts/{account}/refresh")).await?;
        while synced(&dovetail, account).await?.iter().zip(&since).any(|(now, before)| now == before) {
            ensure!(started.elapsed() < LONGEST, "the refresh does not end");
            tokio::time::sleep(LOOK).await;
        }
        times.push(started.elapsed());
        let traffic = forge.traffic()?;
        requests.push_number(traffic.requests as f64);
        bytes = traffic.bytes;
    }
    let about = format!(
        "{count} repositories of one group in which nothing happened since the last sync: from the request to refresh the account \
         until every repository was looked at, {WORKERS} at a time, on SQLite. Looked at every {} ms.",
        LOOK.as_millis()
    );
    let mut section = Section::new("refresh", about);
    let most = count as u64 + LISTS;
    section.row(Row::durations("refresh", &times).with_traffic(bytes, requests.greatest() as u64));
    let row = Row::numbers("requests", &requests);
    section.row(row.with_target(&format!("≤ {most}"), requests.greatest() <= most as f64));
    let mut memory = Series::default();
    memory.push_number(peak::of(dovetail.process()) as f64);
    section.row(Row::sizes("peak memory of `dovetail serve`", &memory));
    Ok(section)
}

/// When each repository was synced last, in the order of the list.
async fn synced(dovetail: &Dovetail, account: i64) -> anyhow::Result<Vec<String>> {
    let listed = dovetail.get(&format!("/api/v1/accounts/{account}/repositories")).await?;
    let items = listed["items"].as_array().or(listed.as_array()).context("no list of repositories")?;
    let mut times: Vec<(i64, String)> =
        items.iter().map(|item| (item["id"].as_i64().unwrap_or(0), item["synced_at"].to_string())).collect();
    times.sort();
    Ok(times.into_iter().map(|(_, at)| at).collect())
}
