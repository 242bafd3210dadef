//! Branches and commits by REST, for servers where git over HTTP is off (GitLab contract §5.5, §5.6).

use model::text::plain;
use model::{Branch, Commit, ObjectId, Person};

use crate::gitlab::client::Client;
use crate::gitlab::paging::PER_PAGE;
use crate::gitlab::shapes;
use crate::paging::Position;
use crate::timestamp;
use crate::{ForgeError, Problem, sentences};

impl Client {
    /// Every branch of a project.
    pub async fn branches(&self, project: &str) -> Result<Vec<Branch>, ForgeError> {
        let path = ["projects", project, "repository", "branches"];
        let told: Vec<shapes::Branch> = self.all(&path, PER_PAGE).await?;
        told.into_iter().map(|branch| Ok(Branch { name: plain(&branch.name), head: id(&branch.commit.id)? })).collect()
    }

    /// One page of the commits reachable from `head`, newest first. A page that is exactly full announces a next one
    /// that may be empty. No such commit, or no repository at all: no commits.
    pub async fn commits(
        &self,
        project: &str,
        head: &ObjectId,
        page: Option<&str>,
    ) -> Result<(Vec<Commit>, Option<String>), ForgeError> {
        let position = match page {
            Some(page) => page.parse()?,
            None => Position::first(format!("ref_name={head}&{PER_PAGE}")),
        };
        let path = ["projects", project, "repository", "commits"];
        let page = match self.page::<shapes::Commit>(&path, &position).await {
            Err(ForgeError { problem: Problem::NotFound | Problem::NotAvailable, .. }) => {
                return Ok((Vec::new(), None));
            }
            page => page?,
        };
        let commits = page.items.iter().map(commit).collect::<Result<_, _>>()?;
        Ok((commits, page.next.map(|next| next.to_string())))
    }

    /// The commits of a merge request, newest first.
    pub async fn merge_request_commits(&self, project: &str, number: i64) -> Result<Vec<Commit>, ForgeError> {
        let path = ["projects", project, "merge_requests", &number.to_string(), "commits"];
        let told: Vec<shapes::Commit> = self.all(&path, PER_PAGE).await?;
        told.iter().map(commit).collect()
    }
}

/// A commit in our words. GitLab has re-encoded its message already; where a list gives no dates of its own, there is
/// still the one that GitLab calls its creation, the committer's.
fn commit(told: &shapes::Commit) -> Result<Commit, ForgeError> {
    let committed = [&told.committed_date, &told.created_at, &told.authored_date];
    let committed_at = committed.into_iter().find_map(|date| timestamp::optional(date.as_deref()));
    let committed_at = committed_at.ok_or_else(|| Problem::Data(sentences::commit_without_date()))?;
    Ok(Commit {
        id: id(&told.id)?,
        parents: told.parent_ids.iter().map(|parent| id(parent)).collect::<Result<_, _>>()?,
        author: Person { name: plain(&told.author_name), email: plain(&told.author_email) },
        authored_at: timestamp::optional(told.authored_date.as_deref()).unwrap_or(committed_at),
        committer: Person { name: plain(&told.committer_name), email: plain(&told.committer_email) },
        committed_at,
        message: plain(told.message.as_deref().unwrap_or(&told.title)),
        lossy: false,
    })
}

fn id(text: &str) -> Result<ObjectId, ForgeError> {
    text.parse().map_err(|_| Problem::Data(sentences::not_an_object_id()).into())
}
