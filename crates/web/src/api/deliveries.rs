//! `/deliveries`: what sites were told; and the receipts of smart commits.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use store::{Delivery, DeliveryCursor, DeliveryFilter, ShownReceipt};
use utoipa::{IntoParams, ToSchema};

use super::shapes::{Page, instant};
use crate::bearer::ApiToken;
use crate::issue_key;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;

/// How long a page is at the most.
const LONGEST: i64 = 200;
/// How many receipts an answer has at the most, the newest.
const MOST_RECEIPTS: i64 = 200;

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Only of this site.
    site: Option<i64>,
    /// Only by this way: `smart_commit`, `commit_comment`, `remote_link` or `dev_info`.
    channel: Option<String>,
    /// Only those that ended so: `sending`, `sent`, `refused`, `failed`, `unknown` or `parked`.
    outcome: Option<String>,
    /// Only about this issue.
    issue: Option<String>,
    /// The `next` of the page before; absent: the first page.
    after: Option<String>,
    /// How many, 1 to 200; 50 where absent.
    limit: Option<i64>,
}

/// An attempt to tell a site something.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryShape {
    /// Its id, for a retry.
    id: i64,
    /// The site's id.
    site_id: i64,
    /// What the site is called.
    site: String,
    /// `smart_commit`, `commit_comment`, `remote_link` or `dev_info`.
    channel: String,
    /// What it was about: `commit`, `branch`, `merge_request` or `repository`.
    about: String,
    /// The issue, where it was about one.
    issue: Option<String>,
    /// What it was about, in words.
    title: String,
    /// When it began.
    started_at: Option<String>,
    /// When it ended.
    ended_at: Option<String>,
    /// How it ended: `sending`, `sent`, `refused`, `failed`, `unknown` or `parked`.
    outcome: String,
    /// The HTTP status that came.
    status: Option<i64>,
    /// Jira's words, or ours.
    words: Option<String>,
    /// When it is tried again.
    next_try_at: Option<String>,
}

/// What became of one smart-commit command.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReceiptShape {
    /// Its id.
    id: i64,
    /// What the site is called.
    site: String,
    /// The site's id.
    site_id: i64,
    /// The commit's id.
    commit: String,
    /// Which command of the message it is, from 0.
    position: i64,
    /// The issue, as written.
    key: String,
    /// The word after `#`.
    command: String,
    /// What follows it.
    argument: String,
    /// `waiting`, `sending`, `done` or `refused`.
    state: String,
    /// Why it was refused, as a word.
    reason: Option<String>,
    /// What became of it, as a sentence.
    words: Option<String>,
    /// When the commit came.
    created_at: Option<String>,
    /// When it was done or refused.
    ended_at: Option<String>,
}

/// Whose failed deliveries.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub struct OfSite {
    /// Only those of this site; absent: of all.
    site: Option<i64>,
}

/// How much is told again.
#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    /// How many things are told again.
    retried: u64,
}

impl From<Delivery> for DeliveryShape {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            site_id: delivery.site_id,
            site: delivery.site_name,
            channel: delivery.channel.to_string(),
            about: delivery.kind.to_string(),
            issue: delivery.issue_key,
            title: delivery.title,
            started_at: instant(delivery.started_at),
            ended_at: delivery.ended_at.and_then(instant),
            outcome: delivery.outcome.to_string(),
            status: delivery.status,
            words: delivery.words,
            next_try_at: delivery.next_at.and_then(instant),
        }
    }
}

impl From<ShownReceipt> for ReceiptShape {
    fn from(shown: ShownReceipt) -> Self {
        let words = crate::pages::words_of_receipt(&shown.receipt);
        let receipt = shown.receipt;
        Self {
            id: receipt.id,
            site: shown.site_name,
            site_id: receipt.site_id,
            commit: shown.object_id.to_string(),
            position: receipt.position,
            key: receipt.issue_key,
            command: receipt.command,
            argument: receipt.argument,
            state: receipt.state.to_string(),
            reason: receipt.reason.map(|reason| reason.to_string()),
            words,
            created_at: instant(receipt.created_at),
            ended_at: receipt.ended_at.and_then(instant),
        }
    }
}

