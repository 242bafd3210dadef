//! The repositories of an account for a list of many pages: a light line of each, and all that is known of those on one page.

use std::collections::HashMap;

use model::Millis;

use crate::database::read;
use crate::repositories::{AccountRepository, RepositoryState};
use crate::rows::Word;
use crate::sql::{account_repositories, account_seen, numbers};
use crate::{Result, Store, Viewer};

/// What a list is searched, filtered and sorted by.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ListedRepository {
    /// Inner id.
    pub id: i64,
    /// The full path.
    pub path: String,
    /// Whether this account imports and shows it.
    pub linked: bool,
    /// Whether a person paused its syncs.
    pub paused: bool,
    /// How its syncs are doing.
    #[sqlx(try_from = "Word<RepositoryState>")]
    pub state: RepositoryState,
    /// When something last happened in it.
    pub last_activity_at: Option<Millis>,
    /// When the last sync ended well.
    pub synced_at: Option<Millis>,
    /// Commits that name an issue.
    pub commits_with_keys: i64,
}

impl Store {
    /// A line for each repository that an account sees, newest activity first; none when the viewer may not see the account.
    pub async fn account_repository_list(&self, viewer: Viewer, account_id: i64) -> Result<Vec<ListedRepository>> {
        const SQL: &str = concat!(
            "SELECT r.id, r.path, ar.linked, r.paused, r.state, r.last_activity_at, r.synced_at, r.commits_with_keys \
             FROM account_repository ar JOIN account a ON a.id = ar.account_id \
             JOIN repository r ON r.id = ar.repository_id WHERE ar.account_id = $2 AND ",
            account_seen!("$1"),
            " ORDER BY COALESCE(r.last_activity_at, 0) DESC, r.path"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(viewer.user_id()).bind(account_id).fetch_all(db))
    }

    /// Those of an account's repositories that have these ids, in their order; none when the viewer may not see the account.
    /// Meant for a page: at most a few hundred.
    pub async fn account_repositories_among(
        &self,
        viewer: Viewer,
        account_id: i64,
        ids: &[i64],
    ) -> Result<Vec<AccountRepository>> {
        const SQL: &str = concat!(account_repositories!(), " AND r.id IN (");
        let sql = format!("{SQL}{})", numbers(ids));
        let found: Vec<AccountRepository> = read!(self, |db| {
            let query = sqlx::query_as(sqlx::AssertSqlSafe(sql.as_str())).persistent(false);
            query.bind(viewer.user_id()).bind(account_id).fetch_all(db)
        })?;
        let mut found: HashMap<i64, AccountRepository> =
            found.into_iter().map(|row| (row.repository.id, row)).collect();
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }
}
