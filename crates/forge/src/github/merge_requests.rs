//! Pull requests, which are merge requests here.
//!
//! GitHub cannot be asked for those changed since a time. So its list is read newest change first, and only as far as that
//! time: what changes meanwhile comes to the front, where the next look finds it, and nothing is skipped. GitLab's copy
//! sorts as it likes (GitLab contract §3.3): there the whole list is read.

use std::collections::HashMap;

use model::text::plain;
use model::{MergeRequest, MergeRequestState, Millis, ObjectId, Reviewer};
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use crate::address::page;
use crate::github::client::{Client, is_below_jira};
use crate::github::paging::PER_PAGE;
use crate::github::place::Place;
use crate::github::repositories::id_of;
use crate::github::shapes;
use crate::paging::{Page, Position};
use crate::{ForgeError, MergeRequestDetail, MergeRequestPage, Problem, sentences, timestamp};

/// By change and downwards.
const ORDER: &str = "state=all&sort=updated&direction=desc&per_page=100";
/// Where GitLab up to 11.2 lists the merge requests of all projects together (GitLab contract §3, §11).
const TOGETHER: [&str; 4] = ["repos", "-", "jira", "pulls"];
/// What a place in that list begins with.
const IN_TOGETHER: &str = "jira:";
/// Pages of the list of issues that are read for the numbers of comments on one page of pull requests.
const MAX_PAGES_OF_ISSUES: usize = 3;

impl Client {
    /// One page of the pull requests of a repository, those changed at or after `updated_after`; within the page oldest
    /// change first.
    pub async fn merge_requests(
        &self,
        repository: &str,
        updated_after: Option<Millis>,
        page: Option<&str>,
    ) -> Result<MergeRequestPage, ForgeError> {
        let place = Place::of(repository)?;
        let (told, next) = self.pulls(place, page).await?;
        let is_sorted = matches!(place, Place::ById(_));
        let after = updated_after.unwrap_or(Millis::MIN);
        let mut news = Vec::new();
        let mut reaches_the_past = false;
        for pull in told {
            let updated_at = changed_at(&pull)?;
            if updated_at >= after { news.push(pull) } else { reaches_the_past = true }
        }
        let comments = self.comment_counts(place, &news).await?;
        let mut merge_requests = Vec::with_capacity(news.len());
        for pull in &news {
            let count = pull.comments.or_else(|| comments.get(&pull.number).copied());
            merge_requests.push(self.merge_request_of(repository, pull, count.unwrap_or_default())?);
        }
        merge_requests.sort_by_key(|merge_request| merge_request.updated_at);
        Ok(MergeRequestPage { merge_requests, next: next.filter(|_| !(is_sorted && reaches_the_past)) })
    }

    async fn pulls(
        &self,
        place: Place<'_>,
        page: Option<&str>,
    ) -> Result<(Vec<shapes::PullRequest>, Option<String>), ForgeError> {
        if let Some(position) = page.and_then(|page| page.strip_prefix(IN_TOGETHER)) {
            return self.pulls_together(place, &position.parse()?).await;
        }
        let first = page.is_none();
        let position = page.map_or_else(|| Ok(Position::first(ORDER)), str::parse)?;
        let listed: Result<Page<shapes::PullRequest>, _> = self.page(&place.segments(&["pulls"]), &position).await;
        if first && is_below_jira(self.root()) && is_absent(&listed) {
            return self.pulls_together(place, &position).await;
        }
        let listed = listed?;
        Ok((listed.items, listed.next.map(|next| next.to_string())))
    }

    /// Of the list of all projects those of one.
    async fn pulls_together(
        &self,
        place: Place<'_>,
        at: &Position,
    ) -> Result<(Vec<shapes::PullRequest>, Option<String>), ForgeError> {
        let listed: Page<shapes::PullRequest> = self.page(&TOGETHER, at).await?;
        let is_of_place = |pull: &shapes::PullRequest| {
            let id = pull.base.repo.as_ref().and_then(|repository| id_of(repository, false));
            id.is_some_and(|id| Place::of(&id).is_ok_and(|told| told == place))
        };
        let next = listed.next.map(|next| format!("{IN_TOGETHER}{next}"));
        Ok((listed.items.into_iter().filter(is_of_place).collect(), next))
    }

    /// How many comments each has, where the list does not say so: GitHub's list of issues holds pull requests too, with
    /// that number. A repository whose issues are switched off tells none.
    async fn comment_counts(
        &self,
        place: Place<'_>,
        pulls: &[shapes::PullRequest],
    ) -> Result<HashMap<i64, i64>, ForgeError> {
        let mut counts = HashMap::new();
        let untold = pulls.iter().filter(|pull| pull.comments.is_none());
        let oldest = untold.filter_map(|pull| timestamp::millis(&pull.updated_at)).min();
        let Some(since) = oldest.and_then(timestamp::spelled).filter(|_| matches!(place, Place::ById(_))) else {
            return Ok(counts);
        };
        let query = form_urlencoded::Serializer::new(ORDER.to_owned()).append_pair("since", &since).finish();
        let mut at = Some(Position::first(query));
        for _ in 0..MAX_PAGES_OF_ISSUES {
            let Some(position) = at else { break };
            let listed: Page<shapes::Issue> = match self.page(&place.segments(&["issues"]), &position).await {
                Err(ForgeError { problem: Problem::NotFound | Problem::NotAvailable | Problem::Forbidden, .. }) => {
                    break;
                }
                listed => listed?,
            };
            counts.extend(listed.items.iter().map(|issue| (issue.number, issue.comments.max(0))));
            at = listed.next;
        }
        Ok(counts)
    }

