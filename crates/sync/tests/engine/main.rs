//! The engine against a real sandbox GitLab, real git and both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod authorising_again;
mod check;
mod check_github;
mod check_stored;
mod connecting;
mod credentials;
mod deletions;
mod deliver;
mod facade;
mod failures;
mod folders;
mod full;
mod history;
mod hooks;
mod lanes;
mod merge_requests;
mod moves;
mod nodes;
mod progress;
mod relinking;
mod removal;
mod resume;
mod sample;
mod schedule;
mod servers;
mod sites;
mod smart_commits;
#[path = "../../../../tests/troubleshooting.rs"]
mod troubleshooting;
mod troubleshot;
mod world;
