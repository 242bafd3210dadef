//! Whether git can be read.

use ::forge::Forge;
use ::git::{Remote, ServerCapabilities, server_capabilities};
use model::ForgeRepository;
use net::check::Stage;

use super::GIT;
use crate::sentences::check as says;

pub(super) async fn look(forge: &dyn Forge, repositories: &[ForgeRepository]) -> (Stage, Option<()>) {
    let Some(one) = repositories.iter().find(|one| !one.empty) else {
        return (Stage::skipped(GIT, says::NOTHING_TO_READ), Some(()));
    };
    let remote = match forge.git_remote(one) {
        Ok(Remote::Http(remote)) => remote,
        Ok(Remote::Local(_)) => return (says::git_here(), Some(())),
        Err(error) => return (says::refused(GIT, &error), None),
    };
    match server_capabilities(&remote).await {
        Ok(ServerCapabilities { filter: true, .. }) => (says::git_good(&one.path), Some(())),
        Ok(_) => (says::git_without_filters(&one.path), Some(())),
        Err(error) => (says::git_refused(&one.path, &error), None),
    }
}
