//! Commits, and the repositories they are in.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use model::{Commit, EntityKind, Mention, Millis, ObjectId};
use sqlx::AssertSqlSafe;

use crate::database::{execute, read, within};
use crate::issues::RepositoryRef;
use crate::links::{LinksChanged, Mentioning};
use crate::rows::{ObjectIds, Word, words};
use crate::sql::{CHUNK, commit_columns, execute_built, numbers, with_texts};
use crate::{NewCommand, Result, Store, Viewer, WriteTx};

words! {
    /// Where a commit was read; git overwrites REST, which re-encodes messages.
    Source {
        /// The commit object.
        Git = "git",
        /// The forge's REST interface.
        Rest = "rest",
    }
}

/// A commit to write, with what its message names.
#[derive(Debug, Clone)]
pub struct NewCommit {
    /// The commit.
    pub commit: Commit,
    /// What its message names.
    pub mentions: Vec<Mention>,
    /// What it commands: kept as receipts if it was unknown to the store.
    pub commands: Vec<NewCommand>,
}

/// What a write brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommitsInserted {
    /// Commits that were in no repository of the store before.
    pub new: u64,
    /// Issue links that were not there before.
    pub links: u64,
    /// Issue links that git, which overwrites REST, took away.
    pub links_removed: u64,
}

/// A commit of the store.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredCommit {
    /// Inner id.
    pub id: i64,
    /// Its object id.
    #[sqlx(try_from = "Word<ObjectId>")]
    pub object_id: ObjectId,
    /// Its parents, in order.
    #[sqlx(try_from = "ObjectIds")]
    pub parents: Vec<ObjectId>,
    /// Who wrote it.
    pub author_name: String,
    /// The writer's e-mail. Never log it.
    pub author_email: String,
    /// When it was written.
    pub authored_at: Millis,
    /// Who committed it.
    pub committer_name: String,
    /// When it was committed.
    pub committed_at: Millis,
    /// The whole message.
    pub message: String,
    /// Whether decoding the message lost something.
    pub lossy: bool,
}

/// A commit as the store knew it before.
#[derive(Debug, Clone, Copy)]
struct Known {
    id: i64,
    source: Source,
}

/// What all commits of one write have in common.
#[derive(Debug, Clone, Copy)]
struct Writing {
    repository_id: i64,
    source: Source,
    rule_version: i64,
    now: Millis,
}

/// Commits that the store did not know.
#[derive(Default)]
struct Fresh<'a> {
    entities: Vec<Mentioning<'a>>,
    ids: HashMap<&'a ObjectId, i64>,
    /// Those that another node wrote in the same moment.
    raced: HashMap<ObjectId, Known>,
}

impl WriteTx {
    /// Writes commits into a repository: commits unknown to the store with their mentions and issue links, and for all of
    /// them that they are in this repository (again). One read by git overwrites one read by REST. `rule_version` is the
    /// version of the grammar that found the mentions. Callers hand over at most 500 in the bulk lane.
    pub async fn commits_insert(
        &mut self,
        repository_id: i64,
        commits: &[NewCommit],
        source: Source,
        rule_version: i64,
        now: Millis,
    ) -> Result<CommitsInserted> {
        let writing = Writing { repository_id, source, rule_version, now };
        self.observes(repository_id, now).await?;
        // In order of their ids, each once: two nodes that write the same commits wait for each other in the same order.
        let distinct: BTreeMap<&ObjectId, &NewCommit> = commits.iter().map(|new| (&new.commit.id, new)).collect();
        let distinct: Vec<&NewCommit> = distinct.into_values().collect();
        let mut inserted = CommitsInserted::default();
        for chunk in distinct.chunks(CHUNK) {
            let part = self.commits_insert_chunk(writing, chunk).await?;
            inserted.new += part.new;
            inserted.links += part.links;
            inserted.links_removed += part.links_removed;
        }
        Ok(inserted)
    }

