//! The development panel of a busy issue, in a large store, while an import writes.

use std::time::Duration;

use anyhow::ensure;
use serde_json::Value;
use url::Url;

use super::database::{Engine, Seeded};
use super::dovetail::Dovetail;
use super::forge::{Forge, Serves};
use super::open_loop::{Answers, during};
use super::place::Place;
use super::section::{Row, Section};
use super::seed::{BUSY, BUSY_COMMITS};
use super::series::{self, Series};

/// From one request to the next: fifty a second.
const EVERY: Duration = Duration::from_millis(20);
/// What 99 % of the answers must not exceed, in seconds.
const MOST: f64 = 0.020;
/// From one look at the import to the next: looking must not be the load.
const LOOK: Duration = Duration::from_millis(200);
/// Requests before the import begins: a copied database is cold.
const WARM_UP: usize = 50;
/// The most that an answer is read of, in bytes.
const ANSWER: usize = 64 << 20;

/// How an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Plain,
    Gzip,
}

impl Encoding {
    /// For the request and for people.
    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "identity",
            Self::Gzip => "gzip",
        }
    }
}

/// What was measured of one engine with one encoding.
struct Measured {
    engine: Engine,
    encoding: Encoding,
    half: Series,
    nearly_all: Series,
    all: Series,
    bytes: usize,
    failed: usize,
}

/// Measures.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let commits: u64 = if place.quick { 100_000 } else { 1_000_000 };
    let seeded = Seeded::build(place, commits).await?;
    let forge = Forge::start(place, Serves::GeneratedWithTwoForks)?;
    let mut measured = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        for encoding in [Encoding::Plain, Encoding::Gzip] {
            let (half, nearly_all, all) = Default::default();
            measured.push(Measured { engine, encoding, half, nearly_all, all, bytes: 0, failed: 0 });
        }
    }
    for _ in 0..place.runs {
        for one in &mut measured {
            one.add(&window(place, &seeded, &forge, one.engine, one.encoding).await?);
        }
    }
    Ok(section(commits, &measured))
}

/// One import into a fresh copy of the store, and the requests meanwhile.
async fn window(
    place: &Place,
    seeded: &Seeded,
    forge: &Forge,
    engine: Engine,
    encoding: Encoding,
) -> anyhow::Result<Answers> {
    let copy = seeded.copy(place, engine)?;
    let dovetail = Dovetail::start(place, copy.folder.path(), copy.store_url.as_deref())?;
    let path = format!("/rest/dev-status/1.0/issue/detail?issueKey={BUSY}&applicationType=gitlab&dataType=repository");
    check(&dovetail.get(&path).await?)?;
    let url = dovetail.address(&path)?;
    let ask = || ask(place, &dovetail, &url, encoding);
    for _ in 0..WARM_UP {
        ask().await?;
    }
    let import = async { dovetail.imported(dovetail.add_account(forge).await?, LOOK).await };
    let (imported, answers) = during(import, EVERY, ask).await;
    imported?;
    Ok(answers)
}

fn ask(
    place: &Place,
    dovetail: &Dovetail,
    url: &Url,
    encoding: Encoding,
) -> impl Future<Output = anyhow::Result<usize>> + Send + use<> {
    let request = place.client.get(url).bearer(dovetail.token());
    let request = match encoding {
        Encoding::Plain => request.header("accept-encoding", encoding.name()),
        Encoding::Gzip => request,
    };
    async move {
        let response = request.send().await?;
        ensure!(response.status().is_success(), "the panel answered {}", response.status());
        Ok(response.bytes(ANSWER).await?.len())
    }
}

fn check(answer: &Value) -> anyhow::Result<()> {
    let repositories = answer["detail"][0]["repositories"].as_array();
    let commits = repositories.into_iter().flatten().filter_map(|it| it["commits"].as_array());
    let count: usize = commits.map(Vec::len).sum();
    ensure!(count as u64 == BUSY_COMMITS, "{BUSY} has {count} commits");
    Ok(())
}

impl Measured {
    fn add(&mut self, answers: &Answers) {
        self.half.push_number(answers.took.median());
        self.nearly_all.push_number(answers.took.quantile(0.99));
        self.all.extend(&answers.took);
        self.bytes = self.bytes.max(answers.bytes);
        self.failed += answers.failed;
    }
}

fn section(commits: u64, measured: &[Measured]) -> Section {
    let about = format!(
        "`/rest/dev-status/1.0/issue/detail` of an issue with {BUSY_COMMITS} commits on a store of {commits} commits, 50 requests a \
         second whether or not the last ones were answered, each timed from when it was due to its last byte, for as long as the first \
         import of the generated project with two forks writes to the same store. Every run has a fresh copy of the store. Server, database, stand-in \
         GitLab and the requests share the machine; the stand-in, which would be another machine, runs at `nice` 15."
    );
    let mut section = Section::new("detail", about);
    for one in measured {
        let what = format!("{}, {}", one.engine.name(), one.encoding.name());
        section.row(Row::durations(format!("{what}: half of the requests within"), &one.half));
        let all = one.all.quantile(0.99);
        let row = Row::durations(format!("{what}: 99 % within"), &one.nearly_all);
        section.row(row.with_target("≤ 20 ms", all <= MOST));
        section.note(format!(
            "{what}: {} requests in all runs, of which {} failed; 99 % of them within {}, the slowest {}; an answer has {} before it is \
             compressed.",
            one.all.len(),
            one.failed,
            series::duration(all),
            series::duration(one.all.greatest()),
            series::bytes(one.bytes as u64)
        ));
    }
    section.note("PostgreSQL runs without `fsync`, as in the tests; SQLite waits for the disk at each live write.");
    section
}
