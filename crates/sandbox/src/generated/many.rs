//! Many small projects in one group, as a company has them: most of them quiet.

use crate::gitlab::Server;
use crate::gitlab::model::{ModelError, UserId, Visibility};

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
        let first = commit(&format!("MANY-{number} Begin {name}"), number);
        model.repositories().fast_import(project, first).await?;
        model.note_default_branch(project).await?;
    }
    Ok(())
}

/// The stream of one commit with one file.
fn commit(message: &str, number: usize) -> Vec<u8> {
    let at = AT + i64::try_from(number).unwrap_or_default();
    let length = message.len();
    format!(
        "commit refs/heads/main\ncommitter Developer <developer@example.com> {at} +0000\ndata {length}\n{message}\n\
         M 100644 inline README\ndata {length}\n{message}\n\n"
    )
    .into_bytes()
}
