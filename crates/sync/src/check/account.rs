//! The account, how we stand in it, and the repositories in it.

use ::forge::{Forge, Problem};
use model::{ForgeAccount, ForgeRepository};
use net::check::Stage;

use super::{ACCOUNT, REPOSITORIES, RIGHTS, Target, VERSION};
use crate::sentences::check as says;

/// How many accounts are proposed for one that is none.
const PROPOSED: usize = 3;
/// Among how many they are looked for.
const LOOKED_AT: usize = 400;

/// The version of the host, and what applies to it. It needs the token, so it stands behind it; whether a host tells it has
/// no consequence for the others.
pub(super) async fn version(forge: &dyn Forge) -> (Stage, Option<()>) {
    let capabilities = forge.capabilities();
    if !capabilities.is_remote {
        return (Stage::skipped(VERSION, says::ON_THIS_MACHINE), Some(()));
    }
    match forge.version().await {
        Ok(version) => (says::version(capabilities.title, &version), Some(())),
        Err(_) => (Stage::skipped(VERSION, says::NO_VERSION), Some(())),
    }
}

/// The account; nothing to go on with where none was named.
pub(super) async fn look(forge: &dyn Forge, target: &Target) -> (Stage, Option<Option<ForgeAccount>>) {
    let Some(path) = &target.account else { return (Stage::skipped(ACCOUNT, says::NO_ACCOUNT), Some(None)) };
    match forge.account(path).await {
        Ok(account) => (says::account_found(&account), Some(Some(account))),
        Err(error) => match &error.problem {
            Problem::NotFound | Problem::Forbidden => (says::account_missing(path, &like(forge, path).await), None),
            Problem::IsProject { path } => (says::account_is_repository(path), None),
            _ => (says::refused(ACCOUNT, &error), None),
        },
    }
}

/// What may have been meant; nothing where the host does not list what there is.
async fn like(forge: &dyn Forge, path: &str) -> Vec<String> {
    let there = forge.accounts_like(path).await.unwrap_or_default();
    nearest(path, there)
}

/// Those whose spelling is near, the nearest first.
fn nearest(path: &str, mut there: Vec<String>) -> Vec<String> {
    let asked = path.trim_matches('/').to_lowercase();
    there.truncate(LOOKED_AT);
    there.sort();
    there.dedup();
    let most = (asked.chars().count() / 3).clamp(1, 4);
    let mut near: Vec<(usize, String)> = there
        .into_iter()
        .filter_map(|one| {
            let other = one.to_lowercase();
            let last = other.rsplit('/').next().unwrap_or(&other);
            // Whoever names a subgroup often leaves out the groups above it.
            let distance = strsim::osa_distance(&asked, &other).min(strsim::osa_distance(&asked, last) + 1);
            (distance <= most).then_some((distance, one))
        })
        .collect();
    near.sort();
    near.into_iter().map(|(_, one)| one).take(PROPOSED).collect()
}

/// What the user's role in the account is enough for.
pub(super) async fn rights(forge: &dyn Forge, account: &ForgeAccount) -> (Stage, Option<()>) {
    if !forge.capabilities().is_remote {
        return (Stage::skipped(RIGHTS, says::ON_THIS_MACHINE), Some(()));
    }
    match forge.standing(account).await {
        Ok(standing) => (says::rights(account, &standing), Some(())),
        Err(error) if says_nothing(&error.problem) => (Stage::skipped(RIGHTS, says::NO_ROLES), Some(())),
        Err(error) => (says::refused(RIGHTS, &error), None),
    }
}

/// Whether the host keeps roles to itself, which proves nothing.
const fn says_nothing(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::NotAvailable | Problem::NotFound | Problem::Forbidden | Problem::InsufficientScope | Problem::Data(_)
    )
}

/// What would be imported.
pub(super) async fn repositories(forge: &dyn Forge, account: &ForgeAccount) -> (Stage, Option<Vec<ForgeRepository>>) {
    match forge.survey(account).await {
        Ok(found) => (says::repositories(account, &found), Some(found.repositories)),
        Err(error) => (says::refused(REPOSITORIES, &error), None),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn what_was_meant_is_found_by_its_spelling() {
        let there = || ["platform", "platform/backend", "plants", "other", "Platforms"].map(str::to_owned).to_vec();
        assert_eq!(nearest("platfrom", there()), ["platform", "Platforms"]);
        assert_eq!(nearest("/Platform", there())[0], "platform");
        assert_eq!(nearest("backend", there()), ["platform/backend"]);
        assert_eq!(nearest("x", there()), Vec::<String>::new());
        assert_eq!(nearest("something-else", there()), Vec::<String>::new());
    }
}
