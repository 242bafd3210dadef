//! Merge requests, their commits and reviewers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{EntityKind, KeyForm, Mention, MergeRequest, MergeRequestState, Millis, ObjectId, OutboxLane, Reviewer};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::links::{LinksChanged, Mentioning};
use crate::outbox::Observed;
use crate::rows::{MaybeWord, Word};
use crate::sql::{CHUNK, execute_built, numbers};
use crate::{Result, Store, WriteTx};

/// A merge request to write.
#[derive(Debug, Clone)]
pub struct NewMergeRequest {
    /// The merge request.
    pub merge_request: MergeRequest,
    /// Where its commits begin: they are `head --not base`.
    pub base: Option<ObjectId>,
    /// Whether head and base are final (it was merged).
    pub frozen: bool,
    /// Its commits; none leaves them as they are. Those that the store does not know are left out.
    pub commits: Option<Vec<ObjectId>>,
    /// What its title, description and source branch name.
    pub mentions: Vec<Mention>,
}

/// What a write of merge requests changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MergeRequestsWritten {
    /// New ones, and ones that came back.
    pub added: u64,
    /// How their issue links changed.
    pub links: LinksChanged,
}

/// What a sync needs to know of a merge request of the store.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredMergeRequest {
    /// Inner id.
    pub id: i64,
    /// The number people see.
    pub number: i64,
    /// Its state.
    #[sqlx(try_from = "Word<MergeRequestState>")]
    pub state: MergeRequestState,
    /// Its newest commit.
    #[sqlx(try_from = "MaybeWord<ObjectId>")]
    pub head: Option<ObjectId>,
    /// Where its commits begin.
    #[sqlx(try_from = "MaybeWord<ObjectId>")]
    pub base: Option<ObjectId>,
    /// Whether head and base are final.
    pub frozen: bool,
    /// When it last changed.
    pub updated_at: Millis,
    /// The `updated_at` for which its reviewers were read.
    pub reviewed_at: Option<Millis>,
    /// When it was first seen.
    pub first_seen_at: Millis,
    /// When the forge first denied that it exists.
    pub gone_at: Option<Millis>,
}

impl WriteTx {
    /// Writes merge requests. One is linked by what its texts name and by what the messages of its commits name; issue links
    /// follow these texts, so an edited title adds and removes links. A frozen one keeps head and base; reviewers that were
    /// read on their own stay until they are read again.
    pub async fn merge_requests_put(
        &mut self,
        repository_id: i64,
        merge_requests: &[NewMergeRequest],
        rule_version: i64,
        now: Millis,
    ) -> Result<MergeRequestsWritten> {
        self.observes(repository_id, now).await?;
        let distinct: BTreeMap<i64, &NewMergeRequest> =
            merge_requests.iter().map(|new| (new.merge_request.number, new)).collect();
        let distinct: Vec<&NewMergeRequest> = distinct.into_values().collect();
        let mut written = MergeRequestsWritten::default();
        for chunk in distinct.chunks(CHUNK) {
            let touched = self.touched();
            written.added += chunk.len() as u64 - self.merge_requests_shown(repository_id, chunk).await?;
            self.merge_request_rows(repository_id, chunk, now).await?;
            let ids = self.merge_request_ids(repository_id, chunk.iter().map(|new| new.merge_request.number)).await?;
            let rows: Vec<(i64, &NewMergeRequest)> =
                chunk.iter().map(|new| (ids[&new.merge_request.number], *new)).collect();
            let told: Vec<(i64, &[ObjectId])> =
                rows.iter().filter_map(|(id, new)| Some((*id, new.commits.as_deref()?))).collect();
            self.merge_request_commits(&told).await?;
            let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
            let mut issues = self.linked_keys(EntityKind::MergeRequest, &ids).await?;
            written.links += self.merge_request_mentions(&rows, rule_version).await?;
            issues.extend(self.linked_keys(EntityKind::MergeRequest, &ids).await?);
            self.touched_only(touched, issues.iter().map(|(_, key)| key.as_str()));
        }
        Ok(written)
    }

