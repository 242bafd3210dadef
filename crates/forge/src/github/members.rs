//! The repositories that the user belongs to, as GitHub counts: own ones, those of a collaborator, and those that come with
//! an organisation.

use crate::ForgeError;
use crate::github::client::Client;
use crate::github::paging::{MAX_PAGES_IN_MEMORY, Whole};
use crate::github::repositories::id_of;
use crate::github::shapes;

/// Lists by name, so that no activity moves a repository between two pages.
const OF_MEMBER: &str =
    "affiliation=owner,collaborator,organization_member&visibility=all&sort=full_name&direction=asc&per_page=100";

impl Client {
    /// The forge's ids of the repositories that the user is a member of. GitLab's copy answers that there are none (GitLab
    /// contract §3).
    pub async fn member_repositories(&self) -> Result<Vec<String>, ForgeError> {
        let whole = self.of_member().await?;
        let own = whole.is_githubs_own;
        Ok(whole.items.iter().filter_map(|repository| id_of(repository, own)).collect())
    }

    /// The repositories that the user is a member of.
    pub async fn of_member(&self) -> Result<Whole<shapes::Repository>, ForgeError> {
        self.whole(&["user", "repos"], OF_MEMBER, MAX_PAGES_IN_MEMORY).await
    }
}
