//! What sites were told: every attempt, and how it ended.

use askama::Template;
use axum::extract::{Path, Query, State};
use model::{Channel, Millis, Outcome};
use serde::Deserialize;
use store::{Delivery, DeliveryCursor, DeliveryFilter, Site};
use sync::deliver;

use crate::error::PageError;
use crate::frame::{AdministratorPage, Frame, PageResult, draw, redirect};
use crate::state::AppState;
use crate::view::lozenge::Lozenge;

/// How many attempts a page has.
const PAGE: i64 = 50;
/// Jira's words are folded from this length on, in characters.
const SHORT: usize = 160;

#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage {
    frame: Frame,
    sites: Vec<Choice>,
    channels: Vec<Choice>,
    outcomes: Vec<Choice>,
    issue: String,
    rows: Vec<Row>,
    more: Option<String>,
    is_filtered: bool,
    /// The filter, from the question mark on, for forms that come back.
    query: String,
    kept_days: u64,
}

/// A choice of a filter.
struct Choice {
    value: String,
    words: String,
    chosen: bool,
}

struct Row {
    id: i64,
    started_at: Millis,
    site: String,
    title: String,
    issue: Option<String>,
    channel: &'static str,
    lozenge: Lozenge,
    status: Option<i64>,
    words: Option<String>,
    is_long: bool,
    next_at: Option<Millis>,
    can_retry: bool,
}

/// What is looked for; anything that is no choice does not matter.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    site: String,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    issue: String,
    #[serde(default)]
    after: String,
}

/// Where a form comes back to.
#[derive(Debug, Deserialize)]
pub struct Back {
    #[serde(default)]
    query: String,
    #[serde(default)]
    site: String,
}

/// The attempts, newest first.
pub async fn show(State(state): State<AppState>, page: AdministratorPage, Query(asked): Query<Asked>) -> PageResult {
    let sites = state.store().sites().await?;
    let filter = asked.filter();
    let found = state.store().deliveries(&filter, cursor(&asked.after), PAGE).await?;
    let query = asked.query();
    let more = found.next.map(|next| format!("{query}&after={}.{}", next.started_at, next.id));
    draw(&DeliveriesPage {
        sites: site_choices(&sites, filter.site_id),
        channels: choices(CHANNELS.map(|channel| (channel.as_str(), channel_words(channel))), &asked.channel),
        outcomes: choices(OUTCOMES.map(|outcome| (outcome.as_str(), Lozenge::outcome(outcome).word())), &asked.outcome),
        issue: filter.issue_key.clone().unwrap_or_default(),
        rows: found.items.into_iter().map(Row::from).collect(),
        more,
        is_filtered: filter != DeliveryFilter::default(),
        query,
        kept_days: state.engine().options().delivery_age.as_secs().div_ceil(24 * 60 * 60),
        frame: page.frame,
    })
}

/// Tells one thing again now.
pub async fn retry(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path(id): Path<i64>,
    axum::Form(back): axum::Form<Back>,
) -> PageResult {
    state.store().delivery(id).await?.ok_or_else(PageError::not_found)?;
    // What the site knows by now, or nobody can tell again, is no error of whoever asked.
    if let Err(error) = deliver::retry(state.engine(), id).await {
        tracing::debug!(%error, "nothing to tell again");
    }
    Ok(redirect(&page.frame, &back.to()))
}

/// Tells everything again now that failed: of one site, or of all.
pub async fn retry_all(
    State(state): State<AppState>,
    page: AdministratorPage,
    axum::Form(back): axum::Form<Back>,
) -> PageResult {
    deliver::retry_failed(state.engine(), back.site.parse().ok()).await?;
    Ok(redirect(&page.frame, &back.to()))
}

const CHANNELS: [Channel; 4] = [Channel::SmartCommit, Channel::CommitComment, Channel::RemoteLink, Channel::DevInfo];
const OUTCOMES: [Outcome; 6] =
    [Outcome::Sent, Outcome::Failed, Outcome::Refused, Outcome::Parked, Outcome::Unknown, Outcome::Sending];

const fn channel_words(channel: Channel) -> &'static str {
    match channel {
        Channel::SmartCommit => "smart commit",
        Channel::RemoteLink => "remote link",
        Channel::DevInfo => "development information",
        Channel::CommitComment => "comment on a commit",
    }
}

impl Asked {
    fn filter(&self) -> DeliveryFilter {
        let issue: String = self.issue.trim().chars().take(255).collect::<String>().to_uppercase();
        DeliveryFilter {
            site_id: self.site.parse().ok(),
            channel: self.channel.parse().ok(),
            outcome: self.outcome.parse().ok(),
            issue_key: Some(issue).filter(|key| !key.is_empty() && !key.contains('\0')),
            since: None,
        }
    }

    /// The filter in an address, without where to go on.
    fn query(&self) -> String {
        let filter = self.filter();
        let mut query = url::form_urlencoded::Serializer::new(String::from("?"));
        if let Some(site) = filter.site_id {
            query.append_pair("site", &site.to_string());
        }
        if let Some(channel) = filter.channel {
            query.append_pair("channel", channel.as_str());
        }
        if let Some(outcome) = filter.outcome {
            query.append_pair("outcome", outcome.as_str());
        }
        if let Some(issue) = &filter.issue_key {
            query.append_pair("issue", issue);
        }
        query.finish()
    }
}

impl Back {
    /// What was typed into a hidden field decides nothing but the filter.
    fn to(&self) -> String {
        let query = self.query.strip_prefix('?').unwrap_or_default();
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().take(8).collect();
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/deliveries?{query}")
    }
}

fn cursor(text: &str) -> Option<DeliveryCursor> {
    let (started_at, id) = text.split_once('.')?;
    Some(DeliveryCursor { started_at: started_at.parse().ok()?, id: id.parse().ok()? })
}

fn site_choices(sites: &[Site], chosen: Option<i64>) -> Vec<Choice> {
    let of =
        |site: &Site| Choice { value: site.id.to_string(), words: site.name.clone(), chosen: chosen == Some(site.id) };
    sites.iter().map(of).collect()
}

fn choices<const N: usize>(all: [(&'static str, &'static str); N], chosen: &str) -> Vec<Choice> {
    let of = |(value, words): (&str, &str)| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        chosen: value == chosen,
    };
    all.into_iter().map(of).collect()
}

impl From<Delivery> for Row {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            started_at: delivery.started_at,
            site: delivery.site_name,
            title: delivery.title,
            issue: delivery.issue_key,
            channel: channel_words(delivery.channel),
            lozenge: Lozenge::outcome(delivery.outcome),
            status: delivery.status,
            is_long: delivery.words.as_deref().is_some_and(|words| words.chars().count() > SHORT),
            words: delivery.words,
            next_at: delivery
                .next_at
                .filter(|_| matches!(delivery.outcome, Outcome::Failed | Outcome::Parked | Outcome::Unknown)),
            can_retry: matches!(
                delivery.outcome,
                Outcome::Failed | Outcome::Refused | Outcome::Parked | Outcome::Unknown
            ),
        }
    }
}
