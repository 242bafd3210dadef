//! The repositories that a grant opens.

use super::{Page, by_forge_id, grant_sees};
use crate::database::read;
use crate::sql::{is_storable, repository_columns};
use crate::{Repository, Result, Store};

/// `r` is on the host of the grant $1.
macro_rules! on_its_host {
    () => {
        "r.host_id = (SELECT own.host_id FROM facade_grant own WHERE own.id = $1)"
    };
}

/// `r` lies below the namespace whose folded path and slash are $2, up to but not with $3.
macro_rules! below {
    () => {
        concat!(on_its_host!(), " AND LOWER(r.path) >= $2 AND LOWER(r.path) < $3")
    };
}

impl Store {
    /// The repositories that a grant sees in the namespace `account_path` (ignoring case) and below it, in order of the
    /// forge's ids.
    pub async fn facade_repositories(
        &self,
        grant_id: i64,
        account_path: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Page<Repository>> {
        const COUNT: &str = concat!("SELECT COUNT(*) FROM repository r WHERE ", below!(), " AND ", grant_sees!("$1"));
        const SQL: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM repository r JOIN host h ON h.id = r.host_id WHERE ",
            below!(),
            " AND ",
            grant_sees!("$1"),
            " ORDER BY ",
            by_forge_id!("r.forge_id"),
            " LIMIT $5 OFFSET $4"
        );
        let folded = account_path.trim_matches('/').to_ascii_lowercase();
        if folded.is_empty() || !is_storable(&folded) {
            return Ok(Page::empty());
        }
        // The byte behind the slash is the digit nought.
        let (from, to) = (format!("{folded}/"), format!("{folded}0"));
        let total = read!(self, |db| sqlx::query_scalar(COUNT)
            .bind(grant_id)
            .bind(from.as_str())
            .bind(to.as_str())
            .fetch_one(db))?;
        let items = read!(self, |db| sqlx::query_as(SQL)
            .bind(grant_id)
            .bind(from.as_str())
            .bind(to.as_str())
            .bind(offset.max(0))
            .bind(limit.max(0))
            .fetch_all(db))?;
        Ok(Page { items, total })
    }

    /// The repository with this full path, ignoring case, where the grant sees it; else the one that had this path before it
    /// was renamed or moved.
    pub async fn facade_repository(&self, grant_id: i64, path: &str) -> Result<Option<Repository>> {
        const PRESENT: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM repository r JOIN host h ON h.id = r.host_id WHERE ",
            on_its_host!(),
            " AND LOWER(r.path) = $2 AND ",
            grant_sees!("$1"),
            " ORDER BY r.id DESC LIMIT 1"
        );
        const FORMER: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM former_path p JOIN repository r ON r.id = p.repository_id JOIN host h ON h.id = r.host_id \
             WHERE p.host_id = (SELECT own.host_id FROM facade_grant own WHERE own.id = $1) AND p.path_folded = $2 AND ",
            grant_sees!("$1")
        );
        let folded = path.to_ascii_lowercase();
        if !is_storable(&folded) {
            return Ok(None);
        }
        let ask = async |sql: &'static str| -> Result<Option<Repository>> {
            read!(self, |db| sqlx::query_as(sql).bind(grant_id).bind(folded.as_str()).fetch_optional(db))
        };
        match ask(PRESENT).await? {
            Some(found) => Ok(Some(found)),
            None => ask(FORMER).await,
        }
    }

    /// The repository of the merge request with this id of the forge, where the grant sees it.
    pub async fn facade_repository_of_merge_request(
        &self,
        grant_id: i64,
        forge_id: &str,
    ) -> Result<Option<Repository>> {
        const SQL: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM merge_request m JOIN repository r ON r.id = m.repository_id JOIN host h ON h.id = r.host_id \
             WHERE m.forge_id = $2 AND m.gone_at IS NULL AND ",
            grant_sees!("$1"),
            " ORDER BY r.id LIMIT 1"
        );
        if !is_storable(forge_id) {
            return Ok(None);
        }
        read!(self, |db| sqlx::query_as(SQL).bind(grant_id).bind(forge_id).fetch_optional(db))
    }

    /// Whether the grant sees the repository with this inner id.
    pub async fn facade_sees(&self, grant_id: i64, repository_id: i64) -> Result<bool> {
        const SQL: &str = concat!("SELECT COUNT(*) FROM repository r WHERE r.id = $2 AND ", grant_sees!("$1"));
        let seen: i64 = read!(self, |db| sqlx::query_scalar(SQL).bind(grant_id).bind(repository_id).fetch_one(db))?;
        Ok(seen > 0)
    }
}
