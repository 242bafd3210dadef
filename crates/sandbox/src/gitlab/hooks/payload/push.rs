//! Pushes of branches and tags (GitLab contract §7.3, §7.4).

use serde_json::{Value, json};

use super::Payloads;
use crate::gitlab::model::{ProjectId, RefChange, UserId};
use crate::gitlab::repositories::{CommitQuery, CommitRow, RepositoryError};

/// At most so many commits are told with a push; `total_commits_count` tells how many there were.
const COMMIT_LIMIT: usize = 20;

impl Payloads<'_> {
    /// The body for one branch or tag that moved.
    pub(in crate::gitlab::hooks) async fn push(
        &self,
        project: ProjectId,
        user: UserId,
        change: &RefChange,
    ) -> Result<Value, RepositoryError> {
        let (Some(project), Some(user)) = (self.model.project(project), self.model.user(user)) else {
            return Err(RepositoryError::Missing("project or user of a push".to_owned()));
        };
        let default = self.model.repositories().default_branch(project.id).await?;
        let (commits, total) = self.pushed_commits(project.id, change, default.as_deref()).await?;
        let (checkout, message) = self.checkout(project.id, change).await?;
        let kind = if change.tag().is_some() { "tag_push" } else { "push" };
        let zero = "0".repeat(change.after.as_ref().or(change.before.as_ref()).map_or(40, String::len));
        let mut repository = self.repository(&project);
        let web = self.web_url(project.id);
        repository["git_http_url"] = json!(format!("{web}.git"));
        repository["git_ssh_url"] = repository["url"].clone();
        repository["visibility_level"] = json!(project.visibility.number());
        Ok(json!({
            "object_kind": kind,
            "event_name": kind,
            "before": change.before.as_ref().unwrap_or(&zero),
            "after": change.after.as_ref().unwrap_or(&zero),
            "ref": change.name,
            "ref_protected": change.branch().is_some() && change.branch() == default.as_deref(),
            "checkout_sha": checkout,
            "message": message,
            "user_id": user.id,
            "user_name": user.name,
            "user_username": user.login,
            "user_email": "",
            "user_avatar": null,
            "project_id": project.id,
            "project": self.project(&project).await?,
            "commits": commits,
            "total_commits_count": total,
            "push_options": {},
            "repository": repository,
        }))
    }

    /// The newest commits of a push, oldest first, and how many there are. A new branch brings what the default branch
    /// does not have; a tag and a deletion bring none.
    async fn pushed_commits(
        &self,
        project: ProjectId,
        change: &RefChange,
        default: Option<&str>,
    ) -> Result<(Vec<Value>, usize), RepositoryError> {
        let (Some(after), Some(branch)) = (&change.after, change.branch()) else {
            return Ok((Vec::new(), 0));
        };
        let known = match (&change.before, default) {
            (Some(before), _) => Some(before.clone()),
            (None, Some(default)) if default != branch => Some(format!("refs/heads/{default}")),
            (None, _) => None,
        };
        let (include, exclude) = (vec![after.clone()], Vec::from_iter(known));
        let total = self.model.repositories().count(project, &include, &exclude).await?;
        let query = CommitQuery { include, exclude, limit: COMMIT_LIMIT, ..CommitQuery::default() };
        let rows = self.model.repositories().commits(project, &query).await?;
        let mut commits = Vec::with_capacity(rows.len());
        for row in rows.iter().rev() {
            commits.push(self.commit_with_files(project, row).await?);
        }
        Ok((commits, total))
    }

    async fn commit_with_files(&self, project: ProjectId, row: &CommitRow) -> Result<Value, RepositoryError> {
        let parent = row.parents.first().map(String::as_str);
        let files = self.model.repositories().diff(project, parent, &row.id).await?;
        let mut commit = self.commit(project, row);
        let (mut added, mut modified, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        for file in files {
            match (file.new_file, file.deleted_file) {
                (true, _) => added.push(file.new_path),
                (_, true) => removed.push(file.old_path),
                _ => modified.push(file.new_path),
            }
        }
        commit["added"] = json!(added);
        commit["modified"] = json!(modified);
        commit["removed"] = json!(removed);
        Ok(commit)
    }

    /// The commit that the ref leads to (none when it is gone), and the annotation of a tag.
    async fn checkout(
        &self,
        project: ProjectId,
        change: &RefChange,
    ) -> Result<(Option<String>, Option<String>), RepositoryError> {
        let Some(after) = &change.after else { return Ok((None, None)) };
        if change.tag().is_none() {
            return Ok((Some(after.clone()), None));
        }
        let message = self.model.repositories().annotation(project, after).await?;
        Ok((self.model.repositories().resolve(project, after).await?, message))
    }
}
