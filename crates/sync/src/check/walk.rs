//! One check: the steps one after the other, each with its share of the time.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::forge::{Auth, ClientOptions, Forge};
use model::Clock;
use model::secret::ExposeSecret;
use net::check::{FirstAnswer, Report, Stage, Steps, Watch};

use super::{ACCOUNT, APPLICATION, GIT, HOOKS, KIND, REPOSITORIES, RIGHTS, STAGES, TOKEN, Target, VERSION};
use super::{account, application, git, hooks, kind, token};
use crate::Engine;
use crate::sentences::check as says;
use crate::session::Session;

/// How long the steps behind `http` may take altogether.
const DEADLINE: Duration = Duration::from_secs(60);

/// What lets us in.
pub(super) enum Access<'a> {
    /// What the target has.
    Given,
    /// What is stored for an account.
    Stored {
        /// Where it is stored.
        engine: &'a Engine,
        /// The account's way to its forge.
        session: Box<Session>,
    },
}

/// The steps taken so far.
pub(super) struct Walk<'a> {
    http: &'a net::Client,
    clock: &'a Arc<dyn Clock>,
    target: &'a Target,
    access: Access<'a>,
    until: Option<&'a str>,
    watch: Option<&'a Watch>,
    /// Those asked for.
    names: &'static [&'static str],
    steps: Steps<'a>,
    ends: tokio::time::Instant,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        http: &'a net::Client,
        clock: &'a Arc<dyn Clock>,
        target: &'a Target,
        access: Access<'a>,
        until: Option<&'a str>,
        watch: Option<&'a Watch>,
    ) -> Self {
        let last = until.and_then(|until| STAGES.iter().position(|stage| *stage == until));
        let names = &STAGES[..last.map_or(STAGES.len(), |last| last + 1)];
        let ends = tokio::time::Instant::now() + DEADLINE;
        Self { http, clock, target, access, until, watch, names, steps: Steps::new(watch), ends }
    }

    pub(super) async fn run(mut self) -> Report {
        self.all().await;
        self.skip_rest();
        Report::of(self.steps.taken())
    }

    async fn all(&mut self) {
        let Some(answer) = self.reach().await else { return };
        let target = self.target;
        let Some(root) = self.step(KIND, kind::look(self.http, target, answer.as_ref())).await else { return };
        let application = application::look(self.http, self.clock, target, &root, self.is_connected());
        if self.step(APPLICATION, application).await.is_none() {
            return;
        }
        let Some(forge) = self.client(root).await else { return };
        self.with(forge.as_ref()).await;
    }

    /// The way to the server; a folder needs none. Nothing where it does not lead there.
    async fn reach(&mut self) -> Option<Option<FirstAnswer>> {
        if !::forge::capabilities(self.target.kind, &self.target.host_url).is_remote {
            for name in self.names.iter().take_while(|name| **name != KIND) {
                self.steps.push(Stage::skipped(*name, says::ON_THIS_MACHINE));
            }
            return Some(None);
        }
        let (url, clock) = (&self.target.host_url, self.clock.as_ref());
        let reached = net::check::reach(self.http, url, self.until, clock, self.watch).await;
        self.steps.extend_told(reached.stages);
        self.goes_on().then_some(reached.response)
    }

    /// A client with what lets us in; nothing where the host does not let us in with what is stored.
    async fn client(&mut self, root: String) -> Option<Arc<dyn Forge>> {
        let token = self.target.token.as_ref().map(|token| token.expose_secret().trim().into());
        if !self.goes_on() {
            return None;
        }
        let opened = match &self.access {
            Access::Given => ::forge::client(ClientOptions {
                kind: self.target.kind,
                url: root,
                auth: token.map_or(Auth::None, Auth::Token),
                http: self.http.clone(),
                clock: Arc::clone(self.clock),
            })
            .map(Arc::from)
            .map_err(|error| says::refused(TOKEN, &error)),
            Access::Stored { session, .. } => {
                session.accepted().await.map_err(|failure| says::not_let_in(TOKEN, &failure))
            }
        };
        opened.map_err(|stage| self.steps.push(stage)).ok()
    }

    /// What a client of the forge finds.
    async fn with(&mut self, forge: &dyn Forge) {
        let target = self.target;
        let has_token = target.token.is_some() || self.is_connected();
        let now = self.clock.now();
        if self.step(TOKEN, token::look(forge, target, has_token, now)).await.is_none() {
            return;
        }
        if self.step(VERSION, account::version(forge)).await.is_none() {
            return;
        }
        let Some(account) = self.step(ACCOUNT, account::look(forge, target)).await.flatten() else { return };
        if self.step(RIGHTS, account::rights(forge, &account)).await.is_none() {
            return;
        }
        let Some(repositories) = self.step(REPOSITORIES, account::repositories(forge, &account)).await else { return };
        if self.step(GIT, git::look(forge, &repositories)).await.is_none() {
            return;
        }
        self.hooks().await;
    }

    /// Whether events come.
    async fn hooks(&mut self) {
        let stored = match &self.access {
            Access::Given => None,
            Access::Stored { engine, session } => Some((*engine, session.account().clone())),
        };
        match stored {
            Some((engine, account)) => drop(self.step(HOOKS, hooks::look(engine, &account)).await),
            None => drop(self.step(HOOKS, async { (Stage::skipped(HOOKS, says::NOT_CONNECTED), Some(())) }).await),
        }
    }

    const fn is_connected(&self) -> bool {
        matches!(self.access, Access::Stored { .. })
    }

    fn goes_on(&self) -> bool {
        self.steps.len() < self.names.len() && !self.steps.failed()
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
        self.steps.push(stage.taking(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)));
        found
    }

    fn skip_rest(&mut self) {
        let why = if self.steps.failed() { says::BEFORE_FAILED } else { says::NOT_ASKED };
        for name in &self.names[self.steps.len().min(self.names.len())..] {
            self.steps.push(Stage::skipped(*name, why));
        }
    }
}
