//! One request to a Jira Cloud, and what its answer means for each row that it was about.

use std::collections::{BTreeMap, HashMap, HashSet};

use jira::{Accepted, EntityKind, JiraError, Problem, Provider, Repository};
use model::{Channel, Millis, OutboxLane, Outcome};
use queue::JobError;
use store::{Ending, NewDelivery, OutboxEntry, WriteTx};

use super::Round;
use crate::deliver::batch::{Deletion, Entity, Header, Item};
use crate::deliver::{MOST_KEYS, fill, patience, waiting, withdrawal};
use crate::sentences::deliver as sentences;

/// What Jira answers to what it has taken.
const TAKEN: i64 = 202;

/// What became of a row.
enum Verdict {
    Sent(Option<String>),
    Withdrawn,
    Refused(String),
    Parked(Millis, String),
    NeverAppeared(String),
    Later(Outcome, Millis, String),
}

/// A row, what became of it, and Jira's status.
type Settled<'i> = (&'i Item, Verdict, Option<i64>);

impl Round<'_> {
    /// Tells nothing of what Jira was never told.
    pub(super) async fn nothing(&self, items: &[Item]) -> Result<Option<Millis>, JobError> {
        let mut tx = self.lease.begin_write(self.writes()).await?;
        tx.outbox_dropped(self.site.id, Channel::DevInfo, &rows(items)).await?;
        tx.commit().await?;
        Ok(None)
    }

    /// Gives up what Jira does not take, or what cannot be told to it.
    pub(super) async fn refused(
        &self,
        items: &[Item],
        status: Option<u16>,
        words: &str,
    ) -> Result<Option<Millis>, JobError> {
        let status = status.map(i64::from);
        let settled = items.iter().map(|item| (item, Verdict::Refused(words.to_owned()), status));
        self.write_down(settled.collect()).await?;
        Ok(None)
    }

    /// Tells entities of one repository. Where Jira does not take a request as a whole, it is asked about its halves, down to
    /// the entity that it is about.
    pub(super) async fn put(&self, header: &Header, items: Vec<Item>) -> Result<Option<Millis>, JobError> {
        let items = self.offer(items).await?;
        if items.is_empty() {
            return Ok(None);
        }
        let mut open = vec![items];
        while let Some(mut items) = open.pop() {
            let prevent_transitions = self.lane == OutboxLane::Backfill;
            let repository = [filled(&header.repository, &items)];
            let outcome =
                self.client.submit_all(&repository, prevent_transitions, &header.properties, &provider()).await;
            match outcome {
                Ok(accepted) => self.taken(&repository[0].id, &items, accepted).await?,
                Err(error) if is_about_content(&error) && items.len() > 1 => {
                    let second = items.split_off(items.len() / 2);
                    open.extend([second, items]);
                }
                Err(error) if is_about_content(&error) => {
                    self.refused(&items, error.status, &refusal(&error)).await?;
                }
                Err(error) => {
                    let rest = items.into_iter().chain(open.into_iter().flatten()).collect::<Vec<_>>();
                    return self.failed(&rest, &error).await.map(Some);
                }
            }
        }
        Ok(None)
    }

    /// Notes that Jira may have these from now on: if nobody comes to write down how sending them ended, they are withdrawn all
    /// the same when they go. Leaves out what was forgotten meanwhile.
    async fn offer(&self, mut items: Vec<Item>) -> Result<Vec<Item>, JobError> {
        let new: Vec<&OutboxEntry> = items.iter().map(|item| &item.row).filter(|row| !row.offered).collect();
        if new.is_empty() {
            return Ok(items);
        }
        let mut tx = self.lease.begin_write(self.writes()).await?;
        let there = tx.outbox_offer(self.site.id, Channel::DevInfo, &new).await?;
        tx.commit().await?;
        items.retain(|item| item.row.offered || there.contains(&(item.row.kind, item.row.entity_id)));
        Ok(items)
    }

    /// Reads the answer entity by entity.
    async fn taken(&self, repository: &str, items: &[Item], outcomes: Vec<Accepted>) -> Result<(), JobError> {
        let answer = Answer::of(repository, outcomes);
        let now = self.engine.clock().now();
        let settled = items.iter().map(|item| (item, answer.verdict(item, now), Some(TAKEN)));
        self.write_down(settled.collect()).await?;
        Ok(waiting::answered(self.engine, self.site).await?)
    }

    /// Has something deleted.
    pub(super) async fn delete(&self, item: Item, what: &[Deletion]) -> Result<Option<Millis>, JobError> {
        for it in what {
            let outcome = self.client.delete_entity(&it.repository_id, it.kind, &it.id, it.sequence).await;
            if let Err(error) = outcome {
                return self.not_deleted(item, &error).await;
            }
        }
        self.deleted(&item).await?;
        Ok(None)
    }

    /// Has a repository deleted with all of its entities, whose rows are forgotten: what was touched since then is told anew.
    /// Some may be of another node, whose clock is ahead: they are to go, too.
    pub(super) async fn delete_repository(&self, item: Item, id: &str) -> Result<Option<Millis>, JobError> {
        let (began, repository_id) = (self.engine.clock().now(), item.row.entity_id);
        let newest = self.engine.store().outbox_newest(self.site.id, Channel::DevInfo, repository_id).await?;
        let up_to = newest.max(item.row.sequence).max(began);
        if let Err(error) = self.client.delete_repository(id, up_to).await {
            return self.not_deleted(item, &error).await;
        }
        withdrawal::forget(self.lease, self.site.id, repository_id, up_to).await?;
        // Commits of it may be seen in other repositories, or it is seen again by now.
        fill::begin(self.lease, self.site.id, Channel::DevInfo, began).await?;
        self.deleted(&item).await?;
        Ok(None)
    }

    async fn deleted(&self, item: &Item) -> Result<(), JobError> {
        let verdict = Verdict::Withdrawn;
        self.write_down(vec![(item, verdict, Some(TAKEN))]).await?;
        Ok(waiting::answered(self.engine, self.site).await?)
    }

    async fn not_deleted(&self, item: Item, error: &JiraError) -> Result<Option<Millis>, JobError> {
        if is_about_content(error) {
            return self.refused(&[item], error.status, &refusal(error)).await;
        }
        self.failed(&[item], error).await.map(Some)
    }

    /// The site failed: nothing is lost, and everything waits. Returns until when.
    async fn failed(&self, items: &[Item], error: &JiraError) -> Result<Millis, JobError> {
        let now = self.engine.clock().now();
        // Jira counts the lanes apart: what happens now is not held up by what was before (devinfo contract §6).
        let until = if error.problem == Problem::RateLimited && self.lane == OutboxLane::Backfill {
            waiting::pause_asked_for(error, now)
        } else {
            waiting::failed(self.engine, self.site.id, error).await?
        };
        let (outcome, words) = (waiting::outcome(error), error.sentence());
        let later = |item| (item, Verdict::Later(outcome, until, words.clone()), error.status.map(i64::from));
        self.write_down(items.iter().map(later).collect()).await?;
        Ok(until)
    }

    /// Keeps what became of rows, and the attempts, in one transaction.
    async fn write_down(&self, settled: Vec<Settled<'_>>) -> Result<(), JobError> {
        let now = self.engine.clock().now();
        let mut ends = Ends::default();
        let mut deliveries = Vec::with_capacity(settled.len());
        for (item, verdict, status) in settled {
            deliveries.push((self.delivery(item), ending(&verdict, status)));
            ends.add(&item.row, verdict);
        }
        let mut tx = self.lease.begin_write(self.writes()).await?;
        ends.write(&mut tx, self.site.id, now).await?;
        tx.deliveries_done(&deliveries, now).await?;
        Ok(tx.commit().await?)
    }

    fn delivery(&self, item: &Item) -> NewDelivery {
        NewDelivery {
            site_id: self.site.id,
            channel: Channel::DevInfo,
            kind: item.row.kind,
            entity_id: item.row.entity_id,
            receipt_id: None,
            issue_key: item.keys.first().cloned(),
            title: item.title.clone(),
            lane: self.lane,
        }
    }
}

