//! Cutting what is to be sent into requests that Jira takes (devinfo contract §3, §11), and these in halves.

use std::collections::HashMap;

use super::entities::Entity;
use super::{EntityKind, Repository};

/// The most repositories of a request.
const MOST_REPOSITORIES: usize = 100;
/// The most entities of a request; a branch counts twice, as it brings a commit.
const MOST_ENTITIES: usize = 1_000;
/// The most entities of one kind in a repository.
const MOST_OF_A_KIND: usize = 400;
/// The most bytes of a request. Jira's own bound is not documented.
const MOST_BYTES: usize = 1 << 20;

/// Groups of repositories that can each be one [`Submission`](super::Submission): every entity is in one of them, every
/// repository where its entities are. What comes twice (the same repository, the same entity in it) comes once, with the
/// highest sequence id.
#[must_use]
pub fn batches(repositories: Vec<Repository>) -> Vec<Vec<Repository>> {
    let mut whole = Vec::new();
    let mut open = Batch::default();
    for repository in merged(repositories) {
        let (repository, entities) = repository.apart();
        let bytes = size(&repository);
        let parts = if entities.is_empty() { vec![None] } else { entities.into_iter().map(Some).collect() };
        for entity in parts {
            let cost = Cost {
                repository: bytes,
                entity: entity.as_ref().map_or(0, size_of),
                entities: entity.as_ref().map_or(0, weight),
            };
            if !open.has_room(&repository, entity.as_ref(), cost) {
                whole.push(std::mem::take(&mut open).repositories);
            }
            open.add(&repository, entity, cost);
        }
    }
    whole.push(open.repositories);
    whole.retain(|batch| !batch.is_empty());
    whole
}

/// A group in two halves; as it was where it holds no more than one entity, or one repository without any.
///
/// # Errors
/// The group.
pub fn halves(batch: Vec<Repository>) -> Result<[Vec<Repository>; 2], Vec<Repository>> {
    let count: usize = batch.iter().map(parts).sum();
    if count < 2 {
        return Err(batch);
    }
    let mut halves = [Vec::new(), Vec::new()];
    let mut seen = 0;
    for repository in batch {
        let (repository, entities) = repository.apart();
        let parts = if entities.is_empty() { vec![None] } else { entities.into_iter().map(Some).collect() };
        for entity in parts {
            put(&mut halves[usize::from(seen >= count / 2)], &repository, entity);
            seen += 1;
        }
    }
    Ok(halves)
}

/// How many parts a repository can be cut into.
const fn parts(repository: &Repository) -> usize {
    let entities = repository.entities();
    if entities == 0 { 1 } else { entities }
}

/// Adds an entity to its repository, which is the last one or comes to be it.
fn put(repositories: &mut Vec<Repository>, repository: &Repository, entity: Option<Entity>) {
    if repositories.last().is_none_or(|last| last.id != repository.id) {
        repositories.push(repository.clone());
    }
    if let (Some(last), Some(entity)) = (repositories.last_mut(), entity) {
        last.add(entity);
    }
}

/// Each repository and each entity once.
fn merged(repositories: Vec<Repository>) -> Vec<Repository> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut found: Vec<(Repository, Vec<Entity>)> = Vec::new();
    for repository in repositories {
        let (repository, entities) = repository.apart();
        let place = *places.entry(repository.id.clone()).or_insert(found.len());
        match found.get_mut(place) {
            None => found.push((repository, entities)),
            Some((known, all)) => {
                if repository.update_sequence_id > known.update_sequence_id {
                    *known = repository;
                }
                all.extend(entities);
            }
        }
    }
    found.into_iter().map(|(repository, entities)| once(repository, entities)).collect()
}

fn once(mut repository: Repository, entities: Vec<Entity>) -> Repository {
    let mut newest: HashMap<(EntityKind, String), i64> = HashMap::new();
    for entity in &entities {
        let sequence = newest.entry((entity.kind(), entity.id().to_owned())).or_insert(i64::MIN);
        *sequence = entity.sequence().max(*sequence);
    }
    for entity in entities {
        let key = (entity.kind(), entity.id().to_owned());
        if newest.get(&key) == Some(&entity.sequence()) {
            newest.remove(&key);
            repository.add(entity);
        }
    }
    repository
}

/// A request that is being filled.
#[derive(Debug, Default)]
struct Batch {
    repositories: Vec<Repository>,
    entities: usize,
    bytes: usize,
}

/// What an entity takes of a request.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// The bytes of its repository, where that is not there yet.
    repository: usize,
    /// Its bytes.
    entity: usize,
    /// As how many entities it counts.
    entities: usize,
}

impl Batch {
    fn begins(&self, repository: &Repository) -> bool {
        self.repositories.last().is_none_or(|last| last.id != repository.id)
    }

    fn has_room(&self, repository: &Repository, entity: Option<&Entity>, cost: Cost) -> bool {
        let Some(last) = self.repositories.last() else { return true };
        let begins = self.begins(repository);
        let of_kind = entity.map_or(0, |entity| if begins { 0 } else { last.count(entity.kind()) });
        let more = if begins { cost.repository } else { 0 } + cost.entity;
        self.repositories.len() + usize::from(begins) <= MOST_REPOSITORIES
            && self.entities + cost.entities <= MOST_ENTITIES
            && of_kind < MOST_OF_A_KIND
            && self.bytes + more <= MOST_BYTES
    }

    fn add(&mut self, repository: &Repository, entity: Option<Entity>, cost: Cost) {
        self.bytes += cost.entity + if self.begins(repository) { cost.repository } else { 0 };
        self.entities += cost.entities;
        put(&mut self.repositories, repository, entity);
    }
}

const fn weight(entity: &Entity) -> usize {
    match entity {
        Entity::Branch(_) => 2,
        Entity::Commit(_) | Entity::PullRequest(_) => 1,
    }
}

fn size_of(entity: &Entity) -> usize {
    match entity {
        Entity::Commit(commit) => size(commit),
        Entity::Branch(branch) => size(branch),
        Entity::PullRequest(pull_request) => size(pull_request),
    }
}

/// The bytes of something in the body, with what stands around it; what cannot be written counts as too much.
fn size(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(MOST_BYTES, |body| body.len() + 64)
}

#[cfg(test)]
mod tests;
