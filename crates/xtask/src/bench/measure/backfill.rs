//! Everything that was there is told to a Jira Cloud, while people push.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::JoinSet;

use super::database::Engine;
use super::dovetail::{Dovetail, free_address};
use super::forge::{Forge, HISTORIES};
use super::jira::Jira;
use super::peak;
use super::place::Place;
use super::section::{Row, Section};
use super::series::{self, Series};
use crate::postgres::{Cluster, Storage};

/// How many commits there were before, each with an issue.
const ENTITIES: u64 = 100_000;
/// Their project, and how many issues it has.
const BEFORE: (&str, usize) = ("FILL", 1_000);
/// The project of what is pushed meanwhile, each with an issue of its own, at most so many.
const LIVE: (&str, usize) = ("LIVE", 2_000);
/// Projects that are pushed to in turn.
const PROJECTS: usize = 5;
/// From one push to the next.
const EVERY: Duration = Duration::from_secs(1);
/// From one look at an issue, or at how far it is, to the next.
const LOOK: Duration = Duration::from_millis(25);
/// After this a push counts as lost.
const LOST: Duration = Duration::from_secs(60);
/// What 95 % of the pushes must not exceed, in seconds.
const MOST: f64 = 2.0;
/// The longest backfill that is waited for.
const LONGEST: Duration = Duration::from_secs(1_800);
/// By how much memory may grow from a fifth of the way to the end.
const GROWTH: f64 = 1.25;
/// From one look at an import to the next.
const LOOK_AT_IMPORT: Duration = Duration::from_millis(200);
/// When the commits were made (2024-01-01), in seconds.
const AT: u64 = 1_704_067_200;

/// What was measured on one engine.
struct Measured {
    took: Duration,
    /// Memory at a fifth of the way and at the end, in bytes.
    memory: (u64, u64),
    live: Series,
    /// How many entities are missing or too many, or came again although nothing of them had changed.
    wrong: u64,
}

/// Measures on both engines.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let about = format!(
        "A project with {} commits, each with an issue, was imported before a stand-in Jira Cloud in a process of its own is added as a \
         site: from the request that adds it until the Jira has all of them, and meanwhile one push every second to one of {PROJECTS} \
         projects whose web hooks call Dovetail, each timed from before its ref moves until the Jira has its commit, looked at every {} \
         ms. Memory is what `dovetail serve` has resident at a fifth of the way, and at the end.",
        entities(place),
        LOOK.as_millis()
    );
    let mut section = Section::new("backfill", about);
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let measured = on(place, engine).await?;
        tell(place, engine.name(), &measured, &mut section);
    }
    section.note("PostgreSQL runs without `fsync`, as in the tests; SQLite waits for the disk at each live write.");
    Ok(section)
}

const fn entities(place: &Place) -> u64 {
    if place.quick { ENTITIES / 10 } else { ENTITIES }
}

fn tell(place: &Place, name: &str, measured: &Measured, section: &mut Section) {
    let one = |figure: f64| {
        let mut series = Series::default();
        series.push_number(figure);
        series
    };
    let speed = entities(place) as f64 / measured.took.as_secs_f64();
    section.row(Row::numbers(format!("{name}: entities a second"), &one(speed)));
    let (early, late) = (measured.memory.0 as f64, measured.memory.1 as f64);
    section.row(Row::sizes(format!("{name}: memory at a fifth"), &one(early)));
    let row = Row::sizes(format!("{name}: memory at the end"), &one(late));
    section.row(row.with_target(&format!("≤ {GROWTH} ×"), late <= GROWTH * early));
    section.row(Row::durations(format!("{name}: push → Jira"), &measured.live));
    let most = measured.live.quantile(0.95);
    let row = Row::durations(format!("{name}: push → Jira, 95 % within"), &one(most));
    section.row(row.with_target("≤ 2 s", most <= MOST));
    let row = Row::numbers(format!("{name}: entities lost or told twice"), &one(measured.wrong as f64));
    section.row(row.with_target("0", measured.wrong == 0));
    section.note(format!(
        "{name}: the backfill took {}; {} pushes meanwhile, the slowest at the Jira after {}.",
        series::duration(measured.took.as_secs_f64()),
        measured.live.len(),
        series::duration(measured.live.greatest())
    ));
}