/// Every attempt to tell a site something, newest first.
#[utoipa::path(
    get, path = "/deliveries", tag = "deliveries", params(Wanted),
    responses((status = 200, body = Page<DeliveryShape>), (status = 400, body = Problem), (status = 403, body = Problem))
)]
pub async fn list_deliveries(
    State(state): State<AppState>,
    caller: ApiToken,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<DeliveryShape>>, Problem> {
    caller.require_admin()?;
    let limit = wanted.limit.unwrap_or(50);
    if !(1..=LONGEST).contains(&limit) {
        return Err(bad("limit is not between 1 and 200"));
    }
    let after = wanted.after.as_deref().map(read).transpose()?;
    let filter = DeliveryFilter {
        site_id: wanted.site,
        channel: word(
            wanted.channel.as_deref(),
            "channel is not smart_commit, commit_comment, remote_link or dev_info",
        )?,
        outcome: word(wanted.outcome.as_deref(), "outcome is not sending, sent, refused, failed, unknown or parked")?,
        issue_key: wanted.issue.as_deref().map(issue_key::as_stored),
        since: None,
    };
    let found = state.store().deliveries(&filter, after, limit).await?;
    Ok(Json(Page {
        items: found.items.into_iter().map(Into::into).collect(),
        next: found.next.map(|next| format!("{}.{}", next.started_at, next.id)),
    }))
}

/// Tell one thing again now.
#[utoipa::path(
    post, path = "/deliveries/{id}/retry", tag = "deliveries",
    params(("id" = i64, Path, description = "The delivery's id")),
    responses(
        (status = 202, description = "It is told again, unless the site knows it by now"), (status = 403, body = Problem),
        (status = 404, body = Problem)
    )
)]
pub async fn retry_delivery(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(id): Path<i64>,
) -> Result<StatusCode, Problem> {
    caller.require_admin()?;
    if state.store().delivery(id).await?.is_none() {
        return Err(Problem::not_found());
    }
    // What the site knows by now, or nobody can tell again, is no error of whoever asked.
    if let Err(error) = sync::deliver::retry(state.engine(), id).await {
        tracing::debug!(%error, "nothing to tell again");
    }
    Ok(StatusCode::ACCEPTED)
}

/// Tell everything again now that failed, was refused or is parked.
#[utoipa::path(
    post, path = "/deliveries/retry", tag = "deliveries", request_body = OfSite,
    responses((status = 202, body = Retried), (status = 403, body = Problem))
)]
pub async fn retry_deliveries(
    State(state): State<AppState>,
    caller: ApiToken,
    body: Option<Json<OfSite>>,
) -> Result<(StatusCode, Json<Retried>), Problem> {
    caller.require_admin()?;
    let site = body.and_then(|Json(of)| of.site);
    let retried = sync::deliver::retry_failed(state.engine(), site).await?;
    Ok((StatusCode::ACCEPTED, Json(Retried { retried })))
}

/// What became of the smart commits of an issue, newest first, at most 200.
#[utoipa::path(
    get, path = "/issues/{key}/receipts", tag = "issues",
    params(("key" = String, Path, description = "The issue key")), responses((status = 200, body = [ReceiptShape]))
)]
pub async fn list_receipts(
    State(state): State<AppState>,
    caller: ApiToken,
    Path(key): Path<String>,
) -> Result<Json<Vec<ReceiptShape>>, Problem> {
    let key = issue_key::as_stored(&key);
    let shown = state.store().receipts_of_issue(caller.viewer, &key, MOST_RECEIPTS).await?;
    Ok(Json(shown.into_iter().map(Into::into).collect()))
}

fn word<W: std::str::FromStr>(written: Option<&str>, what: &'static str) -> Result<Option<W>, Problem> {
    written.map(|word| word.parse().map_err(|_| bad(what))).transpose()
}

fn read(cursor: &str) -> Result<DeliveryCursor, Problem> {
    let parsed = cursor.split_once('.').and_then(|(started_at, id)| {
        Some(DeliveryCursor { started_at: started_at.parse().ok()?, id: id.parse().ok()? })
    });
    parsed.ok_or_else(|| bad("after is not what `next` of an earlier page said"))
}

fn bad(what: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, sentences::parameter_not_understood(what))
}
