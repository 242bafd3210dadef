//! The account, and the repositories in it.

use ::forge::{Forge, Problem};
use model::{ForgeAccount, ForgeRepository};
use net::check::Stage;

use super::{ACCOUNT, REPOSITORIES, Target};
use crate::sentences::check as says;

/// How many repositories are named.
const NAMED: usize = 10;

/// The account; nothing to go on with where none was named.
pub(super) async fn look(forge: &dyn Forge, target: &Target) -> (Stage, Option<Option<ForgeAccount>>) {
    let Some(path) = &target.account else { return (Stage::skipped(ACCOUNT, says::NO_ACCOUNT), Some(None)) };
    match forge.account(path).await {
        Ok(account) => (says::account_found(&account), Some(Some(account))),
        Err(error) => match &error.problem {
            Problem::NotFound | Problem::Forbidden => (says::account_missing(path), None),
            _ => (says::refused(ACCOUNT, &error), None),
        },
    }
}

/// What would be imported.
pub(super) async fn repositories(forge: &dyn Forge, account: &ForgeAccount) -> (Stage, Option<Vec<ForgeRepository>>) {
    match forge.repositories(account).await {
        Ok(found) => {
            let archived = found.iter().filter(|one| one.archived).count();
            let empty = found.iter().filter(|one| one.empty).count();
            let names = found.iter().take(NAMED).map(|one| one.path.clone());
            let stage = says::repositories(account, found.len(), archived, empty).with_details(names);
            (stage, Some(found))
        }
        Err(error) => (says::refused(REPOSITORIES, &error), None),
    }
}