/// What Jira said of one repository and what came with it.
struct Answer {
    accepted: HashSet<(EntityKind, String)>,
    refused: HashMap<(EntityKind, String), String>,
    /// Why the repository itself was not taken.
    repository: Option<String>,
    unknown: HashSet<String>,
}

impl Answer {
    fn of(repository: &str, outcomes: Vec<Accepted>) -> Self {
        let (accepted, refused, unknown) = (HashSet::new(), HashMap::new(), HashSet::new());
        let mut answer = Self { accepted, refused, repository: None, unknown };
        for outcome in outcomes {
            let of_this = outcome.accepted.into_iter().filter(|it| it.repository_id == repository);
            answer.accepted.extend(of_this.map(|it| (it.kind, it.id)));
            for it in outcome.refused.into_iter().filter(|it| it.repository_id == repository) {
                match it.kind {
                    Some(kind) => {
                        answer.refused.insert((kind, it.id), it.words);
                    }
                    None => answer.repository = Some(it.words),
                }
            }
            answer.unknown.extend(outcome.unknown_issue_keys);
        }
        answer
    }

    fn verdict(&self, item: &Item, now: Millis) -> Verdict {
        let Some((kind, id)) = item.entity.id() else {
            return self
                .repository
                .as_deref()
                .map_or(Verdict::Sent(None), |words| Verdict::Refused(sentences::refused(words)));
        };
        let place = (kind, id.to_owned());
        let unknown: Vec<&str> =
            item.keys.iter().map(String::as_str).filter(|key| self.unknown.contains(*key)).collect();
        if self.accepted.contains(&place) {
            return Verdict::Sent(remark(item, &unknown));
        }
        if let Some(words) = self.refused.get(&place).or(self.repository.as_ref()) {
            return Verdict::Refused(sentences::refused(words));
        }
        if unknown.is_empty() {
            return Verdict::Refused(sentences::NOT_MENTIONED.to_owned());
        }
        match patience::ask_again(item.row.parked_since.unwrap_or(now), now) {
            Some(until) => Verdict::Parked(until, sentences::unknown_issues(&unknown)),
            None => Verdict::NeverAppeared(sentences::never_appeared(&unknown)),
        }
    }
}

