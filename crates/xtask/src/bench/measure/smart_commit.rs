//! From a push to the comment that its commit commands, on the issue of a Jira.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::database::Engine;
use super::dovetail::Dovetail;
use super::forge::{Forge, Serves};
use super::jira::Jira;
use super::place::Place;
use super::section::{Row, Section};
use super::series::{self, Series};
use crate::postgres::{Cluster, Storage};

/// Projects that are pushed to in turn.
const PROJECTS: usize = 20;
/// From one push to the next, whether or not the ones before have their comments.
const EVERY: Duration = Duration::from_secs(1);
/// How many pushes.
const PUSHES: usize = 100;
/// From one look at an issue to the next.
const LOOK: Duration = Duration::from_millis(10);
/// After this a comment counts as lost.
const LOST: Duration = Duration::from_secs(60);
/// What 95 % of the comments must not exceed, in seconds.
const MOST: f64 = 2.0;
/// From one look at an import to the next.
const LOOK_AT_IMPORT: Duration = Duration::from_millis(200);
/// The project whose issues are commented.
const KEYS: &str = "PUSH";

/// Measures on both engines.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let about = format!(
        "{PROJECTS} projects of one group whose web hooks call Dovetail, and a stand-in Jira Data Center in a process of its own. {} \
         pushes of one commit with `#comment … #time 1h`, one every second, each timed from before its ref moves until the comment \
         stands on the Jira's issue, looked at every {} ms.",
        pushes(place),
        LOOK.as_millis()
    );
    let mut section = Section::new("smart-commit", about);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        on(place, engine, &mut section).await?;
    }
    section.note("PostgreSQL runs without `fsync`, as in the tests; SQLite waits for the disk at each live write.");
    Ok(section)
}

const fn pushes(place: &Place) -> usize {
    if place.quick { PUSHES / 10 } else { PUSHES }
}

async fn on(place: &Place, engine: Engine, section: &mut Section) -> anyhow::Result<()> {
    let cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Cluster::start(Storage::Disk)?),
    };
    let mut forge = Forge::start(place, Serves::Many(PROJECTS))?;
    let jira = Arc::new(Jira::data_center(place, &[(KEYS, PUSHES)])?);
    let (data, url) = (place.work()?, cluster.as_ref().map(Cluster::url));
    let dovetail = Dovetail::start_called(place, data.path(), url.as_deref())?;
    let account = dovetail.add_account(&forge).await?;
    dovetail.imported(account, LOOK_AT_IMPORT).await?;
    dovetail.hooked(account).await?;
    dovetail.add_site(&jira).await?;
    let projects = forge.projects().await?;

    let stood = pushed(place, &mut forge, &jira, &projects).await?;
    let (comments, name) = (jira.total("comments")?, engine.name());
    ensure!(comments == pushes(place) as u64, "{comments} comments of {} commits", pushes(place));
    section.row(Row::durations(format!("{name}: push → comment"), &stood));
    let most = stood.quantile(0.95);
    let mut nearly_all = Series::default();
    nearly_all.push_number(most);
    let row = Row::durations(format!("{name}: push → comment, 95 % within"), &nearly_all);
    section.row(row.with_target("≤ 2 s", most <= MOST));
    section.note(format!(
        "{name}: {} pushes, the slowest comment after {}; there is one comment for each.",
        stood.len(),
        series::duration(stood.greatest())
    ));
    Ok(())
}

/// Pushes at a steady pace, and waits for the comment of each.
async fn pushed(place: &Place, forge: &mut Forge, jira: &Arc<Jira>, projects: &[String]) -> anyhow::Result<Series> {
    let (mut waiting, mut stood) = (JoinSet::new(), Series::default());
    let mut due = tokio::time::Instant::now();
    for (number, project) in projects.iter().cycle().take(pushes(place)).enumerate() {
        tokio::time::sleep_until(due).await;
        due += EVERY;
        let (key, words) = (format!("{KEYS}-{}", number + 1), format!("Said by push {number}"));
        let started = Instant::now();
        forge.push(project, &format!("{key} A push #comment {words} #time 1h"))?;
        let jira = Arc::clone(jira);
        waiting.spawn(async move { stands(&jira, &key, &words, started).await });
    }
    while let Some(took) = waiting.join_next().await {
        stood.push(took??);
    }
    Ok(stood)
}

async fn stands(jira: &Jira, key: &str, words: &str, since: Instant) -> anyhow::Result<Duration> {
    loop {
        let issue = jira.issue(key)?;
        let comments = issue["comments"].as_array().into_iter().flatten();
        if comments.filter_map(|comment| comment.as_str()).any(|comment| comment.starts_with(words)) {
            return Ok(since.elapsed());
        }
        ensure!(since.elapsed() < LOST, "the comment of a push never came to {key}");
        tokio::time::sleep(LOOK).await;
    }
}
