//! Repositories, and which accounts see them.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{ForgeRepository, HostKind, Millis, SyncChanges};
use sqlx::AssertSqlSafe;

use crate::database::{execute, execute_live, read, within};
use crate::rows::{MaybeJsonText, Word, words};
use crate::sql::{CHUNK, account_repositories, execute_built, link_seen, numbers, repository_columns, with_texts};
use crate::{Lane, Result, Store, StoreError, Viewer, WriteTx};

words! {
    /// How the syncs of a repository are doing.
    RepositoryState {
        /// A sync is due.
        Waiting = "waiting",
        /// A sync is running.
        Syncing = "syncing",
        /// The last sync ended well.
        UpToDate = "up_to_date",
        /// The last sync failed.
        Failed = "failed",
        /// It holds no commits.
        Empty = "empty",
    }
}

words! {
    /// Whether the forge lets its merge requests be read.
    MergeRequestsState {
        /// Not asked yet.
        Unknown = "unknown",
        /// They can be read.
        Available = "available",
        /// They are switched off, or the credential may not read them.
        Unavailable = "unavailable",
    }
}

/// One repository of a host, with its host's kind and URL.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Repository {
    /// Inner id.
    pub id: i64,
    /// The host it is on.
    pub host_id: i64,
    /// The host's kind.
    #[sqlx(try_from = "Word<HostKind>")]
    pub host_kind: HostKind,
    /// The host's URL.
    pub host_url: String,
    /// The forge's own id, which renames and moves keep.
    pub forge_id: String,
    /// The display name.
    pub name: String,
    /// The full path.
    pub path: String,
    /// Its page, where there is one.
    pub web_url: Option<String>,
    /// Where git reads it.
    pub git_url: String,
    /// The default branch.
    pub default_branch: Option<String>,
    /// The forge's id of its parent, on the same host.
    pub fork_of: Option<String>,
    /// Whether it is archived.
    pub archived: bool,
    /// When something last happened in it.
    pub last_activity_at: Option<Millis>,
    /// How its syncs are doing.
    #[sqlx(try_from = "Word<RepositoryState>")]
    pub state: RepositoryState,
    /// Commits written by the running sync.
    pub commits_done: i64,
    /// Commits that the running sync will write.
    pub commits_total: i64,
    /// When its first import ended.
    pub imported_at: Option<Millis>,
    /// When the last sync ended well.
    pub synced_at: Option<Millis>,
    /// The watermark of the merge request list.
    pub merge_requests_until: Option<Millis>,
    /// Whether its merge requests can be read.
    #[sqlx(try_from = "Word<MergeRequestsState>")]
    pub merge_requests_state: MergeRequestsState,
    /// The kind of its present error.
    pub error_kind: Option<String>,
    /// Its present error, as sentences.
    pub error: Option<String>,
    /// Syncs failed in a row.
    pub failures: i64,
    /// When it is tried again after a failure.
    pub retry_at: Option<Millis>,
    /// Whether a person paused its syncs.
    pub paused: bool,
    /// What its last full sync changed.
    #[sqlx(try_from = "MaybeJsonText<SyncChanges>")]
    pub changes: Option<SyncChanges>,
    /// When that full sync ended.
    pub changes_at: Option<Millis>,
    /// When it was first seen.
    pub created_at: Millis,
}

/// A repository as one account sees it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AccountRepository {
    /// The repository.
    #[sqlx(flatten)]
    pub repository: Repository,
    /// Whether this account imports and shows it.
    pub linked: bool,
    /// Whether the account's list still names it.
    pub visible: bool,
    /// Whether smart commits are on.
    pub smart_commits: bool,
    /// Branches that are not gone.
    pub branches: i64,
    /// Commits that name an issue.
    pub commits_with_keys: i64,
    /// Merge requests that are not gone.
    pub merge_requests: i64,
}

impl WriteTx {
    /// Writes an account's whole list: repositories are made or renamed (the same forge id is the same repository), new
    /// ones are linked when `auto_link` says so, those not named any more are marked. Answers each repository's inner id
    /// in the order given, and whether this account sees it for the first time.
    pub async fn repositories_listed(
        &mut self,
        account_id: i64,
        listed: &[ForgeRepository],
        auto_link: bool,
        smart_commits: bool,
        now: Millis,
    ) -> Result<Vec<(i64, bool)>> {
        const HOST: &str = "SELECT host_id FROM account WHERE id = $1";
        const SEEN: &str = "SELECT repository_id FROM account_repository WHERE account_id = $1";
        const HIDE: &str = "UPDATE account_repository SET visible = FALSE WHERE account_id = $1";
        let touched = self.touched();
        let host_id: Option<i64> = within!(self, |db| sqlx::query_scalar(HOST).bind(account_id).fetch_optional(db))?;
        let host_id = host_id.ok_or(StoreError::Missing { what: "account" })?;
        let seen: Vec<i64> = within!(self, |db| sqlx::query_scalar(SEEN).bind(account_id).fetch_all(db))?;
        let seen: HashSet<i64> = seen.into_iter().collect();
        let all_new = seen.is_empty() && !self.any_repository_known(host_id, listed).await?;
        let ids = self.repositories_upsert(host_id, listed, now).await?;
        execute!(self, sqlx::query(HIDE).bind(account_id))?;
        let distinct: Vec<i64> = ids.values().copied().collect();
        for chunk in distinct.chunks(CHUNK) {
            self.account_sees(account_id, chunk, auto_link, smart_commits).await?;
        }
        if all_new {
            // Nothing is known of them yet that could be shown.
            self.touched_only(touched, []);
        }
        Ok(listed.iter().map(|one| ids[&one.forge_id]).map(|id| (id, !seen.contains(&id))).collect())
    }

