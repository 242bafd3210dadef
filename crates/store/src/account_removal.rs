//! What goes with an account, counted before it is removed: what it shows and no other account shows, and what sites were told
//! of that.
//!
//! Each count looks at no more than [`MOST`] rows, so that the question whether an account shall go is asked at once even where
//! it has millions of commits.

use model::{Channel, EntityKind, Told};
use sqlx::AssertSqlSafe;

use crate::database::read;
use crate::outbox_sight::sees_but;
use crate::sql::numbers;
use crate::{Result, Store};

/// How many rows a count looks at, at the most.
pub const MOST: i64 = 100_000;

/// A count that may have been given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many there are, at least.
    pub number: i64,
    /// Whether there may be more.
    pub more: bool,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.number += other.number;
        self.more |= other.more;
    }
}

/// What disappears with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountRemoval {
    /// Linked repositories that no other account shows.
    pub repositories: i64,
    /// Linked repositories that another account shows, too: they stay.
    pub staying: i64,
    /// Commits that are in no repository that stays.
    pub commits: Tally,
    /// Branches of the repositories that go.
    pub branches: Tally,
    /// Merge requests of the repositories that go.
    pub merge_requests: Tally,
    /// Links to issues of all of these.
    pub links: Tally,
}

/// What a site that an account serves was told and is to forget when the account goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Withdrawal {
    /// Remote links of issues.
    pub remote_links: Tally,
    /// Commits, branches and merge requests among the development information.
    pub dev_info: Tally,
}

/// Rows looked at, what is counted, and links to issues of these.
type Counts = (i64, i64, i64);

impl Store {
    /// What disappears with an account.
    pub async fn account_removal(&self, account_id: i64) -> Result<AccountRemoval> {
        let (mut going, mut staying) = (Vec::new(), 0);
        for (repository_id, stays) in self.linked_and_elsewhere(account_id).await? {
            if stays {
                staying += 1;
            } else {
                going.push(repository_id);
            }
        }
        let mut removal = AccountRemoval { repositories: going.len() as i64, staying, ..AccountRemoval::default() };
        for kind in [EntityKind::Commit, EntityKind::Branch, EntityKind::MergeRequest] {
            let (looked_at, number, links) = self.entities_going(kind, account_id, &going).await?;
            let more = looked_at >= MOST;
            let tally = match kind {
                EntityKind::Commit => &mut removal.commits,
                EntityKind::Branch => &mut removal.branches,
                EntityKind::MergeRequest => &mut removal.merge_requests,
            };
            *tally = Tally { number, more };
            removal.links += Tally { number: links, more };
        }
        Ok(removal)
    }

    /// What a site is to forget when an account goes that serves it.
    pub async fn account_withdrawal(&self, account_id: i64, site_id: i64) -> Result<Withdrawal> {
        let sql = format!(
            "SELECT mine.repository_id FROM account_repository mine WHERE mine.account_id = $2 AND mine.linked AND mine.visible \
             AND NOT {} ORDER BY mine.repository_id",
            sees_but("mine.repository_id", "$2")
        );
        let going: Vec<i64> = read!(self, |db| sqlx::query_scalar(AssertSqlSafe(sql.as_str()))
            .bind(site_id)
            .bind(account_id)
            .fetch_all(db))?;
        let mut withdrawal = Withdrawal::default();
        for told in [Told::Branch, Told::MergeRequest] {
            withdrawal.remote_links += self.told_of(site_id, Channel::RemoteLink, told, &going).await?;
        }
        for told in [Told::Commit, Told::Branch, Told::MergeRequest] {
            withdrawal.dev_info += self.told_of(site_id, Channel::DevInfo, told, &going).await?;
        }
        Ok(withdrawal)
    }

