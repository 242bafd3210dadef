//! Merge requests (GitLab contract §5.7).

use std::collections::HashSet;

use model::text::plain;
use model::{AccountKind, ForgeAccount, MergeRequest, MergeRequestState, Millis, ObjectId, Reviewer};
use url::form_urlencoded;

use crate::address::page;
use crate::gitlab::client::Client;
use crate::gitlab::paging::PER_PAGE;
use crate::gitlab::shapes;
use crate::paging::Position;
use crate::timestamp;
use crate::{
    ForgeError, MergeRequestChange, MergeRequestDetail, MergeRequestNews, MergeRequestPage, Problem, sentences,
};

/// By change and upwards: the only order in which nothing is skipped while the list changes (GitLab contract §5.7).
const ORDER: &str = "scope=all&state=all&non_archived=false&order_by=updated_at&sort=asc";

impl Client {
    /// One page of the merge requests of a project.
    pub async fn merge_requests(
        &self,
        project: &str,
        updated_after: Option<Millis>,
        page: Option<&str>,
    ) -> Result<MergeRequestPage, ForgeError> {
        let position = match page {
            Some(page) => page.parse()?,
            None => Position::first(first_query(updated_after)),
        };
        let page = self.page::<shapes::MergeRequest>(&["projects", project, "merge_requests"], &position).await?;
        let merge_requests = page.items.iter().map(|item| self.merge_request_of(item)).collect::<Result<_, _>>()?;
        Ok(MergeRequestPage { merge_requests, next: page.next.map(|next| next.to_string()) })
    }

    /// Which projects of a group have news among their merge requests: one page of the group's own list, which holds those
    /// of subgroups too. Personal namespaces have none.
    pub async fn account_merge_requests(
        &self,
        account: &ForgeAccount,
        updated_after: Option<Millis>,
        page: Option<&str>,
    ) -> Result<MergeRequestNews, ForgeError> {
        if account.kind != AccountKind::Group {
            return Err(Problem::NotAvailable.into());
        }
        let position = match page {
            Some(page) => page.parse()?,
            None => Position::first(format!("view=simple&{}", first_query(updated_after))),
        };
        let segments = ["groups", &account.forge_id, "merge_requests"];
        let page = self.page::<shapes::ChangedMergeRequest>(&segments, &position).await?;
        let changes: Vec<MergeRequestChange> = page.items.into_iter().map(change).collect();
        let until = changes.iter().filter_map(|change| change.updated_at).max();
        let mut seen = HashSet::new();
        let repositories = changes.iter().map(|change| &change.repository);
        let repositories = repositories.filter(|repository| seen.insert(*repository)).cloned().collect();
        Ok(MergeRequestNews { repositories, changes, until, next: page.next.map(|next| next.to_string()) })
    }

    /// One merge request, with where it began.
    pub async fn merge_request(&self, project: &str, number: i64) -> Result<MergeRequestDetail, ForgeError> {
        let found = self.merge_request_shape(project, number).await?;
        let base = found.diff_refs.as_ref().and_then(|refs| object_id(refs.base_sha.as_deref()));
        Ok(MergeRequestDetail { merge_request: self.merge_request_of(&found)?, base })
    }

    /// One merge request as GitLab tells it.
    pub async fn merge_request_shape(&self, project: &str, number: i64) -> Result<shapes::MergeRequest, ForgeError> {
        self.one(&["projects", project, "merge_requests", &number.to_string()], "").await
    }

    fn merge_request_of(&self, item: &shapes::MergeRequest) -> Result<MergeRequest, ForgeError> {
        let updated_at = timestamp::millis(&item.updated_at)
            .ok_or_else(|| Problem::Data(sentences::merge_request_without_change(item.iid)))?;
        let reviewers = item.reviewers.iter().map(|user| Reviewer { user: self.user(user), approved: false });
        Ok(MergeRequest {
            forge_id: item.id.0.clone(),
            number: item.iid,
            repository_forge_id: item.project_id.0.clone(),
            title: plain(&item.title),
            description: plain(&item.description),
            state: state(&item.state),
            draft: item.draft || item.work_in_progress,
            author: self.user(&item.author),
            source_branch: plain(&item.source_branch),
            target_branch: plain(&item.target_branch),
            source_repository_forge_id: item.source_project_id.as_ref().map(|id| id.0.clone()),
            head: object_id(item.sha.as_deref()),
            merge_commit: object_id(item.merge_commit_sha.as_deref()),
            squash_commit: object_id(item.squash_commit_sha.as_deref()),
            web_url: page(item.web_url.as_deref()).unwrap_or_else(|| self.root().to_string()),
            comment_count: item.user_notes_count.max(0),
            reviewers: reviewers.collect(),
            created_at: timestamp::optional(item.created_at.as_deref()).unwrap_or(updated_at),
            updated_at,
            merged_at: timestamp::optional(item.merged_at.as_deref()),
            closed_at: timestamp::optional(item.closed_at.as_deref()),
        })
    }
}

fn change(item: shapes::ChangedMergeRequest) -> MergeRequestChange {
    let updated_at = timestamp::optional(item.updated_at.as_deref());
    MergeRequestChange { repository: item.project_id.0, number: item.iid, updated_at }
}

fn first_query(updated_after: Option<Millis>) -> String {
    let order = format!("{ORDER}&{PER_PAGE}");
    match updated_after.and_then(timestamp::spelled) {
        Some(after) => form_urlencoded::Serializer::new(order).append_pair("updated_after", &after).finish(),
        None => order,
    }
}

/// Jira's word for a state. `locked` is what GitLab calls one while it is being merged; a word of the future can only be
/// something that is neither merged nor closed.
fn state(word: &str) -> MergeRequestState {
    match word {
        "merged" => MergeRequestState::Merged,
        "closed" => MergeRequestState::Declined,
        _ => MergeRequestState::Open,
    }
}

/// The id of a commit; none where there is none, or GitLab's zeros for none.
pub fn object_id(text: Option<&str>) -> Option<ObjectId> {
    text?.parse::<ObjectId>().ok().filter(|id| !id.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watermark_is_spelled_so_that_no_plus_is_read_as_a_space() {
        assert!(first_query(Some(1_537_438_681_123)).ends_with("&updated_after=2018-09-20T10%3A18%3A01.123Z"));
        assert!(first_query(None).contains("order_by=updated_at&sort=asc"));
    }

    #[test]
    fn states_become_jiras_three() {
        let cases = [
            ("opened", MergeRequestState::Open),
            ("locked", MergeRequestState::Open),
            ("merged", MergeRequestState::Merged),
            ("closed", MergeRequestState::Declined),
        ];
        for (word, expected) in cases {
            assert_eq!(state(word), expected, "{word}");
        }
    }

    #[test]
    fn no_commit_is_no_commit() {
        assert_eq!(object_id(None), None);
        assert_eq!(object_id(Some("")), None);
        assert_eq!(object_id(Some(&"0".repeat(40))), None);
        assert!(object_id(Some(&"a".repeat(64))).is_some());
    }
}
