//! Authorisations under way in some browser tab.

use std::fmt;

use model::Millis;
use model::secret::{ExposeSecret, SecretString};

use crate::database::{execute_live, read, within};
use crate::rows::{Word, words};
use crate::seal::Place;
use crate::{Lane, Result, Store, StoreError};

words! {
    /// How far it got.
    DanceStage {
        /// The browser was sent to the forge.
        Begun = "begun",
        /// The forge sent it back with tokens; the person has not confirmed yet.
        Authorised = "authorised",
    }
}

/// An authorisation under way.
#[derive(Clone)]
pub struct Dance {
    /// Who began it.
    pub user_id: i64,
    /// How far it got.
    pub stage: DanceStage,
    /// The form, the PKCE verifier, later the tokens: secret, kept sealed.
    pub payload: serde_json::Value,
}

impl fmt::Debug for Dance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dance").field("user_id", &self.user_id).field("stage", &self.stage).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: i64,
    #[sqlx(try_from = "Word<DanceStage>")]
    stage: DanceStage,
    payload_sealed: String,
}

const fn payload_place(state_hash: &str) -> Place<'_> {
    Place { table: "dance", column: "payload", row: state_hash }
}

impl Store {
    /// Keeps a dance by the hash of its OAuth state, in place of an earlier stage.
    pub async fn dance_put(
        &self,
        state_hash: &str,
        user_id: i64,
        stage: DanceStage,
        payload: &serde_json::Value,
        expires_at: Millis,
    ) -> Result<()> {
        const SQL: &str = "INSERT INTO dance (state_hash, user_id, stage, payload_sealed, expires_at) \
                           VALUES ($1, $2, $3, $4, $5) ON CONFLICT (state_hash) DO UPDATE SET \
                           user_id = excluded.user_id, stage = excluded.stage, \
                           payload_sealed = excluded.payload_sealed, expires_at = excluded.expires_at";
        let sealed = self.sealer().seal(payload_place(state_hash), &SecretString::from(payload.to_string()));
        execute_live!(
            aside self,
            sqlx::query(SQL).bind(state_hash).bind(user_id).bind(stage.as_str()).bind(sealed.as_str()).bind(expires_at)
        )?;
        Ok(())
    }

    /// Looks at a dance that has not expired.
    pub async fn dance(&self, state_hash: &str, now: Millis) -> Result<Option<Dance>> {
        const SQL: &str = "SELECT user_id, stage, payload_sealed FROM dance WHERE state_hash = $1 AND expires_at > $2";
        let row: Option<Row> = read!(self, |db| sqlx::query_as(SQL).bind(state_hash).bind(now).fetch_optional(db))?;
        row.map(|row| self.open_dance(state_hash, &row)).transpose()
    }

    /// Takes a dance that has not expired out of the store; of several callers, one gets it.
    pub async fn dance_take(&self, state_hash: &str, now: Millis) -> Result<Option<Dance>> {
        const SQL: &str = "DELETE FROM dance WHERE state_hash = $1 AND expires_at > $2 \
                           RETURNING user_id, stage, payload_sealed";
        let mut tx = self.begin_write(Lane::Live).await?;
        let row: Option<Row> =
            within!(tx.aside(), |db| sqlx::query_as(SQL).bind(state_hash).bind(now).fetch_optional(db))?;
        tx.commit().await?;
        row.map(|row| self.open_dance(state_hash, &row)).transpose()
    }

    fn open_dance(&self, state_hash: &str, row: &Row) -> Result<Dance> {
        let payload = self.sealer().open(payload_place(state_hash), &row.payload_sealed)?;
        // Not the parser's error: it may tell a piece of the secret.
        let payload = serde_json::from_str(payload.expose_secret())
            .map_err(|_| StoreError::Corrupt { what: "the payload of an authorisation under way".to_owned() })?;
        Ok(Dance { user_id: row.user_id, stage: row.stage, payload })
    }

    /// Forgets dances that expired.
    pub async fn dances_prune(&self, now: Millis) -> Result<()> {
        execute_live!(aside self, sqlx::query("DELETE FROM dance WHERE expires_at <= $1").bind(now))?;
        Ok(())
    }
}
