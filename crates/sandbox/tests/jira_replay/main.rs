//! The replay of Jira's connector, against small servers that answer rightly and wrongly (calls of Jira to a GitHub Enterprise).

#![expect(clippy::unwrap_used, reason = "what a test cannot go on without, it fails on")]

mod commits;
mod dance;
mod events;
mod hooks;
mod host;
mod inbox;
mod listing;
mod program;
mod pull_requests;
mod rate_limit;
mod users;
mod widget;
