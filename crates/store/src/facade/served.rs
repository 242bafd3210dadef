//! What some Jira reads through the facade, whichever grant it uses: links that Jira builds lead there.

use super::by_forge_id;
use crate::database::read;
use crate::sql::{is_storable, repository_columns};
use crate::{Repository, Result, Store};

/// Whether some grant opens the repository `r`: one that is not refused and has a token, for a repository that an account
/// shows.
macro_rules! served {
    () => {
        "EXISTS (SELECT 1 FROM facade_grant fg JOIN facade_membership fm ON fm.grant_id = fg.id \
         WHERE fg.host_id = r.host_id AND fg.state = 'active' AND fm.repository_forge_id = r.forge_id \
         AND EXISTS (SELECT 1 FROM facade_token ft WHERE ft.grant_id = fg.id AND ft.revoked_at IS NULL)) \
         AND EXISTS (SELECT 1 FROM account_repository ar JOIN account a ON a.id = ar.account_id \
         WHERE ar.repository_id = r.id AND ar.linked AND ar.visible AND a.state <> 'removing')"
    };
}
pub(super) use served;

impl Store {
    /// The repository at this path, in any case, or one that was there before it moved.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn facade_served_repository(&self, path: &str) -> Result<Option<Repository>> {
        const PRESENT: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM repository r JOIN host h ON h.id = r.host_id WHERE LOWER(r.path) = $1 AND ",
            served!(),
            " ORDER BY r.id DESC LIMIT 1"
        );
        const FORMER: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM former_path p JOIN repository r ON r.id = p.repository_id JOIN host h ON h.id = r.host_id \
             WHERE p.path_folded = $1 AND ",
            served!(),
            " ORDER BY p.left_at DESC LIMIT 1"
        );
        let folded = path.to_ascii_lowercase();
        if !is_storable(&folded) {
            return Ok(None);
        }
        let ask = async |sql: &'static str| -> Result<Option<Repository>> {
            read!(self, |db| sqlx::query_as(sql).bind(folded.as_str()).fetch_optional(db))
        };
        match ask(PRESENT).await? {
            Some(found) => Ok(Some(found)),
            None => ask(FORMER).await,
        }
    }

    /// A repository below this group or personal namespace; its path shows how the forge spells that.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn facade_served_namespace(&self, path: &str) -> Result<Option<Repository>> {
        const SQL: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM repository r JOIN host h ON h.id = r.host_id WHERE LOWER(r.path) >= $1 AND LOWER(r.path) < $2 AND ",
            served!(),
            " ORDER BY ",
            by_forge_id!("r.forge_id"),
            " LIMIT 1"
        );
        let folded = path.trim_matches('/').to_ascii_lowercase();
        if folded.is_empty() || !is_storable(&folded) {
            return Ok(None);
        }
        // The byte behind the slash is the digit nought.
        let (from, to) = (format!("{folded}/"), format!("{folded}0"));
        read!(self, |db| sqlx::query_as(SQL).bind(from.as_str()).bind(to.as_str()).fetch_optional(db))
    }
}
