//! Pushes without a client: refs that are moved and commits that are made in process, told to the hooks as any other push.

use super::{Model, ModelError, ProjectId, UserId};
use crate::gitlab::repositories::RepositoryError;

/// A branch or tag that is to be created, moved (by force where need be) or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefMove {
    /// The full name (`refs/heads/main`).
    pub name: String,
    /// The revision it is to point at; none: it goes.
    pub to: Option<String>,
}

impl RefMove {
    /// A branch that is created or moved to a revision.
    #[must_use]
    pub fn branch(name: &str, to: &str) -> Self {
        Self { name: format!("refs/heads/{name}"), to: Some(to.to_owned()) }
    }

    /// A branch that is deleted.
    #[must_use]
    pub fn no_branch(name: &str) -> Self {
        Self { name: format!("refs/heads/{name}"), to: None }
    }

    /// A tag without annotation.
    #[must_use]
    pub fn tag(name: &str, to: &str) -> Self {
        Self { name: format!("refs/tags/{name}"), to: Some(to.to_owned()) }
    }
}

/// A commit that is to be made on a branch. Two with the same message, parents, files and time are the same commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuickCommit {
    /// The branch; made when it is not there.
    pub branch: String,
    /// The message.
    pub message: String,
    /// The revision it stands on; none: the branch's head, or nothing where there is no such branch. Another one than the head
    /// makes it a force push.
    pub parent: Option<String>,
    /// Further parents.
    pub merges: Vec<String>,
    /// Files by path, with their text; all others stay as they were.
    pub files: Vec<(String, String)>,
}

impl QuickCommit {
    /// A commit without files on top of a branch.
    #[must_use]
    pub fn on(branch: &str, message: &str) -> Self {
        Self { branch: branch.to_owned(), message: message.to_owned(), ..Self::default() }
    }

    /// The same with a file.
    #[must_use]
    pub fn with(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }
}

impl Model {
    /// Moves refs in one push. More than three branches (or tags) that are created, moved or deleted in it are told to no hook of
    /// a project or group (GitLab contract §7.1).
    ///
    /// # Errors
    /// When there is no repository, a revision is unknown, or a name is malformed or in the way of another one.
    pub async fn move_refs(&self, project: ProjectId, user: UserId, moves: &[RefMove]) -> Result<(), ModelError> {
        let _turn = self.push_lock(project).await;
        let before = self.repositories.refs(project).await?;
        let mut updates = Vec::with_capacity(moves.len());
        for RefMove { name, to } in moves {
            let to = match to {
                Some(revision) => Some(self.known(project, revision).await?),
                None => None,
            };
            updates.push((name.clone(), to));
        }
        self.repositories.move_refs(project, updates).await?;
        self.push_moved(project, user, &before).await
    }

    /// Makes commits in one push and returns the id that the last one's branch points at afterwards. They are written by the
    /// user, at the present time.
    ///
    /// # Errors
    /// When there is no repository, no commit, or a revision is unknown.
    pub async fn push_commits(
        &self,
        project: ProjectId,
        user: UserId,
        commits: &[QuickCommit],
    ) -> Result<String, ModelError> {
        let by = self.user(user).ok_or(ModelError::NotFound("User"))?;
        let person = format!("{} <{}> {} +0000", by.name, by.email, self.now().div_euclid(1000));
        let last = commits.last().ok_or(ModelError::Refused("a push of nothing"))?;
        {
            let _turn = self.push_lock(project).await;
            let before = self.repositories.refs(project).await?;
            let mut stream = Vec::new();
            for (at, commit) in commits.iter().enumerate() {
                let parents = self.parents(project, &commits[..at], commit).await?;
                stream.extend_from_slice(&commit.stream(&person, &parents));
            }
            self.repositories.fast_import(project, stream).await?;
            self.push_moved(project, user, &before).await?;
        }
        self.known(project, &format!("refs/heads/{}", last.branch)).await
    }

    /// As [`Model::push_commits`], for one.
    ///
    /// # Errors
    /// As there.
    pub async fn push_commit(
        &self,
        project: ProjectId,
        user: UserId,
        commit: QuickCommit,
    ) -> Result<String, ModelError> {
        self.push_commits(project, user, &[commit]).await
    }

    /// The parents of a commit in the language of `git fast-import`. The head that a commit before it in the same push leaves
    /// behind is not named: fast-import knows.
    async fn parents(
        &self,
        project: ProjectId,
        before: &[QuickCommit],
        commit: &QuickCommit,
    ) -> Result<Vec<String>, ModelError> {
        let mut parents = Vec::new();
        if let Some(parent) = &commit.parent {
            parents.push(format!("from {}", self.known(project, parent).await?));
        } else if !before.iter().any(|earlier| earlier.branch == commit.branch) {
            let head = self.repositories.resolve(project, &format!("refs/heads/{}", commit.branch)).await?;
            parents.extend(head.map(|id| format!("from {id}")));
        }
        for merge in &commit.merges {
            parents.push(format!("merge {}", self.known(project, merge).await?));
        }
        Ok(parents)
    }

    async fn known(&self, project: ProjectId, revision: &str) -> Result<String, ModelError> {
        let found = self.repositories.resolve(project, revision).await?;
        Ok(found.ok_or_else(|| RepositoryError::Missing(revision.to_owned()))?)
    }
}

impl QuickCommit {
    /// The commit in the language of `git fast-import`.
    fn stream(&self, person: &str, parents: &[String]) -> Vec<u8> {
        let Self { branch, message, files, .. } = self;
        let mut text = format!("commit refs/heads/{branch}\nauthor {person}\ncommitter {person}\n");
        text += &format!("data {}\n{message}\n", message.len());
        for parent in parents {
            text += &format!("{parent}\n");
        }
        for (path, content) in files {
            text += &format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len());
        }
        (text + "\n").into_bytes()
    }
}
