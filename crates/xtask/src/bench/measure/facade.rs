//! The GitHub-compatible door, as Jira's own connector goes through it: one request for each commit.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use model::secret::ExposeSecret;
use serde_json::Value;

use super::dovetail::{Dovetail, free_address};
use super::forge::{Forge, Serves};
use super::peak;
use super::place::Place;
use super::section::{Row, Section};
use super::series::Series;
use super::zookeeper;

/// What a full sync on one connection must not exceed, in seconds.
const MOST: f64 = 5.0;
/// Connections of the second replay; Jira has one.
const CONNECTIONS: usize = 16;
/// Commits a second on that many connections, at least.
const RATE: f64 = 2_000.0;
/// What 99 % of their requests must not exceed, in milliseconds.
const MOST_REQUEST: f64 = 20.0;
/// A Jira that nobody is: it is told where to send browsers back to, and they are never let go there.
const JIRA: &str = "https://jira.example.com";
/// From one look at the import to the next.
const LOOK: Duration = Duration::from_millis(50);
/// How many commits GitLab is asked for one by one; what that takes is scaled to all of them.
const SAMPLE: usize = 500;
/// Every how many commits one is asked for.
const EVERY: usize = 10;

/// What one replayed full sync came to.
struct Replayed {
    seconds: f64,
    /// Commits a second.
    rate: f64,
    /// What half and 99 % of the requests for commits did not exceed, in seconds.
    half: f64,
    nearly_all: f64,
    /// Of all answers to requests for commits.
    bytes: u64,
    requests: u64,
}

/// Measures.
pub async fn measure(place: &Place) -> anyhow::Result<Section> {
    let address = free_address()?;
    let forge = Forge::start_with_application(place, Serves::ZooKeeper, &format!("http://{address}/oauth/callback"))?;
    let data = place.work()?;
    let dovetail = opened(place, &forge, data.path(), &address).await?;
    let commits: Vec<String> =
        zookeeper::commits(&forge.repository(1))?.into_iter().step_by(EVERY).take(SAMPLE).collect();
    let scale = zookeeper::COMMITS as f64 / commits.len() as f64;
    let (mut one, mut many, mut straight) = (Vec::new(), Vec::new(), Series::default());
    for _ in 0..place.runs {
        one.push(replay(place, &forge, data.path(), &address, 1)?);
        many.push(replay(place, &forge, data.path(), &address, CONNECTIONS)?);
        straight.push(walk(&forge, &commits).await?);
    }
    let straight = straight.times(scale);
    let mut memory = Series::default();
    memory.push_number(peak::of(dovetail.process()) as f64);
    Ok(section(&one, &many, &straight, &memory, commits.len()))
}

/// A Dovetail that has the whole history, and lets that Jira in.
async fn opened(place: &Place, forge: &Forge, data: &Path, address: &str) -> anyhow::Result<Dovetail> {
    let settings = [("DOVETAIL_FACADE_ALLOWED_REDIRECTS", JIRA)];
    let dovetail = Dovetail::start_at(place, data, None, address, &settings)?;
    let account = dovetail.add_account(forge).await?;
    dovetail.imported(account, LOOK).await?;
    let (id, secret) = forge.application.as_ref().context("the stand-in has no application")?;
    let administrator = dovetail.administrator(place, data, None).await?;
    let fields = [("host_url", forge.url.as_str()), ("client_id", id), ("client_secret", secret.expose_secret())];
    administrator.submit("/accounts/connect-jira", &fields).await?;
    std::fs::write(secret_file(data), secret.expose_secret())?;
    Ok(dovetail)
}

fn secret_file(data: &Path) -> std::path::PathBuf {
    data.join("client-secret")
}

