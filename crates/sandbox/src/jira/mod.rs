//! The stand-in Jira: a plain model of users, projects, issues, workflows and development information, and thin translators
//! around it that speak Jira's REST v2 and v3, the development-information API with its OAuth tokens, and pages.
//!
//! One server plays one site: a Data Center, or a Cloud site together with the gateway (`api.atlassian.com`) behind which its
//! development information lies.

use std::sync::Arc;

pub mod model;
pub mod options;
pub mod sample;
pub mod server;
pub mod switches;

mod devinfo;
mod gate;
mod limits;
mod oauth;
mod pages;
mod rest;
mod sentences;

pub use self::model::Model;
pub use self::options::{Deployment, Options};
pub use self::server::{Server, StartError};
pub use self::switches::{Failure, How, Lane, RateLimit, Reason, Switches, TooMany};
pub use crate::doors::Host;
pub use crate::request_log::{LoggedRequest, RequestLog};

/// What every handler works with.
#[derive(Debug)]
pub(crate) struct App {
    /// Who and what exists.
    pub(crate) model: Arc<Model>,
    /// What misbehaves on purpose.
    pub(crate) switches: Switches,
    /// How the server was started.
    pub(crate) options: Options,
    /// The server's own address with its context path, without a trailing slash.
    pub(crate) url: String,
    /// What was asked so far.
    pub(crate) requests: RequestLog,
}
