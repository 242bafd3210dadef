//! The engine against a real sandbox GitLab, real git and both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod connecting;
mod credentials;
mod failures;
mod folders;
mod history;
mod hooks;
mod lanes;
mod merge_requests;
mod moves;
mod progress;
mod removal;
mod resume;
mod sample;
mod world;
