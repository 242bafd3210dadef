//! A request as the handlers see it: who asks, for what, with which parameters.

use std::sync::Arc;

use axum::RequestExt;
use axum::extract::{FromRequest, RawPathParams, Request};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};

use super::error::RestError;
use super::params::Params;
use crate::gitlab::App;
use crate::gitlab::model::{
    AccessLevel, Group, GroupId, Identity, MergeRequest, Project, ProjectId, Scope, Scopes, State, TokenId,
    TokenProblem, UserId,
};

/// A request whose credentials were checked.
pub(crate) struct Ask {
    pub(crate) app: Arc<App>,
    /// Who asks; none: nobody who told.
    pub(crate) viewer: Option<UserId>,
    /// The token that they asked with.
    pub(crate) token: Option<TokenId>,
    pub(crate) params: Params,
    /// The method.
    pub(crate) method: Method,
    /// The path, still percent-encoded.
    pub(crate) path: String,
    /// The query as it came.
    query: String,
    /// What the path's placeholders stood for, decoded.
    pub(crate) captures: Vec<(String, String)>,
}

impl FromRequest<Arc<App>> for Ask {
    type Rejection = RestError;

    async fn from_request(mut request: Request, app: &Arc<App>) -> Result<Self, RestError> {
        let captured = request.extract_parts::<RawPathParams>().await.map_err(|_| RestError::NotFound(""))?;
        let captures = captured.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let (method, headers) = (request.method().clone(), request.headers().clone());
        // The router that this one lies in has taken its own part of the path away.
        let path = format!("/api/v4{}", request.uri().path());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let params = Params::read(request).await?;
        let identity = match token(&headers, &params) {
            None => None,
            Some(token) => Some(authenticate(app, &token, &method, &path)?),
        };
        let (viewer, token) = (identity.as_ref().map(|it| it.user), identity.as_ref().map(|it| it.token));
        Ok(Self { app: Arc::clone(app), viewer, token, params, method, path, query, captures })
    }
}

