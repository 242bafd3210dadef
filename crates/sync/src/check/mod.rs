//! The check of the way to a forge, step by step: what [`net::check`] looks at, then what answers, whether it lets us in, and what
//! is to be read there. It needs no store, so it can be run before anything is set up.

mod account;
mod application;
mod git;
mod kind;
mod token;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::forge::{Auth, ClientOptions, Forge};
use model::secret::{ExposeSecret, SecretString};
use model::{Clock, HostKind};
use net::check::{FirstAnswer, Report, Stage, Verdict};

use crate::connect::Keys;
use crate::sentences::check as says;

/// Every step, in order.
pub const STAGES: [&str; 12] =
    ["url", "name", "proxy", "tcp", "tls", "http", KIND, APPLICATION, TOKEN, ACCOUNT, REPOSITORIES, GIT];
const KIND: &str = "kind";
const APPLICATION: &str = "application";
const TOKEN: &str = "token";
const ACCOUNT: &str = "account";
const REPOSITORIES: &str = "repositories";
const GIT: &str = "git";

/// How long the steps behind `http` may take altogether.
const DEADLINE: Duration = Duration::from_secs(60);

/// What is checked.
#[derive(Debug, Clone)]
pub struct Target {
    /// What kind of host it is meant to be.
    pub kind: HostKind,
    /// Its address as typed; the path of a folder.
    pub host_url: String,
    /// The group, user or folder.
    pub account: Option<String>,
    /// What lets us in.
    pub token: Option<SecretString>,
    /// The OAuth application.
    pub application: Option<Keys>,
}

/// Goes through the steps up to `until` (all of them where it is none of [`STAGES`]); after one that failed the others are skipped.
/// What is not given is skipped, too.
pub async fn check(http: &net::Client, clock: &Arc<dyn Clock>, target: &Target, until: Option<&str>) -> Report {
    let last = until.and_then(|until| STAGES.iter().position(|stage| *stage == until));
    let names = &STAGES[..last.map_or(STAGES.len(), |last| last + 1)];
    let mut walk =
        Walk { http, clock, target, names, stages: Vec::new(), ends: tokio::time::Instant::now() + DEADLINE };
    walk.all(until).await;
    walk.skip_rest();
    Report::of(walk.stages)
}

/// The steps taken so far.
struct Walk<'a> {
    http: &'a net::Client,
    clock: &'a Arc<dyn Clock>,
    target: &'a Target,
    /// Those asked for.
    names: &'a [&'static str],
    stages: Vec<Stage>,
    ends: tokio::time::Instant,
}

impl Walk<'_> {
    async fn all(&mut self, until: Option<&str>) {
        let Some(answer) = self.reach(until).await else { return };
        let target = self.target;
        let Some(root) = self.step(KIND, kind::look(self.http, target, answer.as_ref())).await else { return };
        let application = application::look(self.http, self.clock, target, &root);
        if self.step(APPLICATION, application).await.is_none() {
            return;
        }
        let auth = target.token.as_ref().map_or(Auth::None, |token| Auth::Token(token.expose_secret().trim().into()));
        let options = ClientOptions {
            kind: target.kind,
            url: root,
            auth,
            http: self.http.clone(),
            clock: Arc::clone(self.clock),
        };
        let forge = match ::forge::client(options) {
            Ok(forge) => forge,
            Err(error) => return self.stages.push(says::refused(TOKEN, &error)),
        };
        self.with(forge.as_ref()).await;
    }

    /// The way to the server; a folder needs none. Nothing where it does not lead there.
    async fn reach(&mut self, until: Option<&str>) -> Option<Option<FirstAnswer>> {
        if !::forge::capabilities(self.target.kind, &self.target.host_url).is_remote {
            let net = self.names.iter().take_while(|name| **name != KIND);
            self.stages.extend(net.map(|name| Stage::skipped(*name, says::ON_THIS_MACHINE)));
            return Some(None);
        }
        let reached = net::check::reach(self.http, &self.target.host_url, until, self.clock.as_ref()).await;
        self.stages = reached.stages;
        self.goes_on().then_some(reached.response)
    }

    /// What a client of the forge finds.
    async fn with(&mut self, forge: &dyn Forge) {
        let target = self.target;
        let now = self.clock.now();
        if self.step(TOKEN, token::look(forge, target, now)).await.is_none() {
            return;
        }
        let Some(account) = self.step(ACCOUNT, account::look(forge, target)).await.flatten() else { return };
        let Some(repositories) = self.step(REPOSITORIES, account::repositories(forge, &account)).await else { return };
        self.step(GIT, git::look(forge, &repositories)).await;
    }

    fn goes_on(&self) -> bool {
        self.stages.len() < self.names.len() && !self.stages.iter().any(|stage| stage.verdict == Verdict::Failed)
    }

    /// Takes a step; what comes of it is nothing where no other can follow, or where it was not asked for.
    async fn step<T>(&mut self, name: &'static str, work: impl Future<Output = (Stage, Option<T>)>) -> Option<T> {
        if !self.goes_on() {
            return None;
        }
        let begun = Instant::now();
        let (stage, found) = match tokio::time::timeout_at(self.ends, work).await {
            Ok(done) => done,
            Err(_) => (says::out_of_time(name, DEADLINE), None),
        };
        self.stages.push(stage.taking(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)));
        found
    }

    fn skip_rest(&mut self) {
        let why = match self.stages.iter().any(|stage| stage.verdict == Verdict::Failed) {
            true => says::BEFORE_FAILED,
            false => says::NOT_ASKED,
        };
        for name in &self.names[self.stages.len().min(self.names.len())..] {
            self.stages.push(Stage::skipped(*name, why));
        }
    }
}
