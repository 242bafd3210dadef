//! Sites: Jiras, how they are reached, and how they are.

use model::secret::SecretString;
use model::{Millis, SiteKind, SiteSettings};

use crate::database::{execute, execute_live, read, within};
use crate::rows::{JsonText, MaybeJsonText, Word, words};
use crate::seal::Place;
use crate::sql::is_storable;
use crate::{Lane, Result, Store, WriteTx};

words! {
    /// Whether a site is told anything.
    SiteState {
        /// It is.
        Active = "active",
        /// Not until it is resumed; what happens meanwhile is told then.
        Paused = "paused",
        /// Never again: what is known of it is being taken away.
        Removing = "removing",
    }
}

/// One Jira. Its secrets are read by [`Store::site_credentials`].
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Site {
    /// Inner id.
    pub id: i64,
    /// What kind of Jira it is.
    #[sqlx(try_from = "Word<SiteKind>")]
    pub kind: SiteKind,
    /// What people call it.
    pub name: String,
    /// Its normalised URL, with its context path, without a trailing slash.
    pub url: String,
    /// What it is told.
    #[sqlx(try_from = "JsonText<SiteSettings>")]
    pub settings: SiteSettings,
    /// Whether it is told anything.
    #[sqlx(try_from = "Word<SiteState>")]
    pub state: SiteState,
    /// A login or an e-mail; none with a personal access token of Data Center. Never log it.
    pub rest_user: Option<String>,
    /// Whether there is a password or token for REST.
    pub has_rest_secret: bool,
    /// The client id of OAuth credentials for development information.
    pub client_id: Option<String>,
    /// The id of a Cloud site, once it was asked.
    pub cloud_id: Option<String>,
    /// The version that it says it has.
    pub version: Option<String>,
    /// When its project list was last read.
    pub projects_read_at: Option<Millis>,
    /// When it was last tested.
    pub tested_at: Option<Millis>,
    /// What that found, as the check wrote it.
    #[sqlx(try_from = "MaybeJsonText<serde_json::Value>")]
    pub report: Option<serde_json::Value>,
    /// No request before this.
    pub paused_until: Option<Millis>,
    /// What kind of trouble there is.
    pub error_kind: Option<String>,
    /// The trouble as a sentence.
    pub error: Option<String>,
    /// Failures in a row.
    pub failures: i64,
    /// When it was added.
    pub created_at: Millis,
}

/// A site to keep.
#[derive(Debug, Clone)]
pub struct NewSite {
    /// What kind of Jira it is.
    pub kind: SiteKind,
    /// What people call it.
    pub name: String,
    /// Its normalised URL.
    pub url: String,
    /// What it is told.
    pub settings: SiteSettings,
    /// A login or an e-mail.
    pub rest_user: Option<String>,
    /// A password or token for REST.
    pub rest_secret: Option<SecretString>,
    /// OAuth credentials for development information: the id.
    pub client_id: Option<String>,
    /// And their secret.
    pub client_secret: Option<SecretString>,
}

/// What became of a site to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteInserted {
    /// It is kept, with this id.
    New(i64),
    /// This one has its address already.
    Exists(i64),
}

/// What to change of a site; what is none stays as it is.
#[derive(Debug, Clone, Default)]
pub struct SiteUpdate {
    /// What people call it.
    pub name: Option<String>,
    /// What it is told.
    pub settings: Option<SiteSettings>,
    /// A login or an e-mail; an inner none takes it away.
    pub rest_user: Option<Option<String>>,
    /// A password or token for REST.
    pub rest_secret: Option<SecretString>,
    /// The id of OAuth credentials.
    pub client_id: Option<String>,
    /// Their secret.
    pub client_secret: Option<SecretString>,
}

/// What a site is reached with.
#[derive(Debug, Clone)]
pub struct SiteCredentials {
    /// A login or an e-mail.
    pub rest_user: Option<String>,
    /// A password or token for REST.
    pub rest_secret: Option<SecretString>,
    /// The id of OAuth credentials.
    pub client_id: Option<String>,
    /// Their secret.
    pub client_secret: Option<SecretString>,
}

