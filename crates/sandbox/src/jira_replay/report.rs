//! What Jira ended up with.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::calls::Figures;
use super::memory::{Changeset, PullRequest, Repository};

/// What Jira has of an account, and how it got there.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The Host URL.
    pub host_url: String,
    /// The account.
    pub account: String,
    /// Its repositories by slug, without those that vanished from the host.
    pub repositories: BTreeMap<String, RepositoryReport>,
    /// What its page says that is wrong now, in Jira's own words, after the slug of the repository that it is about.
    pub problems: Vec<String>,
    /// What the server's log says.
    pub log: Vec<String>,
    /// The synchronisations, oldest first.
    pub runs: Vec<Run>,
    /// The calls, by what they were for.
    pub calls: BTreeMap<String, Figures>,
}

/// What Jira has of a repository.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepositoryReport {
    /// Its number in this Jira: what hooks call.
    pub id: i64,
    /// Whether it is enabled.
    pub linked: bool,
    /// Owner and name of what it is a fork of.
    pub fork_of: Option<String>,
    /// Branches and their heads.
    pub branches: BTreeMap<String, String>,
    /// Changesets by id.
    pub changesets: BTreeMap<String, Changeset>,
    /// Pull requests by number.
    pub pull_requests: BTreeMap<i64, PullRequest>,
    /// Whether both hooks are registered.
    pub hooks: bool,
    /// Messages that failed and wait for the next synchronisation.
    pub waiting: usize,
}

/// One synchronisation of one repository.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// The repository's slug.
    pub repository: String,
    /// Of what kind, as the audit log says it.
    pub kind: String,
    /// `SUCCESS` or `FAILED`.
    pub outcome: &'static str,
    /// How long it took.
    pub seconds: f64,
    /// How many calls it made.
    pub calls: u64,
    /// Changesets that it brought.
    pub changesets: usize,
    /// Pull requests that it looked at.
    pub pull_requests: usize,
    /// Messages that failed: *N changesets incomplete*.
    pub incomplete: usize,
}

impl Report {
    pub(super) fn new(host_url: String, account: String, calls: BTreeMap<String, Figures>) -> Self {
        Self { host_url, account, calls, ..Self::default() }
    }

    pub(super) fn add(&mut self, repository: &Repository) {
        for problem in repository.error.iter().chain(&repository.hook_problem) {
            self.problems.push(format!("{}: {problem}", repository.slug));
        }
        let row = RepositoryReport {
            id: repository.id,
            linked: repository.linked,
            fork_of: repository.fork_of.clone(),
            branches: repository.heads.clone(),
            changesets: repository.changesets.clone(),
            pull_requests: repository.pull_requests.clone(),
            hooks: repository.linked && repository.hook_problem.is_none(),
            waiting: repository.waiting.len(),
        };
        self.repositories.insert(repository.slug.clone(), row);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(to, "{} at {}", self.account, self.host_url)?;
        for (slug, repository) in &self.repositories {
            let (branches, changesets) = (repository.branches.len(), repository.changesets.len());
            let (pulls, linked) =
                (repository.pull_requests.len(), if repository.linked { "" } else { ", not enabled" });
            writeln!(to, "  {slug}: {branches} branches, {changesets} changesets, {pulls} pull requests{linked}")?;
        }
        for run in &self.runs {
            let Run { repository, kind, outcome, seconds, calls, incomplete, .. } = run;
            write!(to, "  {repository}: {kind} {outcome} in {seconds:.2} s, {calls} calls")?;
            writeln!(to, "{}", if *incomplete > 0 { format!(", {incomplete} incomplete") } else { String::new() })?;
        }
        for (kind, figures) in &self.calls {
            let Figures { count, failed, p99_ms, .. } = figures;
            writeln!(to, "  {count} × {kind}, {failed} failed, 99 % within {p99_ms:.1} ms")?;
        }
        self.problems.iter().try_for_each(|problem| writeln!(to, "! {problem}"))?;
        self.log.iter().try_for_each(|line| writeln!(to, "log: {line}"))
    }
}
