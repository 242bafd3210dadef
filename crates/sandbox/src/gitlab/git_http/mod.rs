//! git's smart HTTP protocol at `/<path>.git/…`, by `git http-backend`, with GitLab's answers to those who may not.

mod corrupt;
mod credentials;
mod push;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;

use self::credentials::{Caller, CallerProblem};
use super::App;
use super::model::ProjectId;
use super::repositories::{Repositories, RepositoryError};

const NOT_FOUND: &str = "The project you were looking for could not be found or you don't have permission to view it.";
const DENIED: &str = "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was \
incorrect or you're required to use a token instead of a password.";

/// What of a repository is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    /// Listing refs and fetching.
    Upload,
    /// Pushing.
    Receive,
}

/// A request to a repository, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GitPath<'a> {
    /// The full path of the project.
    project: &'a str,
    /// What follows `.git`, with the leading slash.
    rest: &'a str,
}

/// Refused before git was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Refusal {
    /// Who are you?
    Unauthorised,
    /// No such project, for this caller.
    NotFound(&'static str),
    /// The project is there, but not for this.
    Forbidden(&'static str),
    /// It is elsewhere now.
    Moved(String),
}

/// Whether a path is that of git's protocol.
#[must_use]
pub fn is_git_path(path: &str) -> bool {
    split(path).is_some()
}

/// The full path of the project that a path of git's protocol is about.
pub(crate) fn project_of(path: &str) -> Option<&str> {
    split(path).map(|path| path.project)
}

fn split(path: &str) -> Option<GitPath<'_>> {
    let endings = ["/info/refs", "/git-upload-pack", "/git-receive-pack"];
    let ending = endings.iter().find(|ending| path.ends_with(**ending))?;
    let project = path.strip_suffix(ending)?.strip_suffix(".git")?.strip_prefix('/')?;
    project.contains('/').then_some(GitPath { project, rest: ending })
}

/// Answers one request of git's protocol. Bodies stream both ways; a push is told to the model before it is answered.
pub async fn serve(app: Arc<App>, request: Request) -> Response {
    match admit(&app, request.method().as_str(), request.uri(), request.headers()) {
        Ok(admitted) => admitted.answer(app, request).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "git over HTTP failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "git failed\n").into_response()
        }),
        Err(refusal) => refusal.into_response(),
    }
}

/// A request that may go to git.
#[derive(Debug)]
struct Admitted {
    project: ProjectId,
    service: Service,
    rest: String,
    caller: Option<Caller>,
}

fn admit(app: &App, method: &str, uri: &Uri, headers: &HeaderMap) -> Result<Admitted, Refusal> {
    let path = split(uri.path()).ok_or(Refusal::NotFound(NOT_FOUND))?;
    let service = service(method, path.rest, uri.query().unwrap_or_default())?;
    let at = |target: &str| Refusal::Moved(format!("{target}{}{}", path.rest, query_part(uri)));
    if let Some(target) = redirected(app, path.project) {
        return Err(at(target.trim_end_matches('/')));
    }
    let caller = credentials::caller(&app.model, headers).map_err(|problem| match problem {
        CallerProblem::Denied => Refusal::Unauthorised,
        CallerProblem::Blocked => Refusal::Forbidden("Your account has been blocked."),
    })?;
    if app.switches.git_http_off() {
        return Err(Refusal::Forbidden("Git access over HTTP is not allowed"));
    }
    let (project, present) = visible(app, path.project, caller.as_ref())?;
    check(app, project, service, caller.as_ref())?;
    if !present {
        return Err(at(&format!("{}/{}.git", app.url, app.model.project_path(project))));
    }
    Ok(Admitted { project, service, rest: path.rest.to_owned(), caller })
}

/// Where a switch sends the requests for a project, whoever calls.
fn redirected(app: &App, path: &str) -> Option<String> {
    app.switches.redirect_of(app.model.project_by_path(path)?.id)
}

/// What is asked for. GitLab serves the smart protocol only.
fn service(method: &str, rest: &str, query: &str) -> Result<Service, Refusal> {
    let asked = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "service");
    match (method, rest, asked.as_ref().map(|(_, value)| value.as_ref())) {
        ("GET", "/info/refs", Some("git-upload-pack")) | ("POST", "/git-upload-pack", _) => Ok(Service::Upload),
        ("GET", "/info/refs", Some("git-receive-pack")) | ("POST", "/git-receive-pack", _) => Ok(Service::Receive),
        _ => Err(Refusal::Forbidden("Unsupported service")),
    }
}

/// The project at a path, if it exists for the caller. Without credentials GitLab asks for them rather than tell.
fn visible(app: &App, path: &str, caller: Option<&Caller>) -> Result<(ProjectId, bool), Refusal> {
    let found = app.model.find_project(path).map(|(project, present)| (project.id, present));
    let viewer = caller.map(|caller| caller.user);
    match found.filter(|(project, _)| app.model.can_see(viewer, *project)) {
        Some(found) => Ok(found),
        None if caller.is_none() => Err(Refusal::Unauthorised),
        None => Err(Refusal::NotFound(NOT_FOUND)),
    }
}

