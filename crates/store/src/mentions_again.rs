//! Reading one text again, of whatever entity: its issues follow what it says now.

use model::{EntityKind, Mention, Millis};

use crate::database::within;
use crate::links::Mentioning;
use crate::{Result, WriteTx};

/// Where entities of a kind stand: when they count as having happened, and whether they are shown.
const fn select(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Commit => "SELECT authored_at, TRUE FROM git_commit WHERE id = $1",
        EntityKind::Branch => "SELECT moved_at, gone_at IS NULL FROM branch WHERE id = $1",
        EntityKind::MergeRequest => "SELECT updated_at, gone_at IS NULL FROM merge_request WHERE id = $1",
    }
}

impl WriteTx {
    /// Puts what an entity's text says by this version of the rule in place of what it said before. A merge request is linked
    /// by its commits besides; what is gone keeps no links; an unknown entity is passed over. Answers how many links were
    /// added, and how many removed.
    pub async fn mentions_replace(
        &mut self,
        kind: EntityKind,
        entity_id: i64,
        mentions: &[Mention],
        rule_version: i64,
    ) -> Result<(u64, u64)> {
        let found: Option<(Millis, bool)> =
            within!(self, |db| sqlx::query_as(select(kind)).bind(entity_id).fetch_optional(db))?;
        let Some((sort_at, is_shown)) = found else { return Ok((0, 0)) };
        let by_others = match kind {
            EntityKind::MergeRequest => self.mentions_of_their_commits(&[entity_id]).await?.remove(&entity_id),
            EntityKind::Commit | EntityKind::Branch => None,
        };
        let entity = Mentioning::new(entity_id, sort_at, mentions).and_by_others(by_others.iter().flatten());
        let mut links = self.entities_say(kind, &[entity], rule_version).await?;
        if !is_shown {
            self.links_remove(kind, &[entity_id]).await?;
            links.added = 0;
        }
        if kind == EntityKind::Commit {
            self.commits_with_keys_recount(&[entity_id]).await?;
        }
        Ok((links.added, links.removed))
    }
}
