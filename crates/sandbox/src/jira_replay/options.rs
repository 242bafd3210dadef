//! How a Jira is set up.

use std::time::Duration;

/// The connector's version of a Jira 8.13, the last one that offers no other way to a GitLab.
const VERSION: &str = "4.3.7";

/// What a [`Jira`](super::Jira) is started with.
#[derive(Debug, Clone)]
pub struct JiraOptions {
    /// Jira's own base address, without a trailing slash: where browsers and hooks come back to.
    pub url: String,
    /// The connector's version, the end of its user agent.
    pub version: String,
    /// Keep the port of the Host URL where Jira drops it, so that hosts on this machine can be spoken to.
    pub keep_port: bool,
    /// Keep the path of the Host URL where Jira drops it.
    pub keep_path: bool,
    /// How many commits are asked for at a time, each on a connection of its own; Jira uses one.
    pub connections: usize,
    /// The tick box *Auto Link New Repositories*.
    pub auto_link: bool,
    /// The tick box *Enable Smart Commits*.
    pub smart_commits: bool,
    /// The most that is really slept where Jira slows down because a rate limit is nearly used up; it sleeps up to an hour.
    pub longest_sleep: Duration,
    /// How long Jira waits for a connection.
    pub connect_timeout: Duration,
    /// How long Jira waits for the next bytes of an answer.
    pub read_timeout: Duration,
}

impl JiraOptions {
    /// A Jira at this address as it comes: one connection, port and path of the host dropped.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            url: url.strip_suffix('/').unwrap_or(url).to_owned(),
            version: VERSION.to_owned(),
            keep_port: false,
            keep_path: false,
            connections: 1,
            auto_link: true,
            smart_commits: true,
            longest_sleep: Duration::ZERO,
            connect_timeout: Duration::from_secs(30),
            read_timeout: Duration::from_secs(60),
        }
    }

    /// The same for a host on this machine, whose port is needed.
    #[must_use]
    pub fn loopback(url: &str) -> Self {
        Self { keep_port: true, ..Self::new(url) }
    }

    /// How the connector calls itself where it does.
    pub(super) fn user_agent(&self) -> String {
        format!("Jira DVCS Connector/{}", self.version)
    }
}