type CredentialsRow = (Option<String>, Option<String>, Option<String>, Option<String>);

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, name, url, settings, state, rest_user, rest_secret_sealed IS NOT NULL AS has_rest_secret, \
             client_id, cloud_id, version, projects_read_at, tested_at, report, paused_until, error_kind, error, failures, \
             created_at FROM site ",
            $rest
        )
    };
}

/// How many rows of a removed site one transaction takes away.
const PURGED_AT_ONCE: i64 = 500;

const fn rest_place(row: &str) -> Place<'_> {
    Place { table: "site", column: "rest_secret", row }
}

const fn client_place(row: &str) -> Place<'_> {
    Place { table: "site", column: "client_secret", row }
}

impl Store {
    /// Keeps a site, unless one has its address.
    pub async fn site_insert(&self, new: &NewSite, now: Millis) -> Result<SiteInserted> {
        const FIND: &str = "SELECT id FROM site WHERE url = $1";
        const INSERT: &str = "INSERT INTO site (id, kind, name, url, settings, state, rest_user, rest_secret_sealed, client_id, \
                              client_secret_sealed, failures, created_at) \
                              VALUES ($1, $2, $3, $4, $5, 'active', $6, $7, $8, $9, 0, $10) ON CONFLICT (url) DO NOTHING";
        let mut tx = self.begin_write(Lane::Live).await?;
        let id = tx.ids(1).await?;
        let row = id.to_string();
        let rest = new.rest_secret.as_ref().map(|secret| self.sealer().seal(rest_place(&row), secret));
        let client = new.client_secret.as_ref().map(|secret| self.sealer().seal(client_place(&row), secret));
        let inserted = execute!(
            tx,
            sqlx::query(INSERT)
                .bind(id)
                .bind(new.kind.as_str())
                .bind(new.name.as_str())
                .bind(new.url.as_str())
                .bind(settings_text(&new.settings))
                .bind(new.rest_user.as_deref())
                .bind(rest.as_deref())
                .bind(new.client_id.as_deref())
                .bind(client.as_deref())
                .bind(now)
        )?;
        if inserted == 0 {
            let exists = within!(tx.aside(), |db| sqlx::query_scalar(FIND).bind(new.url.as_str()).fetch_one(db))?;
            return Ok(SiteInserted::Exists(exists));
        }
        tx.commit().await?;
        Ok(SiteInserted::New(id))
    }

    /// Every site, in order of its name.
    pub async fn sites(&self) -> Result<Vec<Site>> {
        read!(self, |db| sqlx::query_as(select!("ORDER BY name, id")).fetch_all(db))
    }

    /// One site.
    pub async fn site(&self, id: i64) -> Result<Option<Site>> {
        read!(self, |db| sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(db))
    }

    /// The site at a normalised URL.
    pub async fn site_by_url(&self, url: &str) -> Result<Option<Site>> {
        if !is_storable(url) {
            return Ok(None);
        }
        read!(self, |db| sqlx::query_as(select!("WHERE url = $1")).bind(url).fetch_optional(db))
    }