    async fn any_repository_known(&mut self, host_id: i64, listed: &[ForgeRepository]) -> Result<bool> {
        for chunk in listed.chunks(CHUNK) {
            let find = format!("SELECT id FROM repository WHERE host_id = {host_id} AND forge_id IN ");
            let texts = || chunk.iter().map(|one| one.forge_id.as_str());
            let found: Vec<i64> = within!(self, |db| async {
                with_texts!(find.as_str(), texts()).build_query_scalar().fetch_all(db).await
            })?;
            if !found.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes or renames repositories; answers inner ids by forge ids.
    async fn repositories_upsert(
        &mut self,
        host_id: i64,
        listed: &[ForgeRepository],
        now: Millis,
    ) -> Result<HashMap<String, i64>> {
        const FIND: &str = "SELECT forge_id, id FROM repository WHERE host_id = ";
        let distinct: BTreeMap<&str, &ForgeRepository> =
            listed.iter().map(|one| (one.forge_id.as_str(), one)).collect();
        let distinct: Vec<&ForgeRepository> = distinct.into_values().collect();
        let mut ids = HashMap::with_capacity(distinct.len());
        for chunk in distinct.chunks(CHUNK) {
            self.former_paths_keep(host_id, chunk, now).await?;
            self.repositories_write(host_id, chunk, now).await?;
            let find = format!("{FIND}{host_id} AND forge_id IN ");
            let texts = || chunk.iter().map(|one| one.forge_id.as_str());
            let found: Vec<(String, i64)> =
                within!(self, |db| async { with_texts!(find.as_str(), texts()).build_query_as().fetch_all(db).await })?;
            ids.extend(found);
        }
        Ok(ids)
    }

    async fn repositories_write(&mut self, host_id: i64, chunk: &[&ForgeRepository], now: Millis) -> Result<()> {
        const INSERT: &str = "INSERT INTO repository (id, host_id, forge_id, name, path, web_url, git_url, default_branch, \
                              fork_of, archived, last_activity_at, state, commits_done, commits_total, commits_with_keys, \
                              merge_requests_state, failures, created_at) ";
        const UPDATE: &str = " ON CONFLICT (host_id, forge_id) DO UPDATE SET name = excluded.name, path = excluded.path, \
                              web_url = excluded.web_url, git_url = excluded.git_url, \
                              default_branch = excluded.default_branch, fork_of = excluded.fork_of, \
                              archived = excluded.archived, last_activity_at = excluded.last_activity_at";
        let first = self.ids(chunk.len() as i64).await?;
        execute_built!(self, chunk.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values((first..).zip(chunk), |mut row, (id, one)| {
                let state = if one.empty { RepositoryState::Empty } else { RepositoryState::Waiting };
                row.push_bind(id).push_bind(host_id).push_bind(one.forge_id.as_str());
                row.push_bind(one.name.as_str()).push_bind(one.path.as_str()).push_bind(one.web_url.as_deref());
                row.push_bind(one.git_url.as_str()).push_bind(one.default_branch.as_deref());
                row.push_bind(one.fork_of.as_deref()).push_bind(one.archived).push_bind(one.last_activity_at);
                row.push_bind(state.as_str()).push_bind(0_i64).push_bind(0_i64).push_bind(0_i64);
                row.push_bind(MergeRequestsState::Unknown.as_str()).push_bind(0_i64).push_bind(now);
            });
            sql.push(UPDATE);
            sql
        })?;
        Ok(())
    }

    /// Links or unlinks repositories, in a statement for every 500. Answers those of them that the account's list has named, in
    /// no order.
    pub async fn repositories_set_linked(&mut self, account_id: i64, ids: &[i64], linked: bool) -> Result<Vec<i64>> {
        let mut named = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!(
                "UPDATE account_repository SET linked = $2 WHERE account_id = $1 AND repository_id IN ({}) \
                 RETURNING repository_id",
                numbers(chunk)
            );
            let changed: Vec<i64> = within!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql.as_str()))
                .persistent(false)
                .bind(account_id)
                .bind(linked)
                .fetch_all(db))?;
            named.extend(changed);
        }
        Ok(named)
    }

    async fn account_sees(
        &mut self,
        account_id: i64,
        repository_ids: &[i64],
        linked: bool,
        smart_commits: bool,
    ) -> Result<()> {
        const INSERT: &str =
            "INSERT INTO account_repository (account_id, repository_id, linked, visible, smart_commits) ";
        execute_built!(self, repository_ids.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values(repository_ids, |mut row, repository_id| {
                row.push_bind(account_id).push_bind(*repository_id);
                row.push_bind(linked).push_bind(true).push_bind(smart_commits);
            });
            sql.push(" ON CONFLICT (account_id, repository_id) DO UPDATE SET visible = TRUE");
            sql
        })?;
        Ok(())
    }
}

