//! Development information: what tools told of repositories, commits, branches and pull requests, kept under the rules of
//! devinfo contract §3–§7.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use ::model::Millis;
use serde_json::Value;

use super::{IssueId, Model, State};
use crate::jira::switches::Lane;

mod bulk;
mod characters;
mod entity;
mod outcome;
mod removal;
mod wrong;

pub(crate) use bulk::Bulk;
pub(crate) use outcome::{Failed, Outcome};

/// The most entities of a repository that are told when it is asked for (devinfo contract §2).
const MOST_TOLD: usize = 400;

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A commit.
    Commit,
    /// A branch.
    Branch,
    /// A pull request.
    PullRequest,
}

impl EntityKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Commit, Self::Branch, Self::PullRequest];

    /// The array of a repository that it comes in.
    #[must_use]
    pub const fn array(self) -> &'static str {
        match self {
            Self::Commit => "commits",
            Self::Branch => "branches",
            Self::PullRequest => "pullRequests",
        }
    }

    /// The kind with this name in a path.
    pub(crate) fn of_path(name: &str) -> Option<Self> {
        match name {
            "commit" => Some(Self::Commit),
            "branch" => Some(Self::Branch),
            "pull_request" => Some(Self::PullRequest),
            _ => None,
        }
    }
}

/// How something was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its properties: the handle by which it can be deleted.
    pub properties: BTreeMap<String, String>,
    /// Whether it was not to set off anything in Jira.
    pub prevent_transitions: bool,
    /// `operationType`
    pub lane: Lane,
    /// When it arrived.
    pub at: Millis,
}

/// A commit, branch or pull request.
#[derive(Debug, Clone)]
pub struct Entity {
    /// The repository's id.
    pub repository: String,
    /// What it is.
    pub kind: EntityKind,
    /// The id within the repository and kind.
    pub id: String,
    /// `updateSequenceId`
    pub sequence: i64,
    /// The issues that it names, as far as Jira knows them.
    pub issues: Vec<IssueId>,
    /// All that was sent of it.
    pub body: Value,
    /// How it was sent.
    pub submission: Arc<Submission>,
}

/// A repository.
#[derive(Debug, Clone)]
pub struct Repository {
    /// The id.
    pub id: String,
    /// `updateSequenceId`
    pub sequence: i64,
    /// All that was sent of it, without its entities.
    pub body: Value,
    /// How it was sent.
    pub submission: Arc<Submission>,
}

/// Where an entity is.
type Place = (String, EntityKind, String);

/// Everything that was told.
#[derive(Debug, Default)]
pub(crate) struct Devinfo {
    repositories: BTreeMap<String, Repository>,
    entities: BTreeMap<Place, Entity>,
    by_issue: HashMap<IssueId, BTreeSet<Place>>,
    /// How often something came that was as old as what is there.
    pub(crate) repeated: usize,
}

impl Devinfo {
    /// Stores a repository, unless what is there is as new.
    fn put_repository(&mut self, new: Repository) {
        let newer = self.repositories.get(&new.id).is_none_or(|old| old.sequence < new.sequence);
        if newer {
            self.repositories.insert(new.id.clone(), new);
        }
    }

    /// Stores an entity in place of an older one; one that is as new or newer stays (devinfo contract §5).
    fn put(&mut self, new: Entity) {
        let place = (new.repository.clone(), new.kind, new.id.clone());
        if self.entities.get(&place).is_some_and(|old| old.sequence >= new.sequence) {
            self.repeated += 1;
            return;
        }
        self.remove(&place);
        for issue in &new.issues {
            self.by_issue.entry(*issue).or_default().insert(place.clone());
        }
        self.entities.insert(place, new);
    }

    fn remove(&mut self, place: &Place) {
        let Some(old) = self.entities.remove(place) else { return };
        for issue in &old.issues {
            if let Some(places) = self.by_issue.get_mut(issue) {
                places.remove(place);
            }
        }
    }

    fn entities_of(&self, repository: &str) -> impl Iterator<Item = &Entity> {
        let from = (repository.to_owned(), EntityKind::Commit, String::new());
        self.entities.range(from..).map(|(_, entity)| entity).take_while(move |entity| entity.repository == repository)
    }

    /// What is told of a repository that is asked for: itself, with the newest of its entities.
    pub(crate) fn told(&self, id: &str) -> Option<Value> {
        let mut told = self.repositories.get(id)?.body.clone();
        let mut newest: Vec<&Entity> = self.entities_of(id).collect();
        newest.sort_by_key(|entity| std::cmp::Reverse(entity.sequence));
        newest.truncate(MOST_TOLD);
        for kind in EntityKind::ALL {
            let bodies = newest.iter().filter(|entity| entity.kind == kind).map(|entity| entity.body.clone());
            told[kind.array()] = bodies.collect();
        }
        Some(told)
    }

