//! Which requests tell a Jira Cloud what rows of the outbox are about.

use std::collections::{BTreeMap, HashMap};

use jira::{EntityKind, limits};
use model::{HostKind, Told};
use serde::Deserialize;
use store::{OutboxEntry, Site, ToldRepository};

use super::pages::Pages;
use super::{entities, identity, link, titles};
use crate::Engine;
use crate::sentences::deliver as sentences;

/// A row, and what people call what it is about.
pub(super) struct Item {
    pub(super) row: OutboxEntry,
    pub(super) title: String,
    /// The issues it names, at most as many as are told.
    pub(super) keys: Vec<String>,
    /// How many it names.
    pub(super) names: usize,
    pub(super) entity: Entity,
}

/// What is told of a row.
pub(super) enum Entity {
    Repository,
    Commit(Box<jira::Commit>),
    Branch(Box<jira::Branch>),
    PullRequest(Box<jira::PullRequest>),
}

impl Entity {
    /// Its kind and its id within the repository; none of a repository itself.
    pub(super) fn id(&self) -> Option<(EntityKind, &str)> {
        match self {
            Self::Repository => None,
            Self::Commit(it) => Some((EntityKind::Commit, &it.id)),
            Self::Branch(it) => Some((EntityKind::Branch, &it.id)),
            Self::PullRequest(it) => Some((EntityKind::PullRequest, &it.id)),
        }
    }
}

/// One request.
pub(super) enum Request {
    /// Jira was never told of it, and need not be.
    Nothing(Vec<Item>),
    /// It cannot be told, and why.
    Refused(Vec<Item>, String),
    /// Entities of one repository.
    Put(Put),
    /// Entities that are not there any more, or name no issue, each with its repository's id.
    Delete(Item, Vec<Deletion>),
    /// A repository that is not shown any more, by its id at Jira.
    DeleteRepository(Item, String),
}

/// Entities of one repository.
pub(super) struct Put {
    pub(super) repository: Header,
    pub(super) items: Vec<Item>,
}

/// What is told of a repository with its entities, and the properties by which all of it can be deleted.
pub(super) struct Header {
    pub(super) repository: jira::Repository,
    pub(super) properties: BTreeMap<String, String>,
}

/// An entity that is to go, as far as it is no newer than this.
pub(super) struct Deletion {
    pub(super) repository_id: String,
    pub(super) kind: EntityKind,
    pub(super) id: String,
    pub(super) sequence: i64,
}

/// The name of the property that tells the site: everything that it was ever told.
pub(super) const SITE: &str = "siteId";
/// The name of the property that tells the account through which the site sees a repository.
pub(super) const ACCOUNT: &str = "accountId";
/// The name of the property that tells the repository.
const REPOSITORY: &str = "repositoryId";

/// What is to become of a row, before it is put together with others.
enum Plan {
    Put(Box<ToldRepository>, Item),
    Refused(Item),
    Nothing(Item),
    Delete(Item, Vec<Deletion>),
    DeleteRepository(Item, String),
}

/// The requests that tell what these rows are about: deletions first.
pub(super) async fn requests(engine: &Engine, site: &Site, due: Vec<OutboxEntry>) -> store::Result<Vec<Request>> {
    let (mut requests, mut nothing, mut pageless) = (Vec::new(), Vec::new(), Vec::new());
    let mut puts: BTreeMap<i64, (Box<ToldRepository>, Vec<Item>)> = BTreeMap::new();
    for plan in plans(engine, site.id, due).await? {
        match plan {
            Plan::Put(repository, item) => {
                puts.entry(repository.id).or_insert_with(|| (repository, Vec::new())).1.push(item);
            }
            Plan::Refused(item) => pageless.push(item),
            Plan::Nothing(item) => nothing.push(item),
            Plan::Delete(item, what) => requests.push(Request::Delete(item, what)),
            Plan::DeleteRepository(item, id) => requests.push(Request::DeleteRepository(item, id)),
        }
    }
    for (told, items) in puts.into_values() {
        let sequence = items.iter().map(|item| item.row.sequence).max().unwrap_or_default();
        match entities::repository(&told, Pages::of(engine, &told), sequence) {
            Some(repository) => {
                let header = Header { repository, properties: properties(site.id, &told) };
                requests.push(Request::Put(Put { repository: header, items }));
            }
            None => pageless.extend(items),
        }
    }
    if !pageless.is_empty() {
        requests.push(Request::Refused(pageless, sentences::NO_PAGE.to_owned()));
    }
    if !nothing.is_empty() {
        requests.push(Request::Nothing(nothing));
    }
    Ok(requests)
}

