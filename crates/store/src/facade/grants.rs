//! Users of a forge who let a Jira in.

use model::{ForgeUser, HostKind, Millis};

use crate::database::{execute, read, within};
use crate::rows::{JsonText, Word, words};
use crate::{Result, Store, WriteTx};

words! {
    /// How a grant is doing.
    GrantState {
        /// The forge accepts its credential.
        Active = "active",
        /// The forge no longer accepts it: nothing is served until its user authorises again.
        NeedsAuthorisation = "needs_authorisation",
    }
}

/// That a user of a forge let a Jira in by an application. The same user and application again are the same grant.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Grant {
    /// Inner id; also the owner of its credential.
    pub id: i64,
    /// The application that it was given to.
    pub application_id: i64,
    /// The host it is on.
    pub host_id: i64,
    /// The host's kind.
    #[sqlx(try_from = "Word<HostKind>")]
    pub host_kind: HostKind,
    /// The host's URL.
    pub host_url: String,
    /// Who gave it.
    #[sqlx(try_from = "JsonText<ForgeUser>")]
    pub user: ForgeUser,
    /// How it is doing.
    #[sqlx(try_from = "Word<GrantState>")]
    pub state: GrantState,
    /// When the list of its user's repositories was last read whole.
    pub listed_at: Option<Millis>,
    /// When it was first given.
    pub created_at: Millis,
}

/// The columns of [`Grant`], of `facade_grant g JOIN host h`.
macro_rules! grant_columns {
    () => {
        "g.id, g.application_id, g.host_id, h.kind AS host_kind, h.url AS host_url, g.forge_user AS \"user\", g.state, \
         g.listed_at, g.created_at"
    };
}
pub(super) use grant_columns;

impl WriteTx {
    /// Keeps a grant of this user, active; the one there is, where the user gave it to this application before.
    pub async fn facade_grant_put(
        &mut self,
        application_id: i64,
        host_id: i64,
        user: &ForgeUser,
        now: Millis,
    ) -> Result<i64> {
        const SQL: &str = "INSERT INTO facade_grant (id, application_id, host_id, user_forge_id, forge_user, state, \
                           created_at) VALUES ($1, $2, $3, $4, $5, 'active', $6) \
                           ON CONFLICT (application_id, user_forge_id) DO UPDATE SET forge_user = excluded.forge_user, \
                           state = excluded.state RETURNING id";
        let id = self.ids(1).await?;
        let json = serde_json::json!(user).to_string();
        within!(self.aside(), |db| sqlx::query_scalar(SQL)
            .bind(id)
            .bind(application_id)
            .bind(host_id)
            .bind(user.forge_id.as_str())
            .bind(json.as_str())
            .bind(now)
            .fetch_one(db))
    }

    /// The errors of the accounts that this grant lets in are cleared, and those that waited for it go on; answers which.
    pub async fn facade_grant_accepted(&mut self, grant_id: i64) -> Result<Vec<i64>> {
        const CLEAR: &str = "UPDATE account SET error_kind = NULL, error = NULL WHERE grant_id = $1";
        const GO_ON: &str = "UPDATE account SET state = 'active' \
                             WHERE grant_id = $1 AND state = 'needs_authorisation' RETURNING id";
        execute!(self, sqlx::query(CLEAR).bind(grant_id))?;
        within!(self, |db| sqlx::query_scalar(GO_ON).bind(grant_id).fetch_all(db))
    }

    /// The forge refuses the grant: it and the accounts that it lets in need to be authorised again. Paused accounts stay
    /// paused. The kind, and sentences for people, stand at the accounts.
    pub async fn facade_grant_refused(&mut self, grant_id: i64, kind: &str, error: &str) -> Result<()> {
        const GRANT: &str = "UPDATE facade_grant SET state = 'needs_authorisation' WHERE id = $1";
        const ACCOUNTS: &str = "UPDATE account SET error_kind = $2, error = $3, \
                                state = CASE WHEN state = 'active' THEN 'needs_authorisation' ELSE state END \
                                WHERE grant_id = $1";
        execute!(self.aside(), sqlx::query(GRANT).bind(grant_id))?;
        execute!(self, sqlx::query(ACCOUNTS).bind(grant_id).bind(kind).bind(error))?;
        Ok(())
    }
}

impl Store {
    /// One grant.
    pub async fn facade_grant(&self, id: i64) -> Result<Option<Grant>> {
        const SQL: &str = concat!(
            "SELECT ",
            grant_columns!(),
            " FROM facade_grant g JOIN host h ON h.id = g.host_id WHERE g.id = $1"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))
    }

    /// The active grants that anybody still uses: with a token that is not revoked, or an account that they let in. Of one
    /// host, or (none) of all.
    pub async fn facade_grants_in_use(&self, host_id: Option<i64>) -> Result<Vec<Grant>> {
        const SQL: &str = concat!(
            "SELECT ",
            grant_columns!(),
            " FROM facade_grant g JOIN host h ON h.id = g.host_id WHERE g.state = 'active' \
             AND ($1 IS NULL OR g.host_id = $1) AND (EXISTS (SELECT 1 FROM facade_token t \
             WHERE t.grant_id = g.id AND t.revoked_at IS NULL) \
             OR EXISTS (SELECT 1 FROM account a WHERE a.grant_id = g.id)) ORDER BY g.id"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(host_id).fetch_all(db))
    }
}
