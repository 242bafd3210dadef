//! What sites are told, read from the store as it is now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{CommitFiles, EntityKind, ForgeUser, HostKind, MergeRequestState, Millis, ObjectId, Reviewer, Told};
use sqlx::AssertSqlSafe;

use crate::database::read;
use crate::rows::{JsonText, Word};
use crate::sql::{CHUNK, numbers};
use crate::{Result, Store, StoredCommit};

/// A repository, as a site sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldRepository {
    /// Inner id.
    pub id: i64,
    /// The forge's own id.
    pub forge_id: String,
    /// The display name.
    pub name: String,
    /// The full path.
    pub path: String,
    /// Its page.
    pub web_url: Option<String>,
    /// The forge's id of its parent.
    pub fork_of: Option<String>,
    /// The host's kind.
    pub host_kind: HostKind,
    /// The host's URL.
    pub host_url: String,
    /// The accounts through which the site sees it.
    pub account_ids: Vec<i64>,
    /// Whether an account that serves the site links it. What is not visible is to be withdrawn.
    pub visible: bool,
}

/// A commit, as a site is told.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldCommit {
    /// Inner id.
    pub id: i64,
    /// Its object id.
    pub object_id: ObjectId,
    /// The whole message.
    pub message: String,
    /// Who wrote it.
    pub author_name: String,
    /// The writer's e-mail. Never log it.
    pub author_email: String,
    /// When it was written.
    pub authored_at: Millis,
    /// Its parents, in order.
    pub parents: Vec<ObjectId>,
    /// The issues that it is linked to.
    pub keys: Vec<String>,
    /// The files that it changed, where they are known.
    pub files: Option<CommitFiles>,
    /// Where it is shown.
    pub repository: ToldRepository,
    /// Whether nothing leads to it any more in any repository that the site sees.
    pub lost: bool,
}

/// A branch, as a site is told.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldBranch {
    /// Inner id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its last commit.
    pub head: ObjectId,
    /// That commit, where it is known.
    pub head_commit: Option<ToldCommit>,
    /// When it moved last.
    pub moved_at: Millis,
    /// When it went.
    pub gone_at: Option<Millis>,
    /// The issues that it is linked to.
    pub keys: Vec<String>,
    /// Where it is.
    pub repository: ToldRepository,
}

/// A merge request, as a site is told.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldMergeRequest {
    /// Inner id.
    pub id: i64,
    /// The number that people see.
    pub number: i64,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// State.
    pub state: MergeRequestState,
    /// Who opened it.
    pub author: ForgeUser,
    /// From where.
    pub source_branch: String,
    /// To where.
    pub target_branch: String,
    /// Its page.
    pub web_url: String,
    /// When it changed last.
    pub updated_at: Millis,
    /// How many comments it has.
    pub comment_count: i64,
    /// Who reviews it.
    pub reviewers: Vec<Reviewer>,
    /// The issues that it is linked to.
    pub keys: Vec<String>,
    /// How many commits it has.
    pub commit_count: i64,
    /// When it was deleted.
    pub gone_at: Option<Millis>,
    /// Where it is.
    pub repository: ToldRepository,
}

#[derive(sqlx::FromRow)]
struct RepositoryRow {
    id: i64,
    forge_id: String,
    name: String,
    path: String,
    web_url: Option<String>,
    fork_of: Option<String>,
    #[sqlx(try_from = "Word<HostKind>")]
    host_kind: HostKind,
    host_url: String,
}

#[derive(sqlx::FromRow)]
struct BranchRow {
    id: i64,
    repository_id: i64,
    name: String,
    #[sqlx(try_from = "Word<ObjectId>")]
    head: ObjectId,
    moved_at: Millis,
    gone_at: Option<Millis>,
}

