//! What a store shows, as lines that can be compared: present facts in one list, what was taken away in another.

use std::collections::{BTreeMap, BTreeSet};

use store::{IssueQuery, RepositoryState, Viewer};

use crate::dovetail::Dovetail;
use crate::forge;

/// What a store shows.
#[derive(Debug, Default)]
pub struct Picture {
    /// Present facts; a line that is there twice is a fact that is there twice.
    pub present: BTreeMap<String, usize>,
    /// Commits that name an issue and are no longer reachable, branches and merge requests that are gone.
    pub taken: BTreeSet<String>,
    /// Where a line of `taken` can only be found while its repository is shown: the forge's ids of those that are.
    pub shown: BTreeSet<String>,
}

impl Picture {
    /// Looks at everything.
    pub async fn of(dovetail: &Dovetail) -> Self {
        let mut picture = Self::default();
        for (repository, is_shown) in dovetail.repositories().await {
            if is_shown {
                picture.shown.insert(repository.forge_id.clone());
                picture.repository(dovetail, &repository).await;
            }
        }
        for number in 0..forge::ISSUES {
            picture.issue(dovetail, &forge::issue(number)).await;
        }
        picture
    }

    fn present(&mut self, line: String) {
        *self.present.entry(line).or_default() += 1;
    }

    async fn repository(&mut self, dovetail: &Dovetail, repository: &store::Repository) {
        let id = &repository.forge_id;
        let state = match repository.state {
            RepositoryState::UpToDate => String::new(),
            other => format!(" {other} {:?}", repository.error),
        };
        let (path, default) = (&repository.path, repository.default_branch.as_deref().unwrap_or("none"));
        let archived = if repository.archived { " archived" } else { "" };
        self.present(format!("repository {id} {path}, default {default}{archived}{state}"));
        for branch in dovetail.store.branches(repository.id).await.unwrap() {
            if branch.gone_at.is_some() {
                self.taken.insert(format!("{id} branch {}", branch.name));
            } else {
                self.present(format!("{id} branch {} at {}", branch.name, branch.head));
            }
        }
        for merge_request in dovetail.store.merge_request_heads(repository.id).await.unwrap() {
            let (number, state) = (merge_request.number, merge_request.state);
            if merge_request.gone_at.is_some() {
                self.taken.insert(format!("{id} merge request {number}"));
                continue;
            }
            let head = merge_request.head.map(|head| head.to_string()).unwrap_or_default();
            self.present(format!("{id} merge request {number} {state} at {head}, {}", merge_request.updated_at));
        }
    }

    async fn issue(&mut self, dovetail: &Dovetail, key: &str) {
        let query = IssueQuery { viewer: Viewer::Everything, key: key.to_owned(), host_ids: None };
        for row in dovetail.store.issue_commits(&query, None, None).await.unwrap().items {
            let id = &row.commit.object_id;
            let mut places = vec![row.repository.forge_id.as_str()];
            places.extend(row.also_in.iter().map(|repository| repository.forge_id.as_str()));
            places.sort_unstable();
            let places = places.join(" ");
            if row.unreachable {
                self.taken.insert(format!("{places} commit {id} of {key}"));
            } else {
                self.present(format!("{places} commit {id} of {key}"));
            }
        }
        for row in dovetail.store.issue_branches(&query, None, None).await.unwrap().items {
            self.present(format!("{key} has branch {} of {}", row.name, row.repository.forge_id));
        }
        for row in dovetail.store.issue_merge_requests(&query, None, None).await.unwrap().items {
            let draft = if row.draft { "draft " } else { "" };
            let reviewers: Vec<String> = row
                .reviewers
                .iter()
                .map(|reviewer| format!("{}{}", reviewer.user.login, if reviewer.approved { " approves" } else { "" }))
                .collect();
            self.present(format!(
                "{key} has {draft}{}!{} {:?} {} {} → {}, {} comments, [{}], {} {} {:?}",
                row.repository.forge_id,
                row.number,
                row.title,
                row.state,
                row.source_branch,
                row.target_branch,
                row.comment_count,
                reviewers.join(", "),
                row.created_at,
                row.updated_at,
                row.merged_at,
            ));
        }
    }

    /// The lines by which this differs from what it should be.
    pub fn differences(&self, expected: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        let keys: BTreeSet<&String> = self.present.keys().chain(expected.present.keys()).collect();
        for line in keys {
            let (here, there) = (self.present.get(line).unwrap_or(&0), expected.present.get(line).unwrap_or(&0));
            if here != there {
                lines.push(format!("  {here} times instead of {there}: {line}"));
            }
        }
        lines
    }
}
