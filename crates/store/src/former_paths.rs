//! Where repositories were before they were renamed or moved: what others remember still leads to them.

use std::collections::BTreeMap;

use model::{ForgeRepository, Millis};

use crate::database::{execute, within};
use crate::sql::{CHUNK, with_texts};
use crate::{Result, WriteTx};

impl WriteTx {
    /// Keeps the paths that repositories are about to leave. To be called before the new ones are written.
    pub(crate) async fn former_paths_keep(
        &mut self,
        host_id: i64,
        chunk: &[&ForgeRepository],
        now: Millis,
    ) -> Result<()> {
        debug_assert!(chunk.len() <= CHUNK, "as many as one statement takes");
        const INSERT: &str = "INSERT INTO former_path (host_id, path_folded, repository_id, left_at) \
                              VALUES ($1, $2, $3, $4) ON CONFLICT (host_id, path_folded) DO UPDATE SET \
                              repository_id = excluded.repository_id, left_at = excluded.left_at";
        let to: BTreeMap<&str, &str> = chunk.iter().map(|one| (one.forge_id.as_str(), one.path.as_str())).collect();
        let find = format!("SELECT id, forge_id, path FROM repository WHERE host_id = {host_id} AND forge_id IN ");
        let known: Vec<(i64, String, String)> = within!(self.aside(), |db| async {
            with_texts!(find.as_str(), to.keys().copied()).build_query_as().persistent(false).fetch_all(db).await
        })?;
        for (id, forge_id, path) in known {
            let folded = path.to_ascii_lowercase();
            if to.get(forge_id.as_str()).is_some_and(|to| to.to_ascii_lowercase() != folded) {
                execute!(self.aside(), sqlx::query(INSERT).bind(host_id).bind(folded.as_str()).bind(id).bind(now))?;
            }
        }
        Ok(())
    }
}
