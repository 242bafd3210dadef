//! Which repositories the user of a grant is a member of, by the forge's ids; also ones that nobody imports.

use std::collections::BTreeSet;

use model::Millis;

use crate::database::{execute, within};
use crate::sql::{CHUNK, execute_built, with_texts};
use crate::{Result, WriteTx};

impl WriteTx {
    /// Puts a list of forge ids in place of the one before: what is no longer on it is withdrawn with the commit.
    pub async fn facade_memberships_replace(&mut self, grant_id: i64, forge_ids: &[String], now: Millis) -> Result<()> {
        const KNOWN: &str = "SELECT repository_forge_id FROM facade_membership WHERE grant_id = $1";
        const LISTED: &str = "UPDATE facade_grant SET listed_at = $2 WHERE id = $1";
        let known: Vec<String> = within!(self.aside(), |db| sqlx::query_scalar(KNOWN).bind(grant_id).fetch_all(db))?;
        let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
        let named: BTreeSet<&str> = forge_ids.iter().map(String::as_str).collect();
        let gone: Vec<&str> = known.difference(&named).copied().collect();
        let new: Vec<&str> = named.difference(&known).copied().collect();
        for chunk in gone.chunks(CHUNK) {
            let delete =
                format!("DELETE FROM facade_membership WHERE grant_id = {grant_id} AND repository_forge_id IN ");
            execute_built!(self.aside(), false, with_texts!(delete.as_str(), chunk.iter().copied()))?;
        }
        for chunk in new.chunks(CHUNK) {
            execute_built!(self.aside(), chunk.len() == CHUNK, {
                let mut sql = sqlx::QueryBuilder::new("INSERT INTO facade_membership (grant_id, repository_forge_id) ");
                sql.push_values(chunk, |mut row, forge_id| {
                    row.push_bind(grant_id).push_bind(*forge_id);
                });
                sql
            })?;
        }
        execute!(self.aside(), sqlx::query(LISTED).bind(grant_id).bind(now))?;
        Ok(())
    }
}