#[derive(sqlx::FromRow)]
struct MergeRequestRow {
    id: i64,
    repository_id: i64,
    number: i64,
    title: String,
    description: String,
    #[sqlx(try_from = "Word<MergeRequestState>")]
    state: MergeRequestState,
    #[sqlx(try_from = "JsonText<ForgeUser>")]
    author: ForgeUser,
    source_branch: String,
    target_branch: String,
    web_url: String,
    updated_at: Millis,
    comment_count: i64,
    #[sqlx(try_from = "JsonText<Vec<Reviewer>>")]
    reviewers: Vec<Reviewer>,
    commit_count: i64,
    gone_at: Option<Millis>,
}

impl Store {
    /// Repositories, as a site sees them; those that are gone are not told.
    pub async fn told_repositories(&self, site_id: i64, ids: &[i64]) -> Result<Vec<ToldRepository>> {
        const ACCOUNTS: &str = "SELECT ar.repository_id, a.id FROM account_repository ar JOIN account a ON a.id = ar.account_id \
             JOIN site s ON s.id = $1 WHERE ar.linked AND ar.visible AND a.state <> 'removing' \
             AND (s.settings LIKE '%\"all_accounts\":true%' OR EXISTS (SELECT 1 FROM site_account sa \
             WHERE sa.site_id = s.id AND sa.account_id = a.id)) AND ar.repository_id IN ";
        const ROWS: &str = "SELECT r.id, r.forge_id, r.name, r.path, r.web_url, r.fork_of, h.kind AS host_kind, h.url AS host_url \
                            FROM repository r JOIN host h ON h.id = r.host_id WHERE r.id IN ";
        let mut told = Vec::with_capacity(ids.len());
        for chunk in distinct(ids).chunks(CHUNK) {
            let list = numbers(chunk);
            let (rows, accounts) =
                (format!("{ROWS}({list}) ORDER BY r.id"), format!("{ACCOUNTS}({list}) ORDER BY a.id"));
            let rows: Vec<RepositoryRow> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(rows)).persistent(false).fetch_all(db))?;
            let seen: Vec<(i64, i64)> = read!(self, |db| sqlx::query_as(AssertSqlSafe(accounts))
                .persistent(false)
                .bind(site_id)
                .fetch_all(db))?;
            let mut by_repository: HashMap<i64, Vec<i64>> = HashMap::new();
            for (repository, account) in seen {
                by_repository.entry(repository).or_default().push(account);
            }
            told.extend(rows.into_iter().map(|row| {
                let account_ids = by_repository.remove(&row.id).unwrap_or_default();
                row.told(account_ids)
            }));
        }
        Ok(told)
    }

    async fn told_repository_map(&self, site_id: i64, ids: &[i64]) -> Result<HashMap<i64, ToldRepository>> {
        let told = self.told_repositories(site_id, ids).await?;
        Ok(told.into_iter().map(|repository| (repository.id, repository)).collect())
    }

    /// Commits, as a site sees them: each under its first repository that the site sees, by preference one that is no fork.
    pub async fn told_commits(&self, site_id: i64, ids: &[i64]) -> Result<Vec<ToldCommit>> {
        let keys = self.told_keys(EntityKind::Commit, ids).await?;
        self.told_commits_with(site_id, ids, keys).await
    }

    async fn told_commits_with(
        &self,
        site_id: i64,
        ids: &[i64],
        mut keys: HashMap<i64, Vec<String>>,
    ) -> Result<Vec<ToldCommit>> {
        let ids = distinct(ids);
        let commits = self.commits_by_id(ids.iter().copied()).await?;
        let places = self.places(&ids).await?;
        let repositories: Vec<i64> = places.values().flatten().map(|(repository, _)| *repository).collect();
        let repositories = self.told_repository_map(site_id, &repositories).await?;
        let mut files = self.files_of_commits(&ids).await?;
        let mut told = Vec::with_capacity(commits.len());
        for (id, (commit, author_email)) in commits {
            let places = places.get(&id).map_or(&[][..], Vec::as_slice);
            let known = places.iter().filter_map(|(repository, lost)| Some((repositories.get(repository)?, *lost)));
            // Seen before unseen, where it still is before where it was, no forks before forks, the oldest first.
            let order = |(repository, lost): &(&ToldRepository, bool)| {
                (!repository.visible, *lost, repository.fork_of.is_some(), repository.id)
            };
            let Some((repository, lost)) = known.min_by_key(order) else { continue };
            let keys = keys.remove(&id).unwrap_or_default();
            let commit = of_commit(commit, author_email, keys, repository.clone(), lost);
            told.push(ToldCommit { files: files.remove(&id), ..commit });
        }
        Ok(told)
    }

    /// In which repositories commits are, and whether they are lost there.
    async fn places(&self, ids: &[i64]) -> Result<BTreeMap<i64, Vec<(i64, bool)>>> {
        let mut places: BTreeMap<i64, Vec<(i64, bool)>> = BTreeMap::new();
        for chunk in ids.chunks(CHUNK) {
            let sql = format!(
                "SELECT commit_id, repository_id, lost_at IS NOT NULL FROM repository_commit WHERE commit_id IN ({})",
                numbers(chunk)
            );
            let rows: Vec<(i64, i64, bool)> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            for (commit, repository, lost) in rows {
                places.entry(commit).or_default().push((repository, lost));
            }
        }
        Ok(places)
    }

    /// The issues that entities are linked to, in order.
    async fn told_keys(&self, kind: EntityKind, ids: &[i64]) -> Result<HashMap<i64, Vec<String>>> {
        let mut keys: HashMap<i64, Vec<String>> = HashMap::new();
        for chunk in distinct(ids).chunks(CHUNK) {
            let sql = format!(
                "SELECT DISTINCT entity_id, issue_key FROM issue_link WHERE kind = $1 AND entity_id IN ({}) ORDER BY issue_key",
                numbers(chunk)
            );
            let rows: Vec<(i64, String)> = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql))
                .persistent(false)
                .bind(kind.as_str())
                .fetch_all(db))?;
            for (id, key) in rows {
                keys.entry(id).or_default().push(key);
            }
        }
        Ok(keys)
    }

    /// Branches, as a site sees them.
    pub async fn told_branches(&self, site_id: i64, ids: &[i64]) -> Result<Vec<ToldBranch>> {
        let mut rows: Vec<BranchRow> = Vec::new();
        for chunk in distinct(ids).chunks(CHUNK) {
            let sql = format!(
                "SELECT id, repository_id, name, head, moved_at, gone_at FROM branch WHERE id IN ({}) ORDER BY id",
                numbers(chunk)
            );
            let chunk: Vec<BranchRow> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            rows.extend(chunk);
        }
        let heads: Vec<ObjectId> = rows.iter().map(|row| row.head.clone()).collect();
        let heads = self.told_heads(site_id, &heads).await?;
        let repositories: Vec<i64> = rows.iter().map(|row| row.repository_id).collect();
        let repositories = self.told_repository_map(site_id, &repositories).await?;
        let mut keys = self.told_keys(EntityKind::Branch, ids).await?;
        let told = rows.into_iter().filter_map(|row| {
            Some(ToldBranch {
                id: row.id,
                name: row.name,
                head_commit: heads.get(&row.head).cloned(),
                head: row.head,
                moved_at: row.moved_at,
                gone_at: row.gone_at,
                keys: keys.remove(&row.id).unwrap_or_default(),
                repository: repositories.get(&row.repository_id)?.clone(),
            })
        });
        Ok(told.collect())
    }

    /// The commits with these object ids.
    async fn told_heads(&self, site_id: i64, heads: &[ObjectId]) -> Result<HashMap<ObjectId, ToldCommit>> {
        let mut ids = Vec::with_capacity(heads.len());
        for chunk in heads.chunks(CHUNK) {
            let found: Vec<i64> = read!(self, |db| async {
                let texts = chunk.iter().map(ObjectId::as_str);
                let mut sql = crate::sql::with_texts!("SELECT id FROM git_commit WHERE object_id IN ", texts);
                sql.build_query_scalar().persistent(false).fetch_all(db).await
            })?;
            ids.extend(found);
        }
        let keys = self.told_keys(EntityKind::Commit, &ids).await?;
        let told = self.told_commits_with(site_id, &ids, keys).await?;
        Ok(told.into_iter().map(|commit| (commit.object_id.clone(), commit)).collect())
    }

    /// Merge requests, as a site sees them.
    pub async fn told_merge_requests(&self, site_id: i64, ids: &[i64]) -> Result<Vec<ToldMergeRequest>> {
        let mut rows: Vec<MergeRequestRow> = Vec::new();
        for chunk in distinct(ids).chunks(CHUNK) {
            let sql = format!(
                "SELECT m.id, m.repository_id, m.number, m.title, m.description, m.state, m.author, m.source_branch, \
                 m.target_branch, m.web_url, m.updated_at, m.comment_count, m.reviewers, m.gone_at, (SELECT COUNT(*) \
                 FROM merge_request_commit mc WHERE mc.merge_request_id = m.id) AS commit_count \
                 FROM merge_request m WHERE m.id IN ({}) ORDER BY m.id",
                numbers(chunk)
            );
            let chunk: Vec<MergeRequestRow> =
                read!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
            rows.extend(chunk);
        }
        let repositories: Vec<i64> = rows.iter().map(|row| row.repository_id).collect();
        let repositories = self.told_repository_map(site_id, &repositories).await?;
        let mut keys = self.told_keys(EntityKind::MergeRequest, ids).await?;
        let told = rows.into_iter().filter_map(|row| {
            let repository = repositories.get(&row.repository_id)?.clone();
            let keys = keys.remove(&row.id).unwrap_or_default();
            Some(row.told(keys, repository))
        });
        Ok(told.collect())
    }

    /// The id of a commit, branch or merge request that a delivery was about, as people know it.
    pub async fn told_exists(&self, told: Told, id: i64) -> Result<bool> {
        let sql = match told {
            Told::Repository => "SELECT COUNT(*) FROM repository WHERE id = $1",
            Told::Commit => "SELECT COUNT(*) FROM git_commit WHERE id = $1",
            Told::Branch => "SELECT COUNT(*) FROM branch WHERE id = $1",
            Told::MergeRequest => "SELECT COUNT(*) FROM merge_request WHERE id = $1",
        };
        let count: i64 = read!(self, |db| sqlx::query_scalar(sql).bind(id).fetch_one(db))?;
        Ok(count > 0)
    }
}

