//! The issues and people that the sample of the stand-in GitLab talks about, as a Jira has them.

use super::model::{DataKind, Model, NewUser, OAuthKeys, Permission, Refusal, UserId, Workflow};
use super::{Deployment, Server};
use crate::sample::{ISSUES, people};

/// Whom a connector acts for: an administrator, with all permissions everywhere.
pub const SERVICE_USER: &str = "dovetail";
/// The service user's e-mail.
const SERVICE_EMAIL: &str = "dovetail@example.com";

/// The projects of the sample: key, name, whether the workflow is the classic one.
const PROJECTS: [(&str, &str, bool); 4] =
    [("SHOP", "Shop", false), ("PAY", "Payments", true), ("OPS", "Operations", false), ("ABC", "A first try", false)];

/// What the sample holds, for those who want to talk about it. Its secrets open nothing but this sandbox.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The login of the service user.
    pub login: String,
    /// The service user's e-mail.
    pub email: String,
    /// The password of everybody.
    pub password: String,
    /// A token of the service user: a personal access token of a Data Center, an API token of Cloud.
    pub token: String,
    /// OAuth credentials for development information; Cloud alone.
    pub oauth: Option<OAuthKeys>,
    /// The keys of the issues.
    pub issues: Vec<String>,
}

/// Fills an empty server with the sample.
///
/// # Errors
/// When the server has such users or projects already.
pub fn build(server: &Server) -> Result<Sample, Refusal> {
    let model = server.model();
    let service = service_user(&model)?;
    for person in people::ALL {
        model.create_user(NewUser {
            login: person.login.to_owned(),
            name: person.name.to_owned(),
            email: person.email.to_owned(),
            password: people::PASSWORD.to_owned(),
            admin: person.login == people::ROOT.login,
        })?;
    }
    for (key, name, classic) in PROJECTS {
        let workflow = if classic { Workflow::classic() } else { Workflow::simplified() };
        let project = model.create_project(key, name, workflow)?;
        model.allow_only(project, service, &Permission::ALL);
    }
    for issue in ISSUES {
        model.create_issue_with_key(issue.key, issue.summary, Some(service))?;
    }
    let is_cloud = model.deployment() == Deployment::Cloud;
    Ok(Sample {
        login: SERVICE_USER.to_owned(),
        email: SERVICE_EMAIL.to_owned(),
        password: people::PASSWORD.to_owned(),
        token: model.create_token(service, None),
        oauth: is_cloud.then(|| model.create_oauth_client(&[DataKind::DevelopmentInformation])),
        issues: ISSUES.iter().map(|issue| issue.key.to_owned()).collect(),
    })
}

/// Makes these issues as far as they are not there, with their projects, in which the service user may do everything; answers
/// the keys that a Jira can have, in order.
#[must_use]
pub fn provide(server: &Server, keys: Vec<String>) -> Vec<String> {
    let model = server.model();
    let service = model.user_by_login(SERVICE_USER).map(|user| user.id);
    keys.into_iter().filter(|key| provide_one(&model, service, key).is_ok()).collect()
}

fn provide_one(model: &Model, service: Option<UserId>, key: &str) -> Result<(), Refusal> {
    let project = key.rsplit_once('-').map_or(key, |(project, _)| project);
    if model.project(project).is_none() {
        let id = model.create_project(project, project, Workflow::simplified())?;
        if let Some(service) = service {
            model.allow_only(id, service, &Permission::ALL);
        }
    }
    model.create_issue_with_key(key, &format!("What {key} is about"), service)?;
    // A number with leading zeros is another issue's.
    model
        .issue(key)
        .and_then(|issue| model.key(issue.id))
        .filter(|present| present == key)
        .map_or_else(|| Err(Refusal::not_found("Issue Does Not Exist")), |_| Ok(()))
}

/// The service user, the first one of the server.
fn service_user(model: &Model) -> Result<UserId, Refusal> {
    model.create_user(NewUser {
        login: SERVICE_USER.to_owned(),
        name: "Dovetail".to_owned(),
        email: SERVICE_EMAIL.to_owned(),
        password: people::PASSWORD.to_owned(),
        admin: true,
    })
}
