//! Pull requests: page by page, or one by one.

use std::collections::BTreeSet;

use super::{Synchronizer, Trouble, fresh};
use crate::jira_replay::calls::Kind;
use crate::jira_replay::egit::{self, Comment, GitHubClient, Missing, RepositoryCommit, Shape, page_number};
use crate::jira_replay::keys::keys;
use crate::jira_replay::memory::{Message, Participant, PullRequest, PullRequestCommit, Role, Status};

/// Pull requests a page.
const PAGE: u32 = 30;
/// The longest title, in characters.
const TITLE: usize = 255;

impl Synchronizer<'_> {
    /// Works the queue off, one after the other.
    pub(super) async fn read_pull_requests(&mut self) {
        while let Some(waiting) = self.pulls.pop_front() {
            let done = match waiting.message.clone() {
                Message::Page { page, processed } => self.read_page(page, processed).await,
                Message::PullRequest { number } => self.read_one(number).await,
                Message::Node { .. } => Ok(()),
            };
            if let Err(trouble) = done {
                self.fail(waiting, &trouble);
            }
        }
    }

    /// The address of something about the repository's pull requests.
    pub(super) fn of_repository(&self, rest: &str) -> String {
        format!("/repos/{}/{rest}", self.pulls_of)
    }

    /// All of a list.
    pub(super) async fn all<T: Shape>(&self, kind: Kind, rest: &str) -> Result<Vec<T>, Trouble> {
        match self.clients.plain.pages(kind, &self.of_repository(rest), 100).all().await {
            Ok(all) => Ok(all),
            Err(error) => Err(self.trouble(error).await),
        }
    }

    async fn read_page(&mut self, page: u64, mut processed: BTreeSet<i64>) -> Result<(), Trouble> {
        if page == 1 && !self.soft {
            self.keep_first_events().await?;
        }
        let order = if self.soft { "sort=updated&direction=desc" } else { "sort=created&direction=asc" };
        let uri = self.of_repository(&format!("pulls?state=all&{order}&per_page={PAGE}&page={page}"));
        let reply = match self.clients.plain.list::<egit::PullRequest>(Kind::PullRequests, &uri).await {
            Ok(reply) => reply,
            Err(error) => return Err(self.trouble(error).await),
        };
        for remote in reply.body {
            if processed.contains(&remote.id) {
                continue;
            }
            let updated_at = remote.updated_at.ok_or(Missing("updated_at"))?;
            let stored = self.repository.pull_requests.get(&i64::from(remote.number));
            if stored.and_then(|stored| stored.updated_at).is_some_and(|before| updated_at <= before) {
                return Ok(());
            }
            let id = remote.id;
            self.process(remote).await?;
            processed.insert(id);
        }
        if let Some(page) = reply.next.as_deref().and_then(page_number) {
            self.publish(fresh(Message::Page { page, processed }));
        }
        Ok(())
    }

    async fn read_one(&mut self, number: i64) -> Result<(), Trouble> {
        let uri = self.of_repository(&format!("pulls/{number}"));
        match self.clients.plain.get::<egit::PullRequest>(Kind::PullRequest, &uri).await {
            Ok(reply) => self.process(reply.body.ok_or(Missing("pull request"))?).await,
            Err(error) => Err(self.trouble(error).await),
        }
    }

    /// Stores a pull request, with its commits where it is new or moved, and its comments.
    async fn process(&mut self, remote: egit::PullRequest) -> Result<(), Trouble> {
        self.pull_requests += 1;
        let number = i64::from(remote.number);
        let stored = self.repository.pull_requests.get(&number).cloned();
        let Some(mut row) = self.row(&remote, stored.as_ref()) else {
            let text = format!("{}: pull request {number} has no source or destination branch", self.repository.slug);
            self.log.push(text);
            return Ok(());
        };
        if stored.as_ref().is_none_or(|stored| has_moved(stored, &row)) {
            let commits =
                self.all::<RepositoryCommit>(Kind::PullRequestCommits, &format!("pulls/{number}/commits")).await?;
            row.commits = commits.iter().map(PullRequestCommit::of).collect::<Result<_, _>>()?;
        }
        let issue = self.all::<Comment>(Kind::IssueComments, &format!("issues/{number}/comments")).await?;
        let known_before = stored.map_or(0, |stored| stored.review_comments);
        // Comments on code are fetched after the number was saved: they count the next time.
        row.comment_count = most(remote.comments, issue.len()) + i64::from(remote.review_comments).max(known_before);
        let review = self.all::<Comment>(Kind::ReviewComments, &format!("pulls/{number}/comments")).await?;
        row.review_comments = most(remote.review_comments, review.len());
        row.participants = participants(&remote, issue.iter().chain(&review));
        row.issue_keys = issue_keys(&row);
        self.repository.pull_requests.insert(number, row);
        Ok(())
    }

    /// What the answer and what is stored say; none without both branches.
    fn row(&mut self, remote: &egit::PullRequest, stored: Option<&PullRequest>) -> Option<PullRequest> {
        let branch = |marker: Option<&egit::Marker>| marker.and_then(|marker| marker.branch.clone());
        let source = branch(remote.head.as_ref()).or_else(|| Some(stored?.source_branch.clone()))?;
        let destination = branch(remote.base.as_ref()).or_else(|| Some(stored?.destination_branch.clone()))?;
        let status = self.status(remote);
        let login = |user: Option<&egit::User>| user.and_then(|user| user.login.clone());
        let author = login(remote.user.as_ref());
        Some(PullRequest {
            number: i64::from(remote.number),
            title: remote.title.as_deref().unwrap_or_default().chars().take(TITLE).collect(),
            url: remote.html_url.clone(),
            status,
            source_branch: source,
            source_repository: remote.head.as_ref().and_then(|head| full_name(head.repository.as_ref()?)),
            destination_branch: destination,
            executed_by: if status == Status::Open { author.clone() } else { login(remote.merged_by.as_ref()) },
            author,
            created_at: remote.created_at,
            updated_at: remote.updated_at,
            comment_count: 0,
            participants: Vec::new(),
            commits: stored.map(|stored| stored.commits.clone()).unwrap_or_default(),
            issue_keys: BTreeSet::new(),
            review_comments: 0,
        })
    }

    fn status(&mut self, remote: &egit::PullRequest) -> Status {
        let state = remote.state.as_deref().unwrap_or("null");
        if state.eq_ignore_ascii_case("open") {
            return Status::Open;
        }
        if state.eq_ignore_ascii_case("closed") {
            return if remote.merged_at.is_some() { Status::Merged } else { Status::Declined };
        }
        let text = format!("{}: pull request {} has the unknown state '{state}'", self.repository.slug, remote.number);
        self.log.push(text);
        Status::Open
    }
}

