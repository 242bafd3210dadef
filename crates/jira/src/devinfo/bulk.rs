//! Sending development information (devinfo contract §3, §7, §11).

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::Method;
use serde::Serialize;

use super::batch::halves;
use super::client::Ask;
use super::{
    Accepted, DevInfo, EntityKind, Provider, PullRequestStatus, RefusedEntity, Repository, Submission, batches, limits,
};
use crate::{JiraError, Problem, sentences};

/// The body of a bulk write.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Bulk<'a> {
    repositories: &'a [Repository],
    prevent_transitions: bool,
    operation_type: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    properties: &'a BTreeMap<String, String>,
    provider_metadata: Metadata,
}

#[derive(Debug, Serialize)]
struct Metadata {
    product: String,
}

impl DevInfo {
    /// Sends a submission, mended where Jira would not take it ([`limits`]), and tells what became of each entity. Sending the
    /// same again does no harm.
    ///
    /// # Errors
    /// [`Problem::TooLarge`]: send halves ([`DevInfo::submit_all`] does). [`Problem::RateLimited`] with the time of the next try.
    /// [`Problem::Refused`] where the request as a whole is not taken; [`Problem::Unauthorised`] where a new token is refused, too;
    /// [`Problem::Forbidden`] where the credential may not send development information; [`Problem::NotFound`] where the site is
    /// gone; what else keeps Jira from it.
    pub async fn submit(&self, submission: &Submission) -> Result<Accepted, JiraError> {
        let properties = submission.properties.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        if let Some(words) = limits::properties_fault(properties) {
            return Err(JiraError::told(Problem::Refused, words));
        }
        let (mut sent, mut left_out) = (Vec::new(), Vec::new());
        for repository in &submission.repositories {
            let (fine, refused) = limits::repository(repository);
            // What only had entities that cannot be sent need not be told.
            sent.extend(fine.filter(|fine| fine.entities() > 0 || repository.entities() == 0));
            left_out.extend(refused);
        }
        let left_out = Accepted { refused: left_out, ..Accepted::default() };
        if sent.is_empty() {
            return Ok(left_out);
        }
        if self.0.refuses_drafts.load(Ordering::Relaxed) {
            sent.iter_mut().for_each(open_drafts);
        }
        let outcome = self.post(&sent, submission).await?;
        let outcome = self.without_drafts(outcome, &sent, submission).await?;
        Ok(left_out.and(outcome))
    }

    /// Sends any number of repositories: in [`batches`], and in halves of those that are too large (413), down to one entity;
    /// one that is too large even alone is among the refused. One outcome for each request.
    ///
    /// # Errors
    /// As [`DevInfo::submit`], but for [`Problem::TooLarge`]. What was sent before is sent; sending it again does no harm.
    pub async fn submit_all(
        &self,
        repositories: &[Repository],
        prevent_transitions: bool,
        properties: &BTreeMap<String, String>,
        provider: &Provider,
    ) -> Result<Vec<Accepted>, JiraError> {
        let mut open = batches(repositories.to_vec());
        open.reverse();
        let mut outcomes = Vec::new();
        while let Some(repositories) = open.pop() {
            let (properties, provider) = (properties.clone(), provider.clone());
            let submission = Submission { repositories, prevent_transitions, properties, provider };
            match self.submit(&submission).await {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) if error.problem == Problem::TooLarge => match halves(submission.repositories) {
                    Ok([first, second]) => open.extend([second, first]),
                    Err(lone) => outcomes.push(too_large(&lone)),
                },
                Err(error) => return Err(error),
            }
        }
        Ok(outcomes)
    }

    async fn post(&self, repositories: &[Repository], submission: &Submission) -> Result<Accepted, JiraError> {
        let body = serde_json::to_vec(&Bulk {
            repositories,
            prevent_transitions: submission.prevent_transitions,
            operation_type: if submission.prevent_transitions { "BACKFILL" } else { "NORMAL" },
            properties: &submission.properties,
            provider_metadata: Metadata { product: limits::product(&submission.provider.product) },
        });
        let body = body.map_err(|error| JiraError::told(Problem::Refused, error.to_string()))?;
        let ask = Ask { method: Method::POST, segments: &["bulk"], query: &[], body: Some(Bytes::from(body)) };
        match self.ask(&ask).await {
            Ok(answer) => Ok(Accepted::read(&answer.json()?)),
            // Where nothing at all is valid, the answer is a refusal, and tells of each entity all the same.
            Err(failure) if failure.error.problem == Problem::Refused => {
                let told = serde_json::from_slice(&failure.body).unwrap_or_default();
                let outcome = Accepted::read(&told);
                if outcome.refused.is_empty() { Err(failure.error) } else { Ok(outcome) }
            }
            Err(failure) => Err(failure.error),
        }
    }

    /// Sends drafts that were refused as open: their status is not in the schema (devinfo contract §3).
    async fn without_drafts(
        &self,
        mut outcome: Accepted,
        sent: &[Repository],
        submission: &Submission,
    ) -> Result<Accepted, JiraError> {
        let refused: HashSet<_> = outcome
            .refused
            .iter()
            .filter(|it| it.kind == Some(EntityKind::PullRequest))
            .map(|it| (it.repository_id.as_str(), it.id.as_str()))
            .collect();
        let again: Vec<_> = sent.iter().filter_map(|repository| refused_drafts(repository, &refused)).collect();
        if again.is_empty() {
            return Ok(outcome);
        }
        let second = self.post(&again, submission).await?;
        if second.count(EntityKind::PullRequest) > 0 {
            self.0.refuses_drafts.store(true, Ordering::Relaxed);
        }
        let told_again = |it: &RefusedEntity| {
            let of = |repository: &Repository| repository.id == it.repository_id;
            let has = |repository: &Repository| repository.pull_requests.iter().any(|one| one.id == it.id);
            it.kind == Some(EntityKind::PullRequest) && again.iter().any(|repository| of(repository) && has(repository))
        };
        outcome.refused.retain(|it| !told_again(it));
        Ok(outcome.and(second))
    }
}

fn open_drafts(repository: &mut Repository) {
    for pull_request in &mut repository.pull_requests {
        if pull_request.status == PullRequestStatus::Draft {
            pull_request.status = PullRequestStatus::Open;
        }
    }
}

/// A repository with those of its drafts that were refused, now open.
fn refused_drafts(repository: &Repository, refused: &HashSet<(&str, &str)>) -> Option<Repository> {
    let is_one =
        |status, id: &str| status == PullRequestStatus::Draft && refused.contains(&(repository.id.as_str(), id));
    if !repository.pull_requests.iter().any(|it| is_one(it.status, &it.id)) {
        return None;
    }
    let mut again = Repository { commits: Vec::new(), branches: Vec::new(), ..repository.clone() };
    again.pull_requests.retain(|it| is_one(it.status, &it.id));
    open_drafts(&mut again);
    Some(again)
}

/// What becomes of something that is too large even alone.
fn too_large(lone: &[Repository]) -> Accepted {
    let refused = lone.iter().flat_map(|repository| {
        let (repository, entities) = repository.clone().apart();
        let of = |kind, id: &str| RefusedEntity {
            repository_id: repository.id.clone(),
            kind,
            id: id.to_owned(),
            words: sentences::too_large_alone(),
        };
        let itself = entities.is_empty().then(|| of(None, &repository.id));
        entities.iter().map(|entity| of(Some(entity.kind()), entity.id())).chain(itself).collect::<Vec<_>>()
    });
    Accepted { refused: refused.collect(), ..Accepted::default() }
}
