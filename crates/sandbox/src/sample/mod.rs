//! The deterministic sample: people, a group with projects, and what they did there in the last weeks.
//!
//! Everything follows from the server's clock at the time of [`build`]: the same clock gives the same ids, dates and
//! commits. The scripts below [`projects`] are plain data; [`play`] brings them about through the model, as people
//! would.

mod issues;
mod oddities;
pub(crate) mod people;
mod places;
mod play;
mod projects;
mod script;
mod stream;

use std::sync::Arc;

use crate::gitlab::Server;
use crate::gitlab::model::{Model, ModelError, Scopes};

pub use issues::{ALL as ISSUES, Issue};

/// The login of whom a connector acts for: an owner of the group, not an administrator, also who a demonstration is
/// signed in as.
pub const INTEGRATION_USER: &str = people::INTEGRATION.login;

/// What the sample holds, for those who want to talk about it. Its secrets open nothing but this sandbox.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The full path of the top-level group.
    pub group: String,
    /// The id of the OAuth application, owned by [`INTEGRATION_USER`].
    pub application_id: String,
    /// Its secret.
    pub application_secret: String,
    /// A personal access token of [`INTEGRATION_USER`] with scope `api` that does not expire.
    pub access_token: String,
    /// The login of an administrator, for the pages.
    pub root_login: String,
    /// The administrator's password.
    pub root_password: String,
    /// The password of every user, the administrator included.
    pub password: String,
    /// A personal namespace with a project that every signed-in user sees.
    pub personal_namespace: String,
    /// The keys of the issues that branches, commits and merge requests name; [`ISSUES`] has their summaries.
    pub issues: Vec<String>,
}

/// Fills an empty server with the sample. The application sends browsers back to these addresses, of which there must
/// be one.
///
/// # Errors
/// When the server has such users or groups already, an address is malformed, or git fails.
pub async fn build(server: &Server, redirect_uris: &[&str]) -> Result<Sample, ModelError> {
    let model = server.model();
    let now = model.now();
    let played = play::everything(&model, now).await;
    // Whatever happened: from now on the clock is right again.
    model.pretend(None);
    played?;
    credentials(&model, redirect_uris)
}

fn credentials(model: &Arc<Model>, redirect_uris: &[&str]) -> Result<Sample, ModelError> {
    let user = model.user_by_login(INTEGRATION_USER).ok_or(ModelError::NotFound("User"))?.id;
    let keys = model.create_application(user, "Dovetail", redirect_uris, Scopes::api())?;
    Ok(Sample {
        group: places::GROUP.to_owned(),
        application_id: keys.client_id,
        application_secret: keys.secret,
        access_token: model.create_personal_token(user, "Dovetail", Scopes::api(), None),
        root_login: people::ROOT.login.to_owned(),
        root_password: people::PASSWORD.to_owned(),
        password: people::PASSWORD.to_owned(),
        personal_namespace: projects::DOTFILES.group.to_owned(),
        issues: ISSUES.iter().map(|issue| issue.key.to_owned()).collect(),
    })
}
