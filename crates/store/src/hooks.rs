//! Hooks: where forges call when something happens.

use std::collections::HashSet;

use model::secret::SecretString;
use model::{HookScope, HostKind, Millis};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::rows::{Word, words};
use crate::seal::Place;
use crate::sql::{CHUNK, numbers};
use crate::{Result, Store, StoreError, WriteTx};

words! {
    /// How a hook is doing.
    HookState {
        /// The forge was not asked yet.
        Waiting = "waiting",
        /// The forge has it.
        Registered = "registered",
        /// The credential may not make it; a person may paste its address and secret.
        Manual = "manual",
        /// It was taken back.
        Removed = "removed",
    }
}

/// What a hook tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HookOf {
    /// One repository, by its inner id.
    Repository(i64),
    /// The group of an account, by the account's inner id.
    Account(i64),
}

impl HookOf {
    const fn scope(self) -> HookScope {
        match self {
            Self::Repository(_) => HookScope::Repository,
            Self::Account(_) => HookScope::Group,
        }
    }

    const fn repository_id(self) -> Option<i64> {
        match self {
            Self::Repository(id) => Some(id),
            Self::Account(_) => None,
        }
    }

    const fn account_id(self) -> Option<i64> {
        match self {
            Self::Repository(_) => None,
            Self::Account(id) => Some(id),
        }
    }
}

/// A hook, its secret opened.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its random id in the address that the forge calls.
    pub id: String,
    /// The host it is on.
    pub host_id: i64,
    /// The host's kind.
    pub host_kind: HostKind,
    /// Whether it is on a repository or on a group.
    pub scope: HookScope,
    /// The repository it is on.
    pub repository_id: Option<i64>,
    /// The account whose group it is on.
    pub account_id: Option<i64>,
    /// The forge's own id; none where it could not be made.
    pub forge_id: Option<String>,
    /// Its address as it was registered.
    pub url: Option<String>,
    /// What the forge proves itself with.
    pub secret: SecretString,
    /// How it is doing.
    pub state: HookState,
    /// Why it could not be made: the kind.
    pub error_kind: Option<String>,
    /// Why it could not be made, as sentences.
    pub error: Option<String>,
    /// When the forge was last asked about it.
    pub checked_at: Option<Millis>,
    /// When it last told of something.
    pub last_event_at: Option<Millis>,
    /// What it last told of, in the forge's word.
    pub last_event: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    host_id: i64,
    #[sqlx(try_from = "Word<HostKind>")]
    host_kind: HostKind,
    #[sqlx(try_from = "Word<HookScope>")]
    scope: HookScope,
    repository_id: Option<i64>,
    account_id: Option<i64>,
    forge_id: Option<String>,
    url: Option<String>,
    secret_sealed: String,
    #[sqlx(try_from = "Word<HookState>")]
    state: HookState,
    error_kind: Option<String>,
    error: Option<String>,
    checked_at: Option<Millis>,
    last_event_at: Option<Millis>,
    last_event: Option<String>,
}

const fn secret_place(id: &str) -> Place<'_> {
    Place { table: "hook", column: "secret", row: id }
}

macro_rules! select {
    ($where:literal) => {
        concat!(
            "SELECT k.id, k.host_id, h.kind AS host_kind, k.scope, k.repository_id, k.account_id, k.forge_id, k.url, \
             k.secret_sealed, k.state, k.error_kind, k.error, k.checked_at, k.last_event_at, k.last_event \
             FROM hook k JOIN host h ON h.id = k.host_id WHERE ",
            $where
        )
    };
}

const OF_REPOSITORY: &str = select!("k.repository_id = $1");
const OF_ACCOUNT: &str = select!("k.account_id = $1");

const fn select_of(of: HookOf) -> (&'static str, i64) {
    match of {
        HookOf::Repository(id) => (OF_REPOSITORY, id),
        HookOf::Account(id) => (OF_ACCOUNT, id),
    }
}

impl WriteTx {
    /// The hook of a repository or group: the one there is, else one made with this id and secret, waiting to be registered.
    pub async fn hook_ensure(
        &mut self,
        of: HookOf,
        host_id: i64,
        new_id: &str,
        new_secret: &SecretString,
        now: Millis,
    ) -> Result<Hook> {
        // Without a target: either of the two rules of uniqueness may be met.
        const INSERT: &str = "INSERT INTO hook (id, host_id, scope, repository_id, account_id, secret_sealed, state, \
                              created_at) VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7) ON CONFLICT DO NOTHING";
        let sealed = self.store().sealer().seal(secret_place(new_id), new_secret);
        let (select, id) = select_of(of);
        let found: Option<Row> = within!(self.aside(), |db| sqlx::query_as(select).bind(id).fetch_optional(db))?;
        if let Some(row) = found {
            return self.store().open_hook(row);
        }
        execute!(
            self.aside(),
            sqlx::query(INSERT)
                .bind(new_id)
                .bind(host_id)
                .bind(of.scope().as_str())
                .bind(of.repository_id())
                .bind(of.account_id())
                .bind(sealed.as_str())
                .bind(now)
        )?;
        let row: Option<Row> = within!(self.aside(), |db| sqlx::query_as(select).bind(id).fetch_optional(db))?;
        self.store().open_hook(row.ok_or(StoreError::Missing { what: "hook" })?)
    }

