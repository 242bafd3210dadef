//! Many small projects in one group, as a company has them: most of them quiet.

use crate::gitlab::Server;
use crate::gitlab::model::{ModelError, ProjectId, UserId, Visibility};

/// When the commits were made (2024-01-01), in seconds.
const AT: i64 = 1_704_067_200;

/// Makes a top-level group that `owner` owns, with `count` projects of one commit each (`service-0001`, …); no web hook is told.
///
/// # Errors
/// When the group is there already, or git fails.
pub async fn many(server: &Server, group: &str, owner: UserId, count: usize) -> Result<(), ModelError> {
    let model = server.model();
    model.create_group(group, group, None, Visibility::Private, owner)?;
    for number in 1..=count {
        let name = format!("service-{number:04}");
        let project = model.create_project(group, &name, &name, Visibility::Private, owner).await?;
        let first = commit(&format!("MANY-{number} Begin {name}"), number, None);
        model.repositories().fast_import(project, first).await?;
        model.note_default_branch(project).await?;
    }
    Ok(())
}

/// Pushes one commit to a project's `main`, told to its web hooks as any push.
///
/// # Errors
/// When the project has no `main`, or git fails.
pub async fn push(server: &Server, project: ProjectId, user: UserId, message: &str) -> Result<(), ModelError> {
    let model = server.model();
    let number = model.repositories().refs(project).await?.len();
    model.import(project, user, commit(message, number, Some("refs/heads/main^0"))).await
}

/// The stream of one commit with one file.
fn commit(message: &str, number: usize, from: Option<&str>) -> Vec<u8> {
    let at = AT + i64::try_from(number).unwrap_or_default();
    let from = from.map(|from| format!("from {from}\n")).unwrap_or_default();
    let length = message.len();
    format!(
        "commit refs/heads/main\ncommitter Developer <developer@example.com> {at} +0000\ndata {length}\n{message}\n{from}\
         M 100644 inline README\ndata {length}\n{message}\n\n"
    )
    .into_bytes()
}