async fn on(place: &Place, engine: Engine) -> anyhow::Result<Measured> {
    let cluster = match engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Cluster::start(Storage::Disk)?),
    };
    let (data, url) = (place.work()?, cluster.as_ref().map(Cluster::url));
    let stream = data.path().join("before.fast-export");
    write_history(&stream, entities(place))?;
    let mut forge = Forge::start_beside_history(place, PROJECTS, &stream)?;
    let jira = Arc::new(Jira::cloud(place, &[BEFORE, LIVE])?);
    let settings = [("DOVETAIL_NETWORK_ATLASSIAN_API", jira.url.as_str())];
    let dovetail = Dovetail::start_at(place, data.path(), url.as_deref(), &free_address()?, &settings)?;
    let before = dovetail.add_group(&forge, HISTORIES).await?;
    dovetail.imported(before, LOOK_AT_IMPORT).await?;
    let account = dovetail.add_account(&forge).await?;
    dovetail.imported(account, LOOK_AT_IMPORT).await?;
    dovetail.hooked(account).await?;
    filled(place, &mut forge, &jira, &dovetail).await
}

/// Adds the site, and pushes until it has everything.
async fn filled(place: &Place, forge: &mut Forge, jira: &Arc<Jira>, dovetail: &Dovetail) -> anyhow::Result<Measured> {
    let (projects, count) = (forge.projects().await?, entities(place));
    let (mut waiting, mut live, mut pushed, mut early) = (JoinSet::new(), Series::default(), 0, 0);
    let started = Instant::now();
    dovetail.add_site(jira).await?;
    let mut due = started;
    let took = loop {
        while let Some(took) = waiting.try_join_next() {
            live.push(took??);
        }
        let told = jira.total("entities")?.saturating_sub(live.len() as u64);
        if early == 0 && told >= count / 5 {
            early = peak::now(dovetail.process());
        }
        if told >= count {
            break started.elapsed();
        }
        ensure!(started.elapsed() < LONGEST, "the backfill does not end: {told} of {count}");
        if due <= Instant::now() && pushed < LIVE.1 {
            due += EVERY;
            let project = &projects[pushed % projects.len()];
            pushed += 1;
            let key = format!("{}-{pushed}", LIVE.0);
            let since = Instant::now();
            forge.push(project, &format!("{key} A push meanwhile"))?;
            let jira = Arc::clone(jira);
            waiting.spawn(async move { arrives(&jira, &key, since).await });
        }
        tokio::time::sleep(LOOK).await;
    };
    let late = peak::now(dovetail.process());
    while let Some(took) = waiting.join_next().await {
        live.push(took??);
    }
    let wrong = jira.total("entities")?.abs_diff(count + pushed as u64) + jira.total("repeated")?;
    Ok(Measured { took, memory: (early, late), live, wrong })
}

async fn arrives(jira: &Jira, key: &str, since: Instant) -> anyhow::Result<Duration> {
    loop {
        if jira.issue(key)?["development"].as_array().is_some_and(|has| !has.is_empty()) {
            return Ok(since.elapsed());
        }
        ensure!(since.elapsed() < LOST, "a push never came to {key}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Commits without files, as `git fast-export` writes them.
fn write_history(file: &Path, count: u64) -> anyhow::Result<()> {
    let mut stream = BufWriter::new(std::fs::File::create(file)?);
    for number in 0..count {
        let (at, issue) = (AT + number, number % BEFORE.1 as u64 + 1);
        let message = format!("{}-{issue} What was done before, number {number}", BEFORE.0);
        write!(
            stream,
            "commit refs/heads/main\ncommitter Ada <ada@example.com> {at} +0000\ndata {}\n{message}\n\n",
            message.len()
        )?;
    }
    Ok(stream.flush()?)
}
