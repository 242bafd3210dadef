//! The git side of the stand-in GitLab: repositories, git over HTTP by the real git, web hooks, the sample, histories.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod approvals;
mod bad_git;
mod history;
mod hook_health;
mod hook_order;
mod hooks;
mod http;
#[path = "../listener/mod.rs"]
mod listener;
mod merging;
mod quick_push;
mod repositories;
mod sample;
mod stage;
mod system_hooks;