    /// The forge has it, at this address.
    pub async fn hook_registered(&mut self, id: &str, forge_id: &str, url: &str, now: Millis) -> Result<()> {
        const SQL: &str = "UPDATE hook SET state = 'registered', forge_id = $2, url = $3, checked_at = $4, \
                           error_kind = NULL, error = NULL WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(forge_id).bind(url).bind(now))?;
        Ok(())
    }

    /// It could not be made: the kind of the reason, and sentences for people. What the forge was known to have stays known.
    pub async fn hook_manual(&mut self, id: &str, kind: &str, error: &str, now: Millis) -> Result<()> {
        const SQL: &str =
            "UPDATE hook SET state = 'manual', error_kind = $2, error = $3, checked_at = $4 WHERE id = $1";
        execute!(self.aside(), sqlx::query(SQL).bind(id).bind(kind).bind(error).bind(now))?;
        Ok(())
    }

    /// Those of these repositories that have a hook of their own, each with its host.
    pub async fn repositories_with_hooks(&mut self, repository_ids: &[i64]) -> Result<Vec<(i64, i64)>> {
        let mut hooked = Vec::new();
        for chunk in repository_ids.chunks(CHUNK) {
            let sql = format!("SELECT repository_id, host_id FROM hook WHERE repository_id IN ({})", numbers(chunk));
            let found: Vec<(i64, i64)> = within!(self.aside(), |db| {
                sqlx::query_as(AssertSqlSafe(sql.as_str())).persistent(false).fetch_all(db)
            })?;
            hooked.extend(found);
        }
        Ok(hooked)
    }

    /// Forgets a hook with its events: whoever calls its address from now on is a stranger.
    pub async fn hook_removed(&mut self, id: &str) -> Result<()> {
        execute!(self.aside(), sqlx::query("DELETE FROM hook WHERE id = $1").bind(id))?;
        Ok(())
    }
}

impl Store {
    /// The hook with this id in its address.
    pub async fn hook(&self, id: &str) -> Result<Option<Hook>> {
        const SQL: &str = select!("k.id = $1");
        let row: Option<Row> = read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))?;
        row.map(|row| self.open_hook(row)).transpose()
    }

    /// The hook of a repository or a group.
    pub async fn hook_of(&self, of: HookOf) -> Result<Option<Hook>> {
        let (select, id) = select_of(of);
        let row: Option<Row> = read!(self, |db| sqlx::query_as(select).bind(id).fetch_optional(db))?;
        row.map(|row| self.open_hook(row)).transpose()
    }

    /// The hook of the account's group, and then those of the repositories that it links.
    pub async fn hooks_of_account(&self, account_id: i64) -> Result<Vec<Hook>> {
        const SQL: &str = select!(
            "k.account_id = $1 OR EXISTS (SELECT 1 FROM account_repository ar \
             WHERE ar.account_id = $1 AND ar.linked AND ar.repository_id = k.repository_id) \
             ORDER BY COALESCE(k.repository_id, 0), k.id"
        );
        let rows: Vec<Row> = read!(self, |db| sqlx::query_as(SQL).bind(account_id).fetch_all(db))?;
        rows.into_iter().map(|row| self.open_hook(row)).collect()
    }

    /// The repositories that an account links and its list names of which the registered hook of a group tells: that of any
    /// account that stays and whose list names them, but not that of `without`.
    pub async fn repositories_told_by_groups(&self, account_id: i64, without: Option<i64>) -> Result<HashSet<i64>> {
        const SQL: &str = "SELECT DISTINCT ar.repository_id FROM account_repository ar \
                           JOIN account_repository other ON other.repository_id = ar.repository_id AND other.visible \
                           JOIN account a ON a.id = other.account_id AND a.state <> 'removing' \
                           JOIN hook k ON k.account_id = a.id AND k.state = 'registered' \
                           WHERE ar.account_id = $1 AND ar.linked AND ar.visible \
                           AND (CAST($2 AS BIGINT) IS NULL OR a.id <> $2)";
        let told: Vec<i64> = read!(self, |db| sqlx::query_scalar(SQL).bind(account_id).bind(without).fetch_all(db))?;
        Ok(told.into_iter().collect())
    }

    fn open_hook(&self, row: Row) -> Result<Hook> {
        let secret = self.sealer().open(secret_place(&row.id), &row.secret_sealed)?;
        Ok(Hook {
            id: row.id,
            host_id: row.host_id,
            host_kind: row.host_kind,
            scope: row.scope,
            repository_id: row.repository_id,
            account_id: row.account_id,
            forge_id: row.forge_id,
            url: row.url,
            secret,
            state: row.state,
            error_kind: row.error_kind,
            error: row.error,
            checked_at: row.checked_at,
            last_event_at: row.last_event_at,
            last_event: row.last_event,
        })
    }
}