/// Whether its commits are read again. New pushes alone do not make it so.
fn has_moved(before: &PullRequest, now: &PullRequest) -> bool {
    before.status != now.status
        || before.source_branch != now.source_branch
        || before.source_repository != now.source_repository
        || before.destination_branch != now.destination_branch
}

/// Owner and name; none where one of them is missing.
fn full_name(repository: &egit::Repository) -> Option<String> {
    Some(format!("{}/{}", repository.owner_login().ok()?, repository.name.as_deref()?))
}

/// What the answer says, or what was fetched where that is more.
fn most(said: i32, fetched: usize) -> i64 {
    i64::from(said).max(i64::try_from(fetched).unwrap_or(i64::MAX))
}

/// Who takes part; the first role wins.
fn participants<'a>(remote: &'a egit::PullRequest, comments: impl Iterator<Item = &'a Comment>) -> Vec<Participant> {
    let named =
        [(&remote.user, Role::Participant), (&remote.merged_by, Role::Reviewer), (&remote.assignee, Role::Reviewer)];
    let commenters = comments.map(|comment| (&comment.user, Role::Participant));
    let mut all: Vec<Participant> = Vec::new();
    for (user, role) in named.into_iter().chain(commenters) {
        let Some(login) = user.as_ref().and_then(|user| user.login.as_ref()) else { continue };
        if all.iter().all(|known| known.login != *login) {
            all.push(Participant { login: login.clone(), role });
        }
    }
    all
}

fn issue_keys(row: &PullRequest) -> BTreeSet<String> {
    let messages = row.commits.iter().filter(|commit| !commit.merge).map(|commit| commit.message.as_str());
    [row.title.as_str(), row.source_branch.as_str()].into_iter().chain(messages).flat_map(keys).collect()
}

/// Whether the rate limit is used up. A host that does not answer has none.
pub(super) async fn is_used_up(client: &GitHubClient) -> bool {
    match client.ask(Kind::RateLimit, "/rate_limit").await {
        Ok(answer) => answer.status == 200 && answer.number("x-ratelimit-remaining") == Some(0),
        Err(_) => false,
    }
}
