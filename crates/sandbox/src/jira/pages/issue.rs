//! The page of an issue: what people and programs did with it.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use super::{Shell, page};
use crate::jira::App;
use crate::jira::model::devinfo::{Entity, EntityKind};
use crate::jira::model::{ChangedField, Issue, RemoteLink, State, UserId, duration};
use crate::jira::rest::time;

#[derive(Template)]
#[template(path = "jira/issue.html")]
struct IssuePage {
    shell: Shell,
    key: String,
    project: String,
    updated: String,
    status: String,
    resolution: String,
    assignee: String,
    spent: String,
    comments: Vec<Said>,
    worklogs: Vec<Worked>,
    links: Vec<Linked>,
    development: Vec<Developed>,
    history: Vec<Said>,
}

/// Something that somebody said or did.
struct Said {
    author: String,
    at: String,
    text: String,
}

/// Work that somebody did.
struct Worked {
    author: String,
    at: String,
    spent: String,
    text: String,
}

/// A remote link.
struct Linked {
    relationship: String,
    url: String,
    title: String,
    summary: String,
    resolved: bool,
}

/// A commit, branch or pull request.
struct Developed {
    kind: &'static str,
    url: String,
    name: String,
    title: String,
    state: String,
    repository: String,
    arrived: String,
}

/// `GET /browse/{issue}`: the page, or the way to the issue's present key.
pub(super) fn show(app: &App, text: &str, follow: bool) -> Option<Response> {
    let (key, page_of_issue) = app.model.read(|state| {
        let issue = state.find_issue(text)?;
        let key = state.key(issue);
        let mut shell = Shell::new(app, &issue.summary);
        shell.follow = follow;
        Some((key, draw(state, issue, shell)))
    })?;
    if key != text {
        let location = HeaderValue::from_str(&format!("{}/browse/{key}", app.url)).ok()?;
        return Some((StatusCode::FOUND, [(LOCATION, location)]).into_response());
    }
    Some(page(&page_of_issue))
}

fn draw(state: &State, issue: &Issue, shell: Shell) -> IssuePage {
    let name = |id: UserId| state.users.get(&id).map(|user| user.name.clone()).unwrap_or_default();
    let spent: u64 = state.worklogs_of(issue.id).map(|worklog| worklog.seconds).sum();
    let comments = state.comments_of(issue.id).map(|comment| Said {
        author: name(comment.author),
        at: time::plain(comment.created_at),
        text: comment.body.clone(),
    });
    let worklogs = state.worklogs_of(issue.id).map(|worklog| Worked {
        author: name(worklog.author),
        at: time::plain(worklog.started),
        spent: duration::format(worklog.seconds),
        text: worklog.comment.clone(),
    });
    let history = state.history_of(issue.id).iter().map(|change| Said {
        author: name(change.author),
        at: time::plain(change.created_at),
        text: change.fields.iter().map(changed).collect::<Vec<_>>().join("; "),
    });
    IssuePage {
        shell,
        key: state.key(issue),
        project: state.projects.get(&issue.project).map(|project| project.key.clone()).unwrap_or_default(),
        updated: time::plain(issue.updated_at),
        status: issue.status.clone(),
        resolution: issue.resolution.clone().unwrap_or_default(),
        assignee: issue.assignee.map_or_else(|| "Unassigned".to_owned(), name),
        spent: duration::format(spent),
        comments: comments.collect(),
        worklogs: worklogs.collect(),
        links: state.remote_links_of(issue.id).map(linked).collect(),
        development: state.devinfo.of_issue(issue.id).map(|entity| developed(state, entity)).collect(),
        history: history.collect(),
    }
}

fn changed(field: &ChangedField) -> String {
    let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
    format!("{} {} → {}", field.field, text(&field.from.1), text(&field.to.1))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn linked(link: &RemoteLink) -> Linked {
    let content = &link.content;
    Linked {
        relationship: content.relationship.clone().unwrap_or_else(|| "links to".to_owned()),
        url: text(&content.object["url"]),
        title: text(&content.object["title"]),
        summary: text(&content.object["summary"]),
        resolved: content.object["status"]["resolved"] == true,
    }
}

fn developed(state: &State, entity: &Entity) -> Developed {
    let body = &entity.body;
    let (kind, name, title) = match entity.kind {
        EntityKind::Commit => ("commit", text(&body["displayId"]), text(&body["message"])),
        EntityKind::Branch => ("branch", text(&body["name"]), String::new()),
        EntityKind::PullRequest => ("pull request", text(&body["displayId"]), text(&body["title"])),
    };
    Developed {
        kind,
        url: text(&body["url"]),
        name,
        title: title.lines().next().unwrap_or_default().to_owned(),
        state: text(&body["status"]),
        repository: state.devinfo.repository_name(&entity.repository).to_owned(),
        arrived: time::plain(entity.submission.at),
    }
}
