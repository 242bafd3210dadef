//! A large project that no file holds: a history with folders of folders, branches, merge requests and forks.
//!
//! The histories of real projects that measurements use carry the empty tree, so they cannot show what an object filter saves
//! (engine §4). This one has files. The same [`Shape`] gives the same commits, ids included.

mod dice;
mod history;
mod many;
mod merge_requests;
mod stream;

use crate::gitlab::Server;
use crate::gitlab::model::{GroupId, Model, ModelError, NewUser, ProjectId, UserId, Visibility};
use crate::gitlab::repositories::RepositoryError;
use history::History;
pub use many::many;
use stream::{PEOPLE, person_email, person_name};

/// How large the project is.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Commits that branches of the project reach.
    pub commits: usize,
    /// Branches, `main` included.
    pub branches: usize,
    /// Merge requests: one open for each branch but `main`, of the others one in eight closed, the rest merged. Each keeps its
    /// head in `refs/merge-requests/<number>/head`.
    pub merge_requests: usize,
    /// Forks, each with a branch of its own, in a subgroup of its own.
    pub forks: usize,
    /// Another number gives other commits.
    pub seed: u64,
}

impl Default for Shape {
    /// What the benchmarks measure (engine §4).
    fn default() -> Self {
        Self { commits: 30_000, branches: 300, merge_requests: 6_000, forks: 20, seed: 1 }
    }
}

impl Shape {
    /// How many issues the messages name.
    fn issues(&self) -> usize {
        (self.commits / 8).max(1)
    }
}

/// Makes the project `plant` and its forks in a new top-level group that `owner` owns; no web hook is told.
///
/// # Errors
/// When the group or its people are there already, or git fails.
pub async fn build(server: &Server, group: &str, owner: UserId, shape: &Shape) -> Result<ProjectId, ModelError> {
    let model = server.model();
    let place = model.create_group(group, group, None, Visibility::Private, owner)?;
    let people = people(&model, group)?;
    let project = model.create_project(group, "plant", "Plant", Visibility::Private, owner).await?;
    let history = History::of_project(shape);
    model.repositories().fast_import(project, history.stream.into_bytes()).await?;
    tidy(&model, project).await?;
    model.note_default_branch(project).await?;
    merge_requests::put(&model, project, &people, &history.drafts).await?;
    for fork in 0..shape.forks {
        add_fork(&model, project, (group, place), owner, (shape, fork)).await?;
    }
    Ok(project)
}

fn people(model: &Model, group: &str) -> Result<Vec<UserId>, ModelError> {
    let user = |person| {
        let login = format!("{group}-developer-{}", person + 1);
        let email = format!("{group}.{}", person_email(person));
        model.create_user(NewUser { login, name: person_name(person), email, ..NewUser::default() })
    };
    (0..PEOPLE).map(user).collect()
}

async fn add_fork(
    model: &Model,
    project: ProjectId,
    (group, place): (&str, GroupId),
    owner: UserId,
    (shape, fork): (&Shape, usize),
) -> Result<(), ModelError> {
    let name = format!("fork-{:02}", fork + 1);
    model.create_group(&name, &name, Some(place), Visibility::Private, owner)?;
    let forked = model.fork_project(project, &format!("{group}/{name}"), owner).await?;
    let history = History::of_fork(shape, fork);
    Ok(model.repositories().fast_import(forked, history.stream.into_bytes()).await?)
}

/// What a server's housekeeping would have done long ago: thousands of refs in one file, and the graph of the commits in another.
async fn tidy(model: &Model, project: ProjectId) -> Result<(), ModelError> {
    let (repositories, path) = (model.repositories(), model.repositories().path(project));
    let run = async |arguments: &[&str]| {
        let run = repositories.git().command(arguments).repository(&path).output().await;
        run.map(|_| ()).map_err(RepositoryError::from)
    };
    run(&["pack-refs", "--all"]).await?;
    run(&["commit-graph", "write", "--reachable"]).await?;
    Ok(())
}
