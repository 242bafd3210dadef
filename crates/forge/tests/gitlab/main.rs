//! The GitLab client against small servers, each made for one question.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod account;
#[path = "../answering/mod.rs"]
mod answering;
mod commit_comments;
mod documented;
mod fallback;
mod git_address;
mod hook_authenticity;
mod hook_calls;
mod hooks;
mod merge_requests;
mod notes;
mod oauth;
mod paging;
mod probe;
mod refusals;
mod repositories;
mod server;
mod statistics;
