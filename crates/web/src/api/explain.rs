//! Explain: why something is, or is not, on an issue.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use sync::explain::{BadQuestion, ExplainError};
use utoipa::{IntoParams, ToSchema};

use crate::bearer::ApiToken;
use crate::problem::Problem;
use crate::sentences;
use crate::state::AppState;

/// What is asked about.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Question {
    /// An issue key, at least four digits of a commit's id, the whole name of a branch, or the address of a commit, a merge
    /// request, a branch or a repository; at most 2,048 bytes.
    #[param(required)]
    #[serde(default)]
    q: String,
}

/// What is known of something, and why it is or is not shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct Story {
    /// What was asked; of an address without user, password, query and fragment.
    asked: String,
    /// `issue`, `commit`, `branch`, `merge_request`, `repository` or `unknown`.
    subject: String,
    /// The story in one sentence.
    title: String,
    /// The facts in the order in which they are told.
    facts: Vec<Fact>,
}

/// One fact.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fact {
    /// What kind of fact, as a stable word: `near_miss`, `repository_failed` and so on. There will be more of them.
    kind: String,
    /// Whether it speaks for being shown: `good`, `bad` (it hinders) or `note` (neither).
    mark: String,
    /// The fact, for people.
    sentence: String,
    /// What to do, where something is to be done.
    remedy: Option<String>,
}

impl From<sync::explain::Story> for Story {
    fn from(story: sync::explain::Story) -> Self {
        Self {
            asked: story.asked,
            subject: story.subject.as_str().to_owned(),
            title: story.title.to_string(),
            facts: story.facts.into_iter().map(Fact::from).collect(),
        }
    }
}

impl From<sync::explain::Fact> for Fact {
    fn from(fact: sync::explain::Fact) -> Self {
        Self {
            kind: fact.kind.as_str().to_owned(),
            mark: fact.mark.as_str().to_owned(),
            sentence: fact.sentence.to_string(),
            remedy: fact.remedy.map(|remedy| remedy.to_string()),
        }
    }
}

/// Why something is, or is not, on an issue. What the caller may not see is told as if it were not there.
#[utoipa::path(get, path = "/explain", tag = "explain", params(Question), responses((status = 200, body = Story)))]
pub async fn explain(
    State(state): State<AppState>,
    caller: ApiToken,
    Query(question): Query<Question>,
) -> Result<Json<Story>, Problem> {
    match sync::explain::explain(state.engine(), caller.viewer, &question.q).await {
        Ok(story) => Ok(Json(story.into())),
        Err(ExplainError::Question(BadQuestion::Empty)) => Err(Problem::bad_request(sentences::question_missing())),
        Err(ExplainError::Question(BadQuestion::TooLong)) => Err(Problem::bad_request(sentences::question_too_long())),
        Err(ExplainError::Sync(error)) => Err(error.into()),
    }
}
