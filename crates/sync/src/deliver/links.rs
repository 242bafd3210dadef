//! The job that writes remote links: one for each issue that a merge request or a branch names.
//!
//! What is to be there is computed from the store each time, and compared with what the site was told. So a row that was
//! touched often is sent once, and whatever happens between sending and writing it down, the next run sends the same again:
//! a link is found by its global id, and deleting one that is gone does no harm. That a link is sent is noted before it is: it is
//! taken back, too, where nobody heard how that ended.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jira::{JiraError, Problem, RemoteLink, Rest};
use model::{Channel, Millis, Outcome, Told};
use queue::{JobError, JobLane, Lease};
use serde::{Deserialize, Serialize};
use store::{Ending, Lane, NewDelivery, OutboxEntry, SentLink, Site, SiteProject, ToldRepository, WriteTx};

use super::pages::Pages;
use super::{MOST_KEYS, link, patience, titles, waiting};
use crate::sentences::deliver as sentences;
use crate::site::clients;
use crate::{Engine, settle};

/// Writes the remote links of a site that are due.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeliverLinks {
    pub(crate) site_id: i64,
}

/// How many rows are looked at together.
const AT_ONCE: i64 = 100;
/// After this long it makes way for whatever waits.
const CHUNK: Millis = 2_000;

impl queue::Job for DeliverLinks {
    type Context = Engine;
    const KIND: &'static str = "deliver_links";

    fn dedup_key(&self) -> String {
        self.resource_key()
    }

    fn resource_key(&self) -> String {
        format!("site:{}:links", self.site_id)
    }

    fn lane(&self) -> JobLane {
        JobLane::Live
    }

    /// After what brings news.
    fn priority(&self) -> i64 {
        -1
    }

    async fn run(self, engine: Engine, lease: Lease) -> Result<(), JobError> {
        let Some(site) = waiting::site(&engine, self.site_id).await? else { return Ok(()) };
        if let Some(until) = waiting::pause(&engine, &site) {
            return settle::later(&engine, &lease, &self, until).await;
        }
        let (store, now) = (engine.store(), engine.clock().now());
        let has_due = !store.outbox_due(site.id, Channel::RemoteLink, None, now, 1).await?.is_empty();
        let next = match clients::rest(&engine, &site).await {
            Ok(rest) => Round { engine: &engine, lease: &lease, site: &site, rest }.go().await?,
            // A site that gets no links need not have a user for them.
            Err(_) if !has_due => store.outbox_next(site.id, Channel::RemoteLink, None).await?,
            Err(error) => Some(waiting::no_client(&engine, site.id, error).await?),
        };
        match next {
            Some(at) => settle::later(&engine, &lease, &self, at).await,
            None => Ok(()),
        }
    }
}

/// One run for one site.
struct Round<'a> {
    engine: &'a Engine,
    lease: &'a Lease,
    site: &'a Site,
    rest: Rest,
}

