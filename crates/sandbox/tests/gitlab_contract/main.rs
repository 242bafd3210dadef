//! The stand-in GitLab, asked over real HTTP, area by area of the GitLab contract.

#![expect(clippy::unwrap_used, reason = "what a test cannot go on without, it fails on")]

mod groups;
mod hooks;
mod merge_request_lists;
mod merge_requests;
mod oauth;
mod pages;
mod paging;
mod projects;
mod repositories;
mod schemas;
mod switches;
mod tokens;
mod world;
