//! Users and groups.

use axum::Json;
use axum::extract::State;
use serde_json::Value;
use store::Account;

use super::caller::{AnyAgent, Caller, Stranger};
use super::entities::{Person, profile};
use super::names;
use super::refusal::Refusal;
use super::scope::PathParameters;
use crate::state::AppState;

/// The longest log-in that is looked up, in bytes.
const LONGEST_LOGIN: usize = 255;

/// The user behind the token. Not only Jira may ask (GitLab contract §2.3).
pub async fn caller(AnyAgent(caller): AnyAgent) -> Json<Value> {
    let grant = caller.grant();
    Json(profile(&caller, &Person::user(&grant.user), 0, grant.created_at, grant.created_at))
}

/// A user, or a group as an organisation, of whom something is known that the token opens. Without a token 403, by which
/// Jira's dialog knows that this is a "GitHub".
pub async fn named(
    State(state): State<AppState>,
    Stranger(caller): Stranger,
    parameters: PathParameters,
) -> Result<Json<Value>, Refusal> {
    let caller = caller.ok_or(Refusal::Forbidden)?;
    let name = parameters.get("account")?;
    if name.len() > LONGEST_LOGIN {
        return Err(Refusal::NotFound(None));
    }
    if let Some(found) = group(&state, &caller, name).await? {
        return Ok(Json(found));
    }
    let grant = caller.grant();
    if grant.user.login.eq_ignore_ascii_case(name) {
        let person = Person::user(&grant.user);
        return Ok(Json(profile(&caller, &person, 0, grant.created_at, grant.created_at)));
    }
    let seen = state.store().facade_person(grant.id, name).await?.ok_or(Refusal::NotFound(None))?;
    Ok(Json(profile(&caller, &Person::user(&seen.user), 0, seen.since, seen.until)))
}

/// The group or namespace of that name, if the token opens something in it.
async fn group(state: &AppState, caller: &Caller, name: &str) -> Result<Option<Value>, Refusal> {
    let Some(path) = names::namespace_path(name) else { return Ok(None) };
    let grant = caller.grant();
    let page = state.store().facade_repositories(grant.id, &path, 0, 1).await?;
    let Some(first) = page.items.first() else { return Ok(None) };
    let login = first.path.get(..path.len()).unwrap_or(&path).replace('/', "@");
    let account = state.store().account_by_path(grant.host_kind, &grant.host_url, &path).await?;
    let person = account.as_ref().map_or_else(|| Person::namespace(&login), |account| Person::account(account, &login));
    let since = account.as_ref().map_or(first.created_at, |account: &Account| account.created_at);
    Ok(Some(profile(caller, &person, page.total, since, first.last_activity_at.unwrap_or(since))))
}
