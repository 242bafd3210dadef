//! From a push to the text on the page, and how fast an event is taken while imports write.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::database::Engine;
use super::dovetail::{Dovetail, Visitor};
use super::forge::{Forge, Serves};
use super::hook_events::HookEvent;
use super::open_loop::{Answers, during};
use super::place::Place;
use super::section::{Row, Section};
use super::series::{self, Series};
use crate::postgres::{Cluster, Storage};

/// Projects that are pushed to in turn.
const PROJECTS: usize = 20;
/// From one push to the next, whether or not the ones before are on their pages.
const EVERY: Duration = Duration::from_millis(500);
/// How many pushes: 100 seconds.
const PUSHES: usize = 200;
/// From one look at a page to the next.
const LOOK: Duration = Duration::from_millis(25);
/// After this a push counts as lost.
const LOST: Duration = Duration::from_secs(60);
/// What 95 % of the pushes must not exceed, in seconds.
const MOST: f64 = 1.0;
/// From one hook event to the next while imports write.
const EVERY_BUSY: Duration = Duration::from_millis(100);
/// What 95 % of the answers to hook events must not exceed, in seconds.
const MOST_ANSWER: f64 = 0.050;
/// From one look at an import to the next.
const LOOK_AT_IMPORT: Duration = Duration::from_millis(200);

/// Measures on both engines.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let about = format!(
        "{PROJECTS} projects of one group whose web hooks call Dovetail. First {} pushes, one every {} ms, each timed from before its ref \
         moves until the page of its issue, asked for every {} ms, shows it. Then a group of three large projects is imported, three \
         repositories at a time, while the hook events of those pushes come again, one every {} ms whether or not the last ones were \
         answered, each timed from when it was due until it was answered. \
         The stand-in, which would be another machine, runs at `nice` 15.",
        pushes(place),
        EVERY.as_millis(),
        LOOK.as_millis(),
        EVERY_BUSY.as_millis()
    );
    let mut section = Section::new("push", about);
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
    let mut forge = Forge::start(place, Serves::ManyBesideGenerated(PROJECTS))?;
    let (data, url) = (place.work()?, cluster.as_ref().map(Cluster::url));
    let dovetail = Dovetail::start_called(place, data.path(), url.as_deref())?;
    let visitor = dovetail.visitor(place, data.path(), url.as_deref()).await?;
    let account = dovetail.add_account(&forge).await?;
    dovetail.imported(account, LOOK_AT_IMPORT).await?;
    dovetail.hooked(account).await?;
    let projects = forge.projects().await?;
    let name = engine.name();

    let shown = pushed(place, &mut forge, &visitor, &projects).await?;
    section.row(Row::durations(format!("{name}: push → page"), &shown));
    let most = shown.quantile(0.95);
    let mut nearly_all = Series::default();
    nearly_all.push_number(most);
    section.row(
        Row::durations(format!("{name}: push → page, 95 % within"), &nearly_all).with_target("≤ 1 s", most <= MOST),
    );

    let events = HookEvent::heard(data.path(), url.as_deref(), account).await?;
    let answers = answered(place, &forge, &dovetail, &events).await?;
    ensure!(answers.failed == 0, "{} hook events were not taken", answers.failed);
    let answers = answers.took;
    let most = answers.quantile(0.95);
    let mut nearly_all = Series::default();
    nearly_all.push_number(most);
    let row = Row::durations(format!("{name}: hook answers while imports write, 95 % within"), &nearly_all);
    section.row(row.with_target("≤ 50 ms", most <= MOST_ANSWER));
    section.note(format!(
        "{name}: {} pushes, the slowest on its page after {}; {} hook events while imports wrote, the slowest answered in {}.",
        shown.len(),
        series::duration(shown.greatest()),
        answers.len(),
        series::duration(answers.greatest())
    ));
    Ok(())
}

/// Pushes at a steady pace, and waits for each on its page.
async fn pushed(place: &Place, forge: &mut Forge, visitor: &Visitor, projects: &[String]) -> anyhow::Result<Series> {
    let (mut waiting, mut shown) = (JoinSet::new(), Series::default());
    let mut due = tokio::time::Instant::now();
    for (number, project) in projects.iter().cycle().take(pushes(place)).enumerate() {
        tokio::time::sleep_until(due).await;
        due += EVERY;
        let (key, words) = (format!("PUSH-{}", number + 1), format!("a push to be seen at once, number {number}."));
        let started = Instant::now();
        forge.push(project, &format!("{key} {words}"))?;
        let visitor = visitor.clone();
        waiting.spawn(async move { seen(&visitor, &format!("/issues/{key}"), &words, started).await });
    }
    while let Some(took) = waiting.join_next().await {
        shown.push(took??);
    }
    Ok(shown)
}

async fn seen(visitor: &Visitor, path: &str, words: &str, since: Instant) -> anyhow::Result<Duration> {
    loop {
        if visitor.page(path).await?.contains(words) {
            return Ok(since.elapsed());
        }
        ensure!(since.elapsed() < LOST, "a push never came to its page {path}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Sends hook events while an import writes.
async fn answered(place: &Place, forge: &Forge, dovetail: &Dovetail, events: &[HookEvent]) -> anyhow::Result<Answers> {
    let account = dovetail.add_group(forge, "generated").await?;
    let number = AtomicUsize::new(0);
    let tell = || {
        let number = number.fetch_add(1, Ordering::Relaxed);
        events[number % events.len()].send(&place.client, number)
    };
    let (imported, answers) = during(dovetail.imported(account, LOOK_AT_IMPORT), EVERY_BUSY, tell).await;
    imported?;
    Ok(answers)
}
