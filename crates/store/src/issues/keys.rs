//! Which issues there are.

use std::collections::HashSet;

use model::Millis;

use crate::database::read;
use crate::sql::issue_link_seen;
use crate::{Result, Store, Viewer};

/// Links read at a time, newest first, in search of issues.
const LINKS: i64 = 500;

/// A link, in the order of the index by time.
#[derive(Debug, sqlx::FromRow)]
struct Link {
    sort_at: Millis,
    entity_id: i64,
    kind: String,
    issue_key: String,
}

impl Store {
    /// The issues that were last worked on, with when, newest first.
    pub async fn issue_keys_recent(&self, viewer: Viewer, limit: i64) -> Result<Vec<(String, Millis)>> {
        let limit = usize::try_from(limit).unwrap_or(0);
        let mut keys: Vec<(String, Millis)> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut after =
            Link { sort_at: Millis::MAX, entity_id: i64::MAX, kind: String::new(), issue_key: String::new() };
        while keys.len() < limit {
            let mut links = self.links_by_time(viewer, &after).await?;
            let Some(last) = links.pop() else { break };
            for link in links.iter().chain([&last]) {
                if seen.insert(link.issue_key.clone()) {
                    keys.push((link.issue_key.clone(), link.sort_at));
                }
            }
            after = last;
        }
        keys.truncate(limit);
        Ok(keys)
    }

    async fn links_by_time(&self, viewer: Viewer, after: &Link) -> Result<Vec<Link>> {
        const SQL: &str = concat!(
            "SELECT l.sort_at, l.entity_id, l.kind, l.issue_key FROM issue_link l \
             WHERE (l.sort_at, l.entity_id, l.kind, l.issue_key) < ($2, $3, $4, $5) AND ",
            issue_link_seen!("$1"),
            " ORDER BY l.sort_at DESC, l.entity_id DESC, l.kind DESC, l.issue_key DESC LIMIT $6"
        );
        read!(self, |db| sqlx::query_as(SQL)
            .bind(viewer.user_id())
            .bind(after.sort_at)
            .bind(after.entity_id)
            .bind(after.kind.as_str())
            .bind(after.issue_key.as_str())
            .bind(LINKS)
            .fetch_all(db))
    }

    /// Issues whose keys begin with `prefix` (upper case), in order of their keys.
    pub async fn issue_keys_with_prefix(&self, viewer: Viewer, prefix: &str, limit: i64) -> Result<Vec<String>> {
        // From key to key along the index, so that an issue with a thousand links costs as much as one with a single link.
        const SQL: &str = concat!(
            "WITH RECURSIVE keys (issue_key) AS ( \
             SELECT MIN(issue_key) FROM issue_link WHERE issue_key >= $2 AND issue_key < $3 \
             UNION ALL \
             SELECT (SELECT MIN(n.issue_key) FROM issue_link n WHERE n.issue_key > keys.issue_key AND n.issue_key < $3) \
             FROM keys WHERE keys.issue_key IS NOT NULL) \
             SELECT keys.issue_key FROM keys WHERE keys.issue_key IS NOT NULL AND EXISTS \
             (SELECT 1 FROM issue_link l WHERE l.issue_key = keys.issue_key AND ",
            issue_link_seen!("$1"),
            ") LIMIT $4"
        );
        let end = format!("{prefix}{}", char::MAX);
        read!(self, |db| sqlx::query_scalar(SQL)
            .bind(viewer.user_id())
            .bind(prefix)
            .bind(end.as_str())
            .bind(limit.max(0))
            .fetch_all(db))
    }
}