    async fn commits_insert_chunk(&mut self, writing: Writing, chunk: &[&NewCommit]) -> Result<CommitsInserted> {
        let touched = self.touched();
        let mut known = self.commits_known(chunk.iter().map(|new| &new.commit.id)).await?;
        let unknown: Vec<&NewCommit> =
            chunk.iter().filter(|new| !known.contains_key(&new.commit.id)).copied().collect();
        let Fresh { entities: fresh, ids: fresh_ids, raced } = self.commits_write_unknown(writing, &unknown).await?;
        known.extend(raced);
        let known_ids: Vec<i64> = known.values().map(|known| known.id).collect();
        let keyed_before = self.commits_keyed(writing.repository_id, &known_ids).await?;
        let ids: Vec<i64> = fresh.iter().map(|one| one.entity_id).chain(known_ids.iter().copied()).collect();
        self.commits_place(writing.repository_id, &ids, writing.now).await?;
        let added = self.mentions_write(EntityKind::Commit, &fresh, writing.rule_version).await?;
        let commands: Vec<(i64, &NewCommit)> = unknown
            .iter()
            .filter(|new| !new.commands.is_empty())
            .filter_map(|new| Some((*fresh_ids.get(&new.commit.id)?, *new)))
            .collect();
        self.receipts_write(writing.repository_id, &commands, writing.now).await?;
        let mut links = LinksChanged { added, removed: 0 };
        let rule = self.key_rule().await?;
        let keyed_fresh = fresh.iter().filter(|one| one.keys(&rule).next().is_some()).count();
        let keyed = self.commits_keyed(writing.repository_id, &known_ids).await? - keyed_before + keyed_fresh as i64;
        self.commits_with_keys_add(writing.repository_id, keyed).await?;
        let mut keys = self.commits_issues(&known_ids).await?;
        if writing.source == Source::Git {
            links += self.commits_overwrite(writing, chunk, &known).await?;
            keys.extend(self.commits_issues(&known_ids).await?);
        }
        let mentions = unknown.iter().flat_map(|new| &new.mentions);
        keys.extend(mentions.filter_map(|mention| rule.shown(mention)).map(Cow::into_owned));
        self.touched_only(touched, keys.iter().map(String::as_str));
        Ok(CommitsInserted { new: fresh.len() as u64, links: links.added, links_removed: links.removed })
    }