/// The handles by which what is told can be deleted: everything, all of an account, all of a repository.
fn properties(site_id: i64, told: &ToldRepository) -> BTreeMap<String, String> {
    let account = told.account_ids.iter().min().map(|id| (ACCOUNT, id.to_string()));
    let all = [(SITE, site_id.to_string()), (REPOSITORY, told.id.to_string())].into_iter().chain(account);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn plans(engine: &Engine, site_id: i64, due: Vec<OutboxEntry>) -> store::Result<Vec<Plan>> {
    let mut rows: HashMap<(Told, i64), OutboxEntry> =
        due.into_iter().map(|row| ((row.kind, row.entity_id), row)).collect();
    let ids = |rows: &HashMap<(Told, i64), OutboxEntry>, kind| -> Vec<i64> {
        rows.keys().filter(|(of, _)| *of == kind).map(|(_, id)| *id).collect()
    };
    let store = engine.store();
    let mut plans = Vec::with_capacity(rows.len());
    for told in store.told_commits(site_id, &ids(&rows, Told::Commit)).await? {
        let Some(row) = rows.remove(&(Told::Commit, told.id)) else { continue };
        let kept = !told.lost || engine.options().show_unreachable;
        let pages = Pages::of(engine, &told.repository);
        let title = titles::of_commit(&told);
        let entity = |sequence| entities::commit(&told, pages, sequence).map(|it| Entity::Commit(Box::new(it)));
        let id = (EntityKind::Commit, told.object_id.as_str());
        plans.push(plan(row, title, (&told.repository, kept), &told.keys, id, entity));
    }
    for told in store.told_branches(site_id, &ids(&rows, Told::Branch)).await? {
        let Some(row) = rows.remove(&(Told::Branch, told.id)) else { continue };
        let pages = Pages::of(engine, &told.repository);
        let title = titles::of_branch(&told);
        let entity = |sequence| entities::branch(&told, pages, sequence).map(|it| Entity::Branch(Box::new(it)));
        let id = limits::branch_id(&told.name);
        let shown = (&told.repository, told.gone_at.is_none());
        let mut planned = plan(row, title, shown, &told.keys, (EntityKind::Branch, &id), entity);
        if let Plan::Delete(_, deletions) = &mut planned {
            // What its last commit was told with goes too, unless that commit was told on its own.
            deletions.push(Deletion {
                repository_id: link::repository_id(&told.repository),
                kind: EntityKind::Commit,
                id: told.head.as_str().to_owned(),
                sequence: entities::LAST_COMMIT,
            });
        }
        plans.push(planned);
    }
    for told in store.told_merge_requests(site_id, &ids(&rows, Told::MergeRequest)).await? {
        let Some(row) = rows.remove(&(Told::MergeRequest, told.id)) else { continue };
        let pages = Pages::of(engine, &told.repository);
        let title = titles::of_merge_request(&told);
        let entity =
            |sequence| entities::pull_request(&told, pages, sequence).map(|it| Entity::PullRequest(Box::new(it)));
        let id = told.number.to_string();
        let shown = (&told.repository, told.gone_at.is_none());
        plans.push(plan(row, title, shown, &told.keys, (EntityKind::PullRequest, &id), entity));
    }
    for told in store.told_repositories(site_id, &ids(&rows, Told::Repository)).await? {
        let Some(row) = rows.remove(&(Told::Repository, told.id)) else { continue };
        let item = bare(row, sentences::repository(&told.path));
        plans.push(if told.visible {
            Plan::Put(Box::new(told), item)
        } else {
            Plan::DeleteRepository(item, link::repository_id(&told))
        });
    }
    plans.extend(rows.into_values().map(forgotten));
    Ok(plans)
}

/// What is to become of an entity that the store has. `kept`: it is still there.
fn plan(
    row: OutboxEntry,
    title: String,
    (repository, kept): (&ToldRepository, bool),
    keys: &[String],
    (kind, id): (EntityKind, &str),
    entity: impl Fn(i64) -> Option<Entity>,
) -> Plan {
    let sequence = row.sequence;
    let mut item = bare(row, title);
    if repository.visible && kept && !keys.is_empty() {
        item.keys = keys.iter().take(super::MOST_KEYS).cloned().collect();
        item.names = keys.len();
        return match entity(sequence) {
            Some(entity) => Plan::Put(Box::new(repository.clone()), Item { entity, ..item }),
            None => Plan::Refused(item),
        };
    }
    if !item.row.offered {
        return Plan::Nothing(item);
    }
    let repository_id = link::repository_id(repository);
    Plan::Delete(item, vec![Deletion { repository_id, kind, id: id.to_owned(), sequence }])
}

/// How a site knows a repository that the store has forgotten.
#[derive(Debug, Deserialize)]
struct Tombstone {
    host_kind: HostKind,
    host_url: String,
    forge_id: String,
    path: String,
}

/// What is to become of a row whose entity the store has forgotten: a repository takes all of its entities along.
fn forgotten(row: OutboxEntry) -> Plan {
    let stone = row.tombstone.clone().and_then(|stone| serde_json::from_value::<Tombstone>(stone).ok());
    let Some(stone) = stone else {
        let title = sentences::forgotten(titles::word(row.kind));
        return Plan::Nothing(bare(row, title));
    };
    let id = identity::repository_id(stone.host_kind, &stone.host_url, &stone.forge_id);
    Plan::DeleteRepository(bare(row, sentences::repository(&stone.path)), id)
}

fn bare(row: OutboxEntry, title: String) -> Item {
    Item { row, title, keys: Vec::new(), names: 0, entity: Entity::Repository }
}
