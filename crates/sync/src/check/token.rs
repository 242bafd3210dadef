//! Whether the token lets us in, what it may do, and how long.

use ::forge::{Forge, ForgeError, Problem, TokenDetail, TokenKind};
use model::{ForgeUser, Millis};
use net::check::Stage;

use super::{TOKEN, Target};
use crate::connect::suffices;
use crate::sentences::check as says;

const DAY: Millis = 24 * 3_600_000;
/// From how many days before its end on a token is worth a warning.
const SOON: Millis = 14;

pub(super) async fn look(forge: &dyn Forge, target: &Target, has_token: bool, now: Millis) -> (Stage, Option<()>) {
    if !has_token && !forge.capabilities().scope.is_empty() {
        return (Stage::skipped(TOKEN, says::NO_TOKEN), None);
    }
    if forge.capabilities().scope.is_empty() {
        return (Stage::skipped(TOKEN, says::ON_THIS_MACHINE), Some(()));
    }
    let user = match forge.current_user().await {
        Ok(user) => user,
        Err(error) => return (says::refused(TOKEN, &error), None),
    };
    let detail = match forge.token().await {
        Ok(detail) => Some(detail),
        // It tells nothing about its tokens (GitLab before 15.5).
        Err(ForgeError { problem: Problem::NotFound | Problem::NotAvailable, .. }) => None,
        Err(error) => return (says::refused(TOKEN, &error), None),
    };
    judged(target, forge.capabilities().scope, &user, detail.as_ref(), now)
}

fn judged(
    target: &Target,
    needed: &str,
    user: &ForgeUser,
    detail: Option<&TokenDetail>,
    now: Millis,
) -> (Stage, Option<()>) {
    let Some(detail) = detail else { return (says::token_believed(user), Some(())) };
    if !suffices(target.kind, &target.host_url, detail.scopes.iter()) {
        return (says::scope_too_small(needed, &detail.scopes), None);
    }
    // An OAuth pair is renewed by itself, so its end is nothing to look at.
    let end = detail.expires_at.filter(|_| detail.kind != TokenKind::Oauth);
    let days = end.map(|end| end.saturating_sub(now).div_euclid(DAY));
    let stage = match days {
        Some(days) if days < SOON => says::token_ends_soon(user, days),
        _ if detail.scopes.iter().any(|scope| scope != needed) => says::scope_too_large(user, needed, &detail.scopes),
        _ => says::token_good(user, days),
    };
    (stage, Some(()))
}
