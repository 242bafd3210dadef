//! `/metrics`: what a Prometheus reads.
//!
//! Counters and durations are kept by this process since its start; how things stand (queue, tokens, outbox) is read from the
//! store when asked. Labels have few values: words of ours, ids of accounts and sites, templates of routes. Nothing in them comes
//! from a forge, a Jira or a visitor.

use std::convert::Infallible;
use std::sync::OnceLock;
use std::time::Duration;

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use model::Millis;
use store::{Gauges, JobLane, JobStanding};

use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::state::AppState;
use crate::visit::Visited;

/// The format of the answer.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How often samples that nobody has read are put together.
const UPKEEP: Duration = Duration::from_secs(10);
/// Of answers, in seconds.
const ANSWERS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// Of syncs, in seconds.
const SYNCS: [f64; 10] = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0];
/// From an event of a hook to what it told of being shown, in seconds.
const LAGS: [f64; 11] = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0];
const DAY: f64 = 24.0 * 60.0 * 60.0 * 1_000.0;

/// Its route.
pub fn router() -> Router<AppState> {
    Router::new().route("/metrics", get(read))
}

/// Counts begin; those of before are not there. Called at start, and harmless to repeat.
pub(crate) fn begin() {
    kept();
}

/// Puts samples together now and then, so that they do not pile up where nobody reads them.
pub(crate) async fn upkeep() -> Infallible {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        kept().run_upkeep();
    }
}

/// A request was answered.
pub(crate) fn answered(method: &Method, route: &str, status: u16, took: Duration) {
    let (method, route) = (known(method), route.to_owned());
    let labels = [("method", method.to_owned()), ("route", route.clone()), ("status", status.to_string())];
    counter!("dovetail_http_requests_total", &labels).increment(1);
    histogram!("dovetail_http_request_duration_seconds", "method" => method, "route" => route).record(took);
}

/// Methods are made up by whoever asks.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Who may read it: addresses that the configuration names, API tokens of either scope, and administrators' browsers.
#[derive(Debug)]
struct Watcher;

impl FromRequestParts<AppState> for Watcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let Visited(visit) = Visited::from_request_parts(parts, state).await.map_err(Problem::from)?;
        if state.options().metrics_from.iter().any(|network| network.contains(visit.client)) {
            return Ok(Self);
        }
        let caller = ApiToken::from_request_parts(parts, state).await?;
        if caller.user.is_some() {
            caller.require_admin()?;
        }
        Ok(Self)
    }
}

async fn read(State(state): State<AppState>, _: Watcher) -> Result<impl IntoResponse, Problem> {
    let now = state.now();
    let standing = standing(&state.store().gauges(now).await?, now);
    Ok(([(CONTENT_TYPE, TEXT)], kept().render() + &standing))
}

/// What is kept by this process. There is one of it, as code everywhere counts into it.
fn kept() -> &'static PrometheusHandle {
    static KEPT: OnceLock<PrometheusHandle> = OnceLock::new();
    KEPT.get_or_init(|| {
        let of = |name: &str| Matcher::Full(name.to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(of("dovetail_http_request_duration_seconds"), &ANSWERS)
            .and_then(|builder| builder.set_buckets_for_metric(of("dovetail_sync_duration_seconds"), &SYNCS))
            .and_then(|builder| builder.set_buckets_for_metric(of("dovetail_push_to_panel_seconds"), &LAGS))
            .expect("no list of buckets is empty")
            .build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_ok() {
            describe_kept();
        } else {
            tracing::warn!("something else counts in this process already, so /metrics lacks what is counted");
        }
        handle
    })
}

fn describe_kept() {
    describe_counter!("dovetail_http_requests_total", "Requests that were answered.");
    describe_histogram!("dovetail_http_request_duration_seconds", "Time until an answer began.");
    describe_counter!("dovetail_syncs_started_total", "Runs of syncs of repositories that began.");
    describe_counter!("dovetail_syncs_ended_total", "Runs of syncs of repositories that ended, and how.");
    describe_histogram!("dovetail_sync_duration_seconds", "How long runs of syncs of repositories took.");
    describe_histogram!(
        "dovetail_push_to_panel_seconds",
        "From the event of a web hook to what it told of being shown."
    );
    describe_counter!("dovetail_deliveries_total", "Attempts to tell a Jira something, and how they ended.");
}

/// How things stand, in the same format. Of a recorder of its own: what is gone from the store is gone from here.
fn standing(gauges: &Gauges, now: Millis) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        gauge!("dovetail_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        describe_gauge!("dovetail_build_info", "The version that runs.");
        queue(gauges, now);
        accounts(gauges, now);
        describe_gauge!("dovetail_outbox_waiting", "What sites are still to be told.");
        for (site, channel, count) in &gauges.outbox {
            let labels = [("site", site.to_string()), ("channel", channel.as_str().to_owned())];
            gauge!("dovetail_outbox_waiting", &labels).set(number(*count));
        }
    });
    recorder.handle().render()
}

fn queue(gauges: &Gauges, now: Millis) {
    describe_gauge!("dovetail_jobs", "Jobs by lane and state.");
    describe_gauge!("dovetail_oldest_due_job_age_seconds", "How long the job that waits longest could have run.");
    for lane in [JobLane::Live, JobLane::Import] {
        for state in [JobStanding::Due, JobStanding::Later, JobStanding::Running, JobStanding::Failed] {
            let counted = gauges.jobs.iter().find(|jobs| (jobs.lane, jobs.state) == (lane, state));
            let labels = [("lane", lane.as_str()), ("state", state.as_str())];
            gauge!("dovetail_jobs", &labels).set(number(counted.map_or(0, |jobs| jobs.count)));
            if state == JobStanding::Due {
                let age = counted.map_or(0, |jobs| (now - jobs.first_run_at).max(0));
                gauge!("dovetail_oldest_due_job_age_seconds", "lane" => lane.as_str()).set(number(age) / 1_000.0);
            }
        }
    }
    describe_gauge!("dovetail_inbox_waiting", "Events of web hooks that wait to be worked off.");
    gauge!("dovetail_inbox_waiting").set(number(gauges.inbox_waiting));
}

fn accounts(gauges: &Gauges, now: Millis) {
    describe_gauge!("dovetail_accounts", "Accounts by state.");
    for (state, count) in &gauges.accounts {
        gauge!("dovetail_accounts", "state" => state.as_str()).set(number(*count));
    }
    describe_gauge!("dovetail_repositories", "Linked repositories by state.");
    for (state, count) in &gauges.repositories {
        gauge!("dovetail_repositories", "state" => state.as_str()).set(number(*count));
    }
    describe_gauge!(
        "dovetail_token_days_left",
        "Days until the token that lets an account in ends; below zero: it has ended."
    );
    for (account, ends_at) in &gauges.tokens {
        let left = number(ends_at - now) / DAY;
        gauge!("dovetail_token_days_left", "account" => account.to_string()).set(left);
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and times are far below 2^53")]
const fn number(count: i64) -> f64 {
    count as f64
}
