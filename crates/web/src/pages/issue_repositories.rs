//! The repositories of an issue's commits, and the commits of one of them.

use std::sync::Arc;

use store::{Cursor, IssueCommit, IssueQuery, PageOf, RepositoryRef, Store};

use crate::view::number::thousands;

use super::paging::PAGE;

/// How many commits are read at a time where only some are wanted.
const BATCH: i64 = 500;

/// A repository to filter commits by; none stands for all.
pub struct Chip {
    pub word: String,
    /// How many commits it holds, where that is known.
    pub count: Option<String>,
    /// Its part of the address, from the question mark on.
    pub query: String,
    pub chosen: bool,
}

/// A repository and how many of the newest commits it holds.
struct Holder {
    repository: Arc<RepositoryRef>,
    commits: usize,
    /// Every one of them is in another repository, too, and shown there.
    only_copies: bool,
}

/// The chips over the commits: the repositories that hold the newest of them. Fewer than two are no choice.
pub async fn chips(store: &Store, query: &IssueQuery, chosen: Option<i64>, all: i64) -> store::Result<Vec<Chip>> {
    let newest = store.issue_commits(query, None, Some(PAGE)).await?;
    let holders = holders(&newest.items);
    if holders.len() < 2 {
        return Ok(Vec::new());
    }
    let every =
        Chip { word: "all".to_owned(), count: Some(thousands(all)), query: String::new(), chosen: chosen.is_none() };
    let counted = newest.next.is_none();
    let chips = holders.into_iter().map(|holder| holder.chip(counted, chosen));
    Ok(std::iter::once(every).chain(chips).collect())
}

fn holders(commits: &[IssueCommit]) -> Vec<Holder> {
    let mut holders: Vec<Holder> = Vec::new();
    for commit in commits {
        let shown_first = std::iter::once((&commit.repository, true));
        for (repository, first) in shown_first.chain(commit.also_in.iter().map(|other| (other, false))) {
            match holders.iter_mut().find(|holder| holder.repository.id == repository.id) {
                Some(holder) => {
                    holder.commits += 1;
                    holder.only_copies &= !first;
                }
                None => holders.push(Holder { repository: repository.clone(), commits: 1, only_copies: !first }),
            }
        }
    }
    holders.sort_by_key(|holder| (holder.only_copies, std::cmp::Reverse(holder.commits)));
    holders
}

impl Holder {
    fn chip(self, counted: bool, chosen: Option<i64>) -> Chip {
        let same = if self.only_copies { ", same commits" } else { "" };
        Chip {
            count: counted.then(|| format!("{}{same}", self.commits)),
            query: format!("?repository={}", self.repository.id),
            chosen: chosen == Some(self.repository.id),
            word: self.repository.path.clone(),
        }
    }
}

/// A page of the issue's commits that a repository holds, shown under it.
pub async fn commits_of(
    store: &Store,
    query: &IssueQuery,
    repository_id: i64,
    after: Option<Cursor>,
) -> store::Result<PageOf<IssueCommit>> {
    let wanted = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let mut items: Vec<IssueCommit> = Vec::new();
    let mut from = after;
    loop {
        let batch = store.issue_commits(query, from, Some(BATCH)).await?;
        for commit in batch.items.into_iter().filter_map(|commit| under(commit, repository_id)) {
            if items.len() == wanted {
                return Ok(PageOf { next: items.last().map(cursor), items });
            }
            items.push(commit);
        }
        from = batch.next;
        if from.is_none() {
            return Ok(PageOf { items, next: None });
        }
    }
}

/// The commit with this repository first; none where the repository does not hold it.
fn under(mut commit: IssueCommit, repository_id: i64) -> Option<IssueCommit> {
    if commit.repository.id != repository_id {
        let at = commit.also_in.iter().position(|other| other.id == repository_id)?;
        std::mem::swap(&mut commit.repository, &mut commit.also_in[at]);
    }
    Some(commit)
}

fn cursor(commit: &IssueCommit) -> Cursor {
    Cursor { sort_at: commit.commit.authored_at, entity_id: commit.commit.id }
}