impl Store {
    /// One repository.
    pub async fn repository(&self, id: i64) -> Result<Option<Repository>> {
        const SQL: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM repository r JOIN host h ON h.id = r.host_id WHERE r.id = $1"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(id).fetch_optional(db))
    }

    /// Those of these repositories that there are, in the order asked for.
    pub async fn repositories_by_ids(&self, ids: &[i64]) -> Result<Vec<Repository>> {
        const SQL: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM repository r JOIN host h ON h.id = r.host_id WHERE r.id IN ("
        );
        let mut found: HashMap<i64, Repository> = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!("{SQL}{})", numbers(chunk));
            let rows: Vec<Repository> =
                read!(self, |db| { sqlx::query_as(AssertSqlSafe(sql.as_str())).persistent(false).fetch_all(db) })?;
            found.extend(rows.into_iter().map(|row| (row.id, row)));
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// The repository with this forge id on this host.
    pub async fn repository_by_forge_id(&self, host_id: i64, forge_id: &str) -> Result<Option<Repository>> {
        const SQL: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM repository r JOIN host h ON h.id = r.host_id WHERE r.host_id = $1 AND r.forge_id = $2"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(host_id).bind(forge_id).fetch_optional(db))
    }

    /// The repositories that an account sees, newest activity first; none when the viewer may not see the account.
    pub async fn account_repositories(&self, viewer: Viewer, account_id: i64) -> Result<Vec<AccountRepository>> {
        const SQL: &str = concat!(account_repositories!(), " ORDER BY COALESCE(r.last_activity_at, 0) DESC, r.path");
        read!(self, |db| sqlx::query_as(SQL).bind(viewer.user_id()).bind(account_id).fetch_all(db))
    }

    /// The repositories that an account imports, newest activity first.
    pub async fn linked_repositories(&self, account_id: i64) -> Result<Vec<Repository>> {
        const SQL: &str = concat!(
            "SELECT ",
            repository_columns!(),
            " FROM account_repository ar JOIN repository r ON r.id = ar.repository_id JOIN host h ON h.id = r.host_id \
             WHERE ar.account_id = $1 AND ar.linked AND ar.visible ORDER BY COALESCE(r.last_activity_at, 0) DESC, r.path"
        );
        read!(self, |db| sqlx::query_as(SQL).bind(account_id).fetch_all(db))
    }

    /// Links or unlinks a repository: [`WriteTx::repositories_set_linked`] in a transaction of its own.
    pub async fn repository_set_linked(&self, account_id: i64, repository_id: i64, linked: bool) -> Result<()> {
        let mut tx = self.begin_write(Lane::Live).await?;
        tx.repositories_set_linked(account_id, &[repository_id], linked).await?;
        tx.commit().await
    }

    /// Lets commands in the messages of a repository count, or not, as far as this account goes.
    pub async fn repository_set_smart_commits(&self, account_id: i64, repository_id: i64, on: bool) -> Result<()> {
        const SQL: &str =
            "UPDATE account_repository SET smart_commits = $3 WHERE account_id = $1 AND repository_id = $2";
        execute_live!(aside self, sqlx::query(SQL).bind(account_id).bind(repository_id).bind(on))?;
        Ok(())
    }

    /// Whether any account imports it.
    pub async fn repository_is_linked(&self, id: i64) -> Result<bool> {
        self.repository_visible(Viewer::Everything, id).await
    }

    /// The accounts whose lists name it, those that link it first.
    pub async fn repository_accounts(&self, id: i64) -> Result<Vec<i64>> {
        const SQL: &str = "SELECT account_id FROM account_repository WHERE repository_id = $1 AND visible \
                           ORDER BY CASE WHEN linked THEN 0 ELSE 1 END, account_id";
        read!(self, |db| sqlx::query_scalar(SQL).bind(id).fetch_all(db))
    }

    /// Whether the viewer may see it: an account that the viewer may see links it.
    pub async fn repository_visible(&self, viewer: Viewer, id: i64) -> Result<bool> {
        const SQL: &str = concat!(
            "SELECT COUNT(*) FROM account_repository ar JOIN account a ON a.id = ar.account_id \
             WHERE ar.repository_id = $2 AND ",
            link_seen!("$1")
        );
        let links: i64 = read!(self, |db| sqlx::query_scalar(SQL).bind(viewer.user_id()).bind(id).fetch_one(db))?;
        Ok(links > 0)
    }
}
