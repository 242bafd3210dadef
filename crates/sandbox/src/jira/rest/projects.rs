//! Projects.

use axum::Json;
use axum::response::IntoResponse;
use serde_json::json;

use super::ask::Ask;
use super::error::{Answer, RestError};
use super::paging::Page;
use crate::jira::model::{Permission, ProjectId, Refusal};
use crate::jira::{Deployment, sentences};

/// The projects that the viewer sees, by key.
fn visible(ask: &Ask) -> Vec<ProjectId> {
    ask.read(|state| {
        let seen = |project: &&_| {
            let project: &crate::jira::model::Project = project;
            state.may(ask.viewer, project.id, Permission::BrowseProjects)
        };
        let mut projects: Vec<_> = state.projects.values().filter(seen).collect();
        projects.sort_by(|one, other| one.key.cmp(&other.key));
        projects.into_iter().map(|project| project.id).collect()
    })
}

/// `GET /project`: all of them.
pub(super) async fn list(ask: Ask) -> Answer {
    let (ids, expand) = (visible(&ask), ask.words("expand"));
    let shapes: Vec<_> = ask.look(|lens| ids.iter().map(|id| lens.project(*id, &expand)).collect());
    Ok(Json(shapes).into_response())
}

/// `GET /project/search`: the same in pages (Cloud).
pub(super) async fn search(ask: Ask) -> Answer {
    if ask.deployment() == Deployment::DataCenter {
        // There it is a project with the key SEARCH.
        return Err(Refusal::not_found(sentences::no_project("search")).into());
    }
    let page = Page::of(&ask, 50, 50)?;
    let (mut ids, expand) = (visible(&ask), ask.words("expand"));
    let text = ask.param("query").unwrap_or_default().to_lowercase();
    let keys = ask.words("keys");
    ids.retain(|id| {
        ask.read(|state| {
            state.projects.get(id).is_some_and(|project| {
                let named = project.name.to_lowercase().contains(&text) || project.key.to_lowercase().contains(&text);
                named && (keys.is_empty() || keys.contains(&project.key.as_str()))
            })
        })
    });
    let values: Vec<_> = ask.look(|lens| page.cut(&ids).iter().map(|id| lens.project(*id, &expand)).collect());
    let shape = json!({
        "self": format!("{}/rest/api/3/project/search?maxResults={}&startAt={}", ask.app.url, page.max_results, page.start_at),
        "maxResults": page.max_results,
        "startAt": page.start_at,
        "total": ids.len(),
        "isLast": page.is_last(ids.len()),
        "values": values,
    });
    Ok(Json(shape).into_response())
}

/// `GET /project/{key or id}`: a former key leads to the project as well.
pub(super) async fn one(ask: Ask) -> Answer {
    let text = ask.capture("project");
    let found = ask.read(|state| {
        let by_id = text.parse().ok().and_then(|id| state.projects.get(&ProjectId(id)));
        let project = by_id.or_else(|| state.project_by_key(text).map(|(project, _)| project))?;
        state.may(ask.viewer, project.id, Permission::BrowseProjects).then_some(project.id)
    });
    let id = found.ok_or_else(|| Refusal::not_found(sentences::no_project(text)))?;
    let expand = ask.words("expand");
    let shape = ask.look(|lens| lens.project(id, &expand));
    Ok::<_, RestError>(Json(shape).into_response())
}
