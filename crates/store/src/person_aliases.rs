//! Who the author of a commit is in Jira, where the e-mail does not tell.

use model::Millis;

use crate::database::{execute, execute_live, read};
use crate::rows::{Word, words};
use crate::{Lane, Result, Store};

words! {
    /// What an author is known by.
    PersonAliasKind {
        /// The e-mail of the commits.
        Email = "email",
        /// The login at the forge.
        ForgeUser = "forge_user",
    }
}

/// An author, and who that is in Jira.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PersonAlias {
    /// Inner id.
    pub id: i64,
    /// What the author is known by.
    #[sqlx(try_from = "Word<PersonAliasKind>")]
    pub kind: PersonAliasKind,
    /// The e-mail or login, as it was typed. Never log it.
    pub written: String,
    /// The user of Jira: a name, of Cloud an account id.
    pub jira_user: String,
}

/// An alias to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPersonAlias {
    /// What the author is known by.
    pub kind: PersonAliasKind,
    /// The e-mail or login.
    pub written: String,
    /// The user of Jira.
    pub jira_user: String,
}

impl Store {
    /// The aliases of a site, in order of what is written.
    pub async fn person_aliases(&self, site_id: i64) -> Result<Vec<PersonAlias>> {
        const SQL: &str =
            "SELECT id, kind, written, jira_user FROM person_alias WHERE site_id = $1 ORDER BY folded, kind";
        read!(self, |db| sqlx::query_as(SQL).bind(site_id).fetch_all(db))
    }

    /// Keeps aliases, each in place of the one before for the same author in any case; answers how many.
    pub async fn person_alias_put(&self, site_id: i64, aliases: &[NewPersonAlias], now: Millis) -> Result<u64> {
        const SQL: &str = "INSERT INTO person_alias (id, site_id, kind, written, folded, jira_user, created_at) \
                           VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (site_id, kind, folded) \
                           DO UPDATE SET written = excluded.written, jira_user = excluded.jira_user";
        let mut tx = self.begin_write(Lane::Live).await?;
        let first = tx.ids(aliases.len().max(1) as i64).await?;
        let mut kept = 0;
        for (id, alias) in (first..).zip(aliases) {
            kept += execute!(
                tx.aside(),
                sqlx::query(SQL)
                    .bind(id)
                    .bind(site_id)
                    .bind(alias.kind.as_str())
                    .bind(alias.written.as_str())
                    .bind(alias.written.to_lowercase())
                    .bind(alias.jira_user.as_str())
                    .bind(now)
            )?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    /// Forgets an alias of a site; false without it.
    pub async fn person_alias_delete(&self, site_id: i64, id: i64) -> Result<bool> {
        const SQL: &str = "DELETE FROM person_alias WHERE site_id = $1 AND id = $2";
        Ok(execute_live!(aside self, sqlx::query(SQL).bind(site_id).bind(id))? > 0)
    }

    /// Who an author is in Jira: by the login at the forge, else by the e-mail.
    pub async fn person_alias_find(
        &self,
        site_id: i64,
        email: &str,
        forge_user: Option<&str>,
    ) -> Result<Option<String>> {
        const SQL: &str = "SELECT jira_user FROM person_alias WHERE site_id = $1 \
                           AND ((kind = 'email' AND folded = $2) OR (kind = 'forge_user' AND folded = $3)) \
                           ORDER BY kind DESC LIMIT 1";
        let (email, user) = (email.to_lowercase(), forge_user.map(str::to_lowercase));
        read!(self, |db| sqlx::query_scalar(SQL).bind(site_id).bind(email).bind(user).fetch_optional(db))
    }
}
