//! One account of one Jira, and everything that its page does.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::egit::Clients;
use super::hooks::Jersey;
use super::inbox::Content;
use super::jira::{Inner, Token};
use super::listing::{self, Found};
use super::memory::Repository;
use super::report::{Report, Run};
use super::sentences::Words;
use super::sync::{Flags, Synchronizer};
use super::users::{self, JiraUser, Users};

/// An account. What is done with it is done to its end, as if Jira's queue were waited for.
#[derive(Debug)]
pub struct Account {
    jira: Arc<Inner>,
    id: i64,
    name: String,
    clients: Clients,
    jersey: Jersey,
    invalid: bool,
    repositories: BTreeMap<String, Repository>,
    users: Users,
    log: Vec<String>,
    runs: Vec<Run>,
}

impl Account {
    /// An account without repositories.
    pub(super) fn new(jira: Arc<Inner>, id: i64, name: &str, token: Token) -> Self {
        Self {
            clients: Clients::new(&jira.host, &jira.options, &jira.calls, Some(&token)),
            jersey: Jersey::new(&jira, name, token),
            jira,
            id,
            name: name.to_owned(),
            invalid: false,
            repositories: BTreeMap::new(),
            users: Users::default(),
            log: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// The account's number in this Jira.
    #[must_use]
    pub const fn id(&self) -> i64 {
        self.id
    }

    /// The slugs of the repositories that its page shows.
    #[must_use]
    pub fn repositories(&self) -> Vec<String> {
        self.repositories.values().filter(|it| !it.deleted).map(|it| it.slug.clone()).collect()
    }

    /// From now on with another token.
    pub(super) fn replace_token(&mut self, token: Token) {
        self.clients = Clients::new(&self.jira.host, &self.jira.options, &self.jira.calls, Some(&token));
        self.jersey = Jersey::new(&self.jira, &self.name, token);
    }

    /// *Refresh list*, and what the scheduler does every hour: reads the list again, soft syncs what was there, full syncs what is
    /// new and registers its hooks.
    ///
    /// # Errors
    /// When the list cannot be read.
    pub async fn refresh_list(&mut self) -> Result<(), Words> {
        self.refresh().await.map_err(|_| Words::FailedRefreshing(self.name.clone()))
    }

    /// The same, with the words of the list.
    pub(super) async fn refresh(&mut self) -> Result<(), Words> {
        let repositories = &self.repositories;
        let known = |slug: &str| repositories.contains_key(slug);
        let found = match listing::list(&self.clients.enterprise, &self.name, known).await {
            Ok(found) => found,
            Err(none) => {
                self.invalid = none.words == Words::InvalidCredentials;
                self.log.push(format!("{}: {}", none.words, none.log));
                return Err(none.words);
            }
        };
        self.invalid = false;
        let new = self.merge(&found);
        let linked: Vec<String> =
            self.repositories.values().filter(|it| it.linked && !it.deleted).map(|it| it.slug.clone()).collect();
        for slug in &linked {
            let soft = !new.contains(slug);
            self.sync(slug, Flags { soft, ..Flags::EVERYTHING }).await;
        }
        for slug in new.iter().filter(|slug| linked.contains(slug)) {
            self.install_hooks(slug).await;
        }
        Ok(())
    }

    /// Compares with what is stored, by slug: the answer is what is new.
    fn merge(&mut self, found: &BTreeMap<String, Found>) -> Vec<String> {
        for (slug, repository) in &mut self.repositories {
            repository.deleted = !found.contains_key(slug);
        }
        let mut new = Vec::new();
        for (slug, found) in found {
            let repository = self.repositories.entry(slug.clone()).or_insert_with(|| {
                new.push(slug.clone());
                Repository::new(self.jira.new_repository(), slug, self.jira.options.auto_link)
            });
            if !found.fork || found.fork_of.is_some() {
                repository.fork_of.clone_from(&found.fork_of);
            }
        }
        new
    }

    /// A click on the sync icon: what is new.
    ///
    /// # Errors
    /// When there is no such repository.
    pub async fn soft_sync(&mut self, slug: &str) -> Result<(), Words> {
        self.existing(slug)?;
        self.sync(slug, Flags { soft: true, ..Flags::EVERYTHING }).await;
        Ok(())
    }

    /// A click with Shift, *Full sync*: forgets the repository and reads it again.
    ///
    /// # Errors
    /// When there is no such repository.
    pub async fn full_sync(&mut self, slug: &str) -> Result<(), Words> {
        self.existing(slug)?;
        self.sync(slug, Flags::EVERYTHING).await;
        Ok(())
    }

    /// What a call of a hook sets off: a soft sync of changesets or of pull requests. A repository that is not known is ignored.
    pub async fn hook_called(&mut self, repository: i64, content: Content) {
        let slug = self.repositories.values().find(|it| it.id == repository).map(|it| it.slug.clone());
        let Some(slug) = slug else { return };
        let flags = Flags { soft: true, webhook: true, ..Flags::EVERYTHING };
        match content {
            Content::Form => self.sync(&slug, Flags { pull_requests: false, ..flags }).await,
            Content::Json => self.sync(&slug, Flags { changesets: false, ..flags }).await,
            Content::Other => {}
        }
    }

    /// The tick box *Enabled*: registers hooks and reads the repository for the first time.
    ///
    /// # Errors
    /// When there is no such repository.
    pub async fn enable(&mut self, slug: &str) -> Result<(), Words> {
        self.existing(slug)?.linked = true;
        self.install_hooks(slug).await;
        self.sync(slug, Flags::EVERYTHING).await;
        Ok(())
    }

    /// The same box, unticked: removes hooks, keeps what was read.
    ///
    /// # Errors
    /// When there is no such repository.
    pub async fn disable(&mut self, slug: &str) -> Result<(), Words> {
        self.existing(slug)?.linked = false;
        self.remove_hooks(slug).await;
        Ok(())
    }

    /// Registers the hooks of every linked repository where they are missing.
    pub async fn hooks(&mut self) {
        let linked = self.repositories.values().filter(|it| it.linked && !it.deleted);
        for slug in linked.map(|it| it.slug.clone()).collect::<Vec<_>>() {
            self.install_hooks(&slug).await;
        }
    }

    /// Deletes the account: its hooks are removed. The report tells what became of that.
    pub async fn delete(mut self) -> Report {
        for slug in self.repositories() {
            self.remove_hooks(&slug).await;
        }
        self.repositories.values_mut().for_each(|repository| repository.deleted = true);
        self.report()
    }

    /// Who somebody is.
    pub async fn user(&mut self, login: &str) -> JiraUser {
        self.users.find(&self.clients.enterprise, login).await
    }

    /// Whose token this is, the *Authorizing account*; none: "<Invalid, please regenerate access token.>".
    pub async fn token_owner(&self) -> Option<JiraUser> {
        users::token_owner(&self.clients.enterprise).await
    }

    /// What Jira has now, and what is wrong.
    #[must_use]
    pub fn report(&self) -> Report {
        let (host, calls) = (self.jira.host.url.clone(), self.jira.calls.figures());
        let mut report = Report::new(host, self.name.clone(), calls);
        if self.invalid {
            report.problems.push(Words::InvalidCredentials.to_string());
        }
        for repository in self.repositories.values().filter(|it| !it.deleted) {
            report.add(repository);
        }
        report.runs.clone_from(&self.runs);
        report.log.clone_from(&self.log);
        report
    }

    /// Counts calls anew and forgets former runs and the log.
    pub fn clear(&mut self) {
        self.jira.calls.clear();
        self.runs.clear();
        self.log.clear();
    }

    fn existing(&mut self, slug: &str) -> Result<&mut Repository, Words> {
        self.repositories.get_mut(slug).filter(|repository| !repository.deleted).ok_or(Words::NoRepository)
    }

    async fn sync(&mut self, slug: &str, flags: Flags) {
        let Some(repository) = self.repositories.get_mut(slug).filter(|it| it.linked && !it.deleted) else { return };
        let places = (self.name.as_str(), self.jira.host.first_two_segments(&self.name, slug));
        let synchronizer = Synchronizer::new(&self.jira, &self.clients, places, repository, &mut self.log);
        self.runs.push(synchronizer.run(flags).await);
    }

    async fn install_hooks(&mut self, slug: &str) {
        let Some(repository) = self.repositories.get_mut(slug) else { return };
        let installed = self.jersey.install(slug, repository.id).await;
        repository.hook_problem = installed.as_ref().err().map(|trouble| trouble.words);
        self.log.extend(installed.err().map(|trouble| format!("{slug}: {}: {}", trouble.words, trouble.log)));
    }

    async fn remove_hooks(&mut self, slug: &str) {
        let Some(repository) = self.repositories.get_mut(slug) else { return };
        let removed = self.jersey.remove(slug, repository.id).await;
        repository.hook_problem = removed.as_ref().err().map(|trouble| trouble.words);
        self.log.extend(removed.err().map(|trouble| format!("{slug}: {}: {}", trouble.words, trouble.log)));
    }
}
