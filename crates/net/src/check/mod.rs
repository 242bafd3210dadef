//! The check of a connection: what an administrator wants to know when "it does not work", in the order in which a
//! request meets it. Each step tells what was seen, the likely cause and the remedy.

mod address;
mod certificate;
mod chain;
mod greeting;
mod handshake;
mod http;
mod line;
mod name;
mod sentences;
mod stage;
mod steps;
mod through;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use model::Clock;
use url::Url;

pub(crate) use certificate::Certificate;
pub use http::FirstAnswer;
pub use stage::{Report, Stage, Verdict};
pub use steps::{Steps, Watch};

use crate::Client;
use crate::proxy::Route;
use line::millis_since;
use through::Line;
use tls::Question;

/// The steps of [`reach`] in their order.
pub const STAGES: [&str; 6] = [URL, NAME, PROXY, TCP, TLS, HTTP];
const URL: &str = "url";
const NAME: &str = "name";
const PROXY: &str = "proxy";
const TCP: &str = "tcp";
const TLS: &str = "tls";
const HTTP: &str = "http";

/// How long [`reach`] may take altogether.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// What [`reach`] found.
#[derive(Debug, Clone)]
pub struct Reached {
    /// One for each step up to the last that was asked for.
    pub stages: Vec<Stage>,
    /// The address made sane; none where it is none.
    pub url: Option<Url>,
    /// What the server answered, also where that made the step `http` fail; none where it did not, or was not asked.
    pub response: Option<FirstAnswer>,
}

/// Goes the way of a request to `url` step by step, up to the step `until` (all of them where it is none of
/// [`STAGES`]). After a step that failed the others are skipped. Certificates are judged by the time of `clock`.
///
/// No credential of a forge is ever sent, nor is a body: only the proxy gets its own password. Ends within [`DEADLINE`].
/// Each step is told to `watch` as soon as it is known.
pub async fn reach(
    client: &Client,
    url: &str,
    until: Option<&str>,
    clock: &dyn Clock,
    watch: Option<&Watch>,
) -> Reached {
    let mut walk = Walk::new(until, watch);
    let (url, response) = walk.all(client, url, clock).await;
    walk.skip_rest();
    Reached { stages: walk.steps.taken(), url, response }
}

/// The steps taken so far.
struct Walk<'a> {
    steps: Steps<'a>,
    /// The number of steps asked for.
    length: usize,
    ends: tokio::time::Instant,
}

impl<'a> Walk<'a> {
    fn new(until: Option<&str>, watch: Option<&'a Watch>) -> Self {
        let last = until.and_then(|until| STAGES.iter().position(|stage| *stage == until));
        let length = last.map_or(STAGES.len(), |last| last + 1);
        Self { steps: Steps::new(watch), length, ends: tokio::time::Instant::now() + DEADLINE }
    }

    async fn all(&mut self, client: &Client, typed: &str, clock: &dyn Clock) -> (Option<Url>, Option<FirstAnswer>) {
        let Some(url) = self.step(URL, async { address::examine(typed) }).await else {
            return (None, None);
        };
        let route = client.connector(&url).proxies.route(&url);
        let answer = match self.line(client, &url, &route).await {
            Some(line) => self.speak(client, &url, &route, line, clock).await,
            None => None,
        };
        (Some(url), answer)
    }

    async fn line(&mut self, client: &Client, url: &Url, route: &Route) -> Option<Line> {
        let connector = client.connector(url);
        let addresses: Vec<SocketAddr> = self.step(NAME, name::resolve(&connector.network, url, route)).await?;
        let passage = self.step(PROXY, through::ask_proxy(&connector, url, route, &addresses)).await?;
        self.step(TCP, through::connect(&connector, url, passage, &addresses)).await
    }

    async fn speak(
        &mut self,
        client: &Client,
        url: &Url,
        route: &Route,
        line: Line,
        clock: &dyn Clock,
    ) -> Option<FirstAnswer> {
        let Line { way, first } = line;
        let connector = client.connector(url);
        let encrypted = way.as_ref().filter(|_| url.scheme() == "https");
        let greeted = async {
            let Some(way) = encrypted else {
                return (Stage::skipped(TLS, sentences::NO_TLS), Some(()));
            };
            let limit = connector.network.connect_timeout;
            let question = Question { url, trust: &connector.trust, way, limit, now: clock.now() };
            let stage = question.ask(first).await;
            let trusted = (stage.verdict != Verdict::Failed).then_some(());
            (stage, trusted)
        };
        self.step(TLS, greeted).await?;
        let proxy = match route {
            Route::Through(hop) => Some(hop.name()),
            Route::Direct | Route::Exempt => None,
        };
        self.step(HTTP, http::ask(client, url, way.as_ref(), proxy.as_deref())).await
    }

    /// Takes a step; what comes of it is nothing where no other can follow, or where it was not asked for.
    async fn step<T>(&mut self, name: &str, work: impl Future<Output = (Stage, Option<T>)>) -> Option<T> {
        if self.steps.len() >= self.length {
            return None;
        }
        let started = Instant::now();
        let (stage, found) = match tokio::time::timeout_at(self.ends, work).await {
            Ok(done) => done,
            Err(_) => (sentences::out_of_time(DEADLINE).failed(name), None),
        };
        self.steps.push(stage.taking(millis_since(started)));
        found
    }

    fn skip_rest(&mut self) {
        for name in &STAGES[self.steps.len().min(self.length)..self.length] {
            self.steps.push(Stage::skipped(*name, sentences::BEFORE_FAILED));
        }
    }
}
