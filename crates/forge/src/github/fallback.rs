//! Branches and commits by REST, for servers where git over HTTP is off or is none at all.

use model::text::plain;
use model::{Branch, Commit, ObjectId, Person};

use crate::github::client::Client;
use crate::github::paging::PER_PAGE;
use crate::github::place::Place;
use crate::github::shapes;
use crate::paging::Position;
use crate::{ForgeError, Problem, sentences, timestamp};

impl Client {
    /// Every branch of a repository. One that nothing was ever pushed to has none.
    pub async fn branches(&self, repository: &str) -> Result<Vec<Branch>, ForgeError> {
        let segments = Place::of(repository)?.segments(&["branches"]);
        let told: Vec<shapes::Branch> = self.all(&segments, PER_PAGE).await?;
        told.into_iter().map(|branch| Ok(Branch { name: plain(&branch.name), head: id(&branch.commit.sha)? })).collect()
    }

    /// One page of the commits reachable from `head`: by GitHub's list, newest first; GitLab's copy has no such list, there
    /// they are walked to.
    pub async fn commits(
        &self,
        repository: &str,
        head: &ObjectId,
        page: Option<&str>,
    ) -> Result<(Vec<Commit>, Option<String>), ForgeError> {
        let place = Place::of(repository)?;
        if let Place::ByName(..) = place {
            return self.walked(place, head, page).await;
        }
        let position = match page {
            Some(page) => page.parse()?,
            None => Position::first(format!("sha={head}&{PER_PAGE}")),
        };
        // No such commit, or no repository at all: no commits.
        let page = match self.page::<shapes::Commit>(&place.segments(&["commits"]), &position).await {
            Err(ForgeError { problem: Problem::NotFound | Problem::NotAvailable, .. }) => {
                return Ok((Vec::new(), None));
            }
            page => page?,
        };
        let commits = page.items.iter().map(commit).collect::<Result<_, _>>()?;
        Ok((commits, page.next.map(|next| next.to_string())))
    }
}

/// A commit in our words. The host has re-encoded its message already.
pub fn commit(told: &shapes::Commit) -> Result<Commit, ForgeError> {
    let (author, committer) = (&told.commit.author, told.commit.committer.as_ref().unwrap_or(&told.commit.author));
    let authored_at = timestamp::optional(author.date.as_deref());
    let committed_at = timestamp::optional(committer.date.as_deref()).or(authored_at);
    let committed_at = committed_at.ok_or_else(|| Problem::Data(sentences::commit_without_date()))?;
    Ok(Commit {
        id: id(&told.sha)?,
        parents: told.parents.iter().map(|parent| id(&parent.sha)).collect::<Result<_, _>>()?,
        author: person(author),
        authored_at: authored_at.unwrap_or(committed_at),
        committer: person(committer),
        committed_at,
        message: plain(&told.commit.message),
        lossy: false,
    })
}

fn person(told: &shapes::Person) -> Person {
    Person { name: plain(&told.name), email: plain(&told.email) }
}

pub fn id(text: &str) -> Result<ObjectId, ForgeError> {
    text.parse().map_err(|_| Problem::Data(sentences::not_an_object_id()).into())
}