    /// What a site is reached with, opened.
    pub async fn site_credentials(&self, id: i64) -> Result<Option<SiteCredentials>> {
        const SQL: &str =
            "SELECT rest_user, rest_secret_sealed, client_id, client_secret_sealed FROM site WHERE id = $1";
        let found: Option<CredentialsRow> = read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))?;
        let Some((rest_user, rest, client_id, client)) = found else { return Ok(None) };
        let row = id.to_string();
        let rest_secret = rest.map(|sealed| self.sealer().open(rest_place(&row), &sealed)).transpose()?;
        let client_secret = client.map(|sealed| self.sealer().open(client_place(&row), &sealed)).transpose()?;
        Ok(Some(SiteCredentials { rest_user, rest_secret, client_id, client_secret }))
    }

    /// Changes a site; false without such a site.
    pub async fn site_update(&self, id: i64, update: &SiteUpdate) -> Result<bool> {
        const USER: &str = "UPDATE site SET rest_user = $2 WHERE id = $1";
        const SQL: &str = "UPDATE site SET name = COALESCE($2, name), settings = COALESCE($3, settings), \
                           rest_secret_sealed = COALESCE($4, rest_secret_sealed), client_id = COALESCE($5, client_id), \
                           client_secret_sealed = COALESCE($6, client_secret_sealed) WHERE id = $1";
        let row = id.to_string();
        let rest = update.rest_secret.as_ref().map(|secret| self.sealer().seal(rest_place(&row), secret));
        let client = update.client_secret.as_ref().map(|secret| self.sealer().seal(client_place(&row), secret));
        let settings = update.settings.as_ref().map(settings_text);
        let mut tx = self.begin_write(Lane::Live).await?;
        let changed = execute!(
            tx,
            sqlx::query(SQL)
                .bind(id)
                .bind(update.name.as_deref())
                .bind(settings.as_deref())
                .bind(rest.as_deref())
                .bind(update.client_id.as_deref())
                .bind(client.as_deref())
        )?;
        if let Some(user) = &update.rest_user {
            execute!(tx.aside(), sqlx::query(USER).bind(id).bind(user.as_deref()))?;
        }
        tx.commit().await?;
        Ok(changed > 0)
    }

    /// Changes whether a site is told anything.
    pub async fn site_set_state(&self, id: i64, state: SiteState) -> Result<()> {
        const SQL: &str = "UPDATE site SET state = $2 WHERE id = $1 AND state <> 'removing'";
        execute_live!(self, sqlx::query(SQL).bind(id).bind(state.as_str()))?;
        Ok(())
    }

    /// Keeps what a test found. Version and cloud id stay as they are when the test did not get so far.
    pub async fn site_tested(
        &self,
        id: i64,
        report: &serde_json::Value,
        version: Option<&str>,
        cloud_id: Option<&str>,
        now: Millis,
    ) -> Result<()> {
        const SQL: &str = "UPDATE site SET report = $2, version = COALESCE($3, version), cloud_id = COALESCE($4, cloud_id), \
                           tested_at = $5 WHERE id = $1";
        execute_live!(
            aside self,
            sqlx::query(SQL).bind(id).bind(report.to_string()).bind(version).bind(cloud_id).bind(now)
        )?;
        Ok(())
    }

    /// Lets a site rest until then; none: no longer.
    pub async fn site_wait_until(&self, id: i64, until: Option<Millis>) -> Result<()> {
        const SQL: &str = "UPDATE site SET paused_until = $2 WHERE id = $1";
        execute_live!(aside self, sqlx::query(SQL).bind(id).bind(until))?;
        Ok(())
    }

    /// Notes trouble with a site; answers how many failures in a row that makes.
    pub async fn site_failed(&self, id: i64, kind: &str, sentence: &str) -> Result<i64> {
        const SQL: &str = "UPDATE site SET error_kind = $2, error = $3, failures = failures + 1 WHERE id = $1";
        const COUNT: &str = "SELECT failures FROM site WHERE id = $1";
        let mut tx = self.begin_write(Lane::Live).await?;
        execute!(tx.aside(), sqlx::query(SQL).bind(id).bind(kind).bind(sentence))?;
        let failures: Option<i64> = within!(tx.aside(), |db| sqlx::query_scalar(COUNT).bind(id).fetch_optional(db))?;
        tx.commit().await?;
        Ok(failures.unwrap_or(0))
    }

    /// Notes that a site answers; nothing is written when nothing was wrong.
    pub async fn site_answered(&self, id: i64) -> Result<()> {
        const FIND: &str =
            "SELECT failures > 0 OR error_kind IS NOT NULL OR paused_until IS NOT NULL FROM site WHERE id = $1";
        const SQL: &str =
            "UPDATE site SET error_kind = NULL, error = NULL, failures = 0, paused_until = NULL WHERE id = $1";
        let was_wrong: Option<bool> = read!(self, |db| sqlx::query_scalar(FIND).bind(id).fetch_optional(db))?;
        if was_wrong == Some(true) {
            execute_live!(aside self, sqlx::query(SQL).bind(id))?;
        }
        Ok(())
    }

    /// The accounts that were chosen to serve a site, where not all do.
    pub async fn site_accounts(&self, id: i64) -> Result<Vec<i64>> {
        const SQL: &str = "SELECT account_id FROM site_account WHERE site_id = $1 ORDER BY account_id";
        read!(self, |db| sqlx::query_scalar(SQL).bind(id).fetch_all(db))
    }

    /// Chooses the accounts that serve a site. Unknown ones are passed over.
    pub async fn site_set_accounts(&self, id: i64, accounts: &[i64]) -> Result<()> {
        const DELETE: &str = "DELETE FROM site_account WHERE site_id = $1";
        const INSERT: &str = "INSERT INTO site_account (site_id, account_id) SELECT $1, id FROM account WHERE id = $2 \
                              ON CONFLICT DO NOTHING";
        let mut tx = self.begin_write(Lane::Live).await?;
        execute!(tx.aside(), sqlx::query(DELETE).bind(id))?;
        for account in accounts {
            execute!(tx.aside(), sqlx::query(INSERT).bind(id).bind(account))?;
        }
        tx.commit().await
    }

    /// Takes away some of what is known of a removed site; true when nothing is left of it. Its aliases and projects have to
    /// be taken away before, with the links that they made.
    pub async fn site_purge_step(&self, id: i64) -> Result<bool> {
        const STEPS: [&str; 5] = [
            "DELETE FROM delivery WHERE id IN (SELECT id FROM delivery WHERE site_id = $1 ORDER BY id LIMIT $2)",
            "DELETE FROM commit_comment WHERE site_id = $1 AND commit_id IN (SELECT commit_id FROM commit_comment WHERE site_id = $1 \
             ORDER BY commit_id LIMIT $2)",
            "DELETE FROM receipt WHERE id IN (SELECT id FROM receipt WHERE site_id = $1 ORDER BY id LIMIT $2)",
            "DELETE FROM outbox WHERE site_id = $1 AND (channel, entity_kind, entity_id) IN (SELECT channel, entity_kind, \
             entity_id FROM outbox WHERE site_id = $1 ORDER BY channel, entity_kind, entity_id LIMIT $2)",
            "DELETE FROM remote_link WHERE site_id = $1 AND (entity_kind, entity_id, issue_key) IN (SELECT entity_kind, \
             entity_id, issue_key FROM remote_link WHERE site_id = $1 ORDER BY entity_kind, entity_id, issue_key LIMIT $2)",
        ];
        for step in STEPS {
            let mut tx = self.begin_write(Lane::Bulk).await?;
            let gone = execute!(tx, sqlx::query(step).bind(id).bind(PURGED_AT_ONCE))?;
            tx.commit().await?;
            if gone > 0 {
                return Ok(false);
            }
        }
        execute_live!(self, sqlx::query("DELETE FROM site WHERE id = $1 AND state = 'removing'").bind(id))?;
        Ok(true)
    }
}

impl WriteTx {
    /// As [`Store::site_answered`], within a transaction that goes on anyway.
    pub async fn site_heard_from(&mut self, id: i64) -> Result<()> {
        const SQL: &str = "UPDATE site SET error_kind = NULL, error = NULL, failures = 0, paused_until = NULL WHERE id = $1 \
                           AND (failures > 0 OR error_kind IS NOT NULL OR paused_until IS NOT NULL)";
        execute!(self.aside(), sqlx::query(SQL).bind(id))?;
        Ok(())
    }
}

fn settings_text(settings: &SiteSettings) -> String {
    serde_json::to_string(settings).expect("a struct of booleans is JSON")
}
