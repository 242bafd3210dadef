//! The engine against a real sandbox GitLab, real git and both databases.

mod connecting;
mod credentials;
mod failures;
mod folders;
mod history;
mod merge_requests;
mod moves;
mod progress;
mod removal;
mod resume;
mod sample;
mod world;