impl RepositoryRow {
    fn told(self, account_ids: Vec<i64>) -> ToldRepository {
        ToldRepository {
            id: self.id,
            forge_id: self.forge_id,
            name: self.name,
            path: self.path,
            web_url: self.web_url,
            fork_of: self.fork_of,
            host_kind: self.host_kind,
            host_url: self.host_url,
            visible: !account_ids.is_empty(),
            account_ids,
        }
    }
}

impl MergeRequestRow {
    fn told(self, keys: Vec<String>, repository: ToldRepository) -> ToldMergeRequest {
        ToldMergeRequest {
            id: self.id,
            number: self.number,
            title: self.title,
            description: self.description,
            state: self.state,
            author: self.author,
            source_branch: self.source_branch,
            target_branch: self.target_branch,
            web_url: self.web_url,
            updated_at: self.updated_at,
            comment_count: self.comment_count,
            reviewers: self.reviewers,
            keys,
            commit_count: self.commit_count,
            gone_at: self.gone_at,
            repository,
        }
    }
}

fn of_commit(
    commit: StoredCommit,
    author_email: String,
    keys: Vec<String>,
    repository: ToldRepository,
    lost: bool,
) -> ToldCommit {
    ToldCommit {
        id: commit.id,
        object_id: commit.object_id,
        message: commit.message,
        author_name: commit.author_name,
        author_email,
        authored_at: commit.authored_at,
        parents: commit.parents,
        keys,
        files: None,
        repository,
        lost,
    }
}

fn distinct(ids: &[i64]) -> Vec<i64> {
    ids.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}
