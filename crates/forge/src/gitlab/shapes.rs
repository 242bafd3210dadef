//! What GitLab's REST v4 answers, as far as it is read (GitLab contract §5). Unknown fields are ignored, missing or
//! mistyped ones are forgiven unless nothing can be made of the answer without them.

use serde::Deserialize;
use serde::de::Deserializer;

use crate::json::{Id, lenient};

/// Tells a field that is `null` from one that is absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    lenient(deserializer).map(Some)
}

/// A user, in the short form that other answers contain, and in the long form of `/user`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct User {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub username: String,
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    #[serde(deserialize_with = "lenient")]
    pub avatar_url: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub web_url: Option<String>,
    /// Only administrators are told (GitLab contract §5.8).
    #[serde(deserialize_with = "lenient")]
    pub is_admin: bool,
}

/// A group or subgroup.
#[derive(Debug, Deserialize)]
pub struct Group {
    pub id: Id,
    pub full_path: String,
    #[serde(default, deserialize_with = "lenient")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub web_url: Option<String>,
}

/// A member of a group.
#[derive(Debug, Deserialize)]
pub struct Member {
    pub access_level: i64,
}

/// A project; which fields come depends on what the caller may see (GitLab contract §5.4).
#[derive(Debug, Deserialize)]
pub struct Project {
    pub id: Id,
    pub path_with_namespace: String,
    #[serde(default, deserialize_with = "lenient")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub web_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub http_url_to_repo: String,
    /// `null` when the repository is empty, absent when the caller cannot read code.
    #[serde(default, deserialize_with = "present")]
    pub default_branch: Option<Option<String>>,
    /// Absent, too, when the caller cannot read code.
    #[serde(default, deserialize_with = "lenient")]
    pub forks_count: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    pub archived: bool,
    /// `disabled` where the project has no repository; absent in the short form.
    #[serde(default, deserialize_with = "lenient")]
    pub repository_access_level: Option<String>,
    /// Absent in the short form.
    #[serde(default, deserialize_with = "lenient")]
    pub merge_requests_enabled: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub empty_repo: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub last_activity_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub forked_from_project: Option<Origin>,
}

/// The project that a fork came from.
#[derive(Debug, Deserialize)]
pub struct Origin {
    pub id: Id,
}

/// A merge request, from a list or alone.
#[derive(Debug, Deserialize)]
pub struct MergeRequest {
    pub id: Id,
    pub iid: i64,
    pub project_id: Id,
    pub state: String,
    pub source_branch: String,
    pub target_branch: String,
    pub updated_at: String,
    #[serde(default, deserialize_with = "lenient")]
    pub title: String,
    #[serde(default, deserialize_with = "lenient")]
    pub description: String,
    #[serde(default, deserialize_with = "lenient")]
    pub draft: bool,
    /// What `draft` was called before GitLab 13.2.
    #[serde(default, deserialize_with = "lenient")]
    pub work_in_progress: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub author: User,
    #[serde(default, deserialize_with = "lenient")]
    pub reviewers: Vec<User>,
    #[serde(default, deserialize_with = "lenient")]
    pub source_project_id: Option<Id>,
    #[serde(default, deserialize_with = "lenient")]
    pub sha: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub merge_commit_sha: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub squash_commit_sha: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub web_url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub user_notes_count: i64,
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub merged_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub closed_at: Option<String>,
    /// Only the answer for a single merge request has them, and not before GitLab made the diff.
    #[serde(default, deserialize_with = "lenient")]
    pub diff_refs: Option<DiffRefs>,
}

/// Where the diff of a merge request begins.
#[derive(Debug, Deserialize)]
pub struct DiffRefs {
    #[serde(default, deserialize_with = "lenient")]
    pub base_sha: Option<String>,
}

