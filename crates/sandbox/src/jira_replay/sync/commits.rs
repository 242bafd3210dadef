//! Branches, and the walk from their heads: one GET for each commit that is not stored.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::{Synchronizer, Trouble, fresh};
use crate::jira_replay::calls::Kind;
use crate::jira_replay::egit::{ApiError, Branch, GitHubClient, Missing, Reply, RepositoryCommit};
use crate::jira_replay::jira::DVCS_TYPE;
use crate::jira_replay::memory::{Changeset, Message, Waiting};
use crate::jira_replay::sentences::{NO_BRANCHES, NO_RESULT};

/// The branch that is walked first.
const FIRST: &str = "master";

type Answered = Result<Reply<Option<RepositoryCommit>>, ApiError>;

impl Synchronizer<'_> {
    /// Reads the branches, keeps their heads, and queues each of them, known or not.
    pub(super) async fn list_branches(&mut self) -> Result<(), Trouble> {
        let uri = format!("/repos/{}/{}/branches", self.account, self.repository.slug);
        let listed = self.clients.enterprise.pages(Kind::Branches, &uri, 100).all::<Branch>().await;
        let listed = listed.map_err(|error| Trouble::Failed(format!("{NO_BRANCHES}: {error}")))?;
        let mut heads = heads(&listed).map_err(|missing| Trouble::Failed(format!("{NO_BRANCHES}: {missing}")))?;
        if let Some(at) = heads.iter().position(|(name, _)| name == FIRST) {
            heads[..=at].rotate_right(1);
        }
        self.repository.heads = heads.iter().cloned().collect::<BTreeMap<_, _>>();
        self.nodes.extend(heads.into_iter().map(|(branch, node)| fresh(Message::Node { branch, node })));
        Ok(())
    }

    /// Works the queue off, on as many connections as there are.
    pub(super) async fn read_nodes(&mut self) {
        let mut free: Vec<GitHubClient> = self.clients.connections.iter().rev().cloned().collect();
        let mut under_way = FuturesUnordered::new();
        let mut asked = HashSet::new();
        loop {
            while !free.is_empty() {
                let Some((waiting, node)) = self.next_node(&asked) else { break };
                let Some(connection) = free.pop() else { break };
                let uri = format!("/repos/{}/{}/commits/{node}", self.account, self.repository.slug);
                asked.insert(node.clone());
                under_way.push(async move {
                    let answered: Answered = connection.get(Kind::Commit, &uri).await;
                    (connection, waiting, node, answered)
                });
            }
            let Some((connection, waiting, node, answered)) = under_way.next().await else { break };
            free.push(connection);
            asked.remove(&node);
            self.take_commit(waiting, answered).await;
        }
    }

    /// The next message about a node that is neither stored nor being asked for. (Jira, with several threads, may ask twice.)
    fn next_node(&mut self, asked: &HashSet<String>) -> Option<(Waiting, String)> {
        while let Some(waiting) = self.nodes.pop_front() {
            if let Message::Node { node, .. } = &waiting.message
                && !self.repository.changesets.contains_key(node)
                && !asked.contains(node)
            {
                let node = node.clone();
                return Some((waiting, node));
            }
        }
        None
    }

    async fn take_commit(&mut self, waiting: Waiting, answered: Answered) {
        let Message::Node { branch, node } = &waiting.message else { return };
        let reply = match answered {
            Ok(reply) => reply,
            Err(error) => return self.fail(waiting, &Trouble::Failed(format!("{NO_RESULT}: {error}"))),
        };
        let rate = reply.rate;
        match changeset(reply.body.as_ref(), branch, node) {
            Ok(changeset) => {
                let (branch, node) = (branch.clone(), node.clone());
                self.store(changeset, &branch, node);
            }
            Err(why) => self.fail(waiting, &Trouble::Failed(why)),
        }
        if let Some(pause) = rate.and_then(slowed) {
            self.log.push(format!("{}: sleeping for {} s before the next call", self.repository.slug, pause.as_secs()));
            tokio::time::sleep(pause.min(self.jira.options.longest_sleep)).await;
        }
    }

    /// Stores a commit and queues its parents.
    fn store(&mut self, mut changeset: Changeset, branch: &str, node: String) {
        if self.jira.options.smart_commits {
            changeset.smart_commits = Some(self.soft && !changeset.issue_keys.is_empty());
        }
        let known = &self.repository.changesets;
        let unknown = |parent: &&String| !known.contains_key(*parent);
        let message = |parent: &String| fresh(Message::Node { branch: branch.to_owned(), node: parent.clone() });
        let parents: VecDeque<Waiting> = changeset.parents.iter().filter(unknown).map(message).collect();
        self.nodes.extend(parents);
        self.repository.changesets.insert(node, changeset);
        self.changesets += 1;
    }
}

/// Names and heads, in the host's order. A branch without a name is none.
fn heads(listed: &[Branch]) -> Result<Vec<(String, String)>, Missing> {
    let mut heads = Vec::with_capacity(listed.len());
    for branch in listed {
        let commit = branch.commit.as_ref().ok_or(Missing("commit"))?;
        let head = commit.sha.as_ref().ok_or(Missing("commit.sha"))?;
        if let Some(name) = &branch.name {
            heads.push((name.clone(), head.clone()));
        }
    }
    Ok(heads)
}

fn changeset(commit: Option<&RepositoryCommit>, branch: &str, node: &str) -> Result<Changeset, String> {
    let commit = commit.ok_or_else(|| format!("{NO_RESULT}: {}", Missing("commit")))?;
    let returned = commit.sha.as_deref().unwrap_or("null");
    if returned != node {
        return Err(format!(
            "Error retrieving branch '{branch}'. Communicator for '{DVCS_TYPE}' returned '{returned}' instead of '{node}'"
        ));
    }
    Changeset::of(commit, branch).map_err(|missing| format!("{NO_RESULT}: {missing}"))
}

/// How long Jira sleeps when less than a hundredth of the limit remains: up to an hour.
#[expect(clippy::cast_precision_loss, reason = "limits are small numbers")]
fn slowed((limit, remaining): (i64, i64)) -> Option<Duration> {
    let threshold = (limit.max(0) as f64 / 100.0).ceil();
    let remaining = remaining.max(0) as f64;
    (remaining < threshold).then(|| Duration::from_secs_f64((remaining / threshold - 1.0).powi(2) * 3_600.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_less_remains_the_slower() {
        assert_eq!(slowed((5_000, 50)), None);
        assert_eq!(slowed((5_000, 25)), Some(Duration::from_secs(900)));
        assert_eq!(slowed((5_000, 0)), Some(Duration::from_secs(3_600)));
        assert_eq!(slowed((0, 0)), None);
    }
}
