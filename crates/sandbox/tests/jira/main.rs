//! The stand-in Jira, asked over real HTTP, area by area.

#![expect(clippy::unwrap_used, reason = "what a test cannot go on without, it fails on")]

mod bad_days;
mod comments;
mod devinfo;
mod issues;
mod log_in;
mod pages;
mod permissions;
mod program;
mod projects;
mod properties;
mod remote_links;
mod sample;
mod transitions;
mod users;
mod worklogs;
mod world;
mod xsrf;