/// One element of `/reviewers`.
#[derive(Debug, Deserialize)]
pub struct Reviewer {
    #[serde(default, deserialize_with = "lenient")]
    pub user: User,
    #[serde(default, deserialize_with = "lenient")]
    pub state: String,
}

/// The answer of `/approvals`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Approvals {
    #[serde(deserialize_with = "lenient")]
    pub approved_by: Vec<Approval>,
}

/// One element of `approved_by`.
#[derive(Debug, Deserialize)]
pub struct Approval {
    #[serde(default, deserialize_with = "lenient")]
    pub user: User,
}

/// A comment on a commit.
#[derive(Debug, Deserialize)]
pub struct CommitNote {
    #[serde(default, deserialize_with = "lenient")]
    pub note: String,
}

/// A comment, or what GitLab itself noted.
#[derive(Debug, Deserialize)]
pub struct Note {
    pub id: Id,
    #[serde(default, deserialize_with = "lenient")]
    pub author: User,
    #[serde(default, deserialize_with = "lenient")]
    pub body: String,
    #[serde(default, deserialize_with = "lenient")]
    pub system: bool,
    /// For members from Reporter on; called `confidential` before GitLab 15.
    #[serde(default, deserialize_with = "lenient")]
    pub internal: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub confidential: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub updated_at: Option<String>,
}

/// A branch with its newest commit.
#[derive(Debug, Deserialize)]
pub struct Branch {
    pub name: String,
    pub commit: Commit,
}

/// A commit. Lists of merge requests' commits may lack parents and some dates.
#[derive(Debug, Deserialize)]
pub struct Commit {
    pub id: String,
    #[serde(default, deserialize_with = "lenient")]
    pub parent_ids: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub title: String,
    #[serde(default, deserialize_with = "lenient")]
    pub message: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub author_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub author_email: String,
    #[serde(default, deserialize_with = "lenient")]
    pub authored_date: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub committer_name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub committer_email: String,
    #[serde(default, deserialize_with = "lenient")]
    pub committed_date: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub created_at: Option<String>,
    /// Only the answer for a single commit has them.
    #[serde(default, deserialize_with = "lenient")]
    pub stats: Option<Stats>,
}

/// Lines of a commit.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Stats {
    #[serde(deserialize_with = "lenient")]
    pub additions: u64,
    #[serde(deserialize_with = "lenient")]
    pub deletions: u64,
}

/// One file of a commit's diff (GitLab contract §5.6): no counts, they are counted from `diff`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Diff {
    #[serde(deserialize_with = "lenient")]
    pub diff: String,
    #[serde(deserialize_with = "lenient")]
    pub collapsed: bool,
    #[serde(deserialize_with = "lenient")]
    pub too_large: bool,
    #[serde(deserialize_with = "lenient")]
    pub new_path: String,
    #[serde(deserialize_with = "lenient")]
    pub old_path: String,
    #[serde(deserialize_with = "lenient")]
    pub new_file: bool,
    #[serde(deserialize_with = "lenient")]
    pub renamed_file: bool,
    #[serde(deserialize_with = "lenient")]
    pub deleted_file: bool,
}

/// A web hook (GitLab contract §5.10). Its secret is never told.
#[derive(Debug, Deserialize)]
pub struct Hook {
    pub id: Id,
    #[serde(default, deserialize_with = "lenient")]
    pub url: String,
    #[serde(default, deserialize_with = "lenient")]
    pub push_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub merge_requests_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub note_events: bool,
    /// `executable`, `temporarily_disabled`, `disabled`; absent in old versions, which switch none off.
    #[serde(default, deserialize_with = "lenient")]
    pub alert_status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub push_events_branch_filter: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub custom_webhook_template: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub tag_push_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub issues_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub confidential_issues_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub confidential_note_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub job_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub pipeline_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub wiki_page_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub deployment_events: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub releases_events: bool,
}