    /// Those of these commits that the store knows. On PostgreSQL they are held, in order of their ids: what is written about
    /// them next must not meet a purge that takes them away meanwhile.
    async fn commits_known<'a>(
        &mut self,
        ids: impl Iterator<Item = &'a ObjectId> + Clone,
    ) -> Result<HashMap<ObjectId, Known>> {
        const SQL: &str = "SELECT object_id, id, source FROM git_commit WHERE object_id IN ";
        let hold = if self.is_postgres() { " ORDER BY id FOR KEY SHARE" } else { "" };
        let whole = ids.clone().count() == CHUNK;
        let rows: Vec<(Word<ObjectId>, i64, Word<Source>)> = within!(self.aside(), |db| async {
            let mut sql = with_texts!(SQL, ids.map(ObjectId::as_str));
            sql.push(hold).build_query_as().persistent(whole).fetch_all(db).await
        })?;
        Ok(rows.into_iter().map(|(object_id, id, source)| (object_id.0, Known { id, source: source.0 })).collect())
    }

    /// Writes commits that the store did not know; answers them, and those that another node wrote in the same moment.
    async fn commits_write_unknown<'a>(&mut self, writing: Writing, unknown: &[&'a NewCommit]) -> Result<Fresh<'a>> {
        if unknown.is_empty() {
            return Ok(Fresh::default());
        }
        let first = self.ids(unknown.len() as i64).await?;
        let rows: Vec<(i64, &'a NewCommit)> = (first..).zip(unknown.iter().copied()).collect();
        let written = self.commits_rows(writing.source, &rows, " ON CONFLICT (object_id) DO NOTHING").await?;
        let mut raced = HashMap::new();
        if written < rows.len() as u64 {
            raced = self.commits_known(unknown.iter().map(|new| &new.commit.id)).await?;
            raced.retain(|_, known| !(first..first + rows.len() as i64).contains(&known.id));
        }
        let fresh: Vec<(i64, &'a NewCommit)> =
            rows.into_iter().filter(|(_, new)| !raced.contains_key(&new.commit.id)).collect();
        let entities =
            fresh.iter().map(|(id, new)| Mentioning::new(*id, new.commit.authored_at, &new.mentions)).collect();
        Ok(Fresh { entities, ids: fresh.into_iter().map(|(id, new)| (&new.commit.id, id)).collect(), raced })
    }

    async fn commits_rows(&mut self, source: Source, rows: &[(i64, &NewCommit)], on_conflict: &str) -> Result<u64> {
        const INSERT: &str = "INSERT INTO git_commit (id, object_id, parents, author_name, author_email, authored_at, \
                              committer_name, committer_email, committed_at, message, lossy, source) ";
        execute_built!(self, rows.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values(rows, |mut row, (id, new)| {
                let commit = &new.commit;
                row.push_bind(*id).push_bind(commit.id.as_str()).push_bind(parents(commit));
                row.push_bind(commit.author.name.as_str()).push_bind(commit.author.email.as_str());
                row.push_bind(commit.authored_at);
                row.push_bind(commit.committer.name.as_str()).push_bind(commit.committer.email.as_str());
                row.push_bind(commit.committed_at);
                row.push_bind(commit.message.as_str()).push_bind(commit.lossy).push_bind(source.as_str());
            });
            sql.push(on_conflict);
            sql
        })
    }

    /// Overwrites those that were read by REST with what git says.
    async fn commits_overwrite(
        &mut self,
        writing: Writing,
        chunk: &[&NewCommit],
        known: &HashMap<ObjectId, Known>,
    ) -> Result<LinksChanged> {
        const UPDATE: &str = " ON CONFLICT (object_id) DO UPDATE SET parents = excluded.parents, \
                              author_name = excluded.author_name, author_email = excluded.author_email, \
                              authored_at = excluded.authored_at, committer_name = excluded.committer_name, \
                              committer_email = excluded.committer_email, committed_at = excluded.committed_at, \
                              message = excluded.message, lossy = excluded.lossy, source = excluded.source";
        let from_rest = |new: &&&NewCommit| known.get(&new.commit.id).is_some_and(|known| known.source == Source::Rest);
        let old: Vec<&NewCommit> = chunk.iter().filter(from_rest).copied().collect();
        if old.is_empty() {
            return Ok(LinksChanged::default());
        }
        // The numbers drawn here are not used: the rows are there.
        let first = self.ids(old.len() as i64).await?;
        let rows: Vec<(i64, &NewCommit)> = (first..).zip(old.iter().copied()).collect();
        self.commits_rows(writing.source, &rows, UPDATE).await?;
        let entities: Vec<Mentioning<'_>> = old
            .iter()
            .map(|new| Mentioning::new(known[&new.commit.id].id, new.commit.authored_at, &new.mentions))
            .collect();
        let links = self.entities_say(EntityKind::Commit, &entities, writing.rule_version).await?;
        let ids: Vec<i64> = entities.iter().map(|one| one.entity_id).collect();
        self.commits_with_keys_recount(&ids).await?;
        Ok(links)
    }

    /// Notes that commits are in a repository, and reachable there.
    async fn commits_place(&mut self, repository_id: i64, ids: &[i64], now: Millis) -> Result<()> {
        const INSERT: &str = "INSERT INTO repository_commit (repository_id, commit_id, first_seen_at) ";
        const FOUND_AGAIN: &str = " ON CONFLICT (repository_id, commit_id) DO UPDATE SET lost_at = NULL \
                                   WHERE repository_commit.lost_at IS NOT NULL";
        if ids.is_empty() {
            return Ok(());
        }
        execute_built!(self, ids.len() == CHUNK, {
            let mut sql = sqlx::QueryBuilder::new(INSERT);
            sql.push_values(ids, |mut row, id| {
                row.push_bind(repository_id).push_bind(*id).push_bind(now);
            });
            sql.push(FOUND_AGAIN);
            sql
        })?;
        Ok(())
    }

    /// How many of these are in the repository, not lost, and have issue links.
    pub(crate) async fn commits_keyed(&mut self, repository_id: i64, ids: &[i64]) -> Result<i64> {
        if ids.is_empty() {
            return Ok(0);
        }
        let sql = format!(
            "SELECT COUNT(*) FROM repository_commit rc WHERE rc.repository_id = $1 AND rc.lost_at IS NULL \
             AND rc.commit_id IN ({}) \
             AND EXISTS (SELECT 1 FROM issue_link l WHERE l.kind = 'commit' AND l.entity_id = rc.commit_id)",
            numbers(ids)
        );
        within!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).bind(repository_id).fetch_one(db))
    }

    /// The issues that these commits are linked to.
    pub(crate) async fn commits_issues(&mut self, ids: &[i64]) -> Result<Vec<String>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = numbers(ids);
        let sql = format!("SELECT DISTINCT issue_key FROM issue_link WHERE kind = 'commit' AND entity_id IN ({ids})");
        within!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).fetch_all(db))
    }

    pub(crate) async fn commits_with_keys_add(&mut self, repository_id: i64, more: i64) -> Result<()> {
        const SQL: &str = "UPDATE repository SET commits_with_keys = commits_with_keys + $2 WHERE id = $1";
        if more != 0 {
            execute!(self, sqlx::query(SQL).bind(repository_id).bind(more))?;
        }
        Ok(())
    }

    /// Counts again in every repository that has one of these commits, whose links changed.
    pub(crate) async fn commits_with_keys_recount(&mut self, ids: &[i64]) -> Result<()> {
        let sql = format!(
            "UPDATE repository SET commits_with_keys = (SELECT COUNT(*) FROM repository_commit rc \
             WHERE rc.repository_id = repository.id AND rc.lost_at IS NULL \
             AND EXISTS (SELECT 1 FROM issue_link l WHERE l.kind = 'commit' AND l.entity_id = rc.commit_id)) \
             WHERE id IN (SELECT repository_id FROM repository_commit WHERE commit_id IN ({}))",
            numbers(ids)
        );
        execute!(self, sqlx::query(AssertSqlSafe(sql.as_str())).persistent(false))?;
        Ok(())
    }

    /// The inner ids of those of these commits that the store knows.
    pub(crate) async fn commit_ids(&mut self, ids: &[ObjectId]) -> Result<HashMap<ObjectId, i64>> {
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let known = self.commits_known(chunk.iter()).await?;
            found.extend(known.into_iter().map(|(object_id, known)| (object_id, known.id)));
        }
        Ok(found)
    }

    /// When those of these commits that the store knows were committed.
    pub(crate) async fn commit_dates(&mut self, ids: &[ObjectId]) -> Result<HashMap<ObjectId, Millis>> {
        const SQL: &str = "SELECT object_id, committed_at FROM git_commit WHERE object_id IN ";
        let mut dates = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let rows: Vec<(Word<ObjectId>, Millis)> = within!(self, |db| async {
                let texts = chunk.iter().map(ObjectId::as_str);
                with_texts!(SQL, texts).build_query_as().persistent(false).fetch_all(db).await
            })?;
            dates.extend(rows.into_iter().map(|(id, committed_at)| (id.0, committed_at)));
        }
        Ok(dates)
    }

    /// Notes that commits known from other repositories are in this one too; answers those that the store does not know.
    pub async fn commits_attach(&mut self, repository_id: i64, ids: &[ObjectId], now: Millis) -> Result<Vec<ObjectId>> {
        let touched = self.touched();
        let mut issues = Vec::new();
        let known = self.commit_ids(ids).await?;
        let mut inner: Vec<i64> = known.values().copied().collect();
        inner.sort_unstable();
        for chunk in inner.chunks(CHUNK) {
            issues.extend(self.commits_issues(chunk).await?);
            let before = self.commits_keyed(repository_id, chunk).await?;
            self.commits_place(repository_id, chunk, now).await?;
            let keyed = self.commits_keyed(repository_id, chunk).await? - before;
            self.commits_with_keys_add(repository_id, keyed).await?;
        }
        self.touched_only(touched, issues.iter().map(String::as_str));
        Ok(ids.iter().filter(|id| !known.contains_key(id)).cloned().collect())
    }

    /// Notes that nothing of this repository leads to these commits any more; answers how many of them were not lost before.
    pub async fn commits_lost(&mut self, repository_id: i64, ids: &[ObjectId], now: Millis) -> Result<u64> {
        self.observes(repository_id, now).await?;
        let inner: Vec<i64> = self.commit_ids(ids).await?.into_values().collect();
        let mut lost = 0;
        for chunk in inner.chunks(CHUNK) {
            let keyed = self.commits_keyed(repository_id, chunk).await?;
            let sql = format!(
                "UPDATE repository_commit SET lost_at = $2 \
                 WHERE repository_id = $1 AND lost_at IS NULL AND commit_id IN ({})",
                numbers(chunk)
            );
            let sql = || AssertSqlSafe(sql.as_str());
            lost += execute!(self, sqlx::query(sql()).persistent(false).bind(repository_id).bind(now))?;
            self.commits_with_keys_add(repository_id, -keyed).await?;
            let linked: Vec<i64> =
                self.linked_keys(EntityKind::Commit, chunk).await?.into_iter().map(|(id, _)| id).collect();
            self.entities_changed(EntityKind::Commit, &linked).await?;
        }
        Ok(lost)
    }
}

