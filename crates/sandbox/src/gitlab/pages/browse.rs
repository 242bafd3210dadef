//! The way from the front page to a project, and from any address to its page.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::session::Visitor;
use super::{Shell, code, found, merge_request, missing, page};
use crate::gitlab::App;
use crate::gitlab::model::{Namespace, Project};

/// A link with a text.
pub(super) struct Link {
    pub(super) href: String,
    pub(super) text: String,
    pub(super) note: String,
}

/// A list of groups and projects.
#[derive(Template)]
#[template(path = "namespace.html")]
struct NamespacePage {
    shell: Shell,
    path: String,
    groups: Vec<Link>,
    projects: Vec<Link>,
}

/// `GET /`: the top-level groups and every project that the visitor sees.
pub(super) async fn home(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    namespace(&app, &visitor, None)
}

/// The page behind an address without a route of its own. Paths come percent-encoded.
pub(super) async fn anything(app: &App, visitor: &Visitor, path: &str) -> Response {
    let path = decoded(path.trim_matches('/'));
    let (place, rest) = path.split_once("/-/").unwrap_or((path.as_str(), ""));
    if let Some((project, present)) = app.model.find_project(place) {
        if !app.model.can_see(visitor.id(), project.id) {
            return missing(visitor);
        }
        if !present {
            let rest = if rest.is_empty() { String::new() } else { format!("/-/{rest}") };
            return found(&encoded(&format!("/{}{rest}", app.model.project_path(project.id))));
        }
        return in_project(app, visitor, &project, rest).await;
    }
    let place = place.strip_prefix("groups/").unwrap_or(place);
    let namespace_there = app.model.read(|state| {
        let namespace = state.namespace_by_path(place)?;
        match namespace {
            Namespace::Group(id) => state.groups.get(&id).filter(|it| state.can_see_group(visitor.id(), it))?,
            Namespace::User(_) => return Some(namespace),
        };
        Some(namespace)
    });
    match namespace_there {
        Some(there) if rest.is_empty() => namespace(app, visitor, Some(there)),
        _ => missing(visitor),
    }
}

async fn in_project(app: &App, visitor: &Visitor, project: &Project, rest: &str) -> Response {
    let (kind, name) = rest.split_once('/').unwrap_or((rest, ""));
    let page = match (kind, name) {
        ("", _) => code::project(app, visitor, project).await,
        ("tree" | "commits", reference) => code::tree(app, visitor, project, reference).await,
        ("commit", sha) => code::commit(app, visitor, project, sha).await,
        ("merge_requests", iid) => merge_request::show(app, visitor, project, iid).await,
        _ => return missing(visitor),
    };
    page.unwrap_or_else(|| missing(visitor))
}

fn namespace(app: &App, visitor: &Visitor, of: Option<Namespace>) -> Response {
    let viewer = visitor.id();
    let (path, groups, projects) = app.model.read(|state| {
        let parent = match of {
            Some(Namespace::Group(id)) => Some(id),
            _ => None,
        };
        let is_user = matches!(of, Some(Namespace::User(_)));
        let below = state.groups.values().filter(|group| group.parent == parent && !is_user);
        let groups = below.filter(|group| state.can_see_group(viewer, group)).map(|group| Link {
            href: format!("/{}", state.group_path(group.id)),
            text: group.name.clone(),
            note: group.visibility.as_str().to_owned(),
        });
        let here = state.projects.values().filter(|project| of.is_none_or(|of| project.namespace == of));
        let projects = here.filter(|project| state.can_see(viewer, project)).map(|project| Link {
            href: format!("/{}", state.project_path(project)),
            text: state.project_path(project),
            note: if project.archived { "archived".to_owned() } else { project.visibility.as_str().to_owned() },
        });
        let path = of.map(|of| state.namespace_path(of)).unwrap_or_default();
        (path, groups.collect(), projects.collect())
    });
    let title = if path.is_empty() { "Projects" } else { &path };
    page(&NamespacePage { shell: Shell::new(title, visitor), path: path.clone(), groups, projects })
}

/// A path with its percent signs resolved; what is not UTF-8 then is nothing that exists.
fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| path.get(at + 1..at + 3)).flatten();
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// A path fit for a link: everything but letters, digits, `-`, `_`, `.`, `~` and `/` as percent signs.
pub(super) fn encoded(path: &str) -> String {
    let mut link = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            link.push(char::from(byte));
        } else {
            link.push_str(&format!("%{byte:02X}"));
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_the_way_into_a_link_and_back() {
        let path = "group/project/-/tree/feature/ÜB-1 100%#?";
        let link = encoded(path);
        assert_eq!(decoded(&link), path);
        assert!(link.is_ascii() && !link.contains([' ', '#', '?']));
        assert_eq!(decoded("a%2Fb%zz%"), "a/b%zz%");
    }
}