    /// What names an issue.
    pub(crate) fn of_issue(&self, issue: IssueId) -> impl Iterator<Item = &Entity> {
        let places = self.by_issue.get(&issue).into_iter().flatten();
        places.filter_map(|place| self.entities.get(place))
    }

    /// The name of a repository.
    pub(crate) fn repository_name(&self, id: &str) -> &str {
        self.repositories.get(id).and_then(|repository| repository.body["name"].as_str()).unwrap_or_default()
    }
}

impl Model {
    /// Stores what a tool sends.
    pub(crate) fn store_development(&self, bulk: &Bulk) -> Outcome {
        let now = self.now();
        self.write(|state| state.store_development(bulk, now))
    }

    /// What names an issue: commits, branches, pull requests, by repository.
    #[must_use]
    pub fn development(&self, key: &str) -> Vec<Entity> {
        self.read(|state| match state.find_issue(key) {
            Some(issue) => state.devinfo.of_issue(issue.id).cloned().collect(),
            None => Vec::new(),
        })
    }

    /// The entity with this id.
    #[must_use]
    pub fn entity(&self, repository: &str, kind: EntityKind, id: &str) -> Option<Entity> {
        let place = (repository.to_owned(), kind, id.to_owned());
        self.read(|state| state.devinfo.entities.get(&place).cloned())
    }

    /// The repository with this id.
    #[must_use]
    pub fn development_repository(&self, id: &str) -> Option<Repository> {
        self.read(|state| state.devinfo.repositories.get(id).cloned())
    }

    /// How many repositories and entities are there.
    #[must_use]
    pub fn development_counts(&self) -> (usize, usize) {
        self.read(|state| (state.devinfo.repositories.len(), state.devinfo.entities.len()))
    }
}

impl State {
    fn store_development(&mut self, bulk: &Bulk, now: Millis) -> Outcome {
        let submission = Arc::new(Submission {
            properties: bulk.properties.clone(),
            prevent_transitions: bulk.prevent_transitions,
            lane: bulk.lane,
            at: now,
        });
        let mut outcome = Outcome::default();
        for repository in &bulk.repositories {
            let id = repository["id"].as_str().unwrap_or_default().to_owned();
            let wrong = entity::check_repository(repository);
            if !wrong.is_empty() {
                outcome.failed.entry(id).or_default().messages.extend(wrong);
                continue;
            }
            outcome.accepted.entry(id.clone()).or_default();
            let mut body = repository.clone();
            for kind in EntityKind::ALL {
                for sent in repository[kind.array()].as_array().into_iter().flatten() {
                    self.store_entity((&id, kind), sent, &submission, &mut outcome);
                }
                if let Value::Object(fields) = &mut body {
                    fields.remove(kind.array());
                }
            }
            let sequence = entity::sequence(repository);
            self.devinfo.put_repository(Repository { id, sequence, body, submission: Arc::clone(&submission) });
        }
        outcome
    }

    fn store_entity(
        &mut self,
        (repository, kind): (&str, EntityKind),
        sent: &Value,
        submission: &Arc<Submission>,
        outcome: &mut Outcome,
    ) {
        let id = sent["id"].as_str().unwrap_or_default().to_owned();
        let wrong = entity::check(kind, sent, self.settings.drafts);
        if !wrong.is_empty() {
            outcome.fail(repository, kind, &id, wrong);
            return;
        }
        if kind == EntityKind::Branch {
            // The last commit is a commit of its own, with its own keys.
            self.put_if_known((repository, EntityKind::Commit), &sent["lastCommit"], submission, outcome);
        }
        if self.put_if_known((repository, kind), sent, submission, outcome) {
            outcome.accept(repository, kind, &id);
        }
    }

    /// Stores an entity that names at least one issue that is there; whether it does.
    fn put_if_known(
        &mut self,
        (repository, kind): (&str, EntityKind),
        sent: &Value,
        submission: &Arc<Submission>,
        outcome: &mut Outcome,
    ) -> bool {
        let mut issues = BTreeSet::new();
        for (text, association) in entity::issue_texts(sent) {
            match self.find_issue(&text) {
                Some(issue) => {
                    issues.insert(issue.id);
                }
                None => outcome.unknown(text, association),
            }
        }
        if issues.is_empty() {
            return false;
        }
        let (repository, id) = (repository.to_owned(), sent["id"].as_str().unwrap_or_default().to_owned());
        let (issues, submission) = (issues.into_iter().collect(), Arc::clone(submission));
        let (sequence, body) = (entity::sequence(sent), entity::as_kept(kind, sent));
        self.devinfo.put(Entity { repository, kind, id, sequence, issues, body, submission });
        true
    }
}