/// What is to be said of something that was taken.
fn remark(item: &Item, unknown: &[&str]) -> Option<String> {
    if item.names > item.keys.len() {
        return Some(sentences::too_many_issues(item.names, MOST_KEYS));
    }
    (!unknown.is_empty()).then(|| sentences::some_unknown(unknown))
}

fn ending(verdict: &Verdict, status: Option<i64>) -> Ending {
    let (outcome, words, next_at) = match verdict {
        Verdict::Sent(words) => (Outcome::Sent, words.clone(), None),
        Verdict::Withdrawn => (Outcome::Sent, Some(sentences::WITHDRAWN.to_owned()), None),
        Verdict::Refused(words) | Verdict::NeverAppeared(words) => (Outcome::Refused, Some(words.clone()), None),
        Verdict::Parked(until, words) => (Outcome::Parked, Some(words.clone()), Some(*until)),
        Verdict::Later(outcome, until, words) => (*outcome, Some(words.clone()), Some(*until)),
    };
    Ending { outcome, status, words, next_at }
}

/// Rows by what became of them.
#[derive(Default)]
struct Ends<'i> {
    sent: Vec<&'i OutboxEntry>,
    withdrawn: Vec<&'i OutboxEntry>,
    refused: BTreeMap<String, Vec<&'i OutboxEntry>>,
    parked: BTreeMap<(Millis, String), Vec<&'i OutboxEntry>>,
    later: BTreeMap<(Millis, String), Vec<&'i OutboxEntry>>,
}

impl<'i> Ends<'i> {
    fn add(&mut self, row: &'i OutboxEntry, verdict: Verdict) {
        match verdict {
            Verdict::Sent(_) => self.sent.push(row),
            Verdict::Withdrawn => self.withdrawn.push(row),
            Verdict::Refused(words) | Verdict::NeverAppeared(words) => self.refused.entry(words).or_default().push(row),
            Verdict::Parked(until, words) => self.parked.entry((until, words)).or_default().push(row),
            Verdict::Later(_, until, words) => self.later.entry((until, words)).or_default().push(row),
        }
    }

    async fn write(&self, tx: &mut WriteTx, site: i64, now: Millis) -> store::Result<()> {
        let channel = Channel::DevInfo;
        if !self.sent.is_empty() {
            tx.outbox_sent(site, channel, &self.sent, now).await?;
        }
        tx.outbox_dropped(site, channel, &self.withdrawn).await?;
        for (words, rows) in &self.refused {
            tx.outbox_refused(site, channel, rows, words, now).await?;
        }
        for ((until, words), rows) in &self.parked {
            tx.outbox_parked(site, channel, rows, *until, words, now).await?;
        }
        for ((until, words), rows) in &self.later {
            tx.outbox_later(site, channel, rows, *until, words, now).await?;
        }
        Ok(())
    }
}

/// A repository with the entities of these rows.
fn filled(repository: &Repository, items: &[Item]) -> Repository {
    let mut repository = repository.clone();
    for item in items {
        match &item.entity {
            Entity::Repository => {}
            Entity::Commit(it) => repository.commits.push((**it).clone()),
            Entity::Branch(it) => repository.branches.push((**it).clone()),
            Entity::PullRequest(it) => repository.pull_requests.push((**it).clone()),
        }
    }
    repository
}

fn rows(items: &[Item]) -> Vec<&OutboxEntry> {
    items.iter().map(|item| &item.row).collect()
}

/// Whether the same request would be refused again.
const fn is_about_content(error: &JiraError) -> bool {
    matches!(error.problem, Problem::Refused | Problem::TooLarge)
}

fn refusal(error: &JiraError) -> String {
    sentences::refused(error.words.as_deref().unwrap_or(&error.happened()))
}

fn provider() -> Provider {
    Provider { product: concat!("dovetail ", env!("CARGO_PKG_VERSION")).to_owned() }
}
