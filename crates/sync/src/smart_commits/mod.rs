//! Smart commits: what the messages of commits command a Jira to do.
//!
//! The commands of a message are kept as receipts in the transaction that writes the commit ([`prepare`]); one job for each
//! site runs them in order. The author must be one user of the Jira ([`author`]) who may do that to the issue, which Jira
//! itself is asked. Each command is done once: see [`run`]. Where a site wants it, what became of a commit's commands is
//! told by a comment on the commit at its forge ([`comments`]).

mod aim;
mod author;
mod comment;
mod comments;
mod fate;
mod job;
mod mark;
mod markdown;
mod matching;
mod patience;
mod prepare;
mod run;

use forge::capabilities;
use model::ObjectId;
use store::issues::RepositoryRef;

pub(crate) use comments::WriteCommitComments;
pub(crate) use job::{RunSmartCommits, tend};
pub(crate) use prepare::{Rules, prepare};

/// The page of a commit; none where its forge has no pages.
fn address_of_commit(repository: &RepositoryRef, id: &ObjectId) -> Option<String> {
    let links = capabilities(repository.host_kind, &repository.host_url).links?;
    let page = repository.web_url.as_deref()?;
    let is_page = ["https://", "http://"].iter().any(|scheme| page.starts_with(scheme));
    is_page.then(|| links.commit_url(page, id)).filter(|address| !address.contains(char::is_whitespace))
}