fn parents(commit: &Commit) -> String {
    let parents: Vec<&str> = commit.parents.iter().map(ObjectId::as_str).collect();
    parents.join(" ")
}

impl Store {
    /// Which of these are in the repository, and not lost.
    pub async fn commits_present(&self, repository_id: i64, ids: &[ObjectId]) -> Result<HashSet<ObjectId>> {
        const SQL: &str = "SELECT c.object_id FROM git_commit c JOIN repository_commit rc ON rc.commit_id = c.id \
                           WHERE rc.lost_at IS NULL AND rc.repository_id = ";
        let mut present = HashSet::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            let sql = format!("{SQL}{repository_id} AND c.object_id IN ");
            let rows: Vec<(Word<ObjectId>,)> = read!(self, |db| async {
                let texts = chunk.iter().map(ObjectId::as_str);
                with_texts!(sql.as_str(), texts).build_query_as().persistent(false).fetch_all(db).await
            })?;
            present.extend(rows.into_iter().map(|(id,)| id.0));
        }
        Ok(present)
    }

    /// One commit, whoever sees it.
    pub async fn commit(&self, id: &ObjectId) -> Result<Option<StoredCommit>> {
        const SQL: &str = concat!("SELECT ", commit_columns!(), " FROM git_commit c WHERE c.object_id = $1");
        read!(self, |db| sqlx::query_as(SQL).bind(id.as_str()).fetch_optional(db))
    }

    /// The repositories it is shown in to the viewer, the one it is shown under first.
    pub async fn commit_repositories(&self, viewer: Viewer, commit_id: i64) -> Result<Vec<RepositoryRef>> {
        const SQL: &str = "SELECT repository_id FROM repository_commit WHERE commit_id = $1";
        let ids: Vec<i64> = read!(self, |db| sqlx::query_scalar(SQL).bind(commit_id).fetch_all(db))?;
        let mut shown: Vec<RepositoryRef> = self.repositories_shown(viewer, None, &ids).await?.into_values().collect();
        shown.sort_by_key(RepositoryRef::order);
        Ok(shown)
    }
}