impl Round<'_> {
    /// Tells what is due. Returns when the next run is due.
    async fn go(&self) -> Result<Option<Millis>, JobError> {
        let (store, began) = (self.engine.store(), self.engine.clock().now());
        let known = KnownProjects::of(self.site, &store.site_projects(self.site.id).await?);
        loop {
            let now = self.engine.clock().now();
            let due = store.outbox_due(self.site.id, Channel::RemoteLink, None, now, AT_ONCE).await?;
            if due.is_empty() {
                return Ok(store.outbox_next(self.site.id, Channel::RemoteLink, None).await?);
            }
            for entity in self.read(&due, &known).await? {
                if let Some(until) = self.tell(entity).await? {
                    return Ok(Some(until));
                }
                let now = self.engine.clock().now();
                if self.lease.cancelled().is_cancelled() || now - began >= CHUNK {
                    return Ok(Some(now));
                }
            }
        }
    }

    /// What the rows are about, in their order.
    async fn read<'r>(&self, due: &'r [OutboxEntry], known: &KnownProjects) -> store::Result<Vec<Entity<'r>>> {
        let (store, id) = (self.engine.store(), self.site.id);
        let ids = |kind| due.iter().filter(|row| row.kind == kind).map(|row| row.entity_id).collect::<Vec<_>>();
        let mut entities: BTreeMap<(Told, i64), (String, Wanted)> = BTreeMap::new();
        for told in store.told_merge_requests(id, &ids(Told::MergeRequest)).await? {
            let title = titles::of_merge_request(&told);
            let shown = self.site.settings.links_of_merge_requests && told.gone_at.is_none();
            let wanted = self.wanted((&told.repository, shown), &told.keys, known, |pages, key| {
                link::of_merge_request(&told, pages, key)
            });
            entities.insert((Told::MergeRequest, told.id), (title, wanted));
        }
        for told in store.told_branches(id, &ids(Told::Branch)).await? {
            let title = titles::of_branch(&told);
            let shown = self.site.settings.links_of_branches && told.gone_at.is_none();
            let wanted = self
                .wanted((&told.repository, shown), &told.keys, known, |pages, key| link::of_branch(&told, pages, key));
            entities.insert((Told::Branch, told.id), (title, wanted));
        }
        let of = |row: &'r OutboxEntry| {
            let gone = || (sentences::forgotten(titles::word(row.kind)), Wanted::default());
            let (title, wanted) = entities.remove(&(row.kind, row.entity_id)).unwrap_or_else(gone);
            Entity { row, title, wanted: wanted.links, pageless: wanted.pageless }
        };
        Ok(due.iter().map(of).collect())
    }

    /// The links that an entity is to have, by issue; `shown`: it is there, and the site is told of its kind.
    fn wanted(
        &self,
        (repository, shown): (&ToldRepository, bool),
        keys: &[String],
        known: &KnownProjects,
        link: impl Fn(Pages<'_>, &str) -> Option<RemoteLink>,
    ) -> Wanted {
        let pages = Pages::of(self.engine, repository);
        let mut wanted = Wanted::default();
        let shown = shown && repository.visible;
        for key in keys.iter().filter(|key| shown && known.has(key)).take(MOST_KEYS) {
            match link(pages, key) {
                Some(link) => {
                    wanted.links.insert(key.clone(), link);
                }
                None => wanted.pageless = true,
            }
        }
        wanted
    }

    /// Makes a site show of one entity what it is to show. Returns until when the site is left alone, where it failed.
    async fn tell(&self, entity: Entity<'_>) -> Result<Option<Millis>, JobError> {
        let sent = self.engine.store().remote_links(self.site.id, entity.row.kind, entity.row.entity_id).await?;
        let mut telling = Telling::new(self, &entity);
        let failure = match telling.take_back(&sent).await? {
            None => telling.put(&sent).await?,
            failure => failure,
        };
        telling.write_down(failure).await
    }
}

/// A row and what is to be there of it.
struct Entity<'r> {
    row: &'r OutboxEntry,
    title: String,
    wanted: BTreeMap<String, RemoteLink>,
    /// Whether something has no page that a link could lead to.
    pageless: bool,
}

/// The links that an entity is to have, by issue.
#[derive(Default)]
struct Wanted {
    links: BTreeMap<String, RemoteLink>,
    pageless: bool,
}

/// The projects whose issues a site has; all, while it has not told them.
struct KnownProjects(Option<HashSet<String>>);

impl KnownProjects {
    fn of(site: &Site, projects: &[SiteProject]) -> Self {
        let keys = || projects.iter().flat_map(|project| [project.key.clone(), project.present_key.clone()]).collect();
        Self(site.projects_read_at.map(|_| keys()))
    }

    fn has(&self, issue_key: &str) -> bool {
        let project = issue_key.rsplit_once('-').map_or(issue_key, |(project, _)| project);
        self.0.as_ref().is_none_or(|known| known.contains(project))
    }
}

/// What was done for one entity so far.
struct Telling<'a> {
    round: &'a Round<'a>,
    entity: &'a Entity<'a>,
    put: Vec<(String, String, String)>,
    forgotten: Vec<String>,
    /// Issues whose link was never sent before.
    offered: BTreeSet<String>,
    /// Issues that Jira does not know, or does not let its user link.
    unknown: Vec<String>,
    /// Jira's words about the first link that it refused.
    refused: Option<String>,
    deliveries: Vec<(NewDelivery, Ending)>,
}

