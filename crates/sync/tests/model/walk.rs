//! Walking: one step after the other, until one ends in a difference.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::FutureExt;
use model::clock::ManualClock;
use sandbox::gitlab::RateLimit;
use sandbox::gitlab::model::{Deliveries, ProjectId};
use sandbox::gitlab::switches::{Failure, How};
use store::testing::Engine as Database;
use sync::Mode;
use tempfile::TempDir;

use crate::door::Door;
use crate::dovetail::{Dovetail, fresh_cache};
use crate::forge::{Forge, Idle, Told};
use crate::quiet::Taken;
use crate::step::{Delivery, Pick, Step};

/// One walk under way.
pub struct Walk {
    pub forge: Forge,
    pub dovetail: Dovetail,
    pub taken: Taken,
    /// Projects in which merge requests were deleted that no full sync has looked for since.
    pub with_deleted: BTreeSet<ProjectId>,
    /// Whether something happened since the last quiet point that hook events do not tell.
    pub untold: bool,
    pub directory: TempDir,
    cache: std::path::PathBuf,
}

/// How a walk ended badly.
#[derive(Debug)]
pub struct Fault {
    /// The number of the step after which it showed.
    pub after: usize,
    /// What is wrong.
    pub what: String,
    /// What each step did.
    pub told: Vec<String>,
}

/// Walks; none where the database is not there to test with counts as walked.
pub async fn walk(database: Database, steps: &[Step]) -> Result<(), Fault> {
    let Some(mut walk) = Walk::begin(database).await else { return Ok(()) };
    let mut told = Vec::new();
    for (after, step) in steps.iter().enumerate() {
        let done = std::panic::AssertUnwindSafe(walk.step(*step)).catch_unwind().await;
        let what = match done {
            Ok(Ok(line)) => {
                told.push(format!("{after:4} {line}"));
                continue;
            }
            Ok(Err(what)) => what,
            Err(panic) => format!("it panicked: {}", panic.downcast_ref::<String>().map_or("", String::as_str)),
        };
        walk.dovetail.stop().await;
        return Err(Fault { after, what, told });
    }
    walk.dovetail.stop().await;
    Ok(())
}

impl Walk {
    async fn begin(database: Database) -> Option<Self> {
        let store = store::testing::open(database).await?;
        let directory = TempDir::new().unwrap();
        let clock = Arc::new(ManualClock::new(1_760_000_000_000));
        let forge = Forge::start(&directory.path().join("gitlab"), clock.clone()).await;
        let cache = fresh_cache(directory.path());
        let mut dovetail = Dovetail::start(store, cache.clone(), clock, Some(Door::open().await));
        dovetail.connect_with_oauth(&forge).await;
        dovetail.idle().await.unwrap();
        forge.model.change_settings(|settings| settings.deliveries = Deliveries::Held);
        let taken = Taken::default();
        Some(Self { forge, dovetail, taken, with_deleted: BTreeSet::new(), untold: false, directory, cache })
    }

    /// Does a step and tells what it did.
    async fn step(&mut self, step: Step) -> Result<String, String> {
        // Time goes on, if little.
        self.forge.clock.advance(7_000);
        if let Step::Quiet { by } = step {
            return self.quiet(by).await;
        }
        self.untold |= step.is_untold();
        let told = match self.happens(step).await {
            Some(told) => told,
            None => self.acts(step).await,
        };
        Ok(told.unwrap_or_else(|Idle(why)| format!("nothing, {why}: {step:?}")))
    }

    /// What people do at the forge.
    async fn happens(&mut self, step: Step) -> Option<Told> {
        let forge = &mut self.forge;
        Some(match step {
            Step::Push { project, branch, commits, key } => forge.push(project, branch, commits, key).await,
            Step::PushOverHttp { project, branch, key } => forge.push_over_http(project, branch, key).await,
            Step::Rewind { project, branch, back } => forge.rewind(project, branch, back).await,
            Step::Rebase { project, branch, back, key } => forge.rebase(project, branch, back, key).await,
            Step::NewBranch { project, from, name } => forge.new_branch(project, from, name).await,
            Step::DeleteBranch { project, branch } => forge.delete_branch(project, branch).await,
            Step::DefaultBranch { project, branch } => forge.default_branch(project, branch).await,
            Step::Open { project, source, target, key } => forge.open(project, source, target, key).await,
            Step::Retitle { merge_request, key } => forge.retitle(merge_request, key).await,
            Step::Retarget { merge_request, branch } => forge.retarget(merge_request, branch).await,
            Step::Merge { merge_request, how, remove_branch } => forge.merge(merge_request, how, remove_branch).await,
            Step::Close { merge_request } => forge.close(merge_request),
            Step::Reopen { merge_request } => forge.reopen(merge_request).await,
            Step::Comment { merge_request } => forge.comment(merge_request),
            Step::Approve { merge_request } => forge.approve(merge_request),
            Step::DeleteMergeRequest { merge_request } => {
                forge.delete_merge_request(merge_request).map(|(project, told)| {
                    self.with_deleted.insert(project);
                    told
                })
            }
            Step::NewProject => forge.new_project().await,
            Step::RenameProject { project } => forge.rename_project(project),
            Step::Transfer { project } => forge.transfer(project),
            Step::Archive { project } => forge.archive(project),
            Step::DeleteProject { project } => forge.delete_project(project).await,
            _ => return None,
        })
    }

