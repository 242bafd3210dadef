//! Quiet points: Dovetail is let see everything, then the store is compared with an import from scratch.

use std::collections::BTreeSet;

use sandbox::gitlab::model::Scopes;
use store::testing::Engine as Database;

use crate::dovetail::{Dovetail, fresh_cache};
use crate::picture::Picture;
use crate::step::By;
use crate::walk::Walk;

/// What the walk itself knows was taken away: it was present at a quiet point, and is not any more.
#[derive(Debug, Default)]
pub struct Taken {
    present: BTreeSet<String>,
    taken: BTreeSet<String>,
}

impl Walk {
    /// Ends all faults, has Dovetail look again, and compares; tells what made it look.
    pub async fn quiet(&mut self, by: By) -> Result<String, String> {
        let switches = self.forge.server.switches();
        switches.fail_no_more();
        switches.rate_limit(None);
        // Pauses of a host that asked for them, and of one that was down, are over then.
        self.dovetail.pass(11 * 60_000);
        self.dovetail.idle().await?;
        // What waited for a host that was down comes back a little after the probe that finds it up. And what waited for a job
        // whose lease ran out while time passed, a little after that has ended.
        for _ in 0..2 {
            self.dovetail.pass(10_000);
            self.dovetail.idle().await?;
        }
        let by = self.possible(by);
        self.late_events(by).await;
        self.look_again(by).await?;
        self.compare().await?;
        Ok(format!("quiet by {by:?}"))
    }

    /// What can be asked for so that everything is seen.
    fn possible(&mut self, by: By) -> By {
        // A deleted merge request is due after the next full sync of its project, whatever else happens.
        let deleted = self.with_deleted.len();
        self.with_deleted.retain(|project| !self.forge.is_in_sight(*project));
        let untold = std::mem::take(&mut self.untold);
        match by {
            _ if self.with_deleted.len() < deleted => By::Full,
            By::Events if untold => By::Person,
            by => by,
        }
    }

    /// What becomes of the hook events that nobody delivered.
    async fn late_events(&self, by: By) {
        let hooks = self.forge.server.hooks();
        let mut held: Vec<u64> = hooks.held().await.iter().map(|held| held.id).collect();
        match by {
            By::Events => hooks.release(&held).await,
            By::Full => {
                held.reverse();
                hooks.release(&held).await;
            }
            By::Schedule => hooks.lose(&held),
            // They come some time later, when all that they tell is known.
            By::Person => {}
        }
    }

    async fn look_again(&self, by: By) -> Result<(), String> {
        let (engine, account) = (&self.dovetail.engine, self.dovetail.account);
        match by {
            By::Person => sync::request::refresh_account(engine, account).await.map_err(|error| error.to_string())?,
            By::Full => sync::request::full_sync_account(engine, account).await.map_err(|error| error.to_string())?,
            By::Events => {}
            By::Schedule => {
                for _ in 0..7 {
                    self.dovetail.pass(20 * 60_000);
                    self.dovetail.idle().await?;
                }
            }
        }
        self.dovetail.idle().await
    }

    async fn compare(&mut self) -> Result<(), String> {
        let expected = self.imported_from_scratch().await?;
        let shown = Picture::of(&self.dovetail).await;
        let mut wrong = shown.differences(&expected);
        wrong.extend(self.taken.missing(&shown));
        if wrong.is_empty() { Ok(()) } else { Err(format!("the store differs:\n{}", wrong.join("\n"))) }
    }

    /// What an import into an empty store shows.
    async fn imported_from_scratch(&self) -> Result<Picture, String> {
        let store = store::testing::open(Database::Sqlite).await.unwrap();
        let cache = fresh_cache(self.directory.path());
        let mut fresh = Dovetail::start(store, cache.clone(), self.forge.clock.clone(), None);
        let token = self.forge.model.create_personal_token(self.forge.user, "fresh", Scopes::api(), None);
        fresh.connect_with_token(&self.forge, token).await;
        fresh.idle().await.map_err(|error| format!("an import from scratch: {error}"))?;
        let picture = Picture::of(&fresh).await;
        fresh.stop().await;
        std::fs::remove_dir_all(cache).unwrap();
        Ok(picture)
    }
}

impl Taken {
    /// What should be told as taken away in `shown`, and is not.
    fn missing(&mut self, shown: &Picture) -> Vec<String> {
        let present: BTreeSet<String> = shown.present.keys().filter_map(|line| lasting(line)).collect();
        self.taken.extend(std::mem::take(&mut self.present));
        self.taken.retain(|line| !present.contains(line));
        let is_shown = |line: &&String| shown.shown.contains(line.split(' ').next().unwrap_or_default());
        let missing = self.taken.iter().filter(is_shown).filter(|line| !shown.taken.contains(*line));
        let told = missing.map(|line| format!("  not told as taken away: {line}")).collect();
        self.present = present;
        told
    }
}

/// The part of a line about a branch, merge request or commit that does not change while it is there.
fn lasting(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split(' ').collect();
    match words.as_slice() {
        [id, "branch", name, "at", _] => Some(format!("{id} branch {name}")),
        [id, "merge", "request", number, ..] => Some(format!("{id} merge request {number}")),
        [_, "commit", ..] => Some(line.to_owned()),
        _ => None,
    }
}
