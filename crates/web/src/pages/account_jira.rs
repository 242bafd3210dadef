//! "Used by Jira": the tokens with which Jiras read an account through the facade.

use axum::extract::{Path, State};
use model::Millis;

use crate::error::PageError;
use crate::frame::{AdministratorPage, PageResult, redirect};
use crate::state::AppState;

/// A token that reads repositories of an account.
pub struct JiraToken {
    pub id: i64,
    /// Whose eyes it looks through.
    pub user: String,
    pub login: String,
    pub created_at: Millis,
    pub last_used_at: Option<Millis>,
    pub revoked_at: Option<Millis>,
    /// Whether the forge no longer lets its user in.
    pub is_refused: bool,
}

/// The tokens of an account, the newest first.
pub async fn tokens(state: &AppState, account_id: i64) -> store::Result<Vec<JiraToken>> {
    let tokens = state.store().facade_tokens_of_account(account_id).await?;
    let shown = tokens.into_iter().map(|(token, grant)| JiraToken {
        id: token.id,
        is_refused: grant.state == store::facade::GrantState::NeedsAuthorisation,
        user: grant.user.name,
        login: grant.user.login,
        created_at: token.created_at,
        last_used_at: token.last_used_at,
        revoked_at: token.revoked_at,
    });
    Ok(shown.collect())
}

/// Revokes a token: its Jira is told 401 from now on.
pub async fn revoke(
    State(state): State<AppState>,
    page: AdministratorPage,
    Path((id, token_id)): Path<(i64, i64)>,
) -> PageResult {
    let known = state.store().facade_tokens_of_account(id).await?;
    if !known.iter().any(|(token, _)| token.id == token_id) {
        return Err(PageError::not_found());
    }
    state.store().facade_token_revoke(token_id, state.now()).await?;
    Ok(redirect(&page.frame, &format!("/accounts/{id}#used-by-jira")))
}