    /// What happens to Dovetail and between the two.
    async fn acts(&mut self, step: Step) -> Told {
        let (engine, account) = (&self.dovetail.engine, self.dovetail.account);
        let switches = self.forge.server.switches();
        match step {
            Step::Soft { project } => self.sync(project, Mode::Soft).await,
            Step::Full { project } => self.sync(project, Mode::Full).await,
            Step::Refresh => asked(sync::request::refresh_account(engine, account).await, "refresh"),
            Step::RefreshFully => asked(sync::request::full_sync_account(engine, account).await, "full sync"),
            Step::Pass { minutes } => {
                self.dovetail.pass(i64::from(minutes) * 60_000);
                Ok(format!("{minutes} minutes pass"))
            }
            Step::Fail { call, nth, how } => {
                let (pattern, how) = (CALLS[usize::from(call) % CALLS.len()], failing(how));
                switches.fail(Failure::nth(pattern, nth.into(), how));
                Ok(format!("call {nth} of {pattern} will fail: {how:?}"))
            }
            Step::Limit { requests } => {
                let window = std::time::Duration::from_secs(60);
                switches.rate_limit(Some(RateLimit { limit: requests.into(), window }));
                Ok(format!("{requests} requests a minute from now on"))
            }
            Step::ExpireTokens => {
                switches.expire_tokens();
                Ok("tokens expire".to_owned())
            }
            Step::Restart { keep_cache } => {
                if !keep_cache {
                    self.cache = fresh_cache(self.directory.path());
                }
                self.dovetail.restart(self.cache.clone()).await;
                Ok(format!("a restart{}", if keep_cache { "" } else { " without the cache" }))
            }
            Step::Deliver { how } => self.deliver(how).await,
            Step::Lose { count } => {
                let hooks = self.forge.server.hooks();
                let lost: Vec<u64> = hooks.held().await.iter().take(count.into()).map(|held| held.id).collect();
                hooks.lose(&lost);
                Ok(format!("{} hook events get lost", lost.len()))
            }
            other => Err(Idle(format!("not for this side: {other:?}"))),
        }
    }

    async fn deliver(&self, how: Delivery) -> Told {
        let hooks = self.forge.server.hooks();
        let mut held: Vec<u64> = hooks.held().await.iter().map(|held| held.id).collect();
        match how {
            Delivery::InOrder => {}
            Delivery::Backwards => held.reverse(),
            Delivery::Twice => held.extend_from_within(..),
            Delivery::NewestOnly => drop(held.drain(..held.len().saturating_sub(1))),
        }
        hooks.release(&held).await;
        Ok(format!("{} hook events, {how:?}", held.len()))
    }

    async fn sync(&self, project: Pick, mode: Mode) -> Told {
        let forge_id = self.forge.forge_id(project)?;
        let id = self.dovetail.repository(&forge_id).await.ok_or_else(|| Idle("not known yet".to_owned()))?;
        let what = format!("{mode:?} sync of {}", self.forge.model.project_path(ProjectId(forge_id.parse().unwrap())));
        asked(sync::request::sync_repository(&self.dovetail.engine, id, mode).await, &what)
    }
}

/// Calls that may fail. The one for tokens is left out: an answer of it that is lost is an end that only a person mends.
const CALLS: [&str; 6] = [
    "/api/v4/groups/*",
    "/api/v4/projects/*/merge_requests",
    "/api/v4/projects/*/merge_requests/*",
    "/api/v4/*",
    "*/git-upload-pack",
    "*/info/refs",
];

fn failing(how: u8) -> How {
    let status = |code| How::Status(http::StatusCode::from_u16(code).unwrap());
    [status(429), status(500), status(502), How::DropConnection, How::DropAnswer][usize::from(how) % 5]
}

fn asked(asked: Result<(), sync::SyncError>, what: &str) -> Told {
    asked.map(|()| format!("{what} is asked for")).map_err(|error| Idle(error.to_string()))
}
