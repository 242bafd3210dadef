//! The stand-in GitLab: a plain model of users, groups, projects and merge requests over real git repositories, and thin
//! translators around it that speak GitLab's OAuth 2, REST v4, git over HTTP, web hooks and pages (GitLab contract §5–§7).

use std::sync::Arc;

pub mod git_http;
pub mod hooks;
pub mod model;
pub mod oauth;
pub mod options;
pub mod pages;
pub mod repositories;
pub mod rest;
pub mod server;
pub mod switches;

mod gate;
mod limits;

pub use self::model::Model;
pub use self::options::Options;
pub use self::server::{Server, StartError};
pub use self::switches::{Failure, How, LimitAnswer, RateLimit, Switches, TooMany};
pub use crate::doors::Host;
pub use crate::request_log::{self, LoggedRequest, RequestLog};

use self::hooks::Hooks;

/// The version of GitLab that is stood in for.
pub const VERSION: &str = "18.9.0";

/// The version of GitLab that is stood in for where hooks can be signed.
pub const VERSION_WITH_SIGNATURES: &str = "19.1.0";

/// What every handler works with.
#[derive(Debug)]
pub struct App {
    /// Who and what exists.
    pub model: Arc<Model>,
    /// What misbehaves on purpose.
    pub switches: Switches,
    /// How the server was started.
    pub options: Options,
    /// The server's own address, without a trailing slash.
    pub url: String,
    /// Deliveries of web hooks.
    pub hooks: Hooks,
    /// What was asked so far.
    pub requests: RequestLog,
    /// How often single endpoints were asked.
    pub(crate) limits: limits::Limits,
    /// Who is signed in to the pages.
    pub(crate) sessions: pages::session::Sessions,
}
