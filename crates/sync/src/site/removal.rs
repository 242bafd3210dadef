//! Forgetting a site.

use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Lane, Relink, SiteState};

use super::relink_all;
use crate::{Engine, deliver};

/// Forgets a site with everything that is known of it, in steps.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RemoveSite {
    pub(crate) site_id: i64,
}

impl queue::Job for RemoveSite {
    type Context = Engine;
    const KIND: &'static str = "remove_site";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    fn resource_key(&self) -> String {
        format!("site:{}:remove", self.site_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = engine.store().site(self.site_id).await? else { return Ok(()) };
        if site.state != SiteState::Removing {
            return Ok(());
        }
        deliver::farewell(&engine, &site).await?;
        let now = engine.clock().now();
        let mut tx = lease.begin_write(Lane::Live).await?;
        let moved = tx.aliases_forget(site.id).await?;
        let projects = tx.site_projects_replace(site.id, &[], now).await?;
        let issues = moved.into_iter().map(Relink::Issue);
        relink_all(&mut tx, issues.chain(projects.all().into_iter().map(Relink::Project)), now).await?;
        tx.commit().await?;
        while !engine.store().site_purge_step(site.id).await? {}
        Ok(())
    }
}
