//! The stand-in GitLab, asked over real HTTP, area by area of the GitLab contract.

#![expect(clippy::unwrap_used, reason = "what a test cannot go on without, it fails on")]

mod bad_days;
mod commit_comments;
mod groups;
mod hook_calls;
mod hooks;
#[path = "../listener/mod.rs"]
mod listener;
mod merge_request_lists;
mod merge_requests;
mod moves;
mod notes;
mod oauth;
mod pages;
mod paging;
mod projects;
mod repositories;
mod schemas;
mod switches;
mod tokens;
mod world;