impl Ask {
    pub(crate) fn read<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        self.app.model.read(look)
    }

    /// Who asks, where somebody must.
    pub(crate) fn user(&self) -> Result<UserId, RestError> {
        self.viewer.ok_or(RestError::Unauthorised)
    }

    /// What a placeholder of the path stood for.
    pub(crate) fn capture(&self, name: &str) -> &str {
        self.captures.iter().find(|(captured, _)| captured == name).map_or("", |(_, value)| value)
    }

    /// A placeholder that must be a number.
    pub(crate) fn number(&self, name: &str) -> Result<u64, RestError> {
        self.capture(name).parse().map_err(|_| RestError::Parameter(format!("{name} is invalid")))
    }

    /// The group of `:id` (number or full path), when the viewer may see it.
    pub(crate) fn group(&self) -> Result<Group, RestError> {
        let id = self.capture("id");
        let found = self.read(|state| {
            let by_id = id.parse().ok().and_then(|id| state.groups.get(&GroupId(id)));
            let group = by_id.or_else(|| state.group_by_path(id))?;
            state.can_see_group(self.viewer, group).then(|| group.clone())
        });
        found.ok_or(RestError::NotFound("Group"))
    }

    /// The project of `:id` (number or full path), when the viewer may see it. A path that the project has no more leads to
    /// its id: 301 for a GET, 405 for the rest.
    pub(crate) fn project(&self) -> Result<Project, RestError> {
        let id = self.capture("id");
        let missing = RestError::NotFound("Project");
        let by_id = id.parse().ok().and_then(|id| self.app.model.project(ProjectId(id)));
        let Some((project, present)) = by_id.map(|it| (it, true)).or_else(|| self.app.model.find_project(id)) else {
            return Err(missing);
        };
        if !self.read(|state| state.can_see(self.viewer, &project)) {
            return Err(missing);
        }
        if present { Ok(project) } else { Err(self.moved(&project)) }
    }

    fn moved(&self, project: &Project) -> RestError {
        if self.method != Method::GET && self.method != Method::HEAD {
            return RestError::message(
                http::StatusCode::METHOD_NOT_ALLOWED,
                "Non GET methods are not allowed for moved projects",
            );
        }
        let rest: String = self.path.split('/').skip(5).map(|segment| format!("/{segment}")).collect();
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        RestError::Moved(format!("{}/api/v4/projects/{}{rest}{query}", self.app.url, project.id))
    }

    /// As [`Ask::project`], for what is in its repository: visible without a right to the code is 403, no repository 404.
    pub(crate) fn repository(&self) -> Result<Project, RestError> {
        let project = self.project()?;
        if !self.read(|state| state.can_read_code(self.viewer, &project)) {
            return Err(RestError::Forbidden);
        }
        let model = &self.app.model;
        if self.app.switches.has_no_repository(project.id) || !model.repositories.exists(project.id) {
            return Err(RestError::NotFound("Repository"));
        }
        Ok(project)
    }

    /// As [`Ask::project`], for its merge requests: 403 when they are switched off or not for the viewer.
    pub(crate) fn project_with_merge_requests(&self) -> Result<Project, RestError> {
        let project = self.project()?;
        if !self.read(|state| state.can_see_merge_requests(self.viewer, &project)) {
            return Err(RestError::Forbidden);
        }
        Ok(project)
    }

    /// The merge request of `:id` and `:iid`.
    pub(crate) fn merge_request(&self) -> Result<MergeRequest, RestError> {
        let project = self.project_with_merge_requests()?;
        let iid =
            self.capture("iid").parse().map_err(|_| RestError::Parameter("merge_request_iid is invalid".to_owned()))?;
        self.app.model.merge_request_by_iid(project.id, iid).ok_or(RestError::NoRow)
    }

    /// The asking user, when their role in the project is at least `least`.
    pub(crate) fn with_role(&self, project: &Project, least: AccessLevel) -> Result<UserId, RestError> {
        let user = self.user()?;
        if self.read(|state| state.has(user, project, least)) { Ok(user) } else { Err(RestError::Forbidden) }
    }
}

/// The token of a request: Bearer, `PRIVATE-TOKEN`, or a parameter.
fn token(headers: &HeaderMap, params: &Params) -> Option<String> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = header(AUTHORIZATION.as_str()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let named = header("private-token").or(bearer).map(str::to_owned);
    named.or_else(|| params.text("private_token")).or_else(|| params.text("access_token"))
}

/// Whom the token stands for, when its scopes allow the method.
fn authenticate(app: &App, token: &str, method: &Method, path: &str) -> Result<Identity, RestError> {
    let identity = app.model.authenticate(token).map_err(RestError::Token)?;
    let reads = method == Method::GET || method == Method::HEAD;
    let about_user = path == "/api/v4/user" || path.starts_with("/api/v4/users");
    // A token may look at itself, whatever its scopes.
    let about_itself = path == "/api/v4/personal_access_tokens/self";
    match (reads, about_itself || allows(&identity.scopes, reads, about_user)) {
        (_, true) => Ok(identity),
        (true, false) if about_user => Err(RestError::Scope("api read_api read_user")),
        (true, false) => Err(RestError::Scope("api read_api")),
        (false, false) => Err(RestError::Scope("api")),
    }
}

fn allows(scopes: &Scopes, reads: bool, about_user: bool) -> bool {
    let reader = scopes.reads_api() || (about_user && scopes.contains(Scope::ReadUser));
    if reads { reader } else { scopes.contains(Scope::Api) }
}

/// A token that opens nothing, as `/oauth/token/info` tells it.
pub(crate) fn bearer(headers: &HeaderMap, params: &Params) -> Result<String, RestError> {
    token(headers, params).ok_or(RestError::Token(TokenProblem::Unknown))
}
