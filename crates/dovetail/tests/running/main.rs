//! The real program against a stand-in GitLab: killed again and again, and asked from the command line.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on panics, and one that is skipped says so"
)]

mod account;
mod crash;
mod traffic;
mod world;
