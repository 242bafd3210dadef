//! Deleting development information, and looking what is there. Jira deletes later than it answers.

use http::Method;
use serde_json::Value;

use super::client::Ask;
use super::{DevInfo, EntityKind, limits};
use crate::{JiraError, Problem, refusal, sentences};

impl DevInfo {
    /// Deletes a repository with all of its entities, as far as their sequence ids are no higher than this one. Nothing keeps an
    /// older write from making it again: remember what was deleted.
    ///
    /// # Errors
    /// [`Problem::NotFound`] where the site is gone; what else keeps Jira from it.
    pub async fn delete_repository(&self, id: &str, update_sequence: i64) -> Result<(), JiraError> {
        self.delete(&["repository", id], &[("_updateSequenceId", &update_sequence.to_string())]).await
    }

    /// Deletes an entity, if its sequence id is no higher than this one.
    ///
    /// # Errors
    /// As [`DevInfo::delete_repository`].
    pub async fn delete_entity(
        &self,
        repository_id: &str,
        kind: EntityKind,
        id: &str,
        update_sequence: i64,
    ) -> Result<(), JiraError> {
        let segments = ["repository", repository_id, kind.segment(), id];
        self.delete(&segments, &[("_updateSequenceId", &update_sequence.to_string())]).await
    }

    /// Deletes everything that was sent with all of these properties.
    ///
    /// # Errors
    /// [`Problem::Refused`] without a property; else as [`DevInfo::delete_repository`].
    pub async fn delete_by_properties(&self, properties: &[(String, String)]) -> Result<(), JiraError> {
        self.delete(&["bulkByProperties"], &query(properties)?).await
    }

    /// Whether anything is there that was sent with all of these properties.
    ///
    /// # Errors
    /// As [`DevInfo::delete_by_properties`].
    pub async fn exists_by_properties(&self, properties: &[(String, String)]) -> Result<bool, JiraError> {
        let query = query(properties)?;
        let ask = Ask { method: Method::GET, segments: &["existsByProperties"], query: &query, body: None };
        let answer = self.ask(&ask).await?;
        let has = answer.json()?["hasDataMatchingProperties"].as_bool();
        has.ok_or_else(|| answer.lacks("hasDataMatchingProperties"))
    }

    /// What Jira has of a repository: itself and its 400 newest entities; none where it has nothing. Writes under way do not show.
    ///
    /// # Errors
    /// As [`DevInfo::delete_repository`].
    pub async fn repository(&self, id: &str) -> Result<Option<Value>, JiraError> {
        let ask = Ask { method: Method::GET, segments: &["repository", id], query: &[], body: None };
        match self.ask(&ask).await {
            Ok(answer) => answer.json().map(Some),
            Err(failure) if refusal::is_jiras_own_not_found(&failure.error, &failure.body) => Ok(None),
            Err(failure) => Err(failure.error),
        }
    }

    async fn delete(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<(), JiraError> {
        let ask = Ask { method: Method::DELETE, segments, query, body: None };
        match self.ask(&ask).await {
            Ok(answer) => answer.done(),
            Err(failure) if refusal::is_jiras_own_not_found(&failure.error, &failure.body) => Ok(()),
            Err(failure) => Err(failure.error),
        }
    }
}

/// Properties as a query; without any, everything would be meant.
fn query(properties: &[(String, String)]) -> Result<Vec<(&str, &str)>, JiraError> {
    let pairs: Vec<_> = properties.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let fault = limits::properties_fault(pairs.iter().copied());
    match fault.or_else(|| pairs.is_empty().then(sentences::no_properties)) {
        Some(words) => Err(JiraError::told(Problem::Refused, words)),
        None => Ok(pairs),
    }
}