impl Hook {
    /// Events that would only cost, as parameters of a hook.
    pub const UNWANTED: [&str; 9] = [
        "tag_push_events",
        "issues_events",
        "confidential_issues_events",
        "confidential_note_events",
        "job_events",
        "pipeline_events",
        "wiki_page_events",
        "deployment_events",
        "releases_events",
    ];

    /// Whether it hears any of [`Hook::UNWANTED`].
    pub fn hears_more(&self) -> bool {
        self.tag_push_events
            || self.issues_events
            || self.confidential_issues_events
            || self.confidential_note_events
            || self.job_events
            || self.pipeline_events
            || self.wiki_page_events
            || self.deployment_events
            || self.releases_events
    }

    /// Whether it passes some branches over, or sends other bodies than GitLab's own.
    pub fn is_bent(&self) -> bool {
        [&self.push_events_branch_filter, &self.custom_webhook_template]
            .into_iter()
            .any(|setting| setting.as_deref().is_some_and(|setting| !setting.is_empty()))
    }

    /// Whether GitLab switched it off, for a while or for good, because calls failed.
    pub fn is_disabled(&self) -> bool {
        self.alert_status.as_deref().is_some_and(|status| status != "executable")
    }

    /// Where it leads; none where that is no address.
    pub fn address(&self) -> Option<url::Url> {
        url::Url::parse(&self.url).ok()
    }
}

/// A merge request in the list of a group, as far as that list is read.
#[derive(Debug, Deserialize)]
pub struct ChangedMergeRequest {
    pub iid: i64,
    pub project_id: Id,
    #[serde(default, deserialize_with = "lenient")]
    pub updated_at: Option<String>,
}

/// A personal, project or group access token, told to its own user.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AccessToken {
    #[serde(deserialize_with = "lenient")]
    pub scopes: Vec<String>,
    /// A day.
    #[serde(deserialize_with = "lenient")]
    pub expires_at: Option<String>,
}

/// An OAuth token, told to its own user (GitLab contract §5.1).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OauthToken {
    #[serde(deserialize_with = "lenient")]
    pub scope: Vec<String>,
    /// Seconds from now.
    #[serde(deserialize_with = "lenient")]
    pub expires_in: Option<i64>,
}

/// The body of a refusal, in any of its forms (GitLab contract §2.2, §5.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    #[serde(deserialize_with = "lenient")]
    pub error: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub error_description: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub message: Option<String>,
}

/// The answer of `/version`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Version {
    #[serde(deserialize_with = "lenient")]
    pub version: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub revision: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unimportant_fields_may_have_any_type() {
        // given
        let json = r#"{"id":7,"path_with_namespace":"g/p","name":[1],"archived":"yes","empty_repo":null,
            "forked_from_project":{"nothing":1},"last_activity_at":5,"default_branch":3,"unknown":{"a":[]}}"#;

        // when
        let project: Project = serde_json::from_str(json).unwrap();

        // then
        assert_eq!((project.id.0.as_str(), project.name.as_str()), ("7", ""));
        assert!(!project.archived && project.empty_repo.is_none() && project.forked_from_project.is_none());
        assert_eq!(project.default_branch, Some(None));
    }

    #[test]
    fn an_absent_default_branch_is_not_an_empty_repository() {
        // given
        let absent = r#"{"id":"7","path_with_namespace":"g/p"}"#;
        let empty = r#"{"id":"7","path_with_namespace":"g/p","default_branch":null}"#;

        // then
        assert_eq!(serde_json::from_str::<Project>(absent).unwrap().default_branch, None);
        assert_eq!(serde_json::from_str::<Project>(empty).unwrap().default_branch, Some(None));
    }

    #[test]
    fn a_project_without_an_id_is_refused() {
        for id in ["", "\"id\":null,", "\"id\":{},", "\"id\":\"\","] {
            // given
            let json = format!("{{{id}\"path_with_namespace\":\"g/p\"}}");

            // then
            assert!(serde_json::from_str::<Project>(&json).is_err(), "{json}");
        }
    }
}
