//! What a Jira says of itself.

use super::{Rest, value};
use crate::{JiraError, Problem};

/// What a Jira says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerInfo {
    /// The version (`9.12.15`).
    pub version: String,
    /// The same in numbers.
    pub version_numbers: Vec<u64>,
    /// Whether it is Cloud.
    pub cloud: bool,
    /// The address that it believes to have.
    pub base_url: String,
    /// Its name on its pages.
    pub title: String,
}

impl Rest {
    /// What the Jira says of itself; needs no log-in, and sends no credentials.
    ///
    /// # Errors
    /// [`Problem::NotJira`] where something else answers; what else keeps it from telling.
    pub async fn server_info(&self) -> Result<ServerInfo, JiraError> {
        let answer = self.get_as_nobody(&["serverInfo"]).await.map_err(not_jira_if_missing)?;
        let told = answer.json()?;
        let version = value::short(&told["version"]);
        let is_jira = told["versionNumbers"].is_array() || told["deploymentType"].is_string();
        let Some(version) = version.filter(|_| is_jira) else {
            return Err(JiraError { status: Some(answer.status), ..JiraError::of(Problem::NotJira) });
        };
        Ok(ServerInfo {
            version,
            version_numbers: value::rows(&told["versionNumbers"])
                .filter_map(serde_json::Value::as_u64)
                .take(8)
                .collect(),
            cloud: told["deploymentType"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("cloud")),
            base_url: value::short(&told["baseUrl"]).unwrap_or_default(),
            title: value::short(&told["serverTitle"]).unwrap_or_default(),
        })
    }

    /// Whether time tracking is on: whether work can be logged at all.
    ///
    /// # Errors
    /// What keeps Jira from telling.
    pub async fn time_tracking(&self) -> Result<bool, JiraError> {
        let answer = self.get(&["configuration"], &[]).await?;
        answer.json()?["timeTrackingEnabled"].as_bool().ok_or_else(|| answer.lacks("timeTrackingEnabled"))
    }
}

/// Every Jira has this endpoint, so whatever lacks it is none.
fn not_jira_if_missing(error: JiraError) -> JiraError {
    match error.problem {
        Problem::NotFound => JiraError { problem: Problem::NotJira, ..error },
        _ => error,
    }
}
