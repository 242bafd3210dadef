//! Hosts, and the OAuth applications registered on them.

use model::secret::SecretString;
use model::{HostKind, Millis};

use crate::database::{execute, execute_live, read, within};
use crate::rows::{MaybeJsonText, Word};
use crate::seal::Place;
use crate::sql::is_storable;
use crate::{Result, Store, WriteTx};

/// One forge server.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Host {
    /// Inner id.
    pub id: i64,
    /// What kind of forge it is.
    #[sqlx(try_from = "Word<HostKind>")]
    pub kind: HostKind,
    /// Its normalised URL.
    pub url: String,
    /// What was learnt of the server (version, git filters, …), as its client wrote it.
    #[sqlx(try_from = "MaybeJsonText<serde_json::Value>")]
    pub capabilities: Option<serde_json::Value>,
    /// No request before this.
    pub paused_until: Option<Millis>,
    /// Why it is paused: `rate_limit`, or `down`.
    pub paused_reason: Option<String>,
    /// Failures in a row: no connection, or an error of the server.
    pub failures: i64,
    /// When the first of them was.
    pub failing_since: Option<Millis>,
}

/// An OAuth application registered on a host.
#[derive(Debug, Clone)]
pub struct Application {
    /// Inner id.
    pub id: i64,
    /// The host it is registered on.
    pub host_id: i64,
    /// The application id that the forge gave.
    pub client_id: String,
    /// Its secret.
    pub secret: SecretString,
}

/// The columns of [`Host`].
macro_rules! host_columns {
    () => {
        "id, kind, url, capabilities, paused_until, paused_reason, failures, failing_since"
    };
}

/// Id, host, client id, sealed secret.
type ApplicationRow = (i64, i64, String, String);

/// Where the secret of an application is sealed.
const fn secret_place(row: &str) -> Place<'_> {
    Place { table: "application", column: "secret", row }
}

impl WriteTx {
    /// The host of this kind at this normalised URL, made when it is new.
    pub async fn host_ensure(&mut self, kind: HostKind, url: &str, now: Millis) -> Result<i64> {
        const INSERT: &str = "INSERT INTO host (id, kind, url, created_at) VALUES ($1, $2, $3, $4) \
                              ON CONFLICT (kind, url) DO NOTHING";
        const FIND: &str = "SELECT id FROM host WHERE kind = $1 AND url = $2";
        let found: Option<i64> =
            within!(self.aside(), |db| sqlx::query_scalar(FIND).bind(kind.as_str()).bind(url).fetch_optional(db))?;
        if let Some(id) = found {
            return Ok(id);
        }
        let id = self.ids(1).await?;
        // Nothing is known of it yet that could be shown.
        execute!(self.aside(), sqlx::query(INSERT).bind(id).bind(kind.as_str()).bind(url).bind(now))?;
        within!(self.aside(), |db| sqlx::query_scalar(FIND).bind(kind.as_str()).bind(url).fetch_one(db))
    }

    /// Keeps an application; one with the same id on the same host gets the new secret.
    pub async fn application_put(
        &mut self,
        host_id: i64,
        client_id: &str,
        secret: &SecretString,
        now: Millis,
    ) -> Result<i64> {
        const INSERT: &str = "INSERT INTO application (id, host_id, client_id, secret_sealed, created_at) \
                              VALUES ($1, $2, $3, '', $4) ON CONFLICT (host_id, client_id) DO NOTHING";
        const FIND: &str = "SELECT id FROM application WHERE host_id = $1 AND client_id = $2";
        const SEAL: &str = "UPDATE application SET secret_sealed = $2 WHERE id = $1";
        let id = self.ids(1).await?;
        execute!(self.aside(), sqlx::query(INSERT).bind(id).bind(host_id).bind(client_id).bind(now))?;
        let id: i64 = within!(self.aside(), |db| sqlx::query_scalar(FIND).bind(host_id).bind(client_id).fetch_one(db))?;
        // Sealed for the row that it is in, which is known only now.
        let sealed = self.store().sealer().seal(secret_place(&id.to_string()), secret);
        execute!(self.aside(), sqlx::query(SEAL).bind(id).bind(sealed.as_str()))?;
        Ok(id)
    }
}

impl Store {
    /// One host.
    pub async fn host(&self, id: i64) -> Result<Option<Host>> {
        const SQL: &str = concat!("SELECT ", host_columns!(), " FROM host WHERE id = $1");
        read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))
    }

    /// Every host, in order of its URL.
    pub async fn hosts(&self) -> Result<Vec<Host>> {
        const SQL: &str = concat!("SELECT ", host_columns!(), " FROM host ORDER BY url, kind");
        read!(self, |db| sqlx::query_as(SQL).fetch_all(db))
    }

    /// Keeps what was learnt of the server.
    pub async fn host_capabilities_set(&self, id: i64, capabilities: &serde_json::Value) -> Result<()> {
        const SQL: &str = "UPDATE host SET capabilities = $2 WHERE id = $1";
        execute_live!(self, sqlx::query(SQL).bind(id).bind(capabilities.to_string()))?;
        Ok(())
    }

    /// Lets no request go to the host before `until`; none ends the pause. The reason is a word: `rate_limit`, or `down`.
    pub async fn host_pause(&self, id: i64, until: Option<Millis>, reason: Option<&str>) -> Result<()> {
        const SQL: &str = "UPDATE host SET paused_until = $2, paused_reason = $3 WHERE id = $1";
        execute_live!(self, sqlx::query(SQL).bind(id).bind(until).bind(reason))?;
        Ok(())
    }

    /// One application, its secret opened.
    pub async fn application(&self, id: i64) -> Result<Option<Application>> {
        const SQL: &str = "SELECT id, host_id, client_id, secret_sealed FROM application WHERE id = $1";
        let row: Option<ApplicationRow> = read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))?;
        row.map(|row| self.open_application(row)).transpose()
    }

    /// The application with this client id, on whichever host it is. None where several hosts know it: which one is meant
    /// cannot be told.
    pub async fn application_by_client_id(&self, client_id: &str) -> Result<Option<Application>> {
        const SQL: &str = "SELECT id, host_id, client_id, secret_sealed FROM application WHERE client_id = $1 LIMIT 2";
        if !is_storable(client_id) {
            return Ok(None);
        }
        let mut rows: Vec<ApplicationRow> = read!(self, |db| sqlx::query_as(SQL).bind(client_id).fetch_all(db))?;
        let only = if rows.len() == 1 { rows.pop() } else { None };
        only.map(|row| self.open_application(row)).transpose()
    }

    fn open_application(&self, (id, host_id, client_id, sealed): ApplicationRow) -> Result<Application> {
        let secret = self.sealer().open(secret_place(&id.to_string()), &sealed)?;
        Ok(Application { id, host_id, client_id, secret })
    }
}