    /// The repositories that an account shows, and whether another account shows them, too.
    async fn linked_and_elsewhere(&self, account_id: i64) -> Result<Vec<(i64, bool)>> {
        let sql = format!(
            "SELECT ar.repository_id, {} FROM account_repository ar \
             WHERE ar.account_id = {account_id} AND ar.linked AND ar.visible ORDER BY ar.repository_id",
            shown_elsewhere("ar.repository_id", account_id)
        );
        read!(self, |db| sqlx::query_as(AssertSqlSafe(sql.as_str())).persistent(false).fetch_all(db))
    }

    async fn entities_going(&self, kind: EntityKind, account_id: i64, going: &[i64]) -> Result<Counts> {
        // A commit is in several repositories; the others are in one.
        let which = match kind {
            EntityKind::Commit => format!(
                "SELECT DISTINCT e.id FROM looked_at e WHERE (SELECT 1 FROM repository_commit rc WHERE rc.commit_id = e.id \
                 AND rc.lost_at IS NULL AND {} LIMIT 1) IS NULL",
                shown_elsewhere("rc.repository_id", account_id)
            ),
            EntityKind::Branch | EntityKind::MergeRequest => "SELECT e.id FROM looked_at e".to_owned(),
        };
        let sql = format!(
            "WITH looked_at AS ({}), gone AS ({which}) SELECT (SELECT COUNT(*) FROM looked_at), COUNT(*), \
             CAST(COALESCE(SUM((SELECT COUNT(*) FROM issue_link l WHERE l.kind = '{kind}' AND l.entity_id = gone.id)), 0) \
             AS BIGINT) FROM gone",
            some_of(told_as(kind), going)
        );
        read!(self, |db| sqlx::query_as(AssertSqlSafe(sql.as_str())).persistent(false).fetch_one(db))
    }

    /// How much a site was told by a channel of such entities in these repositories.
    async fn told_of(&self, site_id: i64, channel: Channel, told: Told, repositories: &[i64]) -> Result<Tally> {
        let known = match channel {
            Channel::DevInfo => "outbox o WHERE o.channel = 'dev_info' AND o.sent > 0",
            _ => "remote_link o WHERE o.digest <> ''",
        };
        let sql = format!(
            "WITH looked_at AS ({}) SELECT (SELECT COUNT(*) FROM looked_at), CAST(COALESCE(SUM((SELECT COUNT(*) FROM {known} \
             AND o.site_id = $1 AND o.entity_kind = '{told}' AND o.entity_id = e.id)), 0) AS BIGINT) \
             FROM (SELECT DISTINCT id FROM looked_at) e",
            some_of(told, repositories)
        );
        let (looked_at, number): (i64, i64) = read!(self, |db| sqlx::query_as(AssertSqlSafe(sql.as_str()))
            .persistent(false)
            .bind(site_id)
            .fetch_one(db))?;
        Ok(Tally { number, more: looked_at >= MOST })
    }
}

const fn told_as(kind: EntityKind) -> Told {
    match kind {
        EntityKind::Commit => Told::Commit,
        EntityKind::Branch => Told::Branch,
        EntityKind::MergeRequest => Told::MergeRequest,
    }
}

/// The ids of some of the entities of a kind that are in these repositories.
fn some_of(told: Told, repositories: &[i64]) -> String {
    let (table, id, gone) = match told {
        Told::Commit => ("repository_commit", "commit_id", "lost_at"),
        Told::Branch => ("branch", "id", "gone_at"),
        Told::MergeRequest => ("merge_request", "id", "gone_at"),
        Told::Repository => ("repository", "id", "NULL"),
    };
    let repository = if told == Told::Repository { "id" } else { "repository_id" };
    format!(
        "SELECT {id} AS id FROM {table} WHERE {repository} IN ({}) AND {gone} IS NULL LIMIT {MOST}",
        numbers(repositories)
    )
}

/// A condition of SQL: whether another account than this one shows a repository.
fn shown_elsewhere(repository: &str, account_id: i64) -> String {
    format!(
        "EXISTS (SELECT 1 FROM account_repository o JOIN account a ON a.id = o.account_id \
         WHERE o.repository_id = {repository} AND o.account_id <> {account_id} AND o.linked AND o.visible AND a.state <> 'removing')"
    )
}
