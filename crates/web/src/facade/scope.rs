//! What a path names, looked up through the caller's grant: what the token does not open is not there.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use store::Repository;
use store::facade::FacadePull;

use super::caller::{Caller, HookCaller};
use super::names;
use super::refusal::Refusal;
use crate::state::AppState;

/// What a path names that the token does not open, or that is not there.
pub const NO_PROJECT: Refusal = Refusal::NotFound(Some("Project"));

/// A repository that the caller's token opens, named by the path.
#[derive(Debug, Clone)]
pub struct Named {
    /// Who asks.
    pub caller: Caller,
    /// The repository.
    pub repository: Repository,
    /// The owner as the path spells it.
    pub owner: String,
}

/// The same for the web hooks, whose client calls itself otherwise.
#[derive(Debug, Clone)]
pub struct NamedForHooks(pub Named);

/// The parameters of the path, decoded.
pub struct PathParameters(Vec<(String, String)>);

impl FromRequestParts<AppState> for Named {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let caller = Caller::from_request_parts(parts, state).await?;
        Self::of(caller, parts, state).await
    }
}

impl FromRequestParts<AppState> for NamedForHooks {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let HookCaller(caller) = HookCaller::from_request_parts(parts, state).await?;
        Named::of(caller, parts, state).await.map(Self)
    }
}

impl Named {
    async fn of(caller: Caller, parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        let parameters = PathParameters::from_request_parts(parts, state).await?;
        let (owner, name) = (parameters.get("owner")?, parameters.get("name")?);
        let path = names::repository_path(owner, name).ok_or(NO_PROJECT)?;
        let repository = state.store().facade_repository(caller.grant().id, &path).await?.ok_or(NO_PROJECT)?;
        Ok(Self { owner: owner.to_owned(), caller, repository })
    }
}

impl FromRequestParts<AppState> for PathParameters {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        // What is no UTF-8 is the name of nothing.
        let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|_| Refusal::NotFound(None))?;
        Ok(Self(parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

impl PathParameters {
    /// A parameter that the route has. One with NUL names nothing, and no database takes it.
    pub fn get(&self, name: &str) -> Result<&str, Refusal> {
        let found = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.contains('\0')).ok_or(Refusal::NotFound(None))
    }

    /// A parameter that is a number of ours or of a forge, as text.
    pub fn number(&self, name: &str) -> Result<&str, Refusal> {
        let value = self.get(name)?;
        let is_number = !value.is_empty() && value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(value).ok_or(Refusal::NotFound(None))
    }
}

/// The merge request that the path names, in this repository.
pub async fn pull(state: &AppState, repository_id: i64, parameters: &PathParameters) -> Result<FacadePull, Refusal> {
    let number = parameters.number("id")?;
    state.store().facade_pull(repository_id, number).await?.ok_or(Refusal::NotFound(None))
}

/// The merge request that the path names, in whichever repository the token opens.
pub async fn pull_everywhere(
    state: &AppState,
    caller: &Caller,
    parameters: &PathParameters,
) -> Result<(Repository, FacadePull), Refusal> {
    let number = parameters.number("id")?;
    let found = state.store().facade_repository_of_merge_request(caller.grant().id, number).await?;
    let repository = found.ok_or(Refusal::NotFound(None))?;
    let pull = pull(state, repository.id, parameters).await?;
    Ok((repository, pull))
}
