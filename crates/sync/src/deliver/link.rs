//! What a remote link says of a merge request or a branch.

use jira::RemoteLink;
use model::MergeRequestState;
use model::secret::token_hash;
use store::{ToldBranch, ToldMergeRequest, ToldRepository};

use super::identity;
use super::pages::Pages;

/// Which program the links belong to.
const APPLICATION: &str = "Dovetail";

/// The link from an issue to a merge request; none where there is no page to lead to.
pub(super) fn of_merge_request(told: &ToldMergeRequest, pages: Pages<'_>, issue_key: &str) -> Option<RemoteLink> {
    let number = told.number;
    let state = match told.state {
        MergeRequestState::Open => "open",
        MergeRequestState::Merged => "merged",
        MergeRequestState::Declined => "closed",
    };
    let path = &told.repository.path;
    Some(RemoteLink {
        global_id: identity::merge_request_link(&repository_id(&told.repository), number),
        url: pages.merge_request(&told.web_url, issue_key)?,
        title: format!("!{number} {}", told.title),
        summary: Some(format!("{path} · {} → {} · {state}", told.source_branch, told.target_branch)),
        resolved: told.state != MergeRequestState::Open,
        ..bare(&told.repository, pages, "Merge requests")
    })
}

/// The link from an issue to a branch; none where there is no page to lead to.
pub(super) fn of_branch(told: &ToldBranch, pages: Pages<'_>, issue_key: &str) -> Option<RemoteLink> {
    Some(RemoteLink {
        global_id: identity::branch_link(&repository_id(&told.repository), &told.name),
        url: pages.branch(&told.name, issue_key)?,
        title: told.name.clone(),
        summary: Some(told.repository.path.clone()),
        ..bare(&told.repository, pages, "Branches")
    })
}

/// Another text whenever Jira would show something else.
pub(super) fn digest(link: &RemoteLink) -> String {
    token_hash(&format!("{link:?}"))
}

fn bare(repository: &ToldRepository, pages: Pages<'_>, heading: &str) -> RemoteLink {
    let icon_url = pages.icon();
    let title = forge::capabilities(repository.host_kind, &repository.host_url).title;
    RemoteLink {
        global_id: String::new(),
        url: String::new(),
        title: String::new(),
        summary: None,
        icon_title: icon_url.is_some().then(|| title.to_owned()),
        icon_url,
        resolved: false,
        application_name: APPLICATION.to_owned(),
        relationship: heading.to_owned(),
    }
}

pub(super) fn repository_id(repository: &ToldRepository) -> String {
    identity::repository_id(repository.host_kind, &repository.host_url, &repository.forge_id)
}