    /// How many of these are there, and not gone.
    async fn merge_requests_shown(&mut self, repository_id: i64, chunk: &[&NewMergeRequest]) -> Result<u64> {
        let wanted: Vec<i64> = chunk.iter().map(|new| new.merge_request.number).collect();
        let sql = format!(
            "SELECT COUNT(*) FROM merge_request WHERE repository_id = $1 AND gone_at IS NULL AND number IN ({})",
            numbers(&wanted)
        );
        let shown: i64 = within!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql))
            .persistent(false)
            .bind(repository_id)
            .fetch_one(db))?;
        Ok(u64::try_from(shown).unwrap_or_default())
    }

    async fn merge_request_rows(&mut self, repository_id: i64, chunk: &[&NewMergeRequest], now: Millis) -> Result<()> {
        const INSERT: &str = "INSERT INTO merge_request (id, repository_id, number, forge_id, title, description, state, \
                              draft, author, source_branch, target_branch, source_forge_id, head, base, frozen, web_url, \
                              comment_count, reviewers, created_at, updated_at, merged_at, closed_at, first_seen_at) ";
        const UPDATE: &str = " ON CONFLICT (repository_id, number) DO UPDATE SET forge_id = excluded.forge_id, \
             title = excluded.title, description = excluded.description, state = excluded.state, \
             draft = excluded.draft, author = excluded.author, source_branch = excluded.source_branch, \
             target_branch = excluded.target_branch, source_forge_id = excluded.source_forge_id, \
             head = CASE WHEN merge_request.frozen THEN merge_request.head ELSE excluded.head END, \
             base = CASE WHEN merge_request.frozen THEN merge_request.base ELSE excluded.base END, \
             frozen = (merge_request.frozen OR excluded.frozen), web_url = excluded.web_url, \
             comment_count = excluded.comment_count, \
             reviewers = CASE WHEN merge_request.reviewed_at IS NULL THEN excluded.reviewers \
             ELSE merge_request.reviewers END, \
             created_at = excluded.created_at, updated_at = excluded.updated_at, merged_at = excluded.merged_at, \
             closed_at = excluded.closed_at, gone_at = NULL";
        let first = self.ids(chunk.len() as i64).await?;
        execute_built!(self, chunk.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values((first..).zip(chunk), |mut row, (id, new)| {
                let it = &new.merge_request;
                row.push_bind(id).push_bind(repository_id).push_bind(it.number).push_bind(it.forge_id.as_str());
                row.push_bind(it.title.as_str()).push_bind(it.description.as_str()).push_bind(it.state.as_str());
                row.push_bind(it.draft).push_bind(json(&it.author));
                row.push_bind(it.source_branch.as_str()).push_bind(it.target_branch.as_str());
                row.push_bind(it.source_repository_forge_id.as_deref());
                row.push_bind(it.head.as_ref().map(ObjectId::as_str))
                    .push_bind(new.base.as_ref().map(ObjectId::as_str));
                row.push_bind(new.frozen).push_bind(it.web_url.as_str()).push_bind(it.comment_count);
                row.push_bind(json(&it.reviewers)).push_bind(it.created_at).push_bind(it.updated_at);
                row.push_bind(it.merged_at).push_bind(it.closed_at).push_bind(now);
            });
            sql.push(UPDATE);
            sql
        })?;
        Ok(())
    }

    pub(crate) async fn merge_request_ids(
        &mut self,
        repository_id: i64,
        merge_request_numbers: impl Iterator<Item = i64>,
    ) -> Result<HashMap<i64, i64>> {
        let wanted: Vec<i64> = merge_request_numbers.collect();
        let sql = format!(
            "SELECT number, id FROM merge_request WHERE repository_id = $1 AND number IN ({})",
            numbers(&wanted)
        );
        let rows: Vec<(i64, i64)> =
            within!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).bind(repository_id).fetch_all(db))?;
        Ok(rows.into_iter().collect())
    }

    /// Puts the commits of merge requests in place of the ones before.
    pub(crate) async fn merge_request_commits(&mut self, told: &[(i64, &[ObjectId])]) -> Result<()> {
        let ids: Vec<i64> = told.iter().map(|(id, _)| *id).collect();
        let sql = format!("DELETE FROM merge_request_commit WHERE merge_request_id IN ({})", numbers(&ids));
        execute!(self, sqlx::query(AssertSqlSafe(sql.as_str())).persistent(false))?;
        let all: BTreeSet<&ObjectId> = told.iter().flat_map(|(_, commits)| *commits).collect();
        let all: Vec<ObjectId> = all.into_iter().cloned().collect();
        let known = self.commit_ids(&all).await?;
        let pairs: BTreeSet<(i64, i64)> = told
            .iter()
            .flat_map(|(id, commits)| commits.iter().filter_map(|commit| Some((*id, *known.get(commit)?))))
            .collect();
        let pairs: Vec<(i64, i64)> = pairs.into_iter().collect();
        for chunk in pairs.chunks(CHUNK) {
            execute_built!(self, chunk.len() == CHUNK, {
                let mut sql =
                    sqlx::QueryBuilder::new("INSERT INTO merge_request_commit (merge_request_id, commit_id) ");
                sql.push_values(chunk, |mut row, (merge_request_id, commit_id)| {
                    row.push_bind(*merge_request_id).push_bind(*commit_id);
                });
                sql
            })?;
        }
        Ok(())
    }

    async fn merge_request_mentions(
        &mut self,
        rows: &[(i64, &NewMergeRequest)],
        rule_version: i64,
    ) -> Result<LinksChanged> {
        let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        let by_commits = self.mentions_of_their_commits(&ids).await?;
        let entities: Vec<Mentioning<'_>> = rows
            .iter()
            .map(|(id, new)| {
                Mentioning::new(*id, new.merge_request.updated_at, &new.mentions)
                    .and_by_others(by_commits.get(id).into_iter().flatten())
            })
            .collect();
        self.entities_say(EntityKind::MergeRequest, &entities, rule_version).await
    }

    pub(crate) async fn mentions_of_their_commits(&mut self, ids: &[i64]) -> Result<HashMap<i64, Vec<Mention>>> {
        // CROSS JOIN: SQLite reads the tables in this order then. Left to itself it begins with every mention of any commit.
        let sql = format!(
            "SELECT DISTINCT mc.merge_request_id, m.issue_key, m.form FROM merge_request_commit mc CROSS JOIN mention m \
             WHERE mc.merge_request_id IN ({}) AND m.entity_kind = 'commit' AND m.entity_id = mc.commit_id",
            numbers(ids)
        );
        let rows: Vec<(i64, String, Word<KeyForm>)> =
            within!(self, |db| sqlx::query_as(AssertSqlSafe(sql)).persistent(false).fetch_all(db))?;
        let mut mentions: HashMap<i64, Vec<Mention>> = HashMap::new();
        for (id, key, form) in rows {
            mentions.entry(id).or_default().push(Mention { key, form: form.0 });
        }
        Ok(mentions)
    }

    /// Writes who reviews it, read `now` when it had last changed at `updated_at`. Sites are told behind what is live: it sets
    /// nothing off.
    pub async fn merge_request_reviewed(
        &mut self,
        repository_id: i64,
        number: i64,
        reviewers: &[Reviewer],
        (updated_at, now): (Millis, Millis),
    ) -> Result<()> {
        const SQL: &str = "UPDATE merge_request SET reviewers = $3, reviewed_at = $4 \
                           WHERE repository_id = $1 AND number = $2";
        if self.observed().is_none() {
            self.set_observed(Observed { now, lane: OutboxLane::Backfill });
        }
        let reviewers = json(reviewers);
        let touched = self.touched();
        execute!(self, sqlx::query(SQL).bind(repository_id).bind(number).bind(reviewers.as_str()).bind(updated_at))?;
        let ids: Vec<i64> = self.merge_request_ids(repository_id, [number].into_iter()).await?.into_values().collect();
        let issues = self.linked_keys(EntityKind::MergeRequest, &ids).await?;
        if !issues.is_empty() {
            self.entities_changed(EntityKind::MergeRequest, &ids).await?;
        }
        self.touched_only(touched, issues.iter().map(|(_, key)| key.as_str()));
        Ok(())
    }

    /// Marks merge requests that the forge says do not exist; they lose their issue links. Answers how many
    /// of them were not gone before.
    pub async fn merge_requests_gone(
        &mut self,
        repository_id: i64,
        merge_request_numbers: &[i64],
        now: Millis,
    ) -> Result<u64> {
        self.observes(repository_id, now).await?;
        let mut gone = 0;
        for chunk in merge_request_numbers.chunks(CHUNK) {
            let touched = self.touched();
            let ids = self.merge_request_ids(repository_id, chunk.iter().copied()).await?;
            let ids: Vec<i64> = ids.into_values().collect();
            let issues = self.linked_keys(EntityKind::MergeRequest, &ids).await?;
            let sql =
                format!("UPDATE merge_request SET gone_at = $1 WHERE gone_at IS NULL AND id IN ({})", numbers(&ids));
            gone += execute!(self, sqlx::query(AssertSqlSafe(sql.as_str())).persistent(false).bind(now))?;
            let linked: Vec<i64> = issues.iter().map(|(id, _)| *id).collect();
            self.entities_changed(EntityKind::MergeRequest, &linked).await?;
            self.links_remove(EntityKind::MergeRequest, &ids).await?;
            self.touched_only(touched, issues.iter().map(|(_, key)| key.as_str()));
        }
        Ok(gone)
    }
}

