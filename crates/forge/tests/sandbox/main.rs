//! The GitLab client against the sandbox's GitLab: real repositories, real pages, real refusals, real calls of hooks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod calls;
mod commit_comments;
mod hooks;
mod listener;
mod news;
mod place;
mod reading;
mod tokens;
