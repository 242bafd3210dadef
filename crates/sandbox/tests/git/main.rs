//! The git side of the stand-in GitLab: repositories, git over HTTP by the real git, web hooks, the sample, histories.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod history;
mod hooks;
mod http;
#[path = "../listener/mod.rs"]
mod listener;
mod merging;
mod repositories;
mod sample;
mod stage;
