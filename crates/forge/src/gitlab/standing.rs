//! What a check asks: the version, how we stand in a group, groups of a like name, what cannot be read (GitLab contract
//! §5.4, §5.8, §11).

use model::text::plain;
use model::{AccountKind, ForgeAccount};
use url::form_urlencoded;

use crate::gitlab::client::Client;
use crate::gitlab::shapes;
use crate::standing::{ForgeVersion, Reach, Standing};
use crate::{ForgeError, Problem, sentences};

/// Longer than any version.
const MAX_VERSION: usize = 64;
/// The roles of GitLab, from their least level on.
const ROLES: [(i64, &str, Reach); 7] = [
    (50, "Owner", Reach::AccountHooks),
    (40, "Maintainer", Reach::RepositoryHooks),
    (30, "Developer", Reach::Reading),
    (20, "Reporter", Reach::Reading),
    (15, "Planner", Reach::Seeing),
    (10, "Guest", Reach::Seeing),
    (1, "Minimal Access", Reach::Seeing),
];
/// The letters at the beginning of a name by which others like it are searched: GitLab takes no fewer than three.
const BEGINNING: usize = 3;

impl Client {
    /// The version; GitLab tells it only to those whom it lets in.
    pub async fn version(&self) -> Result<ForgeVersion, ForgeError> {
        let told: shapes::Version = match self.optional(&["version"], "").await? {
            Some(told) => told,
            None => self.one(&["metadata"], "").await?,
        };
        let number: String = plain(&told.version.unwrap_or_default()).chars().take(MAX_VERSION).collect();
        if number.is_empty() {
            return Err(Problem::NotAvailable.into());
        }
        Ok(ForgeVersion { advice: advice(&number), number })
    }

    /// The role of our user in the account, with what comes from the groups above; administrators may everything.
    pub async fn standing(&self, account: &ForgeAccount) -> Result<Standing, ForgeError> {
        let user = self.current_user().await?;
        if user.administrator {
            return Ok(standing(Some(("administrator", Reach::AccountHooks))));
        }
        match account.kind {
            AccountKind::Group => {
                let segments = ["groups", &account.forge_id, "members", "all", &user.forge_id];
                let member: Option<shapes::Member> = self.optional(&segments, "").await?;
                Ok(standing(member.and_then(|member| role(member.access_level))))
            }
            // A personal namespace has no hook of its own.
            AccountKind::User if user.forge_id == account.forge_id => {
                Ok(standing(Some(("Owner", Reach::RepositoryHooks))))
            }
            AccountKind::User => Ok(standing(None)),
            AccountKind::Folder => Err(Problem::NotAvailable.into()),
        }
    }

    /// The paths of groups that the user sees and that begin alike, then those that it is a member of: at most a page each.
    pub async fn accounts_like(&self, path: &str) -> Result<Vec<String>, ForgeError> {
        let name = path.trim_matches('/').rsplit('/').next().unwrap_or(path);
        let beginning: String = name.chars().take(BEGINNING).collect();
        let search = form_urlencoded::Serializer::new(String::new()).append_pair("search", &beginning).finish();
        let mut paths = Vec::new();
        for query in [format!("{search}&per_page=100"), "min_access_level=10&per_page=100".to_owned()] {
            let groups: Vec<shapes::Group> = self.one(&["groups"], &query).await?;
            paths.extend(groups.into_iter().map(|group| plain(&group.full_path)));
        }
        Ok(paths)
    }
}

fn role(level: i64) -> Option<(&'static str, Reach)> {
    ROLES.iter().find(|(least, ..)| level >= *least).map(|(_, name, reach)| (*name, *reach))
}

fn standing(role: Option<(&str, Reach)>) -> Standing {
    Standing {
        role: role.map(|(name, _)| name.to_owned()),
        reach: role.map_or(Reach::Nothing, |(_, reach)| reach),
        reading_needs: "Reporter",
        hooks_need: "Maintainer",
    }
}

/// Which of GitLab's instructions apply to a version (GitLab contract §11).
fn advice(number: &str) -> Vec<String> {
    let Some(version) = major_and_minor(number) else { return Vec::new() };
    let connector = match version {
        (..11, _) | (11, ..3) => sentences::facade_below_jira(),
        (11..16, _) => sentences::facade_at_the_root(),
        _ => sentences::facade_gone(),
    };
    let tokens = if version >= (15, 0) { sentences::tokens_of_two_hours() } else { sentences::tokens_without_end() };
    vec![connector, tokens]
}

fn major_and_minor(number: &str) -> Option<(u32, u32)> {
    let mut parts = number.split(['.', '-', ' ']);
    let major = parts.next()?.parse().ok()?;
    Some((major, parts.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_the_instructions_that_apply_to_it() {
        for (number, connector, tokens) in [
            ("10.8.7-ee", sentences::facade_below_jira(), sentences::tokens_without_end()),
            ("11.2.0", sentences::facade_below_jira(), sentences::tokens_without_end()),
            ("11.3.0", sentences::facade_at_the_root(), sentences::tokens_without_end()),
            ("14.10.5", sentences::facade_at_the_root(), sentences::tokens_without_end()),
            ("15.0.0-pre", sentences::facade_at_the_root(), sentences::tokens_of_two_hours()),
            ("15.11.13", sentences::facade_at_the_root(), sentences::tokens_of_two_hours()),
            ("16.0.0", sentences::facade_gone(), sentences::tokens_of_two_hours()),
            ("18.9.0-ee", sentences::facade_gone(), sentences::tokens_of_two_hours()),
        ] {
            assert_eq!(advice(number), [connector, tokens], "{number}");
        }
        assert_eq!(advice("nightly"), Vec::<String>::new());
    }

    #[test]
    fn each_level_is_the_role_from_whose_least_level_on_it_is() {
        assert_eq!(role(50), Some(("Owner", Reach::AccountHooks)));
        assert_eq!(role(40), Some(("Maintainer", Reach::RepositoryHooks)));
        assert_eq!(role(25), Some(("Reporter", Reach::Reading)));
        assert_eq!(role(5), Some(("Minimal Access", Reach::Seeing)));
        assert_eq!(role(0), None);
    }
}