fn json(value: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::json!(value).to_string()
}

impl Store {
    /// The merge requests of a repository in order of their numbers, gone ones included.
    pub async fn merge_request_heads(&self, repository_id: i64) -> Result<Vec<StoredMergeRequest>> {
        const SQL: &str = "SELECT id, number, state, head, base, frozen, updated_at, reviewed_at, first_seen_at, \
                           gone_at FROM merge_request WHERE repository_id = $1 ORDER BY number";
        read!(self, |db| sqlx::query_as(SQL).bind(repository_id).fetch_all(db))
    }

    /// Numbers of merge requests with issue links whose reviewers were not read since they changed, newest change first.
    pub async fn merge_requests_to_review(&self, repository_id: i64, limit: i64) -> Result<Vec<i64>> {
        const SQL: &str = "SELECT m.number FROM merge_request m WHERE m.repository_id = $1 AND m.gone_at IS NULL \
             AND (m.reviewed_at IS NULL OR m.reviewed_at < m.updated_at) \
             AND EXISTS (SELECT 1 FROM issue_link l WHERE l.kind = 'merge_request' AND l.entity_id = m.id) \
             ORDER BY m.updated_at DESC, m.number DESC LIMIT $2";
        read!(self, |db| sqlx::query_scalar(SQL).bind(repository_id).bind(limit).fetch_all(db))
    }
}
