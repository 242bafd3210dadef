//! Bringing the scripts about, through the model, in the order in which things happened.

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use model::Millis;

use super::people::{self, Person};
use super::script::{Ago, Commit, Happening, Proposal, Script, ago};
use super::stream::Stream;
use super::{oddities, places, projects};
use crate::gitlab::model::{
    GroupId, MergeRequestId, Model, ModelError, NewMergeRequest, NewUser, ProjectId, UserId, Visibility,
};

/// When the platform was founded, before everything else.
const FOUNDED: Ago = ago(60, 0);

/// The end of every script.
const NOW: Ago = ago(0, 0);

/// Everybody who works there, by login.
type Users = HashMap<&'static str, UserId>;

/// Who acts where, seen from one moment.
#[derive(Debug)]
struct Stage {
    model: Arc<Model>,
    users: Users,
    now: Millis,
}

/// The commits of a project that are not pushed yet, oldest first.
#[derive(Debug)]
struct Pushes<'a> {
    waiting: VecDeque<&'a Commit>,
    stream: Stream,
}

impl<'a> Pushes<'a> {
    fn new(commits: &'a [Commit]) -> Self {
        let mut waiting: Vec<&Commit> = commits.iter().collect();
        waiting.sort_by_key(|commit| Reverse(commit.at));
        Self { waiting: waiting.into(), stream: Stream::default() }
    }
}

/// Something that happens to the proposal with this number; nothing: it is opened.
type Turn = (Ago, usize, Person, Option<Happening>);

/// What is done about some proposals, oldest first.
fn in_order(proposals: &[Proposal]) -> Vec<Turn> {
    let opening = proposals.iter().enumerate().map(|(index, proposal)| (proposal.at, index, proposal.by, None));
    let later = proposals.iter().enumerate().flat_map(|(index, proposal)| {
        proposal.happenings.iter().map(move |(at, by, happening)| (*at, index, *by, Some(*happening)))
    });
    let mut all: Vec<_> = opening.chain(later).collect();
    all.sort_by_key(|(at, ..)| Reverse(*at));
    all
}

/// Makes everything.
pub(super) async fn everything(model: &Arc<Model>, now: Millis) -> Result<(), ModelError> {
    model.pretend(Some(FOUNDED.before(now)));
    let users = make_users(model)?;
    make_groups(model, &users)?;
    let stage = Stage { model: Arc::clone(model), users, now };
    for script in projects::ALL {
        let project = stage.make_project(script).await?;
        if std::ptr::eq(*script, projects::FORKED) {
            stage.fork(project).await?;
        }
    }
    stage.make_oddities().await?;
    stage.make_project(&projects::DOTFILES).await?;
    let legacy = stage.make_project(&projects::LEGACY).await?;
    stage.model.archive(legacy, true);
    let owner = stage.user(people::OWNER);
    stage.model.create_project("playground", "empty", "Nothing yet", Visibility::Private, owner).await?;
    Ok(())
}

fn make_users(model: &Model) -> Result<Users, ModelError> {
    let make = |person: &Person| {
        let new = NewUser {
            login: person.login.to_owned(),
            name: person.name.to_owned(),
            email: person.email.to_owned(),
            password: people::PASSWORD.to_owned(),
            admin: person.login == people::ROOT.login,
        };
        Ok((person.login, model.create_user(new)?))
    };
    people::ALL.iter().map(make).collect()
}

fn make_groups(model: &Model, users: &Users) -> Result<(), ModelError> {
    let owner = users[people::OWNER.login];
    let mut groups: HashMap<&str, GroupId> = HashMap::new();
    for place in places::GROUPS {
        let (above, path) = places::split(place.path);
        let parent = above.map(|above| groups[above]);
        let group = model.create_group(path, place.name, parent, Visibility::Private, owner)?;
        groups.insert(place.path, group);
    }
    for (path, person, level) in places::MEMBERS {
        model.add_member(groups[path], users[person.login], *level);
    }
    Ok(())
}

impl Stage {
    fn user(&self, person: Person) -> UserId {
        self.users[person.login]
    }

    /// Lets the model's clock show a moment of the past.
    fn at(&self, at: Ago) {
        self.model.pretend(Some(at.before(self.now)));
    }

