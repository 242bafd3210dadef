//! The GitHub client against small servers, each made for one question, which answer in the shapes that GitHub documents.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod account;
#[path = "../answering/mod.rs"]
mod answering;
mod commit_comments;
mod conditional;
mod fallback;
mod git_address;
mod hook_authenticity;
mod hook_calls;
mod hooks;
mod merge_requests;
mod notes;
mod oauth;
mod old_gitlab;
mod paging;
mod probe;
mod refusals;
mod repositories;
mod reviewers;
mod server;
mod standing;
mod statistics;