/// Adds the account to a fresh Jira, which reads everything, and reads everything again: the second time is measured.
fn replay(place: &Place, forge: &Forge, data: &Path, address: &str, connections: usize) -> anyhow::Result<Replayed> {
    let (id, _) = forge.application.as_ref().context("the stand-in has no application")?;
    let mut command = Command::new(place.binary("jira-replay")?);
    command.args(["--host-url", &format!("http://{address}"), "--account", &forge.group, "--client-id", id]);
    command.arg("--client-secret-file").arg(secret_file(data)).args(["--jira-url", JIRA, "--full-syncs", "1"]);
    command.args(["--connections", &connections.to_string(), "--brief", "--format", "json"]);
    let output = command.stdin(Stdio::null()).output()?;
    let (said, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "the replayed Jira complains: {said}{wrong}");
    let report: Value = serde_json::from_str(&said)?;
    let run = report["runs"].as_array().and_then(|runs| runs.last()).context("there was no synchronisation")?;
    let changesets = run["changesets"].as_u64().unwrap_or_default();
    ensure!(changesets == zookeeper::COMMITS, "the replayed Jira has {changesets} commits");
    let seconds = run["seconds"].as_f64().context("a synchronisation without a duration")?;
    let calls = &report["calls"]["commit"];
    let figure = |name: &str| calls[name].as_f64().with_context(|| format!("the report has no {name}"));
    let count = |name: &str| calls[name].as_u64().with_context(|| format!("the report has no {name}"));
    Ok(Replayed {
        seconds,
        rate: changesets as f64 / seconds,
        half: figure("median_ms")? / 1_000.0,
        nearly_all: figure("p99_ms")? / 1_000.0,
        bytes: count("bytes")? / 2,
        requests: count("count")? / 2,
    })
}

async fn walk(forge: &Forge, commits: &[String]) -> anyhow::Result<Duration> {
    let started = Instant::now();
    for commit in commits {
        forge.get(&format!("/api/v4/projects/1/repository/commits/{commit}")).await?;
    }
    Ok(started.elapsed())
}

fn series(replayed: &[Replayed], figure: impl Fn(&Replayed) -> f64) -> Series {
    let mut series = Series::default();
    replayed.iter().for_each(|one| series.push_number(figure(one)));
    series
}

fn section(one: &[Replayed], many: &[Replayed], straight: &Series, memory: &Series, sample: usize) -> Section {
    let about = format!(
        "The history of Apache ZooKeeper ({} commits) through the GitHub-compatible door, as Jira's own connector reads it in a full \
         sync: the branches, one request for each commit from their heads down, the pull requests. The replayed Jira runs in a \
         process of its own beside Dovetail on SQLite. *Straight* is the same walk over one connection to the stand-in GitLab's \
         `GET /repository/commits/:sha` ({sample} measured, scaled to all).",
        zookeeper::COMMITS
    );
    let mut section = Section::new("facade", about);
    let alone = series(one, |it| it.seconds);
    let traffic = |replayed: &[Replayed]| replayed.last().map_or((0, 0), |it| (it.bytes, it.requests));
    let (bytes, requests) = traffic(one);
    let row = Row::durations("full sync, one connection", &alone).with_traffic(bytes, requests);
    section.row(row.with_target("≤ 5 s", alone.median() <= MOST));
    section.row(Row::durations("one connection: half of the commits within", &series(one, |it| it.half)));
    section.row(Row::durations("one connection: 99 % within", &series(one, |it| it.nearly_all)));
    let (bytes, requests) = traffic(many);
    let together = series(many, |it| it.seconds);
    let what = format!("full sync, {CONNECTIONS} connections");
    section.row(Row::durations(what, &together).with_traffic(bytes, requests));
    let rate = series(many, |it| it.rate);
    let row = Row::numbers(format!("{CONNECTIONS} connections: commits a second"), &rate);
    section.row(row.with_target("≥ 2000", rate.median() >= RATE));
    section.row(Row::durations(format!("{CONNECTIONS} connections: half within"), &series(many, |it| it.half)));
    let nearly_all = series(many, |it| it.nearly_all);
    let row = Row::durations(format!("{CONNECTIONS} connections: 99 % within"), &nearly_all);
    section.row(row.with_target("≤ 20 ms", nearly_all.median() * 1_000.0 <= MOST_REQUEST));
    section.row(Row::durations("straight, one commit after the other", straight));
    section.row(Row::ratios("straight / facade, one connection", &straight.over(&alone)));
    section.row(Row::sizes("peak memory of `dovetail serve`", memory));
    section
}
