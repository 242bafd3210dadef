//! Repositories of this machine as projects, their objects borrowed.

use std::path::Path;

use crate::gitlab::Server;
use crate::gitlab::model::{ModelError, NewProject, ProjectId, Visibility};
use crate::history::{ImportError, owner_of, path_of};

/// Makes a private project in a group with the `refs/heads` and `refs/tags` of a repository of this machine, bare or
/// with working files. The objects are borrowed (`objects/info/alternates`): nothing is copied, and nothing is written
/// there.
///
/// # Errors
/// When the group does not exist, the name is taken, or there is no repository at `path`.
pub async fn repository(server: &Server, group: &str, name: &str, path: &Path) -> Result<ProjectId, ImportError> {
    let wrong = |source| ImportError::File { path: path.to_owned(), source };
    let path = path.canonicalize().map_err(wrong)?;
    let model = server.model();
    let owner = owner_of(server, group).ok_or_else(|| ImportError::Group(group.to_owned()))?;
    let (namespace, visibility) = (group.to_owned(), Visibility::Private);
    let new = NewProject { namespace, path: path_of(name), name: name.to_owned(), visibility, creator: owner };
    let now = model.now();
    let project = model.write(|state| state.insert_project(new, now))?;
    model.repositories().borrow_from(project, &path).await.map_err(ModelError::from)?;
    model.note_default_branch(project).await?;
    Ok(project)
}