impl<'a> Telling<'a> {
    fn new(round: &'a Round<'a>, entity: &'a Entity<'a>) -> Self {
        let (put, forgotten, unknown) = (Vec::new(), Vec::new(), Vec::new());
        Self { round, entity, put, forgotten, offered: BTreeSet::new(), unknown, refused: None, deliveries: Vec::new() }
    }

    /// Deletes the links that nothing asks for any more. Before any is put: under two keys of one issue it is the same link.
    async fn take_back(&mut self, sent: &[SentLink]) -> Result<Option<Failed>, JobError> {
        for link in sent.iter().filter(|link| !self.entity.wanted.contains_key(&link.issue_key)) {
            let present = self.round.engine.store().present_key(&link.issue_key).await?;
            if present.is_some_and(|key| self.entity.wanted.contains_key(&key)) {
                self.forgotten.push(link.issue_key.clone());
                continue;
            }
            match self.round.rest.remote_link_delete(&link.issue_key, &link.global_id).await {
                Ok(_) => {
                    self.note(&link.issue_key, Outcome::Sent, None, Some(sentences::WITHDRAWN.to_owned()));
                    self.forgotten.push(link.issue_key.clone());
                }
                Err(error) => {
                    if let Some(failed) = self.not_taken(&link.issue_key, error) {
                        return Ok(Some(failed));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Puts the links that are new or say something else now.
    async fn put(&mut self, sent: &[SentLink]) -> Result<Option<Failed>, JobError> {
        self.offer(sent).await?;
        let told: BTreeMap<&str, &str> =
            sent.iter().map(|link| (link.issue_key.as_str(), link.digest.as_str())).collect();
        for (key, link) in &self.entity.wanted {
            let digest = link::digest(link);
            if told.get(key.as_str()) == Some(&digest.as_str()) {
                continue;
            }
            match self.round.rest.remote_link_put(key, link).await {
                Ok(_) => {
                    self.note(key, Outcome::Sent, None, None);
                    self.put.push((key.clone(), link.global_id.clone(), digest));
                }
                Err(error) => {
                    if let Some(failed) = self.not_taken(key, error) {
                        return Ok(Some(failed));
                    }
                    if self.offered.contains(key) {
                        self.forgotten.push(key.clone());
                    }
                }
            }
        }
        Ok(None)
    }

    /// Notes that Jira may have the new links from now on: if nobody hears how sending them ended, they are taken back all the
    /// same when they are not wanted any more.
    async fn offer(&mut self, sent: &[SentLink]) -> Result<(), JobError> {
        let (site, row) = (self.round.site.id, self.entity.row);
        let known = |key: &str| sent.iter().any(|link| link.issue_key == key);
        let new: Vec<(&str, &str)> = (self.entity.wanted.iter())
            .filter(|(key, _)| !known(key))
            .map(|(key, link)| (key.as_str(), link.global_id.as_str()))
            .collect();
        if !new.is_empty() {
            let mut tx = self.round.lease.begin_write(Lane::Live).await?;
            tx.remote_links_offer(site, row.kind, row.entity_id, &new).await?;
            tx.commit().await?;
        }
        self.offered = new.into_iter().map(|(key, _)| key.to_owned()).collect();
        Ok(())
    }

    /// What a refusal means: something about this link, or (what is returned) about the site.
    fn not_taken(&mut self, key: &str, error: JiraError) -> Option<Failed> {
        match error.problem {
            Problem::NotFound | Problem::Forbidden => self.unknown.push(key.to_owned()),
            Problem::Refused | Problem::TooLarge => {
                let words = sentences::refused(error.words.as_deref().unwrap_or(&error.happened()));
                self.note(key, Outcome::Refused, error.status, Some(words.clone()));
                self.refused.get_or_insert(words);
            }
            _ => return Some(Failed { key: key.to_owned(), error }),
        }
        None
    }

    fn note(&mut self, key: &str, outcome: Outcome, status: Option<u16>, words: Option<String>) {
        let status = status.map(i64::from);
        self.deliveries.push((self.delivery(key), Ending { outcome, status, words, next_at: None }));
    }

    fn delivery(&self, key: &str) -> NewDelivery {
        self.delivery_of(Some(key))
    }

    fn delivery_of(&self, key: Option<&str>) -> NewDelivery {
        NewDelivery {
            site_id: self.round.site.id,
            channel: Channel::RemoteLink,
            kind: self.entity.row.kind,
            entity_id: self.entity.row.entity_id,
            receipt_id: None,
            issue_key: key.map(str::to_owned),
            title: self.entity.title.clone(),
            lane: self.entity.row.lane,
        }
    }

    /// Keeps what became of it, in one transaction. Returns until when the site is left alone.
    async fn write_down(mut self, failed: Option<Failed>) -> Result<Option<Millis>, JobError> {
        let (engine, site, row) = (self.round.engine, self.round.site, self.entity.row);
        let until = match &failed {
            Some(failed) => Some(waiting::failed(engine, site.id, &failed.error).await?),
            None => None,
        };
        let now = engine.clock().now();
        let end = self.end(failed, until, now);
        let mut tx = self.round.lease.begin_write(Lane::Live).await?;
        for key in &self.forgotten {
            tx.remote_link_forget(site.id, row.kind, row.entity_id, key).await?;
        }
        for (key, global_id, digest) in &self.put {
            tx.remote_link_put(site.id, row.kind, row.entity_id, key, global_id, digest).await?;
        }
        end.write(&mut tx, site.id, row, now).await?;
        tx.deliveries_done(&self.deliveries, now).await?;
        tx.commit().await?;
        if until.is_none() && !self.deliveries.is_empty() {
            waiting::answered(engine, site).await?;
        }
        Ok(until)
    }

    /// What becomes of the row; notes the attempts that are to be made again.
    fn end(&mut self, failed: Option<Failed>, until: Option<Millis>, now: Millis) -> End {
        if let Some(failed) = failed {
            let (outcome, words) = (waiting::outcome(&failed.error), failed.error.sentence());
            let status = failed.error.status.map(i64::from);
            let next_at = until;
            self.deliveries
                .push((self.delivery(&failed.key), Ending { outcome, status, words: Some(words.clone()), next_at }));
            return End::Later(until.unwrap_or(now), words);
        }
        if !self.unknown.is_empty() {
            let keys: Vec<&str> = self.unknown.iter().map(String::as_str).collect();
            let again = patience::ask_again(self.entity.row.parked_since.unwrap_or(now), now);
            let words = match again {
                Some(_) => sentences::unknown_issues(&keys),
                None => sentences::never_appeared(&keys),
            };
            let outcome = if again.is_some() { Outcome::Parked } else { Outcome::Refused };
            for key in self.unknown.clone() {
                let ending = Ending { outcome, status: None, words: Some(words.clone()), next_at: again };
                self.deliveries.push((self.delivery(&key), ending));
            }
            return again.map_or_else(|| End::Refused(words.clone()), |until| End::Parked(until, words.clone()));
        }
        if self.entity.pageless && self.refused.is_none() {
            let ending = Ending {
                outcome: Outcome::Refused,
                status: None,
                words: Some(sentences::NO_PAGE.to_owned()),
                next_at: None,
            };
            self.deliveries.push((self.delivery_of(None), ending));
            self.refused = Some(sentences::NO_PAGE.to_owned());
        }
        let done = if self.entity.wanted.is_empty() { End::Nothing } else { End::Sent };
        self.refused.take().map_or(done, End::Refused)
    }
}

/// The site failed while an issue was told.
struct Failed {
    key: String,
    error: JiraError,
}

/// What becomes of a row of the outbox.
enum End {
    Sent,
    /// No issue has a link of it, nor is to have one.
    Nothing,
    Refused(String),
    Parked(Millis, String),
    Later(Millis, String),
}

impl End {
    async fn write(&self, tx: &mut WriteTx, site: i64, row: &OutboxEntry, now: Millis) -> store::Result<()> {
        let (channel, rows) = (Channel::RemoteLink, &[row]);
        match self {
            Self::Sent => tx.outbox_sent(site, channel, rows, now).await,
            Self::Nothing => tx.outbox_dropped(site, channel, rows).await,
            Self::Refused(words) => tx.outbox_refused(site, channel, rows, words, now).await,
            Self::Parked(until, words) => tx.outbox_parked(site, channel, rows, *until, words, now).await,
            Self::Later(until, words) => tx.outbox_later(site, channel, rows, *until, words, now).await,
        }
    }
}