    async fn make_project(&self, script: &Script) -> Result<ProjectId, ModelError> {
        self.at(script.commits.iter().map(|commit| commit.at).max().unwrap_or(FOUNDED));
        let renamed = projects::RENAMED;
        let path = if std::ptr::eq(script, renamed.0) { renamed.1 } else { script.path };
        let creator = self.user(people::OWNER);
        let project = self.model.create_project(script.group, path, script.name, script.visibility, creator).await?;
        if path != script.path {
            self.model.rename_project(project, script.path, script.name)?;
        }
        let description = Some(script.description).filter(|text| !text.is_empty()).map(str::to_owned);
        self.model.change_project(project, |project| project.description = description);
        let mut pushes = Pushes::new(script.commits);
        self.discuss(project, script.proposals, &mut pushes).await?;
        self.push(project, &mut pushes, NOW).await?;
        let default = script.commits.first().map_or("main", |commit| commit.branch);
        self.model.repositories().set_default_branch(project, default).await?;
        self.model.note_default_branch(project).await?;
        Ok(project)
    }

    /// Pushes, all at once, the commits that were made until then and are not pushed yet.
    async fn push(&self, project: ProjectId, pushes: &mut Pushes<'_>, until: Ago) -> Result<(), ModelError> {
        let mut newest = None;
        while let Some(commit) = pushes.waiting.pop_front_if(|commit| commit.at >= until) {
            pushes.stream.commit(commit, self.now);
            newest = Some(commit);
        }
        let Some(newest) = newest else { return Ok(()) };
        self.at(newest.at);
        self.model.import(project, self.user(newest.by), pushes.stream.take()).await
    }

    /// Opens the merge requests and lets happen what happened to them, oldest first.
    async fn discuss(
        &self,
        project: ProjectId,
        proposals: &[Proposal],
        pushes: &mut Pushes<'_>,
    ) -> Result<(), ModelError> {
        let mut opened: Vec<Option<MergeRequestId>> = vec![None; proposals.len()];
        for (at, index, by, happening) in in_order(proposals) {
            self.push(project, pushes, at).await?;
            self.at(at);
            match (happening, opened[index]) {
                (Some(happening), Some(id)) => self.happen(id, self.user(by), happening).await?,
                (Some(_), None) => return Err(ModelError::Refused("the script lets something happen too early")),
                (None, _) => opened[index] = Some(self.open(project, project, &proposals[index]).await?),
            }
        }
        Ok(())
    }

    async fn open(&self, from: ProjectId, to: ProjectId, proposal: &Proposal) -> Result<MergeRequestId, ModelError> {
        let author = self.user(proposal.by);
        let new = NewMergeRequest {
            source_project: from,
            description: Some(proposal.description).filter(|text| !text.is_empty()).map(str::to_owned),
            reviewers: proposal.reviewers.iter().map(|person| self.user(*person)).collect(),
            ..NewMergeRequest::within(to, proposal.source, "main", proposal.title, author)
        };
        self.model.open_merge_request(new).await
    }

    async fn happen(&self, id: MergeRequestId, by: UserId, happening: Happening) -> Result<(), ModelError> {
        match happening {
            Happening::Comment(text) => self.model.comment(id, by, text).map(drop),
            Happening::Approve => self.model.approve(id, by),
            Happening::Unapprove => self.model.unapprove(id, by),
            Happening::Merge(method) => self.model.merge(id, by, method).await,
            Happening::MergeAndDelete(method) => {
                self.model.merge(id, by, method).await?;
                self.delete_source(id, by).await
            }
            Happening::Close => self.model.close_merge_request(id, by),
            Happening::Reopen => self.model.reopen_merge_request(id, by).await,
            Happening::Delete => self.model.delete_merge_request(id),
        }
    }

    async fn delete_source(&self, id: MergeRequestId, by: UserId) -> Result<(), ModelError> {
        let merge_request = self.model.merge_request(id).ok_or(ModelError::NotFound("Merge Request"))?;
        let (project, branch) = (merge_request.project, merge_request.source_branch);
        let before = self.model.repositories().refs(project).await?;
        self.model.repositories().delete_ref(project, &format!("refs/heads/{branch}")).await?;
        self.model.push_moved(project, by, &before).await
    }

    async fn fork(&self, project: ProjectId) -> Result<(), ModelError> {
        let (person, commits, proposal) = projects::FORK_OF_CHECKOUT;
        self.at(commits[0].at);
        let fork = self.model.fork_project(project, person.login, self.user(person)).await?;
        self.push(fork, &mut Pushes::new(commits), NOW).await?;
        self.at(proposal.at);
        self.open(fork, project, &proposal).await.map(drop)
    }

    async fn make_oddities(&self) -> Result<(), ModelError> {
        self.at(ago(5, 0));
        let owner = self.user(people::OWNER);
        let (group, path, name) = oddities::PLACE;
        let project = self.model.create_project(group, path, name, Visibility::Private, owner).await?;
        for stream in oddities::streams(self.now) {
            self.model.import(project, owner, stream).await?;
        }
        Ok(())
    }
}
