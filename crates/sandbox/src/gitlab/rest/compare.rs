//! What lies between two revisions.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use super::ask::Ask;
use super::branches::page_of;
use super::error::{Answer, RestError};
use super::shapes::commit as shape;
use crate::gitlab::repositories::CommitQuery;

/// `GET /projects/:id/repository/compare`: oldest commit first; changes since the two parted, unless `straight`.
pub(super) async fn compare(ask: Ask) -> Answer {
    let project = ask.repository()?;
    let (from_name, to_name) = (ask.params.required("from")?, ask.params.required("to")?);
    let repositories = &ask.app.model.repositories;
    let missing = || RestError::NotFound("Ref");
    let from = repositories.resolve(project.id, &from_name).await?.ok_or_else(missing)?;
    let to = repositories.resolve(project.id, &to_name).await?.ok_or_else(missing)?;
    let query = CommitQuery { include: vec![to.clone()], exclude: vec![from.clone()], ..CommitQuery::default() };
    let mut commits = repositories.commits(project.id, &query).await?;
    commits.reverse();
    let base = match ask.params.flag("straight", false)? {
        true => Some(from.clone()),
        false => repositories.merge_base(project.id, &from, &to).await?,
    };
    let diffs = repositories.diff(project.id, base.as_deref(), &to).await?;
    let url = page_of(&ask, &project);
    let commits: Vec<Value> = commits.iter().map(|commit| shape::commit(&url, commit)).collect();
    let body = json!({
        "commit": commits.last(),
        "commits": commits,
        "diffs": diffs.iter().map(shape::file_diff).collect::<Vec<_>>(),
        "compare_timeout": false,
        "compare_same_ref": from == to,
        "web_url": format!("{url}/-/compare/{from_name}...{to_name}"),
    });
    Ok(Json(body).into_response())
}