/// Whether the caller may do this with a project that they see.
fn check(app: &App, project: ProjectId, service: Service, caller: Option<&Caller>) -> Result<(), Refusal> {
    let viewer = caller.map(|caller| caller.user);
    let reads = caller.is_none_or(|caller| caller.reads) && app.model.can_read_code(viewer, project);
    if !reads {
        return Err(match viewer {
            None => Refusal::Unauthorised,
            Some(_) => Refusal::Forbidden("You are not allowed to download code from this project."),
        });
    }
    if service == Service::Receive {
        let caller = caller.ok_or(Refusal::Unauthorised)?;
        if app.model.project(project).is_some_and(|project| project.archived) {
            return Err(Refusal::Forbidden("You can't push code to an archived project."));
        }
        if !caller.writes || !app.model.can_push(caller.user, project) {
            return Err(Refusal::Forbidden("You are not allowed to push code to this project."));
        }
    }
    if app.switches.has_no_repository(project) || !app.model.repositories().exists(project) {
        return Err(Refusal::NotFound("A repository for this project does not exist yet."));
    }
    Ok(())
}

fn query_part(uri: &Uri) -> String {
    uri.query().map(|query| format!("?{query}")).unwrap_or_default()
}

impl Admitted {
    async fn answer(self, app: Arc<App>, request: Request) -> Result<Response, super::model::ModelError> {
        if request.uri().path().ends_with("/git-receive-pack") {
            return push::receive(app, self, request).await;
        }
        app.model.drop_expired_head_refs(self.project).await?;
        let is_pack = request.uri().path().ends_with("/git-upload-pack");
        let answer = self.ask_git(&app, request).await?;
        if is_pack && app.switches.corrupts_pack(self.project) {
            let mut bytes = Vec::new();
            let mut body = std::pin::pin!(answer.body);
            while let Some(chunk) = body.try_next().await.map_err(RepositoryError::Io)? {
                bytes.extend_from_slice(&chunk);
            }
            corrupt::damage(&mut bytes);
            return Ok(response(answer.status, &answer.headers, Body::from(bytes)));
        }
        Ok(response(answer.status, &answer.headers, Body::from_stream(answer.body)))
    }

    async fn ask_git(&self, app: &App, request: Request) -> Result<git::http_backend::Response, RepositoryError> {
        let (parts, body) = request.into_parts();
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let login = self.caller.as_ref().and_then(|caller| app.model.user(caller.user)).map(|user| user.login);
        let mut config = vec![("http.receivepack".to_owned(), (self.service == Service::Receive).to_string())];
        if app.switches.filters_off() {
            config.push(("uploadpack.allowFilter".to_owned(), "false".to_owned()));
        }
        let asked = git::http_backend::Request {
            project_root: app.model.repositories().root().to_owned(),
            path_info: format!("/{}{}", Repositories::directory_name(self.project), self.rest),
            method: parts.method.to_string(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            content_type: text("content-type"),
            content_encoding: text("content-encoding"),
            content_length: text("content-length").and_then(|length| length.parse().ok()),
            git_protocol: text("git-protocol"),
            remote_user: login,
            config,
        };
        Ok(app.model.repositories().git().http_backend(asked, body.into_data_stream()).await?)
    }
}

fn response(status: u16, headers: &[(String, String)], body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (header::HeaderName::try_from(name), header::HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Unauthorised => {
                let ask = [(header::WWW_AUTHENTICATE, "Basic realm=\"GitLab\"")];
                (StatusCode::UNAUTHORIZED, ask, DENIED).into_response()
            }
            Self::NotFound(text) => (StatusCode::NOT_FOUND, text).into_response(),
            Self::Forbidden(text) => (StatusCode::FORBIDDEN, text).into_response(),
            Self::Moved(to) => (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to)]).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_the_protocol_are_taken() {
        assert!(is_git_path("/group/sub/project.git/info/refs"));
        assert!(is_git_path("/u/p.git/git-receive-pack"));
        assert!(!is_git_path("/project.git/info/refs"), "a project lies in a namespace");
        assert!(!is_git_path("/group/project/info/refs"));
        assert!(!is_git_path("/group/project.git/objects/info/packs"), "GitLab has no dumb protocol");
        assert_eq!(split("/a/b.c.git/info/refs"), Some(GitPath { project: "a/b.c", rest: "/info/refs" }));
    }

    #[test]
    fn the_service_decides_between_fetch_and_push() {
        assert_eq!(service("GET", "/info/refs", "service=git-upload-pack"), Ok(Service::Upload));
        assert_eq!(service("GET", "/info/refs", "a=b&service=git-receive-pack"), Ok(Service::Receive));
        assert_eq!(service("POST", "/git-receive-pack", ""), Ok(Service::Receive));
        assert!(service("GET", "/info/refs", "").is_err(), "the dumb protocol is refused");
        assert!(service("GET", "/git-upload-pack", "").is_err());
    }
}