    /// One pull request, with where it began.
    pub async fn merge_request(&self, repository: &str, number: i64) -> Result<MergeRequestDetail, ForgeError> {
        let found = self.merge_request_shape(repository, number).await?;
        let base = object_id(found.base.sha.as_deref());
        let comments = found.comments.unwrap_or_default();
        Ok(MergeRequestDetail { merge_request: self.merge_request_of(repository, &found, comments)?, base })
    }

    /// One pull request as the host tells it.
    pub async fn merge_request_shape(&self, repository: &str, number: i64) -> Result<shapes::PullRequest, ForgeError> {
        self.of_pull(Place::of(repository)?, number).await
    }

    async fn of_pull<T: DeserializeOwned>(&self, place: Place<'_>, number: i64) -> Result<T, ForgeError> {
        let number = number.to_string();
        let own = self.one(&place.segments(&["pulls", &number]), "").await;
        if is_below_jira(self.root()) && is_absent(&own) {
            return self.one(&[&TOGETHER[..], &[&number]].concat(), "").await;
        }
        own
    }

    /// How many comments and by whom: those of the conversation, not those on lines.
    pub(super) fn merge_request_of(
        &self,
        repository: &str,
        pull: &shapes::PullRequest,
        comment_count: i64,
    ) -> Result<MergeRequest, ForgeError> {
        let updated_at = changed_at(pull)?;
        let by_id = matches!(Place::of(repository)?, Place::ById(_));
        let merged_at = timestamp::optional(pull.merged_at.as_deref());
        let state = match pull.state.as_str() {
            "closed" if merged_at.is_some() || pull.merged => MergeRequestState::Merged,
            "closed" => MergeRequestState::Declined,
            _ => MergeRequestState::Open,
        };
        let is_merged = state == MergeRequestState::Merged;
        let reviewers = pull.requested_reviewers.iter();
        let source = pull.head.repo.as_ref().and_then(|source| id_of(source, by_id));
        Ok(MergeRequest {
            forge_id: pull.id.as_ref().map_or_else(|| pull.number.to_string(), |id| id.0.clone()),
            number: pull.number,
            repository_forge_id: repository.to_owned(),
            title: plain(&pull.title),
            description: plain(&pull.body),
            state,
            draft: pull.draft,
            author: self.user(&pull.user),
            source_branch: plain(&pull.head.branch),
            target_branch: plain(&pull.base.branch),
            source_repository_forge_id: source,
            head: object_id(pull.head.sha.as_deref()),
            // Of an open one it is a merge that GitHub tried.
            merge_commit: object_id(pull.merge_commit_sha.as_deref()).filter(|_| is_merged),
            squash_commit: None,
            web_url: page(pull.html_url.as_deref()).unwrap_or_else(|| self.root().to_string()),
            comment_count: comment_count.max(0),
            reviewers: reviewers.map(|user| Reviewer { user: self.user(user), approved: false }).collect(),
            created_at: timestamp::optional(pull.created_at.as_deref()).unwrap_or(updated_at),
            updated_at,
            merged_at,
            closed_at: timestamp::optional(pull.closed_at.as_deref()).filter(|_| !is_merged),
        })
    }

    /// The commits of a pull request, newest first; GitHub tells the first 250, GitLab's copy none.
    pub async fn merge_request_commits(&self, repository: &str, number: i64) -> Result<Vec<model::Commit>, ForgeError> {
        let (place, number) = (Place::of(repository)?, number.to_string());
        let segments = place.segments(&["pulls", &number, "commits"]);
        let told: Result<Vec<shapes::Commit>, _> = self.all(&segments, PER_PAGE).await;
        let told = if is_below_jira(self.root()) && is_absent(&told) {
            self.all(&[&TOGETHER[..], &[&number, "commits"]].concat(), PER_PAGE).await
        } else {
            told
        };
        told?.iter().rev().map(super::fallback::commit).collect()
    }
}

fn changed_at(pull: &shapes::PullRequest) -> Result<Millis, ForgeError> {
    timestamp::millis(&pull.updated_at)
        .ok_or_else(|| Problem::Data(sentences::merge_request_without_change(pull.number)).into())
}

fn is_absent<T>(answer: &Result<T, ForgeError>) -> bool {
    matches!(answer, Err(ForgeError { problem: Problem::NotFound | Problem::NotAvailable, .. }))
}

/// The id of a commit; none where there is none, or zeros for none.
pub fn object_id(text: Option<&str>) -> Option<ObjectId> {
    text?.parse::<ObjectId>().ok().filter(|id| !id.is_zero())
}
