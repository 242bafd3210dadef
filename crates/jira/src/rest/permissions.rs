//! Who may do what.

use std::collections::BTreeMap;

use super::Rest;
use crate::JiraError;

impl Rest {
    /// Which of some permissions (`ADD_COMMENTS`, `ADMINISTER` …) these credentials have: in a project (its key), or anywhere.
    ///
    /// # Errors
    /// What keeps Jira from telling.
    pub async fn my_permissions(
        &self,
        project: Option<&str>,
        names: &[&str],
    ) -> Result<BTreeMap<String, bool>, JiraError> {
        let all = names.join(",");
        let mut query = Vec::new();
        if self.0.cloud {
            query.push(("permissions", all.as_str()));
        }
        query.extend(project.map(|key| ("projectKey", key)));
        let answer = self.get(&["mypermissions"], &query).await?;
        let told = answer.json()?;
        if !told["permissions"].is_object() {
            return Err(answer.lacks("permissions"));
        }
        let has = |name: &str| told["permissions"][name]["havePermission"] == true;
        Ok(names.iter().map(|name| ((*name).to_owned(), has(name))).collect())
    }

    /// Whether a user (user name on Data Center, account id on Cloud) has all of some permissions for an issue.
    ///
    /// # Errors
    /// [`Problem::Forbidden`](crate::Problem::Forbidden) where these credentials may not ask: that takes project or global
    /// administration; [`Problem::NotFound`](crate::Problem::NotFound) where there is no such issue, or this Jira has no such
    /// search; what else keeps Jira from telling.
    pub async fn may(&self, user: &str, issue_key: &str, permissions: &[&str]) -> Result<bool, JiraError> {
        let all = permissions.join(",");
        let by = if self.0.cloud { "accountId" } else { "username" };
        let query = [(by, user), ("issueKey", issue_key), ("permissions", all.as_str())];
        let found = self.people(&["user", "permission", "search"], &query).await?;
        let is_them = |id: &str| if self.0.cloud { id == user } else { id.to_lowercase() == user.to_lowercase() };
        Ok(found.iter().any(|person| person.active && is_them(&person.id)))
    }
}
