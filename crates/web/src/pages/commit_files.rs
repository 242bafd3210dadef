//! The files of a commit, asked of the forge when somebody looks: a page of its own, or a part that unfolds.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use model::{ObjectId, Statistics};
use serde::Deserialize;
use store::StoredCommit;

use crate::error::PageError;
use crate::frame::{Frame, PageResult, ReaderPage, draw};
use crate::sentences::{self, Sentence};
use crate::state::AppState;
use crate::view::forge_links;
use crate::view::message::Message;
use crate::view::number::{counted, signed};

use super::issue::key_of;
use super::issue_rows;

/// How long the forge may take.
const DEADLINE: Duration = Duration::from_secs(8);

#[derive(Template)]
#[template(path = "commit_files.html")]
struct FilesPage {
    frame: Frame,
    key: String,
    commit: StoredCommit,
    message: Message,
    repository: String,
    url: Option<String>,
    statistics: Option<Statistics>,
    changes: String,
    rest: Option<String>,
    unavailable: Sentence,
}

#[derive(Template)]
#[template(path = "files.html")]
struct FilesPart {
    statistics: Option<Statistics>,
    changes: String,
    rest: Option<String>,
    unavailable: Sentence,
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    repository: i64,
    #[serde(default)]
    fragment: bool,
}

/// The files, if the visitor may see the commit in this repository.
pub async fn show(
    State(state): State<AppState>,
    page: ReaderPage,
    Path((key, object_id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> PageResult {
    let key = key_of(&state, &key)?;
    let object_id: ObjectId = object_id.parse().map_err(|_| PageError::not_found())?;
    let commit = state.store().commit(&object_id).await?.ok_or_else(PageError::not_found)?;
    let repositories = state.store().commit_repositories(page.viewer(), commit.id).await?;
    let repository = repositories.into_iter().find(|repository| repository.id == asked.repository);
    let repository = repository.ok_or_else(PageError::not_found)?;
    let statistics = sync::statistics(state.engine(), page.viewer(), repository.id, &object_id, DEADLINE).await?;
    let changes = statistics.as_ref().map(issue_rows::changes).unwrap_or_default();
    let rest = statistics.as_ref().and_then(rest);
    let unavailable = sentences::statistics_unavailable();
    if asked.fragment {
        return draw(&FilesPart { statistics, changes, rest, unavailable });
    }
    let message = Message::whole(&commit.message, state.noise(), |key| page.frame.link(&format!("/issues/{key}")));
    draw(&FilesPage {
        url: forge_links::commit(&repository, &object_id),
        repository: repository.path,
        frame: page.frame,
        key,
        commit,
        message,
        statistics,
        changes,
        rest,
        unavailable,
    })
}

/// How many files are not listed.
fn rest(statistics: &Statistics) -> Option<String> {
    let hidden = signed(statistics.file_count) - i64::try_from(statistics.files.len()).unwrap_or(i64::MAX);
    (hidden > 0).then(|| format!("and {} more", counted(hidden, "file", "files")))
}
