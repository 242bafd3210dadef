//! The repositories that the user belongs to, as GitHub counts: own ones, those of a collaborator, and those that come with
//! an organisation.

use model::{AccountKind, ForgeAccount};

use crate::github::client::Client;
use crate::github::paging::{MAX_PAGES_IN_MEMORY, Whole};
use crate::github::repositories::id_of;
use crate::github::shapes;
use crate::{ForgeError, Reach, Standing};

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

    /// The role of our user in an organisation. GitLab's copy knows no roles.
    pub async fn standing(&self, account: &ForgeAccount) -> Result<Standing, ForgeError> {
        let found = if account.kind == AccountKind::Group {
            let told: shapes::Membership = self.one(&["user", "memberships", "orgs", &account.path], "").await?;
            match (told.state.as_str(), told.role.as_str()) {
                ("active", "admin") => Some(("Owner", Reach::AccountHooks)),
                ("active", _) => Some(("Member", Reach::Reading)),
                _ => None,
            }
        } else {
            let user = self.current_user().await?;
            user.login.eq_ignore_ascii_case(&account.path).then_some(("Owner", Reach::RepositoryHooks))
        };
        Ok(Standing {
            role: found.map(|(name, _)| name.to_owned()),
            reach: found.map_or(Reach::Nothing, |(_, reach)| reach),
            reading_needs: "Member",
            hooks_need: "Owner of the organisation, or Admin of the repository",
        })
    }

    /// The repositories that the user is a member of.
    pub async fn of_member(&self) -> Result<Whole<shapes::Repository>, ForgeError> {
        self.whole(&["user", "repos"], OF_MEMBER, MAX_PAGES_IN_MEMORY).await
    }
}
