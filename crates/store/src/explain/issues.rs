//! Issue keys: what is linked, and what mentions a key without being shown with it.

use model::{EntityKind, KeyForm};

use super::repository_told;
use crate::database::read;
use crate::rows::Word;
use crate::sql::{is_storable, issue_link_seen};
use crate::{Result, Store, Viewer};

/// Something whose text mentions a key without being linked to the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mentioned {
    /// What it is.
    pub kind: EntityKind,
    /// Its inner id.
    pub entity_id: i64,
    /// How the key stands there; strict where it is gone.
    pub form: KeyForm,
}

/// How many entities of a repository name an issue that are not shown, because the repository is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unshown {
    /// The repository.
    pub repository_id: i64,
    /// What they are.
    pub kind: EntityKind,
    /// How many.
    pub count: i64,
}

impl Store {
    /// The issues that an entity is linked to, in order.
    pub async fn explain_links(&self, kind: EntityKind, entity_id: i64, limit: i64) -> Result<Vec<String>> {
        const SQL: &str =
            "SELECT issue_key FROM issue_link WHERE kind = $1 AND entity_id = $2 ORDER BY issue_key LIMIT $3";
        read!(self, |db| sqlx::query_scalar(SQL).bind(kind.as_str()).bind(entity_id).bind(limit.max(0)).fetch_all(db))
    }

    /// What mentions a key, may be told to the viewer, and is not linked to the issue: because of how the key stands there, or
    /// because it is gone; what came last first.
    pub async fn explain_mentions(&self, viewer: Viewer, key: &str, limit: i64) -> Result<Vec<Mentioned>> {
        const SQL: &str = concat!(
            "SELECT m.entity_kind, m.entity_id, m.form FROM mention m WHERE m.issue_key = $2 AND NOT EXISTS \
             (SELECT 1 FROM issue_link l WHERE l.kind = m.entity_kind AND l.entity_id = m.entity_id \
             AND l.issue_key = m.issue_key) AND CASE m.entity_kind \
             WHEN 'commit' THEN EXISTS (SELECT 1 FROM repository_commit rc WHERE rc.commit_id = m.entity_id AND ",
            repository_told!("rc.repository_id", "$1"),
            ") WHEN 'branch' THEN EXISTS (SELECT 1 FROM branch b WHERE b.id = m.entity_id AND ",
            repository_told!("b.repository_id", "$1"),
            ") ELSE EXISTS (SELECT 1 FROM merge_request mr WHERE mr.id = m.entity_id AND ",
            repository_told!("mr.repository_id", "$1"),
            ") END ORDER BY m.entity_id DESC, m.entity_kind, m.form LIMIT $3"
        );
        if !is_storable(key) {
            return Ok(Vec::new());
        }
        let rows: Vec<(Word<EntityKind>, i64, Word<KeyForm>)> =
            read!(self, |db| sqlx::query_as(SQL).bind(viewer.user_id()).bind(key).bind(limit.max(0)).fetch_all(db))?;
        let mentioned = |(kind, entity_id, form): (Word<EntityKind>, i64, Word<KeyForm>)| Mentioned {
            kind: kind.0,
            entity_id,
            form: form.0,
        };
        Ok(rows.into_iter().map(mentioned).collect())
    }

    /// What is linked to an issue, may be told to the viewer, and is not shown, because nobody links its repository or no list
    /// names it any more; repositories with most of it first.
    pub async fn explain_unshown(&self, viewer: Viewer, key: &str, limit: i64) -> Result<Vec<Unshown>> {
        if !is_storable(key) {
            return Ok(Vec::new());
        }
        let mut unshown = Vec::new();
        for kind in [EntityKind::Commit, EntityKind::Branch, EntityKind::MergeRequest] {
            let sql = unshown_sql(kind);
            let rows: Vec<(i64, i64)> = read!(self, |db| sqlx::query_as(sql)
                .bind(viewer.user_id())
                .bind(key)
                .bind(limit.max(0))
                .fetch_all(db))?;
            unshown.extend(rows.into_iter().map(|(repository_id, count)| Unshown { repository_id, kind, count }));
        }
        unshown.sort_by_key(|one| std::cmp::Reverse(one.count));
        unshown.truncate(usize::try_from(limit.max(0)).unwrap_or(usize::MAX));
        Ok(unshown)
    }
}

/// Links of one kind to the key $2 whose entities `e` are in a repository of which may be told to the viewer $1, and which are
/// shown nowhere.
macro_rules! unshown {
    ($kind:literal, $table:literal, $entity:literal, $present:literal) => {
        concat!(
            "SELECT e.repository_id, COUNT(*) FROM issue_link l CROSS JOIN ",
            $table,
            " e WHERE l.issue_key = $2 AND l.kind = '",
            $kind,
            "' AND e.",
            $entity,
            " = l.entity_id AND e.",
            $present,
            " IS NULL AND NOT (",
            issue_link_seen!("$1"),
            ") AND ",
            repository_told!("e.repository_id", "$1"),
            " GROUP BY e.repository_id ORDER BY COUNT(*) DESC, e.repository_id LIMIT $3"
        )
    };
}

const fn unshown_sql(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Commit => unshown!("commit", "repository_commit", "commit_id", "lost_at"),
        EntityKind::Branch => unshown!("branch", "branch", "id", "gone_at"),
        EntityKind::MergeRequest => unshown!("merge_request", "merge_request", "id", "gone_at"),
    }
}
